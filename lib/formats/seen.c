/*
 * seen.c - a set of numbers.  The contract is in seen.h.
 *
 * Open addressing, at most three quarters full.  An enemy can choose numbers
 * that collide; a probe is then as long as the set is full of them, which
 * PROBE_MAX bounds: beyond it the set counts as full.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/seen.h"

#define PROBE_MAX 256u

void
seen_init(struct seen *s, struct arena *a, size_t most)
{
	size_t room = (a->size - a->used) / 4 / sizeof(*s->slot);

	*s = (struct seen){ .slots = 16 };
	while (s->slots / 4 * 3 < most && s->slots <= room / 2)
		s->slots *= 2;
	s->slot = arena_alloc(a, s->slots, sizeof(*s->slot));
	if (s->slot == NULL)
		s->slots = 0;
}

/* Spread a number over 64 bits (the finaliser of MurmurHash3). */
static uint64_t
spread(uint64_t n)
{
	n = (n ^ n >> 33) * 0xff51afd7ed558ccdu;
	n = (n ^ n >> 33) * 0xc4ceb9fe1a85ec53u;
	return n ^ n >> 33;
}

enum seen_answer
seen_add(struct seen *s, uint64_t number)
{
	size_t at = (size_t)spread(number), tries;

	/* 0 stands for a free slot, so everything is one higher. */
	number++;
	for (tries = 0; tries < PROBE_MAX && s->slots > 0; tries++, at++) {
		uint64_t *slot = &s->slot[at & (s->slots - 1)];

		if (*slot == number)
			return SEEN_BEFORE;
		if (*slot != 0)
			continue;
		if (s->count >= s->slots / 4 * 3)
			return SEEN_FULL;
		*slot = number;
		s->count++;
		return SEEN_NEW;
	}
	return SEEN_FULL;
}
