/*
 * embedded_sieve.h - where in many bytes may a file of its own begin?
 *
 * Every format looked for (embedded.c) has a magic number of two bytes, most
 * have a third.  A sieve goes through blocks of bytes and says where the
 * first three may be those of one: always where they are, now and then where
 * they are not, as its instructions have it.  embedded.c decides.
 *
 * The shuffling sieves (embedded_kernel.h) give every magic number one of
 * eight bits and look a byte's halves up in two tables of sixteen: which
 * numbers may have this half at this place?  A bit that is left over after
 * all six lookups is a number that may begin here.  Numbers that share a bit
 * should not make a frequent third one together.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_EMBEDDED_SIEVE_H
#define CANDOR_FORMATS_EMBEDDED_SIEVE_H

#include "lib/formats/embedded.h"

#define SIEVE_BLOCK 64u /* bytes looked at together */
#define SIEVE_AHEAD 2u  /* bytes behind them that are read */

#define SIEVE_ANY 256 /* as a third byte: it says nothing */

/* The first three bytes of each magic number, and the bit it has. */
#define SIEVE_MAGICS(M, n)                                       \
	M(n, 'P', 'K', 3, 0)           /* ZIP */                 \
	M(n, 'M', 'S', 'C', 1)         /* CAB */                 \
	M(n, 'M', 'Z', SIEVE_ANY, 2)   /* PE */                  \
	M(n, 0x60, 0xea, SIEVE_ANY, 3) /* ARJ: a size follows */ \
	M(n, 'R', 'a', 'r', 4)         /* RAR */                 \
	M(n, 'B', 'Z', 'h', 5)         /* bzip2 */               \
	M(n, 0xd0, 0xcf, 0x11, 6)      /* OLE2 */                \
	M(n, 0xfd, '7', 'z', 6)        /* xz */                  \
	M(n, '7', 'z', 0xbc, 7)        /* 7z */                  \
	M(n, 0x1f, 0x8b, 8, 7)         /* gzip */                \
	M(n, 1, 'C', 'D', 7)           /* ISO 9660, behind its type */

/*
 * Step over the blocks in which nothing may begin: how many of the blocks at
 * bytes those are.  If it was not all of them, bit i of *out is set where
 * byte i of the next one may begin a file, else *out is 0.  Behind the last
 * block there are SIEVE_AHEAD bytes.
 */
typedef size_t (*sieve_fn)(const uint8_t *bytes, size_t blocks, uint64_t *out);

struct embedded_sieve {
	const char *name;   /* "portable", "avx2" */
	bool (*runs)(void); /* can this machine run it? */
	sieve_fn skip;
};

/*
 * What the halves of a byte say of it: which bits it may belong to as the
 * first, second, third of a magic number; of each the low half, then the high.
 */
extern const uint8_t embedded_halves[6][16];

/* Fastest first; the portable one is last and always runs. */
extern const struct embedded_sieve embedded_sieves[];

/* embedded_find() with a sieve of the caller's choice. */
bool embedded_find_with(sieve_fn skip, struct cur *in, struct embedded *out);

size_t embedded_skip_portable(const uint8_t *bytes, size_t blocks,
    uint64_t *out);
#if defined(__x86_64__)
bool embedded_runs_avx2(void);
size_t embedded_skip_avx2(const uint8_t *bytes, size_t blocks, uint64_t *out);
#endif
#if defined(__aarch64__)
bool embedded_runs_neon(void);
size_t embedded_skip_neon(const uint8_t *bytes, size_t blocks, uint64_t *out);
#endif

#endif
