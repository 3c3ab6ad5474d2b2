/*
 * prove.c - make proofs about hash trees.  See prove.h.
 *
 * RFC 6962 defines proofs from the root downwards: at each level one half
 * holds what is proved, and the other half's root goes into the proof.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/prove.h"

#include <string.h>

/* The leaves of the subtree that is looked at. */
struct part {
	const struct merkle_hash *leaf;
	uint64_t count;
};

/* A proof from its last hash to its first. */
struct backwards {
	struct merkle_hash hash[MERKLE_PROOF_MAX];
	size_t count;
};

void
prove_root(const struct merkle_hash *leaf, uint64_t count,
    struct merkle_hash *out)
{
	struct merkle_tree tree;
	uint64_t i;

	tree.size = 0;
	for (i = 0; i < count; i++)
		merkle_add(&tree, &leaf[i]);
	merkle_root(&tree, out);
}

/* The largest power of two below count, which is 2 or more. */
static uint64_t
half_of(uint64_t count)
{
	return UINT64_C(1) << (63 - __builtin_clzll(count - 1));
}

/* Go into one half of the part, and note the root of the other. */
static void
go_down(struct part *p, bool is_right, struct backwards *b)
{
	uint64_t half = half_of(p->count);
	struct part other = *p;

	if (is_right) {
		other.count = half;
		p->leaf += half;
		p->count -= half;
	} else {
		other.leaf += half;
		other.count -= half;
		p->count = half;
	}
	prove_root(other.leaf, other.count, &b->hash[b->count++]);
}

static size_t
give(const struct backwards *b, struct merkle_hash out[MERKLE_PROOF_MAX])
{
	size_t i;

	for (i = 0; i < b->count; i++)
		out[i] = b->hash[b->count - 1 - i];
	return b->count;
}

size_t
prove_inclusion(const struct merkle_hash *leaf, uint64_t size, uint64_t index,
    struct merkle_hash out[MERKLE_PROOF_MAX])
{
	struct part p = { leaf, size };
	struct backwards b;

	b.count = 0;
	while (p.count > 1) {
		uint64_t half = half_of(p.count);
		bool is_right = index >= half;

		if (is_right)
			index -= half;
		go_down(&p, is_right, &b);
	}
	return give(&b, out);
}

size_t
prove_growth(const struct merkle_hash *leaf, uint64_t size, uint64_t old_size,
    struct merkle_hash out[MERKLE_PROOF_MAX])
{
	struct part p = { leaf, size };
	bool is_whole = true; /* the part is the old tree: its root is known */
	struct backwards b;

	b.count = 0;
	if (old_size == 0 || old_size == size)
		return 0;
	while (old_size < p.count) {
		uint64_t half = half_of(p.count);
		bool is_right = old_size > half;

		if (is_right) {
			old_size -= half;
			is_whole = false;
		}
		go_down(&p, is_right, &b);
	}
	if (!is_whole)
		prove_root(p.leaf, p.count, &b.hash[b.count++]);
	return give(&b, out);
}
