/*
 * rules_test.c - what may stand in a log, and what each rule keeps out.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/rules.h"
#include "tests/t.h"
#include "tests/trust/t_feed.h"

#include <stdio.h>
#include <string.h>

static struct rules rules;
static struct trust_root root;
static struct trust_release release;
static char entry[TRUST_ENTRY_MAX];

typedef void (*key_fn)(unsigned which, struct t_key *out);

/* A note of a text of size bytes in entry, signed by the first count keys;
   then by more of the same. */
static bool
add(size_t size, key_fn keys, unsigned count, const char *want)
{
	struct text_out note = text_to(entry, sizeof(entry));
	struct why why = { 0 };
	struct t_key k;
	unsigned i;
	bool good;

	note.size = size;
	text_add(&note, "\n");
	for (i = 0; i < count; i++) {
		keys(i, &k);
		t_sign(&note, size, &k);
	}
	assert_true(text_is_whole(&note));
	good = rules_add(&rules, cur_from(entry, note.size), &why);
	if (want == NULL && !good)
		fail_msg("%s", why.text);
	if (want != NULL && strncmp(why.text, want, strlen(want)) != 0)
		fail_msg("not %s: %s", want, why.text);
	return good;
}

static bool
add_root(unsigned signers, const char *want)
{
	struct why why;
	size_t size;

	assert_true(trust_root_write(&root, entry, sizeof(entry), &size, &why));
	return add(size, t_root_key, signers, want);
}

static bool
add_release(unsigned signers, const char *want)
{
	struct why why;
	size_t size;

	assert_true(trust_release_write(&release, entry, sizeof(entry), &size,
	    &why));
	return add(size, t_release_key, signers, want);
}

/* Begin a log that has a root. */
static void
begin(void)
{
	t_root(&root);
	rules_begin(&rules);
	assert_true(add_root(4, NULL));
	t_release(1, &release);
}

static void
test_good(void **state)
{
	struct why why;

	(void)state;
	begin();
	assert_false(rules_end(&rules, &why)); /* R3 */
	assert_true(add_release(3, NULL));
	assert_true(rules_end(&rules, &why));
	root.version = 2;
	assert_true(add_root(4, NULL));
	assert_false(rules_end(&rules, &why));
	release.serial = 3;
	release.root = 2;
	assert_true(add_release(3, NULL));
	assert_true(rules_end(&rules, &why));
	t_eq(rules.count, 4);
	t_eq(rules.root.version, 2);
}

static void
test_beginnings(void **state)
{
	(void)state;
	rules_begin(&rules);
	t_release(1, &release);
	assert_false(add_release(3, "R1"));
	t_root(&root);
	root.version = 2;
	rules_begin(&rules);
	assert_false(add_root(4, "R1"));
	/* A later epoch begins with whatever root names its log. */
	root.epoch = 2;
	rules_begin(&rules);
	assert_true(add_root(4, NULL));
	t_root(&root);
	rules_begin(&rules);
	assert_false(add_root(3, "signed by 3"));
}

static void
test_roots(void **state)
{
	(void)state;
	begin();
	assert_false(add_root(4, "R2")); /* the same version again */
	begin();
	root.version = 3;
	assert_false(add_root(4, "R2"));
	begin();
	root.version = 2;
	assert_false(add_root(3, "R2: signed by 3"));
	begin();
	root.version = 2;
	(void)snprintf(root.policy.log.name, sizeof(root.policy.log.name),
	    "log.candor.example/other");
	vkey_make_id(&root.policy.log);
	root.epoch = 2;
	assert_false(add_root(4, "R2: a root of another log"));
	begin();
	root.version = 2;
	root.epoch = 2;
	(void)snprintf(root.feed, sizeof(root.feed), "another.example/feed");
	assert_false(add_root(4, "R2: root: of another feed"));
	/* No client would follow an epoch of the same log. */
	begin();
	root.version = root.epoch = 2;
	assert_false(add_root(4, "R2: root: the epoch"));
}

static void
test_releases(void **state)
{
	(void)state;
	begin();
	assert_false(add_release(2, "signed by 2"));
	begin();
	release.serial = 2;
	assert_false(add_release(3, "R4"));
	begin();
	release.root = 2;
	assert_false(add_release(3, "R5"));
	begin();
	(void)snprintf(release.feed, sizeof(release.feed), "another");
	assert_false(add_release(3, "R2"));
}

/* A root whose new holders are others needs both thresholds. */
static void
test_thresholds_of_both(void **state)
{
	(void)state;
	begin();
	root.version = 2;
	root.root.threshold = 5;
	assert_false(add_root(4, "R2: signed by 4"));
	begin();
	root.version = 2;
	root.root.threshold = 5;
	assert_true(add_root(5, NULL));
	root.version = 3;
	root.root.threshold = 1;
	assert_false(add_root(4, "R2: signed by 4"));
}

static void
test_no_entries(void **state)
{
	static const char *const bad[] = { "", "x", "candor-root/v1\n",
		"candor-release/v1\n\n", "text\n\n\xe2\x80\x94 a AAAAAAA=\n" };
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		begin();
		assert_false(rules_add(&rules, cur_from(bad[i], strlen(bad[i])),
		    &why));
	}
	memset(entry, 'x', sizeof(entry));
	begin();
	assert_false(rules_add(&rules,
	    cur_from(t_fence(entry, TRUST_ENTRY_MAX), TRUST_ENTRY_MAX), &why));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good),
		cmocka_unit_test(test_beginnings),
		cmocka_unit_test(test_roots),
		cmocka_unit_test(test_releases),
		cmocka_unit_test(test_thresholds_of_both),
		cmocka_unit_test(test_no_entries),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
