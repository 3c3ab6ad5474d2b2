/*
 * literal_background.c - how often do ordinary clean files have these bytes?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/literal_background.h"

#include "lib/compile/literal_build.h"
#include "lib/match/literal_layout.h"

#include <string.h>

/* The table as tools/ngrams wrote it (background_table[]). */
__asm__(".section .rodata.background_table,\"a\",%progbits\n"
	".balign 64\n"
	".globl background_table\n"
	".hidden background_table\n"
	".type background_table, %object\n"
	"background_table:\n"
	".incbin \"" LITERAL_BACKGROUND "\"\n"
	".size background_table, . - background_table\n"
	".previous\n");
extern const uint8_t background_table[];

static inline uint64_t
mix(uint64_t h, uint8_t byte)
{
	return (h ^ byte) * 0x100000001b3u;
}

static inline uint64_t
mix_three(uint64_t h, const uint8_t *bytes)
{
	return mix(mix(mix(h, bytes[0]), bytes[1]), bytes[2]);
}

static inline uint64_t
hash_begin(uint32_t size)
{
	return size * 0x9e3779b97f4a7c15u;
}

static inline uint64_t
hash_end(uint64_t h)
{
	h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
	return h ^ h >> 32;
}

uint64_t
background_hash(const uint8_t *bytes, uint32_t size)
{
	uint64_t h = hash_begin(size);
	uint32_t i;

	for (i = 0; i < size; i++)
		h = mix(h, literal_fold_byte(bytes[i]));
	return hash_end(h);
}

/* Sixteen bytes of a bucket at once. */
typedef uint16_t prints __attribute__((vector_size(2 * BACKGROUND_SLOTS)));

/* The level of a run with this hash in the buckets, or -1. */
static int
level_in(const uint8_t *table, uint64_t hash)
{
	uint32_t buckets = literal_u32(table + 8), i;
	uint16_t print = (uint16_t)(hash | 1);
	const uint8_t *bucket = table + BACKGROUND_BUCKETS +
	    ((hash >> 32) * buckets >> 32) * BACKGROUND_BUCKET;
	uint64_t same[2];
	prints p;

	memcpy(&p, bucket, sizeof(p));
	p = (prints)(p == print);
	memcpy(same, &p, sizeof(same));
	if (__builtin_expect((same[0] | same[1]) == 0, 1))
		return -1;
	for (i = 0; i < BACKGROUND_SLOTS; i++) {
		if (literal_u16(bucket + 2 * i) == print)
			return bucket[2 * BACKGROUND_SLOTS + i];
	}
	return -1;
}

/* What the two shorter runs and what they have in common say of a run. */
static int
level_between(int left, int right, int middle)
{
	int level = left + right - middle;

	level = level > left ? left : level;
	level = level > right ? right : level;
	return level < BACKGROUND_FLOOR ? BACKGROUND_FLOOR : level;
}

/*
 * The levels that the buckets have of runs that begin here, of up to most
 * folded bytes, or -1: background_hash() of all sizes at once.
 */
static void
look_up(const uint8_t *table, const uint8_t *b, uint32_t most,
    int found[BACKGROUND_LONGEST + 1])
{
	uint64_t h;
	uint32_t n;

	for (n = 0; n <= BACKGROUND_LONGEST; n++)
		found[n] = -1;
	if (most < 3)
		return;
	found[3] = level_in(table, hash_end(mix_three(hash_begin(3), b)));
	if (most < 4)
		return;
	h = mix(mix_three(hash_begin(4), b), b[3]);
	found[4] = level_in(table, hash_end(h));
	if (most < 6)
		return;
	h = mix_three(mix_three(hash_begin(6), b), b + 3);
	found[6] = level_in(table, hash_end(h));
	if (most < 8)
		return;
	h = mix_three(mix_three(hash_begin(8), b), b + 3);
	found[8] = level_in(table, hash_end(mix(mix(h, b[6]), b[7])));
	if (most < 12)
		return;
	h = mix_three(mix_three(hash_begin(12), b), b + 3);
	h = mix_three(mix_three(h, b + 6), b + 9);
	found[12] = level_in(table, hash_end(h));
}

/*
 * The levels of the runs that begin at folded[0], column[n] of n bytes, up to
 * most, from those that begin one later.
 */
static void
next_column(const uint8_t *table, const uint8_t *folded, uint32_t most,
    int column[BACKGROUND_LONGEST + 1])
{
	int later[BACKGROUND_LONGEST + 1], found[BACKGROUND_LONGEST + 1];
	uint32_t n;

	memcpy(later, column, sizeof(later));
	look_up(table, folded, most, found);
	column[1] = table[BACKGROUND_SINGLE + folded[0]];
	if (most >= 2)
		column[2] = table[BACKGROUND_PAIR +
		    ((uint32_t)folded[0] << 8 | folded[1])];
	for (n = 3; n <= most; n++)
		column[n] = found[n] >= 0
		    ? found[n]
		    : level_between(column[n - 1], later[n - 1], later[n - 2]);
}

