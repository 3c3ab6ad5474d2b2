/*
 * merkle_test.c - every proof of every small tree, against the definition.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/merkle.h"
#include "tests/t.h"

#include <string.h>

#define LEAVES 64u

static struct merkle_hash leaf[LEAVES];

static void
make_leaves(void)
{
	uint8_t i;

	for (i = 0; i < LEAVES; i++)
		merkle_leaf(&i, 1, &leaf[i]);
}

/* The largest power of two below n. */
static unsigned
split(unsigned n)
{
	unsigned k = 1;

	while (k * 2 < n)
		k *= 2;
	return k;
}

/* RFC 6962 2.1: MTH; trees here are small, so that it may recurse. */
static void
root_of(unsigned from, unsigned to, struct merkle_hash *out)
{
	struct merkle_hash left, right;
	unsigned k;

	if (to - from == 1) {
		*out = leaf[from];
		return;
	}
	k = split(to - from);
	root_of(from, from + k, &left);
	root_of(from + k, to, &right);
	merkle_node(&left, &right, out);
}

/* RFC 6962 2.1.1: PATH(m, D[n]). */
static size_t
path(unsigned m, unsigned from, unsigned to, struct merkle_hash *out)
{
	unsigned k;
	size_t n;

	if (to - from == 1)
		return 0;
	k = split(to - from);
	if (m < k) {
		n = path(m, from, from + k, out);
		root_of(from + k, to, &out[n]);
	} else {
		n = path(m - k, from + k, to, out);
		root_of(from, from + k, &out[n]);
	}
	return n + 1;
}

/* RFC 6962 2.1.2: SUBPROOF(m, D[n], b). */
static size_t
subproof(unsigned m, unsigned from, unsigned to, bool is_whole,
    struct merkle_hash *out)
{
	unsigned k;
	size_t n;

	if (m == to - from) {
		if (is_whole)
			return 0;
		root_of(from, to, &out[0]);
		return 1;
	}
	k = split(to - from);
	if (m <= k) {
		n = subproof(m, from, from + k, is_whole, out);
		root_of(from + k, to, &out[n]);
	} else {
		n = subproof(m - k, from + k, to, false, out);
		root_of(from, from + k, &out[n]);
	}
	return n + 1;
}

static void
test_inclusion(void **state)
{
	struct merkle_hash root, proof[MERKLE_PROOF_MAX + 1];
	unsigned size, i, j;
	size_t n;

	(void)state;
	make_leaves();
	for (size = 1; size <= LEAVES; size++)
		for (i = 0; i < size; i++) {
			memset(proof, 0, sizeof(proof));
			root_of(0, size, &root);
			n = path(i, 0, size, proof);
			assert_true(merkle_includes(i, size, &leaf[i], proof, n,
			    &root));
			assert_false(merkle_includes(i, size, &leaf[i], proof,
			    n + 1, &root));
			assert_false(merkle_includes(size, size, &leaf[i],
			    proof, n, &root));
			if (n > 0)
				assert_false(merkle_includes(i, size, &leaf[i],
				    proof, n - 1, &root));
			for (j = 0; j < n; j++) {
				proof[j].bytes[j] ^= 1;
				assert_false(merkle_includes(i, size, &leaf[i],
				    proof, n, &root));
				proof[j].bytes[j] ^= 1;
			}
		}
}

static void
test_consistency(void **state)
{
	struct merkle_hash proof[MERKLE_PROOF_MAX + 1];
	struct merkle_growth g;
	unsigned old, size, j;
	size_t n;

	(void)state;
	make_leaves();
	for (size = 1; size <= LEAVES; size++)
		for (old = 1; old <= size; old++) {
			memset(proof, 0, sizeof(proof));
			g.old_size = old;
			g.size = size;
			root_of(0, old, &g.old_root);
			root_of(0, size, &g.root);
			n = subproof(old, 0, size, true, proof);
			assert_true(merkle_grows(&g, proof, n));
			assert_false(merkle_grows(&g, proof, n + 1));
			if (n > 0)
				assert_false(merkle_grows(&g, proof, n - 1));
			for (j = 0; j < n; j++) {
				proof[j].bytes[0] ^= 0x80;
				assert_false(merkle_grows(&g, proof, n));
				proof[j].bytes[0] ^= 0x80;
			}
			g.old_root.bytes[5] ^= 1;
			assert_false(merkle_grows(&g, proof, n));
		}
	g.old_size = 0;
	assert_false(merkle_grows(&g, proof, 0));
	g.old_size = LEAVES + 1;
	assert_false(merkle_grows(&g, proof, 0));
}

static void
test_streamed_root(void **state)
{
	struct merkle_tree t = { .size = 0 };
	struct merkle_hash root, streamed;
	unsigned i;

	(void)state;
	make_leaves();
	merkle_empty(&root);
	merkle_root(&t, &streamed);
	assert_memory_equal(root.bytes, streamed.bytes, MERKLE_HASH);
	for (i = 0; i < LEAVES; i++) {
		merkle_add(&t, &leaf[i]);
		merkle_root(&t, &streamed);
		root_of(0, i + 1, &root);
		assert_memory_equal(root.bytes, streamed.bytes, MERKLE_HASH);
	}
}

/* Numbers whose shifts would overflow. */
static void
test_extremes(void **state)
{
	struct merkle_hash proof[MERKLE_PROOF_MAX] = { 0 };
	struct merkle_growth g = { 1, UINT64_MAX, { { 0 } }, { { 0 } } };
	size_t n;

	(void)state;
	for (n = 0; n <= MERKLE_PROOF_MAX; n++) {
		assert_false(merkle_includes(UINT64_MAX - 1, UINT64_MAX,
		    &proof[0], proof, n, &g.root));
		assert_false(merkle_includes(0, UINT64_MAX, &proof[0], proof, n,
		    &g.root));
		assert_false(merkle_grows(&g, proof, n));
	}
	g.old_size = UINT64_C(1) << 63;
	assert_false(merkle_grows(&g, proof, 0));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inclusion),
		cmocka_unit_test(test_consistency),
		cmocka_unit_test(test_streamed_root),
		cmocka_unit_test(test_extremes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
