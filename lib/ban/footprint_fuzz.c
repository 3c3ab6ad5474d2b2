/*
 * footprint_fuzz.c - any file: complained of, or a footprint whose signs can
 * be looked up and weighed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t block[1 << 20];

static void
count(void *self, const char *where, const char *what)
{
	size_t *complaints = self;

	if (where == NULL || what == NULL || what[0] == '\0')
		abort();
	(*complaints)++;
}

static void
tally(void *self, const struct footprint_sign *sign)
{
	footprint_count(self, sign, sign->state, sign->strength);
}

/* Every sign is found by its own value; units only in their folders. */
static void
look_up(const struct footprint_set *set)
{
	enum footprint_state state;
	enum footprint_ground ground;
	uint32_t i;

	for (i = 0; i < set->sign_count && i < 100; i++) {
		const struct footprint_sign *s = &set->sign[i];
		struct footprint_tally t = { 0 };
		struct cur value = cur_from(s->value, strlen(s->value));

		footprint_match_path(set, value, tally, &t);
		if (s->type != FOOTPRINT_PATH)
			footprint_match(set, s->type, value, tally, &t);
		if (!t.has_any[s->state] && strncmp(s->value, "**/", 3) != 0)
			abort();
		(void)footprint_leads(set, value);
		(void)footprint_may_be(set, s->value, strlen(s->value));
		(void)footprint_decide(&t, &state, &ground);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct footprint f;
	struct footprint_set set;
	struct arena arena;
	size_t complaints = 0;

	if (!footprint_read(cur_from(data, size), &f, count, &complaints)) {
		if (complaints == 0 || f.root != NULL)
			abort();
		return 0;
	}
	arena_init(&arena, block, sizeof(block));
	if (footprint_index(&f, 1, &arena, &set))
		look_up(&set);
	footprint_free(&f);
	return 0;
}
