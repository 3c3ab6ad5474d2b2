/*
 * lanes.h - digests of several pieces of memory at once.
 *
 * A vector holds a word of as many messages as it has lanes, and one sequence
 * of instructions takes a block of each of them.  Pieces may be of any sizes:
 * a lane whose piece ends takes the next one of its kind, and where too few
 * are left to fill lanes, libcrypto goes on from the state they are in.
 *
 * MD5, for which no processor has instructions, gains most and from two or
 * three pieces on.  SHA-1 and SHA-256 go through lanes where that was measured
 * to beat libcrypto: with AVX-512, or where the processor has no instructions
 * for them.  The numbers are in docs/benchmarks.md.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CRYPTO_LANES_H
#define CANDOR_CRYPTO_LANES_H

#include "lib/crypto/digest.h"

/* One digest that is wanted; out has room for DIGEST_SIZE_MAX bytes. */
struct digest_job {
	enum digest_kind kind;
	const void *bytes; /* borrowed for the call; may be NULL if size is 0 */
	size_t size;
	uint8_t *out; /* digest_size(kind) bytes are written */
};

struct lanes_impl;

/*
 * The fastest implementation this machine can run, or NULL if one piece after
 * the other is as good.  Keep it: this asks the processor, and holds what it
 * answers against libcrypto.  Where that differs, *refused is the name of
 * the instructions, else NULL.
 */
const struct lanes_impl *lanes_choose(const char **refused);

/* What digest_of() would, for each of count jobs, in any order. */
void digest_many(const struct lanes_impl *lanes, const struct digest_job *job,
    size_t count);

#endif
