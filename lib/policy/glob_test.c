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

/* A file's pattern takes nothing that is in a folder. */
static void
test_files(void **state)
{
	static const struct {
		const char *pattern, *text;
		bool fits;
	} rows[] = {
		{ "/a/b", "/a/b", true },
		{ "/a/b", "/a/b/c", false },
		{ "/a/*", "/a/b", true },
		{ "/a/*", "/a/b/c", false },
		{ "/**.mdf", "/x.mdf", true },
		{ "/**.mdf", "/d/x.mdf", true },
		{ "/**.mdf", "/d/x.mdf/y", false },
		{ "/**.mdf", "/d.mdf/x.mdf", true },
		{ "/**/core.*", "/d/core.1", true },
		{ "/**/core.*", "/d/core.1/x", false },
		{ "/**a*b", "/d/xab", true },
		{ "/**a*b", "/a/b", false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (glob_fits_file(rows[i].pattern, rows[i].text,
			strlen(rows[i].text)) != rows[i].fits)
			fail_msg("%s on %s", rows[i].pattern, rows[i].text);
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
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_is_bounded),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
