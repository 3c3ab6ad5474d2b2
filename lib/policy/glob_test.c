/*
 * glob_test.c - patterns of paths and names, by table.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/policy/glob.h"
#include "tests/t.h"

#include <string.h>

static const struct {
	const char *pattern, *text;
	bool path, name;
} row[] = {
	{ "/a/b", "/a/b", true, true },
	{ "/a/b", "/a/bc", false, false },
	{ "/a/b", "/a/b/c", true, false },
	{ "/a/b", "/a", false, false },
	{ "/a/*", "/a/b", true, true },
	{ "/a/*", "/a/b/c", true, true },
	{ "/a/*.o", "/a/b/c.o", false, true },
	{ "/a/**.o", "/a/b/c.o", true, true },
	{ "/a/**/c", "/a/x/y/c", true, true },
	{ "/a/**/c", "/a/c", false, false },
	{ "/a/?", "/a/b", true, true },
	{ "/a?b", "/a/b", false, true },
	{ "*", "/a", false, true },
	{ "**", "/a/b", true, true },
	{ "", "", true, true },
	{ "", "/", false, false },
	{ "/srv/*/tmp/*.log", "/srv/x/tmp/a.log", true, true },
	{ "/srv/*/tmp/*.log", "/srv/x/y/tmp/a.log", false, true },
	{ "/srv/**/tmp/*.log", "/srv/x/y/tmp/tmp/a.log", true, true },
	{ "PUA.*", "PUA.Win", true, true },
	{ "*.Test", "A.B.Test", true, true },
	{ "a*b*c", "aXbYbZc", true, true },
	{ "a*b*c", "aXbYbZ", false, false },
};

static void
test_rows(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t n = strlen(row[i].text);
		const char *fenced = (const char *)t_fence(row[i].text, n);

		if (glob_fits_path(row[i].pattern, fenced, n) != row[i].path ||
		    glob_fits_name(row[i].pattern, fenced, n) != row[i].name)
			fail_msg("%s on %s", row[i].pattern, row[i].text);
	}
}

/* What makes a naive matcher try for ever. */
static void
test_is_bounded(void **state)
{
	static char text[4096], pattern[512];
	size_t i;

	(void)state;
	memset(text, 'a', sizeof(text));
	for (i = 0; i + 4 < sizeof(pattern); i += 3)
		memcpy(pattern + i, i % 2 ? "*a?" : "**a", 3);
	memcpy(pattern + i, "b", 2);
	assert_false(glob_fits_path(pattern, text, sizeof(text)));
	assert_false(glob_fits_name(pattern, text, sizeof(text)));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
