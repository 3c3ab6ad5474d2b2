/*
 * tdb_test.c - the target description block, attribute by attribute.
 *
 * What is refused, skipped and taken was measured with clamscan 1.4.6.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t.h"
#include "lib/formats/kind.h"
#include "tests/t_ir.h"

#include <stdio.h>
#include <string.h>

#define E "Engine:51-255,"

static const struct row {
	const char *tdb;
	const char *want; /* "…" is put before " | 616263 | #0" */
} row[] = {
	{ "Target:0", "0" },
	{ "Target:", "0" },
	{ E "Target:1", "1" },
	{ "Target:14", "14" },
	{ "Target:15", "quiet:target" },
	{ "Target:a", "bad-target@10" },
	{ "Target:-1", "bad-target@10" },
	{ "Target", "bad-attribute@3" },
	{ "Target:0,Engine:51-255", "bad-attribute@19" },
	{ "Engine:51-255", "bad-attribute@3" },
	{ "", "bad-attribute@3" },
	{ E "Target:0,", "bad-attribute@26" },
	{ E "Target:0,foo", "bad-attribute@26" },
	{ E " Target:0", "attribute@0" },
	{ E "Target:0,Foo:1", "attribute@0" },
	{ "engine:51-255,target:0", "attribute@0" },
	{ "Engine:217-255,Target:0", "quiet:level" },
	{ "Engine:1-215,Target:0", "quiet:level" },
	{ "Engine:1-216,Target:0", "0" },
	{ "Engine:216-216,Target:0", "0" },
	{ "Engine:51-,Target:0", "quiet:level" },
	{ "Engine:-51,Target:0", "quiet:level" },
	{ "Engine:51,Target:0", "bad-attribute@10" },
	{ "Engine:a-b,Target:0", "bad-attribute@10" },
	{ "Target:0,FileSize:1-100", "bad-attribute@12" },
	{ "Engine:50-255,Target:0,FileSize:1-100", "bad-attribute@26" },
	{ E "Target:0,FileSize:1-100", "0 size 1-100" },
	{ E "FileSize:16-16,Target:0", "0 size 16-16" },
	{ E "Target:0,FileSize:100-1", "0 size 100-1" },
	{ E "Target:0,FileSize:16", "bad-attribute@35" },
	{ E "Target:0,FileSize:a-b", "bad-attribute@35" },
	{ E "Target:0,FileSize:0-4294967296", "0 size 0-4294967296" },
	{ E "Target:1,EntryPoint:5-9", "1 entry 5-9" },
	{ E "Target:0,EntryPoint:5-9", "bad-attribute@3" },
	{ E "Target:6,NumberOfSections:1-4", "6 sections 1-4" },
	{ E "Target:2,NumberOfSections:1-4", "bad-attribute@3" },
	{ E "Target:0,Container:CL_TYPE_ANY", "0 root" },
	{ E "Target:0,Container:CL_TYPE_FOO", "file-kind@0" },
	{ E "Target:0,Container:ZIP", "file-kind@0" },
	{ E "Target:0,Container:CL_TYPE_", "file-kind@0" },
	{ E "Target:0,Intermediates:CL_TYPE_ANY>CL_TYPE_ANY", "0 >-1 >-1" },
	{ E "Target:0,Intermediates:CL_TYPE_FOO", "file-kind@0" },
	{ E "Target:0,Container:CL_TYPE_MSWORD", "file-kind@0" },
	{ E "Target:0,Intermediates:CL_TYPE_ANY>CL_TYPE_MSXL", "file-kind@0" },
	{ E "Target:0,HandlerType:CL_TYPE_ANY", "0 as it is" },
	{ E "Target:0,HandlerType:CL_TYPE_FOO", "file-kind@0" },
	{ E "Target:0,HandlerType:ZIP", "file-kind@0" },
	{ "Target:0,HandlerType:CL_TYPE_ZIP", "bad-attribute@12" },
	{ E "Target:1,IconGroup1:X", "1 icon" },
	{ E "IconGroup1:X,IconGroup2:Y,Target:1", "1 icon" },
	{ E "Target:1,IconGroup2:", "1 icon" },
	{ E "Target:0,IconGroup1:X", "bad-attribute@3" },
};

