/*
 * prove_test.c - proofs of every small tree hold, and hold for nothing else.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/prove.h"
#include "tests/t.h"

#define LEAVES 70u

static struct merkle_hash leaf[LEAVES + 1]; /* the last is in no tree */

static void
test_inclusion(void **state)
{
	struct merkle_hash proof[MERKLE_PROOF_MAX], root;
	unsigned size, index;
	size_t count;

	(void)state;
	for (size = 1; size <= LEAVES; size++) {
		prove_root(leaf, size, &root);
		for (index = 0; index < size; index++) {
			count = prove_inclusion(leaf, size, index, proof);
			assert_true(merkle_includes(index, size, &leaf[index],
			    proof, count, &root));
			assert_false(merkle_includes(index, size, &leaf[LEAVES],
			    proof, count, &root));
		}
	}
}

static void
test_growth(void **state)
{
	struct merkle_hash proof[MERKLE_PROOF_MAX];
	struct merkle_growth g;
	size_t count;

	(void)state;
	for (g.size = 1; g.size <= LEAVES; g.size++) {
		prove_root(leaf, g.size, &g.root);
		for (g.old_size = 1; g.old_size <= g.size; g.old_size++) {
			prove_root(leaf, g.old_size, &g.old_root);
			count = prove_growth(leaf, g.size, g.old_size, proof);
			assert_true(merkle_grows(&g, proof, count));
			g.old_root.bytes[7] ^= 1;
			assert_false(merkle_grows(&g, proof, count));
		}
	}
}

static void
test_ends(void **state)
{
	struct merkle_hash proof[MERKLE_PROOF_MAX], root, empty;

	(void)state;
	t_eq(prove_growth(leaf, 9, 0, proof), 0);
	t_eq(prove_growth(leaf, 9, 9, proof), 0);
	t_eq(prove_inclusion(leaf, 1, 0, proof), 0);
	merkle_empty(&empty);
	prove_root(leaf, 0, &root);
	assert_memory_equal(root.bytes, empty.bytes, MERKLE_HASH);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_inclusion),
		cmocka_unit_test(test_growth),
		cmocka_unit_test(test_ends),
	};
	uint8_t i;

	for (i = 0; i <= LEAVES; i++)
		merkle_leaf(&i, 1, &leaf[i]);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
