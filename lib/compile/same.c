/*
 * same.c - find bytes that an output has already.  The contract is in same.h.
 *
 * A table of places, by the 16 bytes that stand there, is filled with one in
 * eight of them, chosen by what these bytes are: so whoever asks need try
 * only such of his.  A place that was written over meanwhile is no harm: the
 * bytes are compared, and only inside a run, so that what is found is bytes of
 * patterns (which pack_veil() veils) and no opcode.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/same.h"

#include "lib/match/literal_layout.h"

#include <stdlib.h>
#include <string.h>

#define BITS 23u
#define KEY  16u

void
same_fini(struct same *s)
{
	free(s->print);
	free(s->place);
	free(s->run);
	*s = (struct same){ 0 };
}

static uint64_t
hash_of(const uint8_t *bytes)
{
	uint64_t a = literal_u64(bytes), b = literal_u64(bytes + 8);

	a = a * 0x9e3779b97f4a7c15u ^ b;
	return (a ^ a >> 32) * 0xd6e8feb86659fd93u;
}

/* Are bytes with this hash chosen? */
static bool
is_chosen(uint64_t hash)
{
	return hash >> 61 == 0;
}

static size_t
slot_of(uint64_t hash)
{
	return hash << 3 >> (64 - BITS);
}

static uint16_t
print_of(uint64_t hash)
{
	return (uint16_t)(hash | 1);
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
same_ask(struct same *s, const uint8_t *bytes, size_t size)
{
	size_t i, count = 0;

	if (s->print == NULL) {
		s->print = calloc((size_t)1 << BITS, sizeof(*s->print));
		s->place = malloc(sizeof(*s->place) << BITS);
	}
	if (s->print == NULL || s->place == NULL || size > SAME_RUN_MAX)
		return false;
	/* No branch: nobody could foretell it. */
	for (i = 0; i + KEY <= size; i++) {
		s->chosen[count] = (uint16_t)i;
		count += is_chosen(hash_of(bytes + i));
	}
	s->chosen_count = count;
	for (i = 0; i < count; i++) {
		size_t slot = slot_of(hash_of(bytes + s->chosen[i]));

		__builtin_prefetch(&s->print[slot]);
		__builtin_prefetch(&s->place[slot]);
	}
	return true;
}

bool
same_add(struct same *s, const struct compile_output *o, size_t at, size_t size,
    size_t skip)
{
	size_t i;

	if (!add_run(s, at, size))
		return false;
	if (size < SAME_MIN || at + size > UINT32_MAX)
		return true;
	for (i = 0; i < s->chosen_count; i++) {
		size_t place = at + s->chosen[i] - skip, slot;
		uint64_t hash;

		if (s->chosen[i] < skip)
			continue;
		hash = hash_of(o->bytes + place);
		slot = slot_of(hash);
		if (s->print[slot] != 0)
			continue;
		s->print[slot] = print_of(hash);
		s->place[slot] = (uint32_t)place;
	}
	return true;
}

/*
 * If the bytes at at are known to stand elsewhere, make what they and their
 * neighbours inside the piece have in common the piece.
 */
static bool
find_at(const struct same *s, const uint8_t *b, size_t limit, size_t at,
    struct same_piece *out)
{
	uint64_t hash = hash_of(b + at);
	const struct same_run *run;
	size_t other, n = KEY, end = out->from + out->size;

	if (s->print[slot_of(hash)] != print_of(hash))
		return false;
	other = s->place[slot_of(hash)];
	if (other + KEY > limit || memcmp(b + other, b + at, KEY) != 0)
		return false;
	run = run_of(s, other, limit);
	if (run == NULL || other + KEY > run->end)
		return false;
	while (at + n < end && other + n < run->end &&
	    b[at + n] == b[other + n])
		n++;
	for (; at > out->from && other > run->at && b[at - 1] == b[other - 1];
	     n++) {
		at--;
		other--;
	}
	if (n < SAME_MIN)
		return false;
	*out = (struct same_piece){ at, n, (uint32_t)other };
	return true;
}

bool
same_find(const struct same *s, const struct compile_output *o, size_t at,
    size_t size, size_t skip, struct same_piece *out)
{
	size_t i;

	*out = (struct same_piece){ .from = at + skip, .size = size - skip };
	for (i = 0; i < s->chosen_count; i++)
		if (s->chosen[i] >= skip &&
		    find_at(s, o->bytes, at, at + s->chosen[i], out))
			return true;
	return false;
}
