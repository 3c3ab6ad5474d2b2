/*
 * literal_agree.c - does an implementation find what the portable one finds?
 *
 * Asked once for every set that is opened, over a kilobyte: noise, and some
 * of the set's own literals in it, in both cases.  Takes microseconds; a
 * processor (or an emulator of one) whose vector instructions are wrong
 * should not be what decides about a file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/match/literal_set.h"

#include "lib/db/veil.h"

#define AGREE_SIZE  1021u /* no multiple of anything */
#define AGREE_LINES 64u   /* looked through for literals */
#define AGREE_GAP   9u    /* bytes of noise between two of them */

/* All hits, in whatever order they were told. */
struct agree_sum {
	uint64_t count, sum;
};

static bool
agree_take(void *ctx, const struct literal_hit *hit, size_t count)
{
	struct agree_sum *s = ctx;
	size_t i;

	for (i = 0; i < count; i++)
		s->sum +=
		    literal_mix((uint64_t)hit[i].literal << 32 | hit[i].offset);
	s->count += count;
	return true;
}

static void
agree_noise(uint8_t *bytes)
{
	uint64_t x = 1;
	uint32_t i;

	for (i = 0; i < AGREE_SIZE; i++) {
		x = x * 6364136223846793005u + 1442695040888963407u;
		bytes[i] = (uint8_t)(x >> 56);
	}
}

/* Copy the literal that ref leads to, every second letter in upper case. */
static uint32_t
agree_put(const struct literal_set *set, uint32_t ref, uint8_t *to)
{
	uint64_t at = (uint64_t)LITERAL_REF_UNIT(ref) * LITERAL_UNIT;
	const uint8_t *entry = set->entries + at;
	uint32_t i;

	if ((ref & LITERAL_REF_GROUP) != 0 || at > set->entries_size ||
	    entry[4] > LITERAL_MAX)
		return 0;
	veil_copy(to, entry + 8, 0, entry[4]);
	for (i = 0; i < entry[4]; i++) {
		if (i % 2 == 0 && to[i] >= 'a' && to[i] <= 'z')
			to[i] &= 0xdf;
	}
	return entry[4];
}

/* Put literals of a plane into the noise from at on, up to limit. */
static void
agree_literals(const struct literal_set *set, const struct literal_plane *plane,
    uint8_t *bytes, uint32_t at, uint32_t limit)
{
	uint32_t number, size;

	for (number = 0; number <= plane->line_mask && number < AGREE_LINES;
	     number++) {
		const uint8_t *line =
		    plane->lines + (size_t)number * LITERAL_LINE;

		if (literal_u16(line) == 0)
			continue;
		if (at + LITERAL_MAX + AGREE_GAP > limit)
			return;
		size = agree_put(set, literal_u32(line + 32), bytes + at);
		if (size > 0)
			at += size + AGREE_GAP;
	}
}

bool
literal_agrees(struct literal_set *set)
{
	const struct literal_impl *impl = set->impl;
	struct agree_sum ours = { 0 }, plain = { 0 };
	uint8_t bytes[AGREE_SIZE];
	uint32_t i, part;

	agree_noise(bytes);
	part = set->planes == 0 ? 0 : AGREE_SIZE / set->planes;
	for (i = 0; i < set->planes; i++)
		agree_literals(set, &set->plane[i], bytes, i * part,
		    (i + 1) * part);
	(void)literal_scan(set, bytes, sizeof(bytes), 0, agree_take, &ours);
	set->impl = literal_portable();
	(void)literal_scan(set, bytes, sizeof(bytes), 0, agree_take, &plain);
	set->impl = impl;
	return ours.count == plain.count && ours.sum == plain.sum;
}
