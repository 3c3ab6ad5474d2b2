/*
 * cdiff_test.c - what scripts do to members; signatures and containers are in
 * tests/trust/test_clamav.py.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/clam/cdiff.h"

#include "lib/compile/pool.h"
#include "tests/t.h"

#include <stdio.h>
#include <string.h>

/* Run a script over a.db ("one", "two", "three") and b.db ("x"). */
static bool
run(const char *script, struct cdiff_members *m, struct pool *pool)
{
	struct why why;

	memset(m, 0, sizeof(*m));
	m->count = 2;
	(void)snprintf(m->one[0].name, sizeof(m->one[0].name), "a.db");
	m->one[0].bytes = cur_from("one\ntwo\nthree\n", 14);
	(void)snprintf(m->one[1].name, sizeof(m->one[1].name), "b.db");
	m->one[1].bytes = cur_from("x\n", 2);
	return cdiff_run(m,
	    cur_from(t_fence(script, strlen(script)), strlen(script)), pool,
	    &why);
}

static const struct {
	const char *script, *a, *b; /* NULL: refused */
} row[] = {
	{ "", "one\ntwo\nthree\n", "x\n" },
	{ "# nothing\n\n", "one\ntwo\nthree\n", "x\n" },
	{ "OPEN a.db\nADD four\nCLOSE\n", "one\ntwo\nthree\nfour\n", "x\n" },
	{ "OPEN a.db\nADD \nCLOSE\n", "one\ntwo\nthree\n\n", "x\n" },
	{ "OPEN a.db\nDEL 2 tw\nCLOSE\n", "one\nthree\n", "x\n" },
	{ "OPEN a.db\nDEL 3 three\nDEL 1 one\nCLOSE\n", "two\n", "x\n" },
	{ "OPEN a.db\nXCHG 2 two 2 2\nADD 4\nCLOSE", "one\n2 2\nthree\n4\n",
	    "x\n" },
	{ "MOVE a.db b.db 1 one 2 tw\n", "three\n", "x\none\ntwo\n" },
	{ "MOVE b.db a.db 1 x 1 x\n", "one\ntwo\nthree\nx\n", "" },
	{ "OPEN a.db\nDEL 4 x\nCLOSE\n", NULL, NULL },
	{ "OPEN a.db\nDEL 0 x\nCLOSE\n", NULL, NULL },
	{ "OPEN a.db\nDEL 1 two\nCLOSE\n", NULL, NULL },
	{ "OPEN a.db\nDEL 1\nCLOSE\n", NULL, NULL },
	{ "OPEN a.db\nDEL 1 one\nDEL 1 one\nCLOSE\n", NULL, NULL },
	{ "OPEN a.db\nADD x\n", NULL, NULL },
	{ "ADD x\n", NULL, NULL },
	{ "CLOSE\n", NULL, NULL },
	{ "OPEN a.db\nOPEN b.db\nCLOSE\n", NULL, NULL },
	{ "OPEN ../x\nADD x\nCLOSE\n", NULL, NULL },
	{ "OPEN a.db\nUNLINK a.db\nCLOSE\n", NULL, NULL },
	{ "UNLINK c.db\n", NULL, NULL },
	{ "MOVE a.db a.db 1 one 1 one\n", NULL, NULL },
	{ "MOVE a.db b.db 2 tw 1 one\n", NULL, NULL },
	{ "MOVE a.db b.db 2 tw 4 x\n", NULL, NULL },
	{ "EXEC ls\n", NULL, NULL },
};

static bool
is(const struct cur *c, const char *text)
{
	return c->size == strlen(text) && memcmp(c->base, text, c->size) == 0;
}

static void
test_every_row(void **state)
{
	static struct cdiff_members m;
	struct pool pool;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		bool is_done;

		pool_init(&pool, (size_t)64 << 20);
		is_done = run(row[i].script, &m, &pool);
		assert_int_equal(is_done, row[i].a != NULL);
		if (is_done) {
			assert_true(is(&m.one[0].bytes, row[i].a));
			assert_true(is(&m.one[1].bytes, row[i].b));
		}
		pool_fini(&pool);
	}
}

static void
test_a_new_member_and_one_that_goes(void **state)
{
	static struct cdiff_members m;
	struct pool pool;

	(void)state;
	pool_init(&pool, (size_t)64 << 20);
	assert_true(run("OPEN c.db\nADD y\nCLOSE\nUNLINK a.db\n", &m, &pool));
	t_eq(m.count, 2);
	assert_string_equal(m.one[0].name, "b.db");
	assert_string_equal(m.one[1].name, "c.db");
	assert_true(is(&m.one[1].bytes, "y\n"));
	pool_fini(&pool);
}

static void
test_memory_has_a_ceiling(void **state)
{
	static struct cdiff_members m;
	struct pool pool;

	(void)state;
	pool_init(&pool, 16);
	assert_false(run("OPEN a.db\nADD four\nCLOSE\n", &m, &pool));
	pool_fini(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_row),
		cmocka_unit_test(test_a_new_member_and_one_that_goes),
		cmocka_unit_test(test_memory_has_a_ceiling),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
