/*
 * limits.c - what this machine can do at best, to compare with.
 *
 * One core, best of some turns for each piece of 2 MB, as the scans are timed;
 * between two turns all of the content passes by, which caches do not hold.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/bench/limits.h"

#include "tests/bench/literal_sets.h"

#if HAVE_XXH3
#define XXH_INLINE_ALL
#include <xxhash.h>
#endif

#define TURNS  5
#define PIECE  ((size_t)2 << 20)
#define PIECES 1024

/* Sum of 64 bytes at a time, eight sums at once. */
static uint64_t
sum(const uint8_t *bytes, size_t size)
{
	uint64_t s[8] = { 0 }, x[8];
	size_t at, i;

	for (at = 0; at + sizeof(x) <= size; at += sizeof(x)) {
		memcpy(x, bytes + at, sizeof(x));
		for (i = 0; i < 8; i++)
			s[i] += x[i];
	}
	return s[0] + s[1] + s[2] + s[3] + s[4] + s[5] + s[6] + s[7];
}

static double
best_of(const uint8_t *bytes, size_t size,
    uint64_t (*work)(const uint8_t *, size_t))
{
	static double best[PIECES];
	volatile uint64_t sink = 0;
	double total = 0, t;
	size_t at, i;
	int turn;

	size = size / PIECE * PIECE;
	size = size < PIECE * PIECES ? size : PIECE * PIECES;
	for (turn = 0; turn < TURNS; turn++) {
		for (at = i = 0; at < size; at += PIECE, i++) {
			t = bench_now();
			sink = sink + work(bytes + at, PIECE);
			t = bench_now() - t;
			best[i] = turn == 0 || t < best[i] ? t : best[i];
		}
	}
	for (i = 0; i < size / PIECE; i++)
		total += best[i];
	return total > 0 ? (double)size / total * 1e-9 : 0;
}

double
limits_read(const uint8_t *bytes, size_t size)
{
	return best_of(bytes, size, sum);
}

#if HAVE_XXH3
static uint64_t
xxh3(const uint8_t *bytes, size_t size)
{
	return XXH3_64bits(bytes, size);
}

double
limits_xxh3(const uint8_t *bytes, size_t size)
{
	return best_of(bytes, size, xxh3);
}
#else
double
limits_xxh3(const uint8_t *bytes, size_t size)
{
	(void)bytes;
	(void)size;
	return 0;
}
#endif
