/*
 * proof_test.c - proofs and ladders: all trees to 64 leaves, and all that is
 * no proof.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/proof.h"
#include "tests/t.h"
#include "tests/trust/t_feed.h"

#include <stdio.h>
#include <string.h>

#define LEAVES 64u

static struct t_feed feed;
static struct trust_proof proof;
static struct trust_ladder ladder;
static char text[16384], changed[16384];
static size_t size;

static int
make(void **state)
{
	struct t_view v = { 0 };
	char entry[32];
	unsigned i;

	(void)state;
	memset(&feed, 0, sizeof(feed));
	t_log_key(&feed.log);
	for (i = 0; i < LEAVES; i++) {
		int n = snprintf(entry, sizeof(entry), "entry %u", i);

		t_feed_append(&feed, entry, (size_t)n);
	}
	size = t_feed_proof(&feed, &v, 37, text, sizeof(text));
	return 0;
}

static bool
reads(const char *what, size_t n)
{
	struct why why;

	return trust_proof_read(cur_from(t_fence(what, n), n), &proof, &why);
}

static void
test_read(void **state)
{
	(void)state;
	assert_true(reads(text, size));
	t_eq(proof.index, 37);
	t_eq(proof.count, 6);
	t_eq(proof.tree.size, LEAVES);
	assert_true(trust_proof_holds(&proof, cur_from("entry 37", 8)));
	assert_false(trust_proof_holds(&proof, cur_from("entry 36", 8)));
	proof.index = LEAVES;
	assert_false(trust_proof_holds(&proof, cur_from("entry 37", 8)));
	proof.index = 37;
	proof.count--;
	assert_false(trust_proof_holds(&proof, cur_from("entry 37", 8)));
}

/* The proof with the first from made to; is it refused? */
static bool
refused(const char *from, const char *to)
{
	const char *at;
	int n;

	text[size] = '\0';
	at = strstr(text, from);
	if (at == NULL)
		fail_msg("no %s", from);
	n = snprintf(changed, sizeof(changed), "%.*s%s%s", (int)(at - text),
	    text, to, at + strlen(from));
	return !reads(changed, (size_t)n) ||
	    !trust_proof_holds(&proof, cur_from("entry 37", 8));
}

#define HASH "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

static void
test_refused(void **state)
{
	static const char *const change[][2] = {
		{ "tlog-proof@v1", "tlog-proof@v2" },
		{ "@v1\n", "@v1\nextra AAAA\n" },
		{ "@v1\n", "@v1\r\n" },
		{ "index 37", "index 037" },
		{ "index 37", "index +37" },
		{ "index 37", "index 36" },
		{ "index 37", "index 64" },
		{ "index 37", "index 9223372036854775808" },
		{ "index 37\n", "" },
		{ "index 37\n", "index 37\nindex 37\n" },
		{ "index 37\n", "index 37\n\n" }, /* no hashes */
		{ "index 37\n", "index 37\n" HASH "\n" },
		{ "index 37\n", "index 37\nAAAA\n" },
		{ "index 37\n", "index 37\n " HASH "\n" },
		{ "=\n\nlog", "=\n\n\nlog" },
		{ "=\n\nlog", "=\nlog" },
		{ "\n64\n", "\n65\n" },
	};
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(change) / sizeof(change[0]); i++)
		if (!refused(change[i][0], change[i][1]))
			fail_msg("%s -> %s", change[i][0], change[i][1]);
	for (i = 0; i < size; i++)
		if (reads(text, i)) /* only some signatures are missing */
			assert_true(text[i - 1] == '\n');
	/* Text behind the checkpoint. */
	n = (size_t)snprintf(changed, sizeof(changed), "%smore\n", text);
	assert_false(reads(changed, n));
}

/* 63 hashes are read, 64 are not. */
static void
test_most_hashes(void **state)
{
	struct merkle_hash path[MERKLE_PROOF_MAX + 1];
	struct t_view v = { 0 };
	static char note[8192];
	size_t n, noted;

	(void)state;
	noted = t_feed_checkpoint(&feed, &v, note, sizeof(note));
	memset(path, 0, sizeof(path));
	assert_true(trust_proof_write(1, path, MERKLE_PROOF_MAX,
	    cur_from(note, noted), changed, sizeof(changed), &n));
	assert_true(reads(changed, n));
	t_eq(proof.count, MERKLE_PROOF_MAX);
	assert_false(trust_proof_write(1, path, MERKLE_PROOF_MAX + 1,
	    cur_from(note, noted), changed, sizeof(changed), &n));
	assert_false(reads(changed, n));
	assert_false(trust_proof_write(1, path, 1, cur_from(note, noted),
	    changed, 600, &n));
}

static void
tree_of(uint64_t n, struct merkle_tree *tree, struct checkpoint *out)
{
	uint64_t i;

	memset(tree, 0, sizeof(*tree));
	for (i = 0; i < n; i++)
		merkle_add(tree, &feed.leaf[i]);
	out->size = n;
	merkle_root(tree, &out->root);
}

static bool
ladder_reads(const char *what, size_t n)
{
	struct why why;

	return trust_ladder_read(cur_from(t_fence(what, n), n), &ladder, &why);
}

