/*
 * prove.h - make the proofs that merkle.h checks.
 *
 * Spec: RFC 6962 sections 2.1.1 and 2.1.2.
 *
 * For whoever has all leaf hashes of a log: its operator, a mirror, whoever
 * asks a witness.  Each call hashes all leaves once: a log of ten years of
 * hourly releases takes a twentieth of a second.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_PROVE_H
#define CANDOR_TRUST_PROVE_H

#include "lib/trust/merkle.h"

/* The root of count leaves; of none, the root of the empty tree. */
void prove_root(const struct merkle_hash *leaf, uint64_t count,
    struct merkle_hash *out);

/* That number index is among size leaves: how many hashes went to out.
   index is below size. */
size_t prove_inclusion(const struct merkle_hash *leaf, uint64_t size,
    uint64_t index, struct merkle_hash out[MERKLE_PROOF_MAX]);

/* That the first old_size leaves grew to size; none for equal sizes or an
   old_size of 0.  old_size is at most size. */
size_t prove_growth(const struct merkle_hash *leaf, uint64_t size,
    uint64_t old_size, struct merkle_hash out[MERKLE_PROOF_MAX]);

#endif
