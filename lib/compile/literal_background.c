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

uint64_t
background_hash(const uint8_t *bytes, uint32_t size)
{
	uint64_t h = size * 0x9e3779b97f4a7c15u;
	uint32_t i;

	for (i = 0; i < size; i++)
		h = (h ^ literal_fold_byte(bytes[i])) * 0x100000001b3u;
	h = (h ^ h >> 32) * 0xd6e8feb86659fd93u;
	return h ^ h >> 32;
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

static bool
is_in_buckets(uint32_t size)
{
	return size == 3 || size == 4 || size == 6 || size == 8 || size == 12;
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

/* The level of a run of three bytes or more, the shorter ones being known. */
static int16_t
level_of(const uint8_t *table, const uint8_t *bytes, uint32_t size, uint32_t at,
    const struct background *known)
{
	int level = is_in_buckets(size)
	    ? level_in(table, background_hash(bytes + at, size))
	    : -1;

	if (level >= 0)
		return (int16_t)level;
	return (int16_t)level_between(known->level[size - 1][at],
	    known->level[size - 1][at + 1], known->level[size - 2][at + 1]);
}

void
background_levels(const uint8_t *table, const uint8_t *bytes, uint32_t size,
    uint32_t longest, struct background *out)
{
	uint8_t a, b;
	uint32_t at, n;

	if (table == NULL)
		table = background_table;
	for (at = 0; at < size; at++) {
		a = literal_fold_byte(bytes[at]);
		out->level[1][at] = table[BACKGROUND_SINGLE + a];
		if (at + 1 == size)
			break;
		b = literal_fold_byte(bytes[at + 1]);
		out->level[2][at] =
		    table[BACKGROUND_PAIR + ((uint32_t)a << 8 | b)];
	}
	for (n = 3; n <= longest; n++) {
		for (at = 0; at + n <= size; at++)
			out->level[n][at] = level_of(table, bytes, n, at, out);
	}
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

/*
 * The levels of the runs that begin at folded[0], column[n] of n bytes, from
 * those that begin one later and its up to BACKGROUND_LONGEST bytes.
 */
static void
next_column(const uint8_t *folded, uint32_t left,
    int column[BACKGROUND_LONGEST + 1])
{
	int later[BACKGROUND_LONGEST + 1], level;
	const uint8_t *table = background_table;
	uint32_t n, most;

	most = left < BACKGROUND_LONGEST ? left : BACKGROUND_LONGEST;
	memcpy(later, column, sizeof(later));
	column[1] = table[BACKGROUND_SINGLE + folded[0]];
	if (most >= 2)
		column[2] = table[BACKGROUND_PAIR +
		    ((uint32_t)folded[0] << 8 | folded[1])];
	for (n = 3; n <= most; n++) {
		level = is_in_buckets(n)
		    ? level_in(table, background_hash(folded, n))
		    : -1;
		if (level < 0)
			level = level_between(column[n - 1], later[n - 1],
			    later[n - 2]);
		column[n] = level;
	}
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
		next_column(folded + at, size - at, column);
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
		next_column(folded + at, size - at, column);
		if (size - at < longest) {
			level = column[size - at];
			continue;
		}
		level = column[longest] + sum;
		sum += column[longest] - column[longest - 1];
	}
	return size == 0 ? UINT32_C(1) << 30 : cost_of_level(level);
}
