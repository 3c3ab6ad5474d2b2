/*
 * lanes_set.h - the implementations of lanes.h.  Private to lib/crypto, its
 * tests and benchmarks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CRYPTO_LANES_SET_H
#define CANDOR_CRYPTO_LANES_SET_H

#include "lib/crypto/lanes.h"

#include <stdbool.h>

#define LANES_MAX   16u
#define LANES_WORDS 8u   /* of the largest state */
#define LANES_BLOCK 64u  /* bytes, of all three kinds */
#define LANES_NEVER 255u /* more lanes than there are */

/* Word w of lane i's state is word[w][i]. */
struct lanes_state {
	_Alignas(64) uint32_t word[LANES_WORDS][LANES_MAX];
};

/*
 * Take blocks blocks from each at[i], one for every lane of the
 * implementation, into the state.
 */
typedef void (*lanes_take_fn)(struct lanes_state *state,
    const uint8_t *const *at, size_t blocks);

struct lanes_impl {
	const char *name;
	unsigned lanes;
	bool (*runs)(void);               /* on this processor */
	lanes_take_fn take[DIGEST_KINDS]; /* NULL: never filled */
	/* So many lanes must be busy, or libcrypto is faster. */
	uint8_t fill[DIGEST_KINDS];
};

/* Fastest first; the last one runs everywhere. */
extern const struct lanes_impl lanes_impls[];
extern const size_t lanes_impl_count;

/* Is what it answers what digest_of() answers? */
bool lanes_agree(const struct lanes_impl *lanes);

#define LANES_TAKES(name)                                              \
	void name(struct lanes_state *state, const uint8_t *const *at, \
	    size_t blocks)

LANES_TAKES(lanes_md5_portable);
#if defined(__x86_64__)
LANES_TAKES(lanes_md5_avx2);
LANES_TAKES(lanes_sha1_avx2);
LANES_TAKES(lanes_sha256_avx2);
LANES_TAKES(lanes_md5_avx512);
LANES_TAKES(lanes_sha1_avx512);
LANES_TAKES(lanes_sha256_avx512);
#endif

#endif
