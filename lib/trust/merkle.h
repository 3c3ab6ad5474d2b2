/*
 * merkle.h - hash trees of logs, and proofs about them.
 *
 * Spec: RFC 6962 section 2.1 (RFC 9162 section 2.1): SHA-256, a leaf is
 * H(0x00 || entry), a node H(0x01 || left || right).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_MERKLE_H
#define CANDOR_TRUST_MERKLE_H

#include "lib/base/cur.h"

#include <stddef.h>
#include <stdint.h>

#define MERKLE_HASH      32u
#define MERKLE_PROOF_MAX 63u /* no proof needs more hashes */

struct merkle_hash {
	uint8_t bytes[MERKLE_HASH];
};

bool merkle_is_same(const struct merkle_hash *a, const struct merkle_hash *b);
void merkle_leaf(const void *entry, size_t size, struct merkle_hash *out);
void merkle_node(const struct merkle_hash *left,
    const struct merkle_hash *right, struct merkle_hash *out);

/* The root of no leaves. */
void merkle_empty(struct merkle_hash *out);

/*
 * Does the proof show that leaf is number index (from 0) of the size leaves
 * whose root that is?
 */
MUST_CHECK bool merkle_includes(uint64_t index, uint64_t size,
    const struct merkle_hash *leaf, const struct merkle_hash *proof,
    size_t count, const struct merkle_hash *root);

/*
 * Does the proof show that the first old_size of size leaves are those of
 * the older root?  An empty tree is not older than anything: false.
 */
struct merkle_growth {
	uint64_t old_size, size;
	struct merkle_hash old_root, root;
};
MUST_CHECK bool merkle_grows(const struct merkle_growth *g,
    const struct merkle_hash *proof, size_t count);

/*
 * The root of leaves that come one after the other, in constant memory: the
 * roots of full subtrees, by height.
 */
struct merkle_tree {
	uint64_t size;
	struct merkle_hash left[64];
};
void merkle_add(struct merkle_tree *t, const struct merkle_hash *leaf);
void merkle_root(const struct merkle_tree *t, struct merkle_hash *out);

#endif
