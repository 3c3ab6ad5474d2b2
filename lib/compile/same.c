/*
 * same.c - find bytes that an output has already.  The contract is in same.h.
 *
 * A table of places, by the 16 bytes that stand there, is filled at every
 * STEPth byte; whoever asks tries each of his.  A place that was written over
 * meanwhile is no harm: the bytes are compared.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/same.h"

#include "lib/match/literal_layout.h"

#include <stdlib.h>
#include <string.h>

#define BITS 22u
#define KEY  16u
#define STEP 16u

void
same_fini(struct same *s)
{
	free(s->slot);
	s->slot = NULL;
}

static size_t
slot_of(const uint8_t *bytes)
{
	uint64_t a = literal_u64(bytes), b = literal_u64(bytes + 8);

	a = (a * 0x9e3779b97f4a7c15u ^ b) * 0xd6e8feb86659fd93u;
	return (a ^ a >> 32) * 0x9e3779b97f4a7c15u >> (64 - BITS);
}

bool
same_add(struct same *s, const struct compile_output *o, size_t at, size_t size)
{
	size_t i;

	if (s->slot == NULL)
		s->slot = calloc((size_t)1 << BITS, sizeof(*s->slot));
	if (s->slot == NULL)
		return false;
	for (i = at; i + KEY <= at + size && i < UINT32_MAX; i += STEP) {
		uint32_t *slot = &s->slot[slot_of(o->bytes + i)];

		if (*slot == 0)
			*slot = (uint32_t)i + 1;
	}
	return true;
}

uint32_t
same_find(const struct same *s, const struct compile_output *o, size_t limit,
    size_t at, size_t size, size_t *from, uint32_t *off)
{
	const uint8_t *b = o->bytes;
	size_t end = at + size, i, k, n;

	for (i = at; s->slot != NULL && i + KEY <= end; i++) {
		size_t other = s->slot[slot_of(b + i)], first = i;

		if (other-- == 0 || other + KEY > limit ||
		    memcmp(b + other, b + i, KEY) != 0)
			continue;
		for (n = KEY; i + n < end && other + n < limit &&
		     b[i + n] == b[other + n];)
			n++;
		for (k = other; first > at && k > 0 && b[first - 1] == b[k - 1];
		     n++) {
			first--;
			k--;
		}
		if (n < SAME_MIN)
			continue;
		*from = first;
		*off = (uint32_t)k;
		return (uint32_t)n;
	}
	return 0;
}