static void
check(const char *tdb, const char *want)
{
	static struct t_text got;
	char line[512], full[256];

	(void)snprintf(line, sizeof(line), "S;%s;0;616263", tdb);
	t_ir_line("a.ldb", line, &got);
	(void)snprintf(full, sizeof(full), "%s | 616263 | #0", want);
	if (strcmp(got.bytes, want) != 0 && strcmp(got.bytes, full) != 0)
		fail_msg("%s\n  is   %s\n  want %s", line, got.bytes, want);
}

static void
test_attributes(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		check(row[i].tdb, row[i].want);
}

static void
test_containers(void **state)
{
	char want[64];

	(void)state;
	(void)snprintf(want, sizeof(want), "0 in %d", KIND_ZIP);
	check(E "Target:0,Container:CL_TYPE_ZIP", want);
	(void)snprintf(want, sizeof(want), "1 in %d", KIND_MAIL);
	check(E "Target:1,Container:CL_TYPE_MAIL", want);
	(void)snprintf(want, sizeof(want), "0 in %d", KIND_OOXML_WORD);
	check(E "Target:0,Container:CL_TYPE_OOXML_WORD", want);
	(void)snprintf(want, sizeof(want), "0 in %d", KIND_SFX_ZIP);
	check(E "Target:0,Container:CL_TYPE_ZIPSFX", want);
	(void)snprintf(want, sizeof(want), "0 as %d", KIND_MAIL);
	check(E "Target:0,HandlerType:CL_TYPE_MAIL", want);
	(void)snprintf(want, sizeof(want), "0 >%d >-1 >%d", KIND_ZIP, KIND_PDF);
	check(E "Target:0,Intermediates:CL_TYPE_ZIP>CL_TYPE_ANY>CL_TYPE_PDF",
	    want);
}

/* Sixteen ancestors and no more. */
static void
test_intermediates(void **state)
{
	static struct t_text got;
	char line[1024];
	size_t i, n;

	(void)state;
	n = (size_t)snprintf(line, sizeof(line),
	    "S;" E "Target:0,Intermediates:CL_TYPE_ZIP");
	for (i = 1; i < 17; i++)
		n += (size_t)snprintf(line + n, sizeof(line) - n,
		    ">CL_TYPE_ZIP");
	(void)snprintf(line + n, sizeof(line) - n, ";0;616263");
	t_ir_line("a.ldb", line, &got);
	assert_string_equal(got.bytes, "bad-attribute@40");
}

static const struct line_row {
	const char *line, *want;
} line_row[] = {
	{ "S;Target:0;0;", "too-short@14" },
	{ "S;Target:0;0", "bad-fields@1" },
	{ ";Target:0;0;616263", "bad-name@1" },
	{ "S;Target:0;0;616263;", "bad-logic@12" },
	{ "S;Target:0;0;616263 ", "bad-hex@20" },
	{ " S;Target:0;0;616263", "0 | 616263 | #0" },
	{ "S;Target:0;0&1;616263;0/abc/", "pcre@0" },
	{ "S;Target:0;0&1;616263;0(>>5#h2#=10)", "byte-compare@0" },
	{ "S;Target:0;0&1;616263;${1-5}0$", "macro@0" },
	{ "S;Target:0;0;fuzzy_img#af2ad01ed42993c7#0", "fuzzy-image@0" },
};

static void
test_lines(void **state)
{
	static struct t_text got;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(line_row) / sizeof(line_row[0]); i++) {
		t_ir_line("a.ldb", line_row[i].line, &got);
		assert_string_equal(got.bytes, line_row[i].want);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_attributes),
		cmocka_unit_test(test_containers),
		cmocka_unit_test(test_intermediates),
		cmocka_unit_test(test_lines),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
