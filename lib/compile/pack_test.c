/*
 * pack_test.c - signatures in, database out, and what a search of it finds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/compile.h"
#include "lib/compile/pool.h"
#include "lib/crypto/digest.h"
#include "lib/db/hashes.h"
#include "lib/eval/search.h"
#include "tests/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA ((size_t)64 << 20)

/* A database made from text, and a search over it. */
struct bench {
	struct pool pool;
	struct ir ir;
	struct compile_output bytes, texts;
	struct db db;
	void *memory;
	struct arena arena;
	struct search *search;
	char found[4096]; /* names and offsets of what the last search told */
	bool all, explain;
};

static void
bench_build(struct bench *b)
{
	struct why why = { 0 };

	if (!compile_finish(&b->ir, &why) ||
	    !compile_pack(&b->ir, &b->bytes, &b->texts, &why) ||
	    !db_open(&b->db, b->bytes.bytes, b->bytes.size, &why))
		fail_msg("%s", why.text);
	b->memory = malloc(ARENA);
	arena_init(&b->arena, b->memory, ARENA);
	b->search = search_open(&b->arena, &b->db, 1, &why);
	if (b->search == NULL || !search_sweep(&b->arena, &b->db, &why))
		fail_msg("%s", why.text);
	b->all = true;
}

static void
bench_add(struct bench *b, const char *name, const char *text)
{
	static const struct compile_options options = { .flevel = 240 };
	struct why why = { 0 };

	if (!compile_text(&b->ir, name, cur_from(text, strlen(text)), &options,
		&why))
		fail_msg("%s", why.text);
}

static void
bench_init(struct bench *b)
{
	memset(b, 0, sizeof(*b));
	pool_init(&b->pool, (size_t)1 << 30);
	ir_init(&b->ir, &b->pool);
}

static void
bench_open(struct bench *b, const char *name, const char *text)
{
	bench_init(b);
	bench_add(b, name, text);
	bench_build(b);
}

static void
bench_close(struct bench *b)
{
	ir_fini(&b->ir);
	pool_fini(&b->pool);
	free(b->bytes.bytes);
	free(b->texts.bytes);
	free(b->memory);
}

static void
told(void *ctx, const struct search_match *m)
{
	struct bench *b = ctx;
	struct db_signature s;
	size_t used = strlen(b->found);

	assert_true(db_signature_get(&b->db, m->signature, &s));
	snprintf(b->found + used, sizeof(b->found) - used, "%s%.*s@%d",
	    used > 0 ? " " : "", (int)s.name.size, (const char *)s.name.base,
	    m->string == UINT32_MAX ? -1 : (int)m->offset);
}

/* Search data as an object of target, window by window. */
static enum search_end
bench_search(struct bench *b, const struct search_object *o,
    struct source *source, const uint8_t *data, size_t size, size_t step)
{
	struct search_listener l = {
		.ctx = b, .match = told, .all = b->all, .explain = b->explain
	};
	size_t at, seen;

	b->found[0] = '\0';
	search_begin(b->search, o);
	for (at = 0; at < size; at += step) {
		size_t n = size - at < step ? size - at : step;

		seen = at < SEARCH_OVERLAP ? at : SEARCH_OVERLAP;
		search_window(b->search, data + at - seen, n + seen, seen,
		    at - seen);
	}
	return search_finish(b->search, source, &l);
}

/* What a search of data finds, as an object of a target. */
static const char *
bench_find(struct bench *b, uint8_t target, const void *data, size_t size)
{
	struct facts facts = { 0 };
	struct search_object o = {
		.target = target, .facts = &facts, .size = size
	};
	struct source source = source_from(data, size);

	t_eq(bench_search(b, &o, &source, data, size, 1 << 20), SEARCH_DONE);
	return b->found;
}

#define FIND(b, target, text) bench_find(b, target, text, sizeof(text) - 1)

static void
test_body_signature_is_found(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, "t.ndb",
	    "Body.One:0:*:68656c6c6f20776f726c64\n"
	    "Body.Gap:0:*:616c706861{2-4}627261766f\n"
	    "Body.At:0:4:464f5552\n"
	    "Body.Pe:1:*:68656c6c6f20776f726c64\n");
	assert_string_equal(FIND(&b, 0, "xx hello world"), "Body.One@3");
	assert_string_equal(FIND(&b, 1, "xx hello world"),
	    "Body.One@3 Body.Pe@3");
	assert_string_equal(FIND(&b, 0, "alpha...bravo"), "Body.Gap@0");
	assert_string_equal(FIND(&b, 0, "alpha.....bravo"), "");
	assert_string_equal(FIND(&b, 0, "1234FOUR"), "Body.At@4");
	assert_string_equal(FIND(&b, 0, "12345FOUR"), "");
	bench_close(&b);
}

static void
test_logical_signature_is_found(void **state)
{
	struct bench b;

	(void)state;
	bench_open(&b, "t.ldb",
	    "L.And;Engine:51-255,Target:0;0&1;616c706861;627261766f\n"
	    "L.Or;Engine:51-255,Target:0;0|1;636861726c6965;64656c7461\n"
	    "L.Count;Engine:51-255,Target:0;0>2;6563686f\n"
	    "L.Not;Engine:51-255,Target:0;0&(1=0);676f6c66;686f74656c\n"
	    "L.Case;Engine:51-255,Target:0;0;496e646961::i\n");
	assert_string_equal(FIND(&b, 0, "..alpha bravo"), "L.And@2");
	assert_string_equal(FIND(&b, 0, "..alpha brav"), "");
	assert_string_equal(FIND(&b, 0, "..delta"), "L.Or@2");
	assert_string_equal(FIND(&b, 0, "echo echo"), "");
	assert_string_equal(FIND(&b, 0, "echo echo echo"), "L.Count@0");
	assert_string_equal(FIND(&b, 0, "a golf"), "L.Not@2");
	assert_string_equal(FIND(&b, 0, "a golf hotel"), "");
	assert_string_equal(FIND(&b, 0, "iNDia"), "L.Case@0");
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_body_signature_is_found),
		cmocka_unit_test(test_logical_signature_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
