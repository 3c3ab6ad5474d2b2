/*
 * literal_background.c - how often do ordinary clean files have these bytes?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/literal_background.h"

#include "lib/compile/literal_build.h"
#include "lib/match/literal_layout.h"

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

/* The level of a run in the buckets, or -1. */
static int
level_in(const uint8_t *table, const uint8_t *bytes, uint32_t size)
{
	uint64_t hash = background_hash(bytes, size);
	uint32_t buckets = literal_u32(table + 8), i;
	uint16_t print = (uint16_t)(hash | 1);
	const uint8_t *bucket = table + BACKGROUND_BUCKETS +
	    ((hash >> 32) * buckets >> 32) * BACKGROUND_BUCKET;

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

/* The level of a run of three bytes or more, the shorter ones being known. */
static int16_t
level_of(const uint8_t *table, const uint8_t *bytes, uint32_t size, uint32_t at,
    const struct background *known)
{
	int left = known->level[size - 1][at];
	int right = known->level[size - 1][at + 1];
	int level =
	    is_in_buckets(size) ? level_in(table, bytes + at, size) : -1;

	if (level >= 0)
		return (int16_t)level;
	level = left + right - known->level[size - 2][at + 1];
	level = level > left ? left : level;
	level = level > right ? right : level;
	return (int16_t)(level < BACKGROUND_FLOOR ? BACKGROUND_FLOOR : level);
}

void
background_levels(const uint8_t *table, const uint8_t *bytes, uint32_t size,
    struct background *out)
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
	for (n = 3; n <= BACKGROUND_LONGEST; n++) {
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

uint32_t
literal_cost(const uint8_t *bytes, uint32_t size)
{
	struct background known;
	uint32_t n, at;
	int32_t level;
	uint64_t cost;

	if (size == 0)
		return UINT32_C(1) << 30;
	size = size > BACKGROUND_MAX ? BACKGROUND_MAX : size;
	n = size > BACKGROUND_LONGEST ? BACKGROUND_LONGEST : size;
	background_levels(NULL, bytes, size, &known);
	level = known.level[n][0];
	for (at = 1; at + n <= size; at++)
		level += known.level[n][at] - known.level[n - 1][at];
	cost = background_weight(level) >> 16;
	if (cost > UINT32_C(1) << 30)
		cost = UINT32_C(1) << 30;
	return cost == 0 ? 1 : (uint32_t)cost;
}
