/*
 * footprint_test.c - signs: which something is, and what they come to.
 *
 * The shipped footprint is tried in tests/e2e/test_ban_scan.py.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/footprint.h"
#include "tests/t.h"

#include <stdio.h>
#include <string.h>

#define SIGN(type, value, strength, state)                    \
	"{\"type\":\"" type "\",\"value\":\"" value           \
	"\",\"strength\":\"" strength "\",\"state\":\"" state \
	"\",\"source\":[\"S\"],\"confidence\":\"high\"}"
#define FILE_OF(signs)                                                       \
	"{\"schema\":\"candor-footprint/1\",\"id\":\"f\",\"title\":\"t\","   \
	"\"vendor\":\"v\",\"as_of\":\"x\","                                  \
	"\"sources\":{\"S\":{\"title\":\"s\"}},\"products\":[{\"id\":\"p\"," \
	"\"name\":\"n\",\"platform\":[\"linux\"],\"class\":\"antivirus\","   \
	"\"signs\":[" signs "]}],\"embeds\":[]}"

static const char small[] =
    FILE_OF(SIGN("package", "kite", "proof", "installed") "," SIGN("path",
	"/opt/kite/bin/fly", "strong", "installed") "," SIGN("path",
	"/opt/kite/lib", "strong", "installed") "," SIGN("path",
	"/etc/kite*.xml", "strong", "installed") "," SIGN("path",
	"**/tail/*.kit", "strong", "engine_embedded") "," SIGN("file", "*.wind",
	"strong", "engine_embedded") "," SIGN("unit", "kite.service", "proof",
	"installed") "," SIGN("process", "kite", "strong",
	"running") "," SIGN("group", "fliers", "supporting",
	"residue") "," SIGN("path", "/var/kite", "strong", "residue"));

static uint8_t block[1 << 18];

static void
count(void *self, const char *where, const char *what)
{
	size_t *n = self;

	(void)where;
	(void)what;
	(*n)++;
}

static void
tally(void *self, const struct footprint_sign *sign)
{
	footprint_count(self, sign, sign->state, sign->strength);
}

static void
open_small(struct footprint *f, struct footprint_set *set)
{
	struct arena arena;
	size_t n = 0;

	arena_init(&arena, block, sizeof(block));
	assert_true(footprint_read(cur_from(small, strlen(small)), f, count,
	    &n));
	assert_true(footprint_index(f, 1, &arena, set));
}

static struct cur
text_of(const char *text)
{
	return cur_from(text, strlen(text));
}

static const struct {
	const char *seen; /* "type value", in lines */
	bool is_found;
	enum footprint_state state;
	enum footprint_ground ground;
} row[] = {
	{ "package kite", true, FOOTPRINT_INSTALLED, FOOTPRINT_PROVEN },
	{ "package KITE", true, FOOTPRINT_INSTALLED, FOOTPRINT_PROVEN },
	{ "package kites", false, FOOTPRINT_MENTION, FOOTPRINT_ONE_SIGN },
	{ "path /opt/kite/bin/fly", true, FOOTPRINT_RESIDUE,
	    FOOTPRINT_ONE_SIGN },
	/* Below one folder they may have been left behind together. */
	{ "path /opt/kite/bin/fly\npath /opt/kite/lib", true, FOOTPRINT_RESIDUE,
	    FOOTPRINT_ONE_SIGN },
	{ "path /opt/kite/bin/fly\npath /etc/kite2.xml", true,
	    FOOTPRINT_INSTALLED, FOOTPRINT_TWO_SIGNS },
	/* dpkg says that it was removed: two that are left prove nothing. */
	{ "path /opt/kite/bin/fly\npath /etc/kite2.xml\nremoved kite", true,
	    FOOTPRINT_RESIDUE, FOOTPRINT_ONE_SIGN },
	{ "package kite\nremoved kite-gui", true, FOOTPRINT_INSTALLED,
	    FOOTPRINT_PROVEN },
	{ "path /srv/opt/kite/bin/fly", false, FOOTPRINT_MENTION,
	    FOOTPRINT_ONE_SIGN },
	{ "path /etc/kite/2.xml", false, FOOTPRINT_MENTION,
	    FOOTPRINT_ONE_SIGN },
	/* One piece of an engine is none. */
	{ "path /a/b/tail/x.kit", false, FOOTPRINT_MENTION,
	    FOOTPRINT_ONE_SIGN },
	{ "path /a/tail/b/x.kit", false, FOOTPRINT_MENTION,
	    FOOTPRINT_ONE_SIGN },
	{ "path /a/b/tail/x.kit\npath /a/x.wind", true, FOOTPRINT_EMBEDDED,
	    FOOTPRINT_TWO_SIGNS },
	{ "path /lib/systemd/system/kite.service", true, FOOTPRINT_INSTALLED,
	    FOOTPRINT_PROVEN },
	{ "path /home/a/kite.service", false, FOOTPRINT_MENTION,
	    FOOTPRINT_ONE_SIGN },
	{ "process kite", true, FOOTPRINT_RUNNING, FOOTPRINT_ONE_SIGN },
	{ "process kite\npackage kite", true, FOOTPRINT_RUNNING,
	    FOOTPRINT_TWO_SIGNS },
	{ "group fliers", false, FOOTPRINT_MENTION, FOOTPRINT_ONE_SIGN },
	{ "path /var/kite\ngroup fliers", true, FOOTPRINT_RESIDUE,
	    FOOTPRINT_ONE_SIGN },
};

