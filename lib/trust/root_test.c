/*
 * root_test.c - roots: read, written again, and all that is no root.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/root.h"
#include "tests/t.h"
#include "tests/trust/t_feed.h"

#include <stdio.h>
#include <string.h>

static struct trust_root usual, other;
static char text[TRUST_ENTRY_MAX], changed[TRUST_ENTRY_MAX];
static char again[TRUST_ENTRY_MAX];
static size_t size;

static int
make(void **state)
{
	struct why why;

	(void)state;
	t_root(&usual);
	if (!trust_root_write(&usual, text, sizeof(text), &size, &why))
		fail_msg("%s", why.text);
	return 0;
}

static bool
reads(const char *what, size_t n)
{
	struct why why;

	return trust_root_read(cur_from(t_fence(what, n), n), &other, &why);
}

static void
test_read_and_written(void **state)
{
	(void)state;
	assert_true(reads(text, size));
	assert_memory_equal(&other, &usual, sizeof(usual));
}

static void
test_every_prefix(void **state)
{
	size_t i, at;

	(void)state;
	/* Without its last line it has no quorum; shorter ones end within. */
	for (i = 0; i < size; i++)
		assert_false(reads(text, i));
	for (at = 0; at < size; at++) {
		memcpy(changed, text, size);
		changed[at] ^= 0x01;
		if (reads(changed, size)) {
			/* A digit of a number, a letter of a name. */
			struct why why;
			size_t n;

			assert_true(trust_root_write(&other, again,
			    sizeof(again), &n, &why));
			t_eq(n, size);
			assert_memory_equal(again, changed, size);
		}
	}
}

/* The text with the first from made to; false if that is a root. */
static bool
refused(const char *from, const char *to)
{
	const char *at;
	size_t before;
	int n;

	text[size] = '\0';
	at = strstr(text, from);
	if (at == NULL)
		fail_msg("no %s", from);
	before = (size_t)(at - text);
	n = snprintf(changed, sizeof(changed), "%.*s%s%s", (int)before, text,
	    to, at + strlen(from));
	return !reads(changed, (size_t)n);
}

static void
test_refused(void **state)
{
	static const char *const change[][2] = {
		{ "candor-root/v1", "candor-root/v2" },
		{ "feed log", "feed  log" },
		{ "feed log.candor.example/db-main\n", "" },
		{ "feed log", "feed gol" }, /* not the log's name */
		{ "version 1", "version 0" },
		{ "version 1", "version 01" },
		{ "version 1", "version +1" },
		{ "version 1", "version 9223372036854775808" },
		{ "version 1", "version 1 " },
		{ "version 1\n", "version 1\n\n" },
		{ "version 1\n", "version 1\r\n" },
		{ "version 1\n", "version 1\nversion 1\n" },
		{ "version 1\n", "version 1\nunknown 1\n" },
		{ "version 1\nepoch 1", "epoch 1\nversion 1" },
		{ "epoch 1", "epoch 0" },
		{ "epoch 1", "epoch 2" }, /* of a first version */
		{ "expires 1767225600", "expires 1735689600" },
		{ "root-threshold 4", "root-threshold 0" },
		{ "root-threshold 4", "root-threshold 8" },
		{ "release-threshold 3", "release-threshold 6" },
		{ "release-threshold 3\n", "" },
		{ "policy log", "policy  log" },
		{ "policy log", "policy" },
		{ "policy quorum both", "policy quorum none" },
		{ "policy quorum both", "policy quorum nobody" },
		{ "policy quorum both\n", "" },
		{ "policy quorum both\n",
		    "policy quorum both\npolicy quorum both\n" },
		{ "policy quorum both\n", "policy quorum both https://a\n" },
		{ "policy quorum both\n", "policy quorum both\nmore\n" },
		{ "policy quorum both\n",
		    "policy # hello\npolicy quorum both\n" },
		{ "wq 5 w1 w2", "wq 5 w2 w1" }, /* out of order */
		{ "wq 5 w1", "wq 05 w1" },
		{ "wq 5 w1", "wq 3 w1" }, /* quorums that share nobody */
		{ "wq 5 w1", "wq 8 w1" },
		{ "quorum both", "quorum mq" },
		{ "/k1+", "/K1+" }, /* ID of another name */
		{ "root.candor", "root.\xc3\xa4ndor" },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(change) / sizeof(change[0]); i++)
		if (!refused(change[i][0], change[i][1]))
			fail_msg("%s -> %s", change[i][0], change[i][1]);
}

static void
test_keys(void **state)
{
	static struct trust_root r;
	struct t_key k;
	struct why why;
	size_t n;

	(void)state;
	/* Not sorted. */
	r = usual;
	r.root.key[0] = usual.root.key[1];
	r.root.key[1] = usual.root.key[0];
	assert_false(trust_root_write(&r, changed, sizeof(changed), &n, &why));
	/* The same key under two names, in one role and in two. */
	r = usual;
	t_key("root1", "root.candor.example/k2", VKEY_NOTE, &k);
	r.root.key[1] = k.key;
	assert_false(trust_root_write(&r, changed, sizeof(changed), &n, &why));
	r = usual;
	t_key("release1", "root.candor.example/k2", VKEY_NOTE, &k);
	r.root.key[1] = k.key;
	assert_false(trust_root_write(&r, changed, sizeof(changed), &n, &why));
	r = usual;
	t_key("witness1", "release.candor.example/r1", VKEY_NOTE, &k);
	r.release.key[0] = k.key;
	assert_false(trust_root_write(&r, changed, sizeof(changed), &n, &why));
	/* A cosigner's key signs no release. */
	r = usual;
	r.release.key[0].type = VKEY_COSIGNATURE;
	assert_false(trust_root_write(&r, changed, sizeof(changed), &n, &why));
	/* Short of room. */
	assert_false(trust_root_write(&usual, changed, size - 1, &n, &why));
	assert_true(trust_root_write(&usual, changed, size, &n, &why));
}

/* As many signatures as must, each key counted once. */
static void
test_signed(void **state)
{
	static char note[TRUST_ENTRY_MAX];
	struct text_out out = text_to(note, sizeof(note));
	struct t_key k;
	struct note n;
	struct why why;
	unsigned i;

	(void)state;
	text_add_bytes(&out, cur_from(text, size));
	text_add(&out, "\n");
	for (i = 0; i < 3; i++) {
		t_root_key(i, &k);
		t_sign(&out, size, &k);
	}
	t_sign(&out, size, &k); /* once more */
	t_release_key(0, &k);
	t_sign(&out, size, &k); /* nobody here */
	assert_true(note_read(cur_from(note, out.size), &n, &why));
	assert_false(trust_role_signed(&usual.root, &n, &why));
	t_root_key(6, &k);
	t_sign(&out, size, &k);
	assert_true(note_read(cur_from(note, out.size), &n, &why));
	assert_true(trust_role_signed(&usual.root, &n, &why));
	/* One of a known key that does not hold refuses all. */
	k.seed[0] ^= 1;
	t_sign(&out, size, &k);
	assert_true(note_read(cur_from(note, out.size), &n, &why));
	assert_false(trust_role_signed(&usual.root, &n, &why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_read_and_written),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_keys),
		cmocka_unit_test(test_signed),
	};

	return cmocka_run_group_tests(tests, make, NULL);
}
