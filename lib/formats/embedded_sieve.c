/*
 * embedded_sieve.c - the sieve in plain C, and the table of all of them.
 *
 * The plain one compares instead of shuffling, and only two bytes: whatever
 * the machine, gcc and clang know how to compare sixteen at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/embedded_sieve.h"

#include <string.h>

typedef uint8_t lane __attribute__((vector_size(16)));
typedef int8_t answer __attribute__((vector_size(16)));

/* The bits of the magic numbers that can have n, of every n below 16. */
#define CELL(HALF, n) SIEVE_MAGICS(HALF, n) 0
#define ROW(HALF)                                                           \
	{                                                                   \
		CELL(HALF, 0), CELL(HALF, 1), CELL(HALF, 2), CELL(HALF, 3), \
		    CELL(HALF, 4), CELL(HALF, 5), CELL(HALF, 6),            \
		    CELL(HALF, 7), CELL(HALF, 8), CELL(HALF, 9),            \
		    CELL(HALF, 10), CELL(HALF, 11), CELL(HALF, 12),         \
		    CELL(HALF, 13), CELL(HALF, 14), CELL(HALF, 15)          \
	}

#define HAS_LOW(n, x)  ((x) == SIEVE_ANY || ((x)&15) == (n))
#define HAS_HIGH(n, x) ((x) == SIEVE_ANY || (x) >> 4 == (n))

#define FIRST_LOW(n, a, b, c, bit)   (HAS_LOW(n, a) << (bit)) |
#define FIRST_HIGH(n, a, b, c, bit)  (HAS_HIGH(n, a) << (bit)) |
#define SECOND_LOW(n, a, b, c, bit)  (HAS_LOW(n, b) << (bit)) |
#define SECOND_HIGH(n, a, b, c, bit) (HAS_HIGH(n, b) << (bit)) |
#define THIRD_LOW(n, a, b, c, bit)   (HAS_LOW(n, c) << (bit)) |
#define THIRD_HIGH(n, a, b, c, bit)  (HAS_HIGH(n, c) << (bit)) |

const uint8_t embedded_halves[6][16] = { ROW(FIRST_LOW), ROW(FIRST_HIGH),
	ROW(SECOND_LOW), ROW(SECOND_HIGH), ROW(THIRD_LOW), ROW(THIRD_HIGH) };

/* Does one of them begin with these two? */
#define IS_PAIR(n, a, b, c, bit) ((first == (a)) & (second == (b))) |

/* Which of 16 bytes may begin a file?  One more is read. */
static answer
may_begin(const uint8_t *bytes)
{
	lane first, second;
	answer none = { 0 };

	memcpy(&first, bytes, sizeof(first));
	memcpy(&second, bytes + 1, sizeof(second));
	return SIEVE_MAGICS(IS_PAIR, 0) none;
}

size_t
embedded_skip_portable(const uint8_t *bytes, size_t blocks, uint64_t *out)
{
	answer may[SIEVE_BLOCK / sizeof(answer)];
	uint64_t half[2];
	uint8_t is[SIEVE_BLOCK];
	size_t n, i;

	*out = 0;
	for (n = 0; n < blocks; n++, bytes += SIEVE_BLOCK) {
		answer any = { 0 };

		for (i = 0; i < SIEVE_BLOCK; i += sizeof(answer))
			any |= may[i / sizeof(answer)] = may_begin(bytes + i);
		memcpy(half, &any, sizeof(half));
		if ((half[0] | half[1]) != 0)
			break;
	}
	if (n == blocks)
		return n;
	memcpy(is, may, sizeof(is));
	for (i = 0; i < SIEVE_BLOCK; i++)
		*out |= (uint64_t)(is[i] & 1) << i;
	return n;
}

static bool
sieve_runs_always(void)
{
	return true;
}

const struct embedded_sieve embedded_sieves[] = {
#if defined(__x86_64__)
	{ "avx2", embedded_runs_avx2, embedded_skip_avx2 },
#endif
#if defined(__aarch64__)
	{ "neon", embedded_runs_neon, embedded_skip_neon },
#endif
	{ "portable", sieve_runs_always, embedded_skip_portable },
};