/* What the ladder says of the older tree, and that it says it for a reason. */
static void
check_growth(uint64_t base, uint64_t old, const struct checkpoint *tree)
{
	struct merkle_hash path[MERKLE_PROOF_MAX], wrong;
	struct merkle_tree older, at;
	struct checkpoint was;
	struct merkle_growth g;
	size_t n;

	tree_of(old, &older, &was);
	t_eq(trust_ladder_ask(&ladder, tree, old, &was.root, &at),
	    old == 0 || old >= base ? TRUST_GREW : TRUST_BELOW);
	wrong = was.root;
	wrong.bytes[7] ^= 4;
	t_eq(trust_ladder_ask(&ladder, tree, old, &wrong, &at),
	    old == 0          ? TRUST_GREW
		: old >= base ? TRUST_FORKED
			      : TRUST_BELOW);
	if (old < base || old == 0)
		return;
	t_eq(at.size, old);
	g = (struct merkle_growth){ old, tree->size, was.root, tree->root };
	n = trust_ladder_prove(&ladder, &at, path);
	assert_true(merkle_grows(&g, path, n));
	g.old_root = wrong;
	assert_false(merkle_grows(&g, path, n));
}

/* Every size, every base, every older size. */
static void
test_all_ladders(void **state)
{
	struct checkpoint tree, ignored;
	struct merkle_tree base, top, at;
	uint64_t n, m, old;
	size_t written;

	(void)state;
	for (n = 1; n <= LEAVES; n++)
		for (m = 0; m <= n; m++) {
			tree_of(m, &base, &ignored);
			tree_of(n, &top, &tree);
			assert_true(trust_ladder_write(&base, &feed.leaf[m],
			    (size_t)(n - m), changed, sizeof(changed),
			    &written));
			assert_true(ladder_reads(changed, written));
			/* Step: n * m is many. */
			for (old = n % 3; old <= n; old += 3)
				check_growth(m, old, &tree);
			tree.root.bytes[0] ^= 1;
			t_eq(trust_ladder_ask(&ladder, &tree, n, &tree.root,
				 &at),
			    TRUST_NO_LADDER);
			tree.size++;
			t_eq(trust_ladder_ask(&ladder, &tree, n, &tree.root,
				 &at),
			    TRUST_NO_LADDER);
		}
}

static void
test_tiles(void **state)
{
	struct checkpoint tree;
	struct merkle_tree top;
	struct why why;
	uint64_t n, old;

	(void)state;
	for (n = 1; n <= LEAVES; n++) {
		tree_of(n, &top, &tree);
		assert_true(trust_ladder_of_tiles(cur_from(feed.leaf,
						      n * MERKLE_HASH),
		    &ladder, &why));
		for (old = 0; old <= n; old++)
			check_growth(0, old, &tree);
	}
	assert_false(trust_ladder_of_tiles(cur_from(feed.leaf, 33), &ladder,
	    &why));
	assert_false(trust_ladder_of_tiles(cur_from(feed.leaf,
					       (TRUST_LEAVES_MAX + 1) *
						   MERKLE_HASH),
	    &ladder, &why));
}

static void
test_ladders_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"candor-ladder/v1\n",
		"candor-ladder/v1\nsize 0\n",
		"candor-ladder/v2\nsize 0\n\n",
		"candor-ladder/v1\nsize 00\n\n",
		"candor-ladder/v1\nsize 1\n\n",
		"candor-ladder/v1\nsize 1\nAAAA\n\n",
		"candor-ladder/v1\nsize 1\n" HASH "\n",
		"candor-ladder/v1\nsize 1\n" HASH "\n" HASH "\n\n",
		"candor-ladder/v1\nsize 0\n\n" HASH,
		"candor-ladder/v1\nsize 0\n\n" HASH "\n\n",
		"candor-ladder/v1\nsize 0\n\n" HASH "\nA",
		"candor-ladder/v1\nsize 0\n\n" HASH " ",
		"candor-ladder/v1\nsize 9223372036854775808\n\n",
		"candor-ladder/v1\nsize 9223372036854775807\n\n",
	};
	static struct merkle_hash leaf[TRUST_LADDER_MAX + 1];
	static char big[65536];
	struct merkle_tree none = { 0 };
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (ladder_reads(bad[i], strlen(bad[i])))
			fail_msg("%s", bad[i]);
	assert_true(ladder_reads("candor-ladder/v1\nsize 0\n\n", 25));
	assert_true(trust_ladder_write(&none, leaf, TRUST_LADDER_MAX, big,
	    sizeof(big), &n));
	assert_true(ladder_reads(big, n));
	assert_false(trust_ladder_write(&none, leaf, TRUST_LADDER_MAX, big,
	    n - 1, &i));
	assert_false(trust_ladder_write(&none, leaf, TRUST_LADDER_MAX + 1, big,
	    sizeof(big), &n));
	assert_false(ladder_reads(big, n));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_most_hashes),
		cmocka_unit_test(test_all_ladders),
		cmocka_unit_test(test_tiles),
		cmocka_unit_test(test_ladders_refused),
	};

	return cmocka_run_group_tests(tests, make, NULL);
}
