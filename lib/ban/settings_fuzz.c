/*
 * settings_fuzz.c - any file of settings: limits hold, texts are whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/settings.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t room[SETTINGS_ARENA];

static void
tell(void *ctx, uint32_t line, const char *why)
{
	size_t *count = ctx;

	if (why[0] == '\0')
		abort();
	(void)line;
	(*count)++;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct settings s;
	struct arena a;
	size_t troubles = 0, i;
	bool is_whole;

	arena_init(&a, room, sizeof(room));
	is_whole =
	    settings_read(&s, &a, cur_from(data, size), NULL, tell, &troubles);
	if (is_whole != (troubles == 0) || s.count > SETTINGS_MAX)
		abort();
	for (i = 0; i < s.count; i++)
		if (s.one[i].line == 0 || s.one[i].part >= s.part_count ||
		    strlen(s.one[i].name) > SETTINGS_LINE_MAX ||
		    strpbrk(s.one[i].value, "\n\x7f") != NULL ||
		    strlen(s.one[i].section) > SETTINGS_LINE_MAX)
			abort();
	return 0;
}