static void
see(const struct footprint_set *set, struct cur line, struct footprint_tally *t)
{
	struct cur type;

	if (!cur_until(&line, ' ', &type) ||
	    !cur_take(&line, cur_left(&line), &line))
		return;
	if (cur_is(&type, "path"))
		footprint_match_path(set, line, tally, t);
	else if (cur_is(&type, "package"))
		footprint_match(set, FOOTPRINT_PACKAGE, line, tally, t);
	else if (cur_is(&type, "removed"))
		t->is_removed = true;
	else if (cur_is(&type, "process"))
		footprint_match(set, FOOTPRINT_PROCESS, line, tally, t);
	else
		footprint_match(set, FOOTPRINT_GROUP, line, tally, t);
}

static void
test_what_was_seen(void **state_)
{
	struct footprint f;
	struct footprint_set set;
	size_t i;

	(void)state_;
	open_small(&f, &set);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct cur lines = text_of(row[i].seen), line;
		struct footprint_tally t = { 0 };
		enum footprint_state state;
		enum footprint_ground ground;

		while (cur_line(&lines, &line))
			see(&set, line, &t);
		print_message("%s\n", row[i].seen);
		assert_true(footprint_decide(&t, &state, &ground) ==
		    row[i].is_found);
		assert_int_equal(state, row[i].state);
		assert_int_equal(ground, row[i].ground);
	}
	footprint_free(&f);
}

static void
test_names_and_ways(void **state_)
{
	struct footprint f;
	struct footprint_set set;

	(void)state_;
	open_small(&f, &set);
	assert_true(footprint_may_be(&set, "fly", 3));
	assert_true(footprint_may_be(&set, "Kite9.XML", 9));
	assert_true(footprint_may_be(&set, "a.wind", 6));
	assert_true(!footprint_may_be(&set, "a.win", 5));
	assert_true(!footprint_may_be(&set, "", 0));
	assert_true(footprint_leads(&set, text_of("")));
	assert_true(footprint_leads(&set, text_of("/opt")));
	assert_true(footprint_leads(&set, text_of("/opt/kite/bin")));
	assert_true(!footprint_leads(&set, text_of("/opt/kite/bin/fly")));
	assert_true(!footprint_leads(&set, text_of("/home")));
	footprint_free(&f);
}

static void
test_wildcards(void **state_)
{
	(void)state_;
	assert_true(footprint_glob("a*c", text_of("abbc"), 0));
	assert_true(footprint_glob("*a*b*", text_of("xxaxxbxx"), 0));
	assert_true(!footprint_glob("a*c", text_of("ab/c"), '/'));
	assert_true(footprint_glob("/a*/b*c", text_of("/ax/bb/c"), 0));
	assert_true(!footprint_glob("/a*/b*c", text_of("/ax/bb/c"), '/'));
	assert_true(footprint_glob("/a*/b*c", text_of("/ax/bbcc"), '/'));
	assert_true(!footprint_glob("a?c", text_of("a/c"), '/'));
	assert_true(footprint_glob("", text_of(""), 0));
	assert_true(!footprint_glob("", text_of("a"), 0));
	assert_true(!footprint_glob("a", text_of(""), 0));
}

static void
test_what_is_no_footprint(void **state_)
{
	static const char *const bad[] = {
		"",
		"[]",
		"{}",
		FILE_OF(SIGN("package", "*", "proof", "installed")),
		FILE_OF(SIGN("path", "opt/x", "proof", "installed")),
		FILE_OF(SIGN("file", "a/b", "proof", "installed")),
		FILE_OF(SIGN("smell", "x", "proof", "installed")),
		FILE_OF(SIGN("file", "x", "proof", "gone")),
	};
	struct footprint f;
	size_t i;

	(void)state_;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		size_t n = 0;

		assert_true(!footprint_read(text_of(bad[i]), &f, count, &n));
		assert_true(n > 0 && f.root == NULL);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_seen),
		cmocka_unit_test(test_names_and_ways),
		cmocka_unit_test(test_wildcards),
		cmocka_unit_test(test_what_is_no_footprint),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
