/*
 * config_fuzz.c - any file: read or complained of, within its arena.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/policy/config.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_value(const struct config_row *row, const struct config_value *v)
{
	size_t i;

	if (v->text == NULL || strlen(v->text) > CONFIG_LINE_MAX)
		abort();
	for (i = 0; i < v->count; i++)
		if (v->word[i] == NULL || strlen(v->word[i]) > CONFIG_LINE_MAX)
			abort();
	if (row->most != 0 && (v->number < row->least || v->number > row->most))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t room[CONFIG_ARENA];
	static struct config_troubles troubles;
	struct config c;
	struct arena a;
	size_t i;

	arena_init(&a, room, sizeof(room));
	if (!config_init(&c, &a))
		abort();
	if (!config_read(&c, &a, cur_from(data, size), &troubles) &&
	    troubles.count == 0)
		abort();
	for (i = 0; i < KEY_COUNT; i++)
		check_value(config_row((enum config_key)i), &c.value[i]);
	return 0;
}
