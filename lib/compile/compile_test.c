/*
 * compile_test.c - whole files: comments, endings, bad lines among good ones,
 * every prefix, and published signatures where they are at hand.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/compile.h"
#include "lib/compile/pool.h"
#include "lib/compile/text.h"
#include "tests/t.h"
#include "tests/t_ir.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void
test_endings(void **state)
{
	(void)state;
	assert_string_equal(text_ending("a.ndb"), "ndb");
	assert_string_equal(text_ending("/x.y/a"), "");
	assert_string_equal(text_ending("/x.y/a.b.ldb"), "ldb");
	assert_string_equal(text_ending("/x/main.cvd:main.ndb"), "ndb");
	assert_string_equal(text_ending("/x/main.cvd:COPYING"), "");
	assert_string_equal(text_ending(""), "");
}

/* One bad line disables itself alone, and says where it is. */
static void
test_bad_lines(void **state)
{
	static const char text[] = "# comment\n"
				   "A:0:*:616263\r\n"
				   "\n"
				   "B:0:*:61626\n"
				   " # no comment\n"
				   "C:0:*:616263:999\n"
				   "D:0:$1$:616263\n"
				   "E:0:*:616263";
	struct t_ir t;

	(void)state;
	t_ir_begin(&t, "/x/a.ndb", text, strlen(text));
	t_eq(t.ir.rule_count, 2);
	t_eq(t.ir.rule[0].origin.line, 2);
	t_eq(t.ir.rule[0].origin.text_size, 12);
	t_eq(t.ir.rule[1].origin.line, 8);
	t_eq(t.ir.complaint_count, 3);
	t_eq(t.ir.complaint[0].line, 4);
	t_eq(t.ir.complaint[0].column, 11);
	assert_true(t.ir.complaint[0].is_error);
	t_eq(t.ir.complaint[1].line, 5);
	t_eq(t.ir.complaint[2].line, 7);
	assert_false(t.ir.complaint[2].is_error);
	assert_string_equal(t.ir.file[0].name, "/x/a.ndb");
	assert_string_equal(t.ir.feed[0], "a.ndb");
	t_eq(t_ir_count(&t, "ndb", NULL), 2);
	t_eq(t_ir_count(&t, "ndb", "bad-hex"), 1);
	t_eq(t_ir_count(&t, "ndb", "level"), 1);
	t_eq(t_ir_count(&t, "ndb", "macro"), 1);
	t_ir_end(&t);
}

/* Kinds that are not loaded are counted and said once. */
static void
test_not_loaded(void **state)
{
	static const char yara[] = "rule a { condition: true }\n"
				   "// rule b\n"
				   "private rule c {";
	struct t_ir t;

	(void)state;
	t_ir_begin(&t, "a.cdb", "x\n#y\nz\n", 7);
	t_eq(t_ir_count(&t, "cdb", "not-supported"), 2);
	t_eq(t.ir.complaint_count, 1);
	assert_string_equal(t.ir.complaint[0].kind, "cdb");
	assert_false(t.ir.complaint[0].is_error);
	t_eq(t.ir.complaint[0].line, 0);
	t_ir_end(&t);

	t_ir_begin(&t, "a.yar", yara, strlen(yara));
	t_eq(t_ir_count(&t, "yar", "not-supported"), 2);
	t_ir_end(&t);

	t_ir_begin(&t, "a.txt", "x", 1);
	assert_string_equal(t.ir.complaint[0].kind, "unknown-kind");
	t_ir_end(&t);
}

/* A file of nothing but errors costs a bounded number of complaints. */
static void
test_many_errors(void **state)
{
	static char text[60000];
	struct t_ir t;

	(void)state;
	memset(text, 'x', sizeof(text));
	for (size_t i = 1; i < sizeof(text); i += 2)
		text[i] = '\n';
	t_ir_begin(&t, "a.ndb", text, sizeof(text));
	t_eq(t_ir_count(&t, "ndb", "bad-fields"), 30000);
	t_eq(t.ir.complaint_count, TEXT_ERRORS_MAX);
	t_ir_end(&t);
}

static void
test_long_line(void **state)
{
	static char text[70000];
	struct t_ir t;

	(void)state;
	memset(text, '6', sizeof(text));
	memcpy(text, "A:0:*:61", 8);
	memcpy(text + sizeof(text) - 14, "\nB:0:*:616263\n", 14);
	t_ir_begin(&t, "a.ndb", text, sizeof(text));
	t_eq(t.ir.rule_count, 1);
	t_eq(t_ir_count(&t, "ndb", "too-long"), 1);
	t_ir_end(&t);
}