void
background_levels(const uint8_t *table, const uint8_t *bytes, uint32_t size,
    uint32_t longest, struct background *out)
{
	int column[BACKGROUND_LONGEST + 1] = { 0 };
	uint8_t folded[BACKGROUND_MAX];
	uint32_t at, n, most;

	if (table == NULL)
		table = background_table;
	for (at = 0; at < size; at++)
		folded[at] = literal_fold_byte(bytes[at]);
	for (at = size; at-- > 0;) {
		most = size - at < longest ? size - at : longest;
		next_column(table, folded + at, most, column);
		for (n = 1; n <= most; n++)
			out->level[n][at] = (int16_t)column[n];
	}
}

int32_t
background_level(const uint8_t *bytes, uint32_t size)
{
	int column[BACKGROUND_LONGEST + 1] = { 0 };
	uint8_t folded[BACKGROUND_LONGEST];
	uint32_t at;

	for (at = 0; at < size; at++)
		folded[at] = literal_fold_byte(bytes[at]);
	for (at = size; at-- > 0;)
		next_column(background_table, folded + at, size - at, column);
	return column[size];
}

uint64_t
background_weight(int32_t level)
{
	/* 2^(i / 8), in units of 2^-16 */
	static const uint32_t part[BACKGROUND_LEVELS] = { 65536, 71468, 77936,
		84990, 92682, 101070, 110218, 120194 };
	int32_t whole, rest;

	if (level < 0) {
		whole = (-level + BACKGROUND_LEVELS - 1) / BACKGROUND_LEVELS;
		rest = level + whole * BACKGROUND_LEVELS;
		return whole > 16 ? 1 : (part[rest] >> whole) | 1;
	}
	whole = level / BACKGROUND_LEVELS;
	rest = level % BACKGROUND_LEVELS;
	return (uint64_t)part[rest] << (whole > 31 ? 31 : whole);
}

static uint32_t
cost_of_level(int32_t level)
{
	uint64_t cost = background_weight(level) >> 16;

	if (cost > UINT32_C(1) << 30)
		cost = UINT32_C(1) << 30;
	return cost < LITERAL_COST_MIN ? LITERAL_COST_MIN : (uint32_t)cost;
}

/* Of the last windows: how much the run at their front changes a level. */
#define RING 32u

void
literal_costs(const uint8_t *bytes, uint32_t size, uint32_t window,
    uint32_t *out)
{
	uint32_t n = window > BACKGROUND_LONGEST ? BACKGROUND_LONGEST : window;
	int column[BACKGROUND_LONGEST + 1] = { 0 };
	int32_t more[RING] = { 0 }, sum = 0;
	uint8_t folded[LITERAL_COSTS_MAX];
	uint32_t at;

	for (at = 0; at < size; at++)
		folded[at] = literal_fold_byte(bytes[at]);
	/* A window is its first run of n bytes, and what each later one adds:
	   sum of those that begin in at + 1 .. at + window - n. */
	for (at = size; at-- > 0;) {
		next_column(background_table, folded + at,
		    size - at < BACKGROUND_LONGEST ? size - at
						   : BACKGROUND_LONGEST,
		    column);
		if (at + window <= size)
			out[at] = cost_of_level(column[n] + sum);
		more[at % RING] =
		    at + n <= size ? column[n] - column[n - 1] : 0;
		if (window > n)
			sum += more[at % RING] - more[(at + window - n) % RING];
	}
}

uint32_t
literal_cost(const uint8_t *bytes, uint32_t size)
{
	const uint32_t longest = BACKGROUND_LONGEST;
	int column[BACKGROUND_LONGEST + 1] = { 0 };
	uint8_t folded[BACKGROUND_MAX];
	int32_t level = INT32_MAX, sum = 0;
	uint32_t at;

	size = size > BACKGROUND_MAX ? BACKGROUND_MAX : size;
	for (at = 0; at < size; at++)
		folded[at] = literal_fold_byte(bytes[at]);
	/* Of the last bytes alone, then of more and more, as above: where a few
	   of them are as rare as can be told, so are all. */
	for (at = size; at-- > 0 && level > BACKGROUND_FLOOR / 2;) {
		next_column(background_table, folded + at,
		    size - at < longest ? size - at : longest, column);
		if (size - at < longest) {
			level = column[size - at];
			continue;
		}
		level = column[longest] + sum;
		sum += column[longest] - column[longest - 1];
	}
	return size == 0 ? UINT32_C(1) << 30 : cost_of_level(level);
}
