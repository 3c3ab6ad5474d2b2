/*
 * merkle.c - hash trees of logs.  See merkle.h.
 *
 * The shape of a proof follows from the numbers alone: the path from the leaf
 * first runs inside the smallest subtree that also holds the last leaf
 * ("inner"), then along the right border of the tree.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/merkle.h"

#include "lib/crypto/digest.h"

#include <string.h>

bool
merkle_is_same(const struct merkle_hash *a, const struct merkle_hash *b)
{
	return memcmp(a->bytes, b->bytes, MERKLE_HASH) == 0;
}

void
merkle_leaf(const void *entry, size_t size, struct merkle_hash *out)
{
	static const uint8_t zero = 0;
	struct digest d;

	digest_init(&d, DIGEST_SHA256);
	digest_add(&d, &zero, 1);
	digest_add(&d, entry, size);
	digest_end(&d, out->bytes);
}

void
merkle_node(const struct merkle_hash *left, const struct merkle_hash *right,
    struct merkle_hash *out)
{
	uint8_t both[1 + 2 * MERKLE_HASH];

	both[0] = 1;
	memcpy(both + 1, left->bytes, MERKLE_HASH);
	memcpy(both + 1 + MERKLE_HASH, right->bytes, MERKLE_HASH);
	digest_of(DIGEST_SHA256, both, sizeof(both), out->bytes);
}

void
merkle_empty(struct merkle_hash *out)
{
	digest_of(DIGEST_SHA256, "", 0, out->bytes);
}

/* How many bits n takes. */
static unsigned
bits(uint64_t n)
{
	return n == 0 ? 0 : 64u - (unsigned)__builtin_clzll(n);
}

/* How many bits of n above the lowest inner ones are set. */
static unsigned
border_of(uint64_t n, unsigned inner)
{
	return inner < 64 ? (unsigned)__builtin_popcountll(n >> inner) : 0;
}

bool
merkle_includes(uint64_t index, uint64_t size, const struct merkle_hash *leaf,
    const struct merkle_hash *proof, size_t count,
    const struct merkle_hash *root)
{
	struct merkle_hash h = *leaf;
	unsigned inner, i;

	if (index >= size)
		return false;
	inner = bits(index ^ (size - 1));
	if (count != inner + border_of(index, inner))
		return false;
	for (i = 0; i < count; i++)
		if (i < inner && (index >> i & 1) == 0)
			merkle_node(&h, &proof[i], &h);
		else
			merkle_node(&proof[i], &h, &h);
	return merkle_is_same(&h, root);
}

bool
merkle_grows(const struct merkle_growth *g, const struct merkle_hash *proof,
    size_t count)
{
	struct merkle_hash old, now;
	unsigned shift, inner, border, i;
	uint64_t mask;

	if (g->old_size == 0 || g->old_size > g->size)
		return false;
	if (g->old_size == g->size)
		return count == 0 && merkle_is_same(&g->old_root, &g->root);
	shift = (unsigned)__builtin_ctzll(g->old_size);
	inner = bits((g->old_size - 1) ^ (g->size - 1));
	border = border_of(g->old_size - 1, inner);
	inner -= shift;
	/* A full subtree is its own seed; else the proof begins with one. */
	if (g->old_size == UINT64_C(1) << shift)
		old = g->old_root;
	else if (count == 0)
		return false;
	else {
		old = proof[0];
		proof++;
		count--;
	}
	if (count != inner + border)
		return false;
	now = old;
	mask = (g->old_size - 1) >> shift;
	for (i = 0; i < count; i++)
		if (i >= inner || (mask >> i & 1) != 0) {
			merkle_node(&proof[i], &old, &old);
			merkle_node(&proof[i], &now, &now);
		} else
			merkle_node(&now, &proof[i], &now);
	return merkle_is_same(&old, &g->old_root) &&
	    merkle_is_same(&now, &g->root);
}

void
merkle_add(struct merkle_tree *t, const struct merkle_hash *leaf)
{
	struct merkle_hash h = *leaf;
	unsigned height = 0;

	/* As adding one to a number carries. */
	for (; (t->size >> height & 1) != 0; height++)
		merkle_node(&t->left[height], &h, &h);
	t->left[height] = h;
	t->size++;
}

void
merkle_root(const struct merkle_tree *t, struct merkle_hash *out)
{
	bool is_begun = false;
	unsigned height;

	merkle_empty(out);
	for (height = 0; height < 64; height++) {
		if ((t->size >> height & 1) == 0)
			continue;
		if (is_begun)
			merkle_node(&t->left[height], out, out);
		else
			*out = t->left[height];
		is_begun = true;
	}
}