/* Rules end ordered by kind, each kind as it was read. */
static void
test_order(void **state)
{
	static const char ldb[] = "A;Target:0;0;616263\nB;Target:0;0;616263\n";
	static const char ndb[] = "C:0:*:616263\nD:0:*:616263\n";
	const struct compile_options options = { .flevel = 216 };
	struct t_ir t;
	char names[5] = "";
	size_t i;

	(void)state;
	t_ir_begin(&t, "a.ldb", ldb, strlen(ldb));
	assert_true(compile_text(&t.ir, "a.ndb", cur_from(ndb, strlen(ndb)),
	    &options, &t.why));
	assert_true(compile_finish(&t.ir, &t.why));
	for (i = 0; i < 4; i++)
		names[i] = t.ir.rule[i].origin.name[0];
	assert_string_equal(names, "CDAB");
	t_ir_end(&t);
}

/* A small ceiling ends as a failure of ours, at whatever moment. */
static void
test_ceilings(void **state)
{
	static const char ldb[] = "A;Engine:51-255,Target:0;(0|1)>1,2&2;"
				  "616263;(61|62)6364*6566::wai;0:41[1-2]4243\n"
				  "B;Engine:51-255,Target:0;0;zz\n";
	const struct compile_options options = { .flevel = 216 };
	size_t ceiling, failed = 0;

	(void)state;
	for (ceiling = 0; ceiling < (size_t)2 << 20; ceiling += 4001) {
		struct pool pool;
		struct ir ir;
		struct why why;

		pool_init(&pool, ceiling);
		ir_init(&ir, &pool);
		if (!compile_text(&ir, "a.ldb", cur_from(ldb, strlen(ldb)),
			&options, &why)) {
			t_eq(why.kind, WHY_LIMIT);
			failed++;
		}
		ir_fini(&ir);
		pool_fini(&pool);
	}
	assert_true(failed > 0);
}

/* Nothing reads past the end, wherever that is. */
static void
test_prefixes(void **state)
{
	static const struct {
		const char *name, *text;
	} input[] = {
		{ "a.ldb",
		    "A;Engine:51-255,Target:1,FileSize:1-9,Container:CL_TYPE_"
		    "ZIP;(0|1)>1,2&2;EP+1,2:6162(B)!(41|42)63;(61|62{2})6364*"
		    "6566{3-4}6768::wai;0:41[1-2]4243[3]?4" },
		{ "a.ndb",
		    "A:1:S1+2,3:6162??{3}(61|62(63|64))*6566[1-2]aa:1:"
		    "255" },
		{ "a.hdb", "44d88612fea8a8f36de82e1278abb02f:*:A:73:255" },
		{ "a.ign2", "A:44d88612fea8a8f36de82e1278abb02f" },
		{ "a.csv",
		    "# \"a\",\"signature\"\n\"x,y\", "
		    "44d88612fea8a8f36de82e1278abb02f" },
	};
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(input) / sizeof(input[0]); i++) {
		for (size = 0; size <= strlen(input[i].text); size++) {
			struct t_ir t;

			t_ir_begin(&t, input[i].name,
			    t_fence(input[i].text, size), size);
			assert_true(t.ok);
			assert_true(compile_finish(&t.ir, &t.why));
			t_ir_end(&t);
		}
	}
}

/* --- published signatures, where they are at hand ------------------------ */

static void *
read_whole(const char *name, size_t *size)
{
	const char *folder = getenv("CANDOR_SAMPLE_SIGS");
	char path[512];
	FILE *f;
	void *bytes;
	long end;

	if (folder == NULL)
		return NULL;
	(void)snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "rb");
	if (f == NULL)
		return NULL;
	assert_int_equal(fseek(f, 0, SEEK_END), 0);
	end = ftell(f);
	assert_true(end > 0);
	rewind(f);
	bytes = malloc((size_t)end);
	assert_non_null(bytes);
	*size = fread(bytes, 1, (size_t)end, f);
	t_eq(*size, end);
	(void)fclose(f);
	return bytes;
}

static void
check_sample(const char *name, const char *what, uint64_t loaded,
    uint64_t lines)
{
	uint64_t all = 0;
	size_t size = 0, i;
	void *bytes = read_whole(name, &size);
	struct t_ir t;

	if (bytes == NULL)
		skip();
	t_ir_begin(&t, name, bytes, size);
	for (i = 0; i < t.ir.tally_count; i++) {
		all += t.ir.tally[i].count;
		assert_false(t.ir.tally[i].is_error);
	}
	t_eq(t_ir_count(&t, what, NULL), loaded);
	t_eq(all, lines);
	t_ir_end(&t);
	free(bytes);
}

static void
test_samples(void **state)
{
	(void)state;
	check_sample("sample.hdb", "hdb", 5000, 5000);
	check_sample("sample.ndb", "ndb", 129, 129);
	check_sample("sample.ldb", "ldb", 11764, 11967);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_endings),
		cmocka_unit_test(test_bad_lines),
		cmocka_unit_test(test_not_loaded),
		cmocka_unit_test(test_many_errors),
		cmocka_unit_test(test_long_line),
		cmocka_unit_test(test_order),
		cmocka_unit_test(test_ceilings),
		cmocka_unit_test(test_prefixes),
		cmocka_unit_test(test_samples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
