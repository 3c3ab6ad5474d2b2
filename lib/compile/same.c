/*
 * same.c - find bytes that an output has already.  The contract is in same.h.
 *
 * A table of places, by the 16 bytes that stand there, is filled at every
 * STEPth byte; whoever asks tries each of his.  A place that was written over
 * meanwhile is no harm: the bytes are compared, and only inside a run, so that
 * what is found is bytes of patterns (which pack_veil() veils) and no opcode.
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
	free(s->run);
	*s = (struct same){ 0 };
}

static size_t
slot_of(const uint8_t *bytes)
{
	uint64_t a = literal_u64(bytes), b = literal_u64(bytes + 8);

	a = (a * 0x9e3779b97f4a7c15u ^ b) * 0xd6e8feb86659fd93u;
	return (a ^ a >> 32) * 0x9e3779b97f4a7c15u >> (64 - BITS);
}

void
same_cut(struct same *s, size_t size)
{
	while (s->runs > 0 && s->run[s->runs - 1].end > size)
		s->runs--;
}

/* Keep [at, at + size) as the last run. */
static bool
add_run(struct same *s, size_t at, size_t size)
{
	if (size < SAME_MIN || at + size > UINT32_MAX)
		return true;
	if (s->runs == s->room) {
		size_t room = s->room + s->room / 2 + 1024;
		struct same_run *more = realloc(s->run, room * sizeof(*more));

		if (more == NULL)
			return false;
		s->run = more;
		s->room = room;
	}
	s->run[s->runs++] = (struct same_run){ .at = (uint32_t)at,
		.end = (uint32_t)(at + size) };
	return true;
}

/* The run that place is in, if it ends before limit; else NULL. */
static const struct same_run *
run_of(const struct same *s, size_t place, size_t limit)
{
	size_t low = 0, high = s->runs;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (s->run[middle].end <= place)
			low = middle + 1;
		else
			high = middle;
	}
	if (low == s->runs || s->run[low].at > place || s->run[low].end > limit)
		return NULL;
	return &s->run[low];
}

bool
same_add(struct same *s, const struct compile_output *o, size_t at, size_t size)
{
	size_t i;

	if (s->slot == NULL)
		s->slot = calloc((size_t)1 << BITS, sizeof(*s->slot));
	if (s->slot == NULL || !add_run(s, at, size))
		return false;
	if (size < SAME_MIN)
		return true;
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
		const struct same_run *run;

		if (other-- == 0 || other + KEY > limit ||
		    memcmp(b + other, b + i, KEY) != 0)
			continue;
		run = run_of(s, other, limit);
		if (run == NULL || other + KEY > run->end)
			continue;
		for (n = KEY; i + n < end && other + n < run->end &&
		     b[i + n] == b[other + n];)
			n++;
		for (k = other;
		     first > at && k > run->at && b[first - 1] == b[k - 1];
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
