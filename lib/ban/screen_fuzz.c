/*
 * screen_fuzz.c - any two names can be compared; a name is like itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/screen.h"
#include "lib/ban/screen_fold.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_words(const char *name)
{
	struct screen_words w;
	size_t i;

	screen_fold(cur_from(name, strlen(name)), &w);
	if (w.count > FOLD_WORDS)
		abort();
	for (i = 0; i < w.count; i++)
		if (w.word[i][0] == '\0' || strlen(w.word[i]) >= FOLD_WORD)
			abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[256] = "", listed[256] = "";
	size_t half = size / 2;
	json_t *record;

	if (half == 0 || half >= sizeof(name))
		return 0;
	memcpy(name, data, half);
	memcpy(listed, data + half, half);
	check_words(name);
	check_words(listed);
	record = json_pack("{s:s, s:s}", "id", "-", "name", listed);
	if (record == NULL) /* not UTF-8 */
		return 0;
	(void)screen_record(name, record, true);
	(void)screen_record(name, record, false);
	json_decref(record);
	return 0;
}
