/*
 * action_test.c - what is done about findings, from configurations as text.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/policy/action.h"
#include "tests/t.h"

#include <string.h>

static void
configured(const char *text, struct config *c)
{
	static uint8_t room[CONFIG_ARENA];
	static struct config_troubles troubles;
	struct arena a;

	arena_init(&a, room, sizeof(room));
	assert_true(config_init(c, &a));
	assert_true(config_read(c, &a, cur_from(text, strlen(text)),
	    &troubles));
}

static enum action
decide(const struct config *c, const char *path, uint32_t verdict,
    const char *signature, bool is_packaged)
{
	struct action_case f = { path, strlen(path), verdict, "body", signature,
		is_packaged };

	return action_for(c, &f);
}

static void
test_defaults(void **state)
{
	struct config c;

	(void)state;
	configured("", &c);
	t_eq(decide(&c, "/tmp/x", VERDICT_INFECTED, "A", false), ACTION_BLOCK);
	t_eq(decide(&c, "/tmp/x", VERDICT_SUSPICIOUS, "A", false),
	    ACTION_REPORT);
	t_eq(decide(&c, "/bin/sh", VERDICT_INFECTED, "A", true), ACTION_REPORT);
}

static void
test_rules(void **state)
{
	struct config c;

	(void)state;
	configured("[policy]\n"
		   "infected = quarantine\n"
		   "rule = report path=/srv/samples/** signature=Test.*\n"
		   "rule = block path=/srv\n"
		   "rule = report kind=hash\n",
	    &c);
	t_eq(decide(&c, "/srv/samples/a/b", VERDICT_INFECTED, "Test.A", false),
	    ACTION_REPORT);
	t_eq(decide(&c, "/srv/samples/a/b", VERDICT_INFECTED, "Real.A", false),
	    ACTION_BLOCK);
	t_eq(decide(&c, "/home/a", VERDICT_INFECTED, "Test.A", false),
	    ACTION_QUARANTINE);
	t_eq(decide(&c, "", VERDICT_INFECTED, "Test.A", false),
	    ACTION_QUARANTINE);
}

static void
test_rule_syntax(void **state)
{
	const char *why;

	(void)state;
	assert_true(action_rule_is_good("block", &why));
	assert_true(action_rule_is_good("report  path=/a kind=body", &why));
	assert_false(action_rule_is_good("", &why));
	assert_false(action_rule_is_good("allow path=/a", &why));
	assert_false(action_rule_is_good("block /a", &why));
	assert_false(action_rule_is_good("block path=", &why));
}

static void
test_exclusions(void **state)
{
	uint8_t sha256[32];
	struct config c;

	(void)state;
	configured("[exclude]\npath = /var/cache/** \"/srv/a b\"\n"
		   "file = /**.mdf /srv/db/*\n"
		   "process = /usr/bin/rsync\nsignature = PUA.*\n"
		   "hash = ABABABABABABABABabababababababab"
		   "abababababababababababababababab\n",
	    &c);
	assert_true(action_excludes_path(&c, "/var/cache/x/y", 14));
	assert_true(action_excludes_path(&c, "/srv/a b/c", 10));
	assert_false(action_excludes_path(&c, "/var/cached", 11));
	assert_true(action_excludes_path(&c, "/a.mdf", 6));
	assert_true(action_excludes_path(&c, "/d/e/a.mdf", 10));
	assert_false(action_excludes_path(&c, "/d/a.mdf/evil", 13));
	assert_true(action_excludes_path(&c, "/srv/db/x", 9));
	assert_false(action_excludes_path(&c, "/srv/db/x/y", 11));
	assert_true(action_excludes_process(&c, "/usr/bin/rsync"));
	assert_false(action_excludes_process(&c, "/usr/bin/rsync2"));
	assert_true(action_excludes_signature(&c, "PUA.Win.A"));
	assert_false(action_excludes_signature(&c, "Win.PUA.A"));
	memset(sha256, 0xab, sizeof(sha256));
	assert_true(action_excludes_hash(&c, sha256));
	sha256[31] = 0;
	assert_false(action_excludes_hash(&c, sha256));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_defaults),
		cmocka_unit_test(test_rules),
		cmocka_unit_test(test_rule_syntax),
		cmocka_unit_test(test_exclusions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
