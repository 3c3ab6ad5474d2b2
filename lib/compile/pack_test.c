/*
 * pack_test.c - signatures in, database out, and what a search of it finds.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/compile.h"
#include "lib/compile/output.h"
#include "lib/compile/pool.h"
#include "lib/crypto/digest.h"
#include "lib/db/hashes.h"
#include "lib/db/veil.h"
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

static bool
told(void *ctx, const struct search_match *m)
{
	struct bench *b = ctx;
	struct db_signature s;
	size_t used = strlen(b->found);

	assert_true(db_signature_get(&b->db, m->signature, &s));
	snprintf(b->found + used, sizeof(b->found) - used, "%s%.*s@%d",
	    used > 0 ? " " : "", (int)s.name.size, (const char *)s.name.base,
	    m->string == UINT32_MAX ? -1 : (int)m->offset);
	return true;
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

/* A stream: bytes that are not in memory as a whole. */
static size_t
read_stream(struct source *s, uint64_t off, void *buf, size_t size)
{
	const struct cur *all = s->ctx;
	struct cur part;

	if (off > all->size)
		return 0;
	if (size > all->size - off)
		size = all->size - (size_t)off;
	if (!cur_at(all, off, size, &part))
		return 0;
	memcpy(buf, part.base, size);
	return size;
}

static void
test_streams_find_what_memory_finds(void **state)
{
	static const char rules[] =
	    "S.Far;Engine:51-255,Target:0;0&1;616c706861*627261766f;6563686f\n"
	    "S.Three;Engine:51-255,Target:0;0=3;6563686f\n"
	    "S.Eof;Engine:51-255,Target:0;0;EOF-4:656e6421\n"
	    "S.Size;Engine:51-255,Target:0,FileSize:2999990-3000010;0;6563686f\n"
	    "S.None;Engine:51-255,Target:0;0&1;6563686f;6d697373696e67\n";
	size_t size = 3000000;
	uint8_t *data = calloc(1, size);
	struct cur all = cur_from(data, size);
	struct facts facts = { 0 };
	struct search_object o = { .facts = &facts,
		.size = SOURCE_SIZE_UNKNOWN };
	struct source stream = {
		.size = size, .read = read_stream, .ctx = &all
	};
	struct bench b;

	(void)state;
	memcpy(data + 5, "alpha", 5);
	memcpy(data + 524286, "echo", 4);
	memcpy(data + 1500000, "echo echo", 9);
	memcpy(data + 2000000, "bravo", 5);
	memcpy(data + size - 4, "end!", 4);
	bench_open(&b, "t.ldb", rules);
	(void)bench_find(&b, 0, data, size);
	assert_string_equal(b.found,
	    "S.Far@5 S.Three@524286 S.Eof@2999996 S.Size@524286");
	t_eq(bench_search(&b, &o, &stream, data, size, 65536), SEARCH_DONE);
	assert_string_equal(b.found,
	    "S.Far@5 S.Three@524286 S.Eof@2999996 S.Size@524286");
	bench_close(&b);
	free(data);
}

static void
test_guards_hold_before_bytes_matter(void **state)
{
	struct facts facts = { 0 };
	struct search_object o = { .target = 1, .facts = &facts, .size = 10 };
	struct source source = source_from("xx kilo xx", 10);
	struct bench b;

	(void)state;
	bench_open(&b, "t.ldb",
	    "G.Size;Engine:51-255,FileSize:5-9,Target:1;0;6b696c6f\n"
	    "G.Ep;Engine:51-255,EntryPoint:3-5,Target:1;0;6b696c6f\n"
	    "G.Sec;Engine:51-255,NumberOfSections:2-2,Target:1;0;6b696c6f\n"
	    "G.Zip;Engine:51-255,Container:CL_TYPE_ZIP,Target:1;0;6b696c6f\n"
	    "G.Root;Engine:51-255,Container:CL_TYPE_ANY,Target:1;0;6b696c6f\n"
	    "G.At;Engine:51-255,Target:1;0;EP-1:6b696c6f\n"
	    "G.Sx;Engine:51-255,Target:1;0;S1+1:6b696c6f\n"
	    "G.Deep;Engine:51-255,Intermediates:CL_TYPE_ZIP>CL_TYPE_7Z,"
	    "Target:1;0;6b696c6f\n");
	t_eq(bench_search(&b, &o, &source, source.mem, 10, 10), SEARCH_DONE);
	assert_string_equal(b.found, "G.Root@3");
	facts_set(&facts, FACT_ENTRY_POINT, 4);
	facts_set(&facts, FACT_SECTIONS, 2);
	facts.section = (const struct section[2]){ { .off = 0 }, { .off = 2 } };
	facts.section_count = 2;
	o.depth = 2;
	o.ancestor[0] = KIND_ZIP;
	o.ancestor[1] = KIND_ZIP;
	t_eq(bench_search(&b, &o, &source, source.mem, 10, 10), SEARCH_DONE);
	assert_string_equal(b.found, "G.Ep@3 G.Sec@3 G.Zip@3 G.At@3 G.Sx@3");
	o.ancestor[1] = KIND_SEVENZIP;
	t_eq(bench_search(&b, &o, &source, source.mem, 10, 10), SEARCH_DONE);
	assert_string_equal(b.found, "G.Ep@3 G.Sec@3 G.At@3 G.Sx@3 G.Deep@3");
	bench_close(&b);
}

static void
test_first_match_ends_the_search_and_explain_tells_all(void **state)
{
	struct bench b;

	(void)state;
	bench_init(&b);
	bench_add(&b, "b.ldb",
	    "L.One;Engine:51-255,Target:0;0&1;6c696d61;6d696b65\n");
	bench_add(&b, "a.ndb", "N.Two:0:*:6d696b65\n");
	bench_build(&b);
	assert_string_equal(FIND(&b, 0, "lima mike"), "N.Two@5 L.One@0");
	b.all = false;
	assert_string_equal(FIND(&b, 0, "lima mike"), "N.Two@5");
	b.all = b.explain = true;
	assert_string_equal(FIND(&b, 0, "lima mike mike"),
	    "N.Two@5 N.Two@10 L.One@0 L.One@5 L.One@10");
	bench_close(&b);
}

static void
test_rules_without_trigger_are_always_evaluated(void **state)
{
	struct db_info info;
	struct bench b;

	(void)state;
	bench_open(&b, "t.ldb",
	    "A.Not;Engine:51-255,Target:0;0=0;6e6f76656d626572\n"
	    "A.Short;Engine:51-255,Target:0;0;0:4d5a\n"
	    "A.Pe;Engine:51-255,Target:1;0<1;6e6f76656d626572\n");
	db_info_get(&b.db, &info);
	t_eq(info.untriggered, 3);
	t_eq(info.logical, 3);
	assert_string_equal(FIND(&b, 0, "MZ november"), "A.Short@0");
	assert_string_equal(FIND(&b, 0, "oscar"), "A.Not@-1");
	assert_string_equal(FIND(&b, 1, "oscar"), "A.Not@-1 A.Pe@-1");
	bench_close(&b);
}

static void
test_hashes_are_found_by_digest_and_size(void **state)
{
	static const char *const text =
	    "0cc175b9c0f1b6a831c399e269772661:1:Hash.One-12-3\n"
	    "0cc175b9c0f1b6a831c399e269772661:*:Hash.Any-7:73\n"
	    "0cc175b9c0f1b6a831c399e269772661:9:Hash.Nine\n"
	    "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb"
	    ":1:Hash.Long\n";
	uint8_t md5[DIGEST_SIZE_MAX], sha[DIGEST_SIZE_MAX];
	struct db_signature s;
	struct bench b;
	uint32_t at;

	(void)state;
	digest_of(DIGEST_MD5, "a", 1, md5);
	digest_of(DIGEST_SHA256, "a", 1, sha);
	bench_init(&b);
	bench_add(&b, "t.hsb", text);
	bench_add(&b, "t.fp", "0cc175b9c0f1b6a831c399e269772661:1:Ok\n");
	bench_build(&b);
	assert_true(hashes_want(&b.db, HASH_OF_FILE, DIGEST_MD5, false, 77));
	assert_false(hashes_want(&b.db, HASH_OF_FILE, DIGEST_SHA256, false,
	    77));
	assert_true(hashes_want(&b.db, HASH_OF_FILE, DIGEST_SHA256, false, 1));
	assert_false(hashes_want(&b.db, HASH_OF_FILE, DIGEST_MD5, true, 2));
	assert_false(hashes_want(&b.db, HASH_OF_SECTION, DIGEST_MD5, false, 1));
	assert_true(hashes_find(&b.db, HASH_OF_FILE, DIGEST_MD5, false, md5, 1,
	    0, &at));
	assert_true(db_signature_get(&b.db, at, &s));
	t_eq(s.name.size, 13);
	assert_memory_equal(s.name.base, "Hash.One-12-3", 13);
	t_eq(s.line, 1);
	assert_true(hashes_find(&b.db, HASH_OF_FILE, DIGEST_MD5, false, md5, 1,
	    at + 1, &at));
	assert_true(db_signature_get(&b.db, at, &s));
	assert_memory_equal(s.name.base, "Hash.Any-7", 10);
	assert_false(hashes_find(&b.db, HASH_OF_FILE, DIGEST_MD5, false, md5, 1,
	    at + 1, &at));
	assert_true(hashes_find(&b.db, HASH_OF_FILE, DIGEST_MD5, false, md5,
	    500, 0, &at));
	assert_true(hashes_find(&b.db, HASH_OF_FILE, DIGEST_SHA256, false, sha,
	    1, 0, &at));
	assert_true(hashes_find(&b.db, HASH_OF_FILE, DIGEST_MD5, true, md5, 1,
	    0, &at));
	sha[31] ^= 1; /* beyond what a detection keeps */
	assert_true(hashes_find(&b.db, HASH_OF_FILE, DIGEST_SHA256, false, sha,
	    1, 0, &at));
	sha[15] ^= 1;
	assert_false(hashes_find(&b.db, HASH_OF_FILE, DIGEST_SHA256, false, sha,
	    1, 0, &at));
	bench_close(&b);
}

/* Put the texts into the side file, as its writer does. */
static void
bench_whole_texts(struct bench *b)
{
	struct compile_output whole = { 0 };
	size_t i;

	output_add(&whole, b->texts.bytes, DB_TEXTS_HEADER_SIZE);
	for (i = 0; i < b->ir.file_count; i++) {
		const struct ir_file *f = &b->ir.file[i];
		size_t at = whole.size;

		output_add(&whole, f->text, f->size);
		veil_copy(whole.bytes + at, f->text, at, f->size);
	}
	output_add(&whole, b->texts.bytes + DB_TEXTS_HEADER_SIZE,
	    b->texts.size - DB_TEXTS_HEADER_SIZE);
	output_fini(&b->texts);
	b->texts = whole;
}

/* What is made of lines in two pieces, cut behind at bytes. */
static void
make_of_pieces(const char *text, size_t size, size_t at,
    struct compile_output *database, struct compile_output *texts)
{
	const struct compile_options options = { .flevel = 240 };
	const struct compile_sink sink = compile_sink_to(database);
	struct compile_counts counts;
	struct text_reader *r;
	struct pool pool;
	struct pack *p;
	struct why why;
	struct ir ir;

	pool_init(&pool, (size_t)1 << 28);
	ir_init(&ir, &pool);
	p = compile_pack_open(&ir, &why);
	assert_non_null(p);
	assert_true(compile_is_lines("/x/a.ndb"));
	r = compile_lines_open(&ir, "/x/a.ndb", &options, &why);
	assert_non_null(r);
	assert_true(compile_lines_add(r, cur_from(t_fence(text, at), at),
	    &why));
	assert_true(compile_pack_take(p, &why));
	if (at < size) {
		size -= at;
		assert_true(compile_lines_add(r,
		    cur_from(t_fence(text + at, size), size), &why));
		assert_true(compile_pack_take(p, &why));
	}
	assert_true(compile_lines_close(r, true, &why));
	t_eq(ir.complaint_count, 1);
	t_eq(ir.complaint[0].line, 300);
	assert_true(compile_pack_end(p, &sink, texts, &counts, &why));
	compile_pack_close(p);
	ir_fini(&ir);
	pool_fini(&pool);
}

static void
test_pieces_make_the_same(void **state)
{
	struct compile_output want = { 0 }, want_texts = { 0 };
	static char text[600 * 24];
	size_t size = 0, i;

	(void)state;
	for (i = 1; i < 600; i++)
		size += (size_t)snprintf(text + size, sizeof(text) - size,
		    "N-%zu:0:*:%s%04zx\n", i, i == 300 ? "x" : "7061", i);
	make_of_pieces(text, size, size, &want, &want_texts);
	for (i = 1; i <= size; i++) {
		struct compile_output got = { 0 }, texts = { 0 };

		/* Every cut, near the lines that are marked. */
		if (text[i - 1] != '\n' || (i % 9 != 0 && i > 200))
			continue;
		make_of_pieces(text, size, i, &got, &texts);
		t_eq(got.size, want.size);
		assert_memory_equal(got.bytes, want.bytes, want.size);
		t_eq(texts.size, want_texts.size);
		assert_memory_equal(texts.bytes, want_texts.bytes, texts.size);
		output_fini(&got);
		output_fini(&texts);
	}
	/* Marks at lines 1, 257 and 513. */
	t_eq(want_texts.bytes[DB_TEXTS_HEADER_SIZE - 8], 3);
	output_fini(&want);
	output_fini(&want_texts);
}

static void
test_names_files_and_texts_come_back(void **state)
{
	static const char text[] = "# a comment\n"
				   "Name.With-0-17:0:*:70617061\n"
				   "Name.Odd-007:0:*:71756562\n"
				   "Plain:0:*:726f6d65\n"
				   "Big-4294967296:0:*:73696572\n"
				   "Two-4294967295-65535:0:*:74616e67\n"
				   "-5:0:*:756e6966\n";
	static const char *const names[] = { "Name.With-0-17", "Name.Odd-007",
		"Plain", "Big-4294967296", "Two-4294967295-65535", "-5" };
	struct db_signature s;
	struct db_texts texts;
	struct bench b;
	struct why why;
	static uint8_t room[DB_LINE_MAX];
	struct cur line;
	uint32_t i;

	(void)state;
	bench_open(&b, "t.ndb", text);
	t_eq(db_signature_count(&b.db), 6);
	bench_whole_texts(&b);
	assert_true(db_texts_open(&b.db, b.texts.bytes, b.texts.size, &texts,
	    &why));
	for (i = 0; i < 6; i++) {
		assert_true(db_signature_get(&b.db, i, &s));
		t_eq(s.name.size, strlen(names[i]));
		assert_memory_equal(s.name.base, names[i], s.name.size);
		t_eq(s.line, i + 2);
		t_eq(s.kind, SIG_BODY);
		assert_true(db_texts_get(&texts, i, room, &line));
		t_eq(cur_left(&line), s.name.size + 13);
		assert_memory_equal(line.base, names[i], s.name.size);
	}
	assert_false(db_signature_get(&b.db, 6, &s));
	assert_false(db_texts_get(&texts, 6, room, &line));
	b.bytes.bytes[DB_ID_OFF] ^= 1;
	assert_false(db_texts_open(&b.db, b.texts.bytes, b.texts.size, &texts,
	    &why));
	bench_close(&b);
}

/* Many signatures: blocks of names, runs, marks, and damage to the marks. */
static void
test_each_of_many_comes_back(void **state)
{
	char *text = malloc(3000 * 64), *at = text, name[64];
	struct db_signature s;
	struct db_texts texts;
	struct bench b;
	struct why why;
	static uint8_t room[DB_LINE_MAX];
	struct cur line;
	uint32_t i, n = 0;

	(void)state;
	for (i = 0; i < 3000; i++)
		at += i % 700 == 3
		    ? sprintf(at, "# %u\n", i)
		    : sprintf(at,
			  "%08x0cc175b9c0f1b6a831c399e2:%u:F%u-%u-%u\r\n",
			  i * 2654435761u, i % 9, i % 5, i * 77777, i % 3);
	bench_open(&b, "t.hdb", text);
	bench_whole_texts(&b);
	assert_true(db_texts_open(&b.db, b.texts.bytes, b.texts.size, &texts,
	    &why));
	for (i = 0; i < 3000; i++) {
		if (i % 700 == 3)
			continue;
		(void)sprintf(name, "F%u-%u-%u", i % 5, i * 77777, i % 3);
		assert_true(db_signature_get(&b.db, n, &s));
		t_eq(s.line, i + 1);
		t_eq(s.name.size, strlen(name));
		assert_memory_equal(s.name.base, name, s.name.size);
		assert_true(db_texts_get(&texts, n, room, &line));
		assert_memory_equal(line.base + line.size - s.name.size, name,
		    s.name.size);
		n++;
	}
	t_eq(db_signature_count(&b.db), n);
	for (i = 56; i < b.texts.size;
	     i = i == 63 ? (uint32_t)b.texts.size - 120 : i + 1) {
		uint8_t was = b.texts.bytes[i];

		b.texts.bytes[i] = 0xff;
		(void)db_texts_get(&texts, n - 1, room, &line);
		(void)db_texts_get(&texts, 0, room, &line);
		b.texts.bytes[i] = was;
	}
	bench_close(&b);
	free(text);
}

#define SHARED      60u
#define SHARED_SIZE 400u

/* Variants of one program: some of a period, and some in another order. */
static void
make_shared(uint8_t run[SHARED][SHARED_SIZE])
{
	uint32_t i, k;

	t_seed(7);
	for (k = 0; k < SHARED_SIZE; k++)
		run[0][k] = (uint8_t)t_below(256);
	for (i = 1; i < SHARED; i++) {
		for (k = 0; k < SHARED_SIZE; k++)
			run[i][k] = i % 10 == 3 ? run[0][k % 37]
			    : i % 10 == 5 ? run[0][(k + 200) % SHARED_SIZE]
					  : run[0][k];
		run[i][t_below(SHARED_SIZE)] ^= (uint8_t)(i + 1);
		run[i][t_below(SHARED_SIZE)] ^= (uint8_t)(i + 64);
	}
}

/* Runs that many signatures have are kept once, and each is found as it is. */
static void
test_runs_that_many_share_are_found(void **state)
{
	static uint8_t run[SHARED][SHARED_SIZE];
	char *text = malloc(SHARED * (2 * SHARED_SIZE + 64)), *at = text;
	char want[64];
	struct bench b;
	uint32_t i, k;

	(void)state;
	make_shared(run);
	for (i = 0; i < SHARED; i++) {
		at += sprintf(at, "S%u;Engine:51-255,Target:0;0;", i);
		for (k = 0; k < SHARED_SIZE; k++)
			at += sprintf(at, "%02x", run[i][k]);
		at += sprintf(at, i % 4 == 1 ? "::i\n" : "\n");
	}
	bench_open(&b, "t.ldb", text);
	assert_true(b.db.section[DB_ELEMENT].size < SHARED * SHARED_SIZE / 3);
	for (i = 0; i < SHARED; i++) {
		(void)sprintf(want, "S%u@0", i);
		if (strcmp(bench_find(&b, 0, run[i], SHARED_SIZE), want) != 0)
			fail_msg("%s: %s", want, b.found);
		run[i][t_below(SHARED_SIZE)] ^= 0x80;
		assert_string_equal(bench_find(&b, 0, run[i], SHARED_SIZE), "");
	}
	bench_close(&b);
	free(text);
}

/*
 * Wide text begins behind a zero byte, and so does what is found elsewhere:
 * the header before it is no part of that.
 */
static void
test_a_shared_run_ends_where_its_bytes_do(void **state)
{
	char text[1024], *at = text;
	uint8_t wide[200] = { 0 };
	struct bench b;
	uint32_t i;

	(void)state;
	for (i = 0; i < 100; i++)
		wide[2 * i] = (uint8_t)('a' + i * i % 23);
	at += sprintf(at, "One;Engine:51-255,Target:0;0;");
	for (i = 10; i < 100; i++)
		at += sprintf(at, "%02x", wide[2 * i]);
	at += sprintf(at, "::w\nTwo;Engine:51-255,Target:0;0;");
	for (i = 0; i < 100; i++)
		at += sprintf(at, "%02x", wide[2 * i]);
	(void)sprintf(at, "::w\n");
	bench_open(&b, "t.ldb", text);
	assert_string_equal(bench_find(&b, 0, wide, sizeof(wide)),
	    "One@20 Two@0");
	bench_close(&b);
}

/* Names are cut into text and numbers, and come back as they were. */
static void
test_names_of_every_form_come_back(void **state)
{
	static const char *const name[] = { "A", "A-1", "A-1-2", "A1", "1",
		"-1", "A--1", "A-01", "A-1-02", "A-4294967295", "A-4294967296",
		"A-1-65535", "A-1-65536", "A-99999999999-1", "A-S0", "A-1-S12",
		"A-1-", "A007", "1-2-3", "12-3" };
	struct db_signature s;
	struct bench b;
	static char text[2048];
	char *at = text;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(name) / sizeof(*name); i++)
		at += sprintf(at, "%s:0:*:6162636465%02zx\n", name[i], i);
	bench_open(&b, "t.ndb", text);
	for (i = 0; i < sizeof(name) / sizeof(*name); i++) {
		assert_true(db_signature_get(&b.db, (uint32_t)i, &s));
		t_eq(s.name.size, strlen(name[i]));
		assert_memory_equal(s.name.base, name[i], s.name.size);
	}
	bench_close(&b);
}

static unsigned
many_target(unsigned i)
{
	return i < 4400 ? 1 : i < 4900 ? 6 : 0;
}

/* Each target finds its own among very many, and those for any target. */
static void
test_many_for_one_target_leave_the_others_alone(void **state)
{
	static const unsigned mine[] = { 1, 6, 7, 15 };
	const unsigned many = 5000;
	size_t room = (size_t)many * 80, used = 0, k;
	char *text = malloc(room), line[80];
	struct bench b;
	unsigned i;

	(void)state;
	assert_non_null(text);
	for (i = 0; i < many; i++)
		used += (size_t)snprintf(text + used, room - used,
		    "T.Many-%u;Engine:51-255,Target:%u;0;%08x%08x%08x\n", i,
		    many_target(i), i * 2654435761u, i * 2246822519u + 1,
		    i * 3266489917u + 2);
	bench_open(&b, "t.ldb", text);
	t_eq(b.db.count[DB_LITERAL_SET], 2);
	for (k = 0; k < sizeof(mine) / sizeof(mine[0]); k++) {
		for (i = 0; i < many; i += 50) {
			uint32_t word[] = { i * 2654435761u,
				i * 2246822519u + 1, i * 3266489917u + 2 };
			unsigned of = many_target(i);
			size_t n;

			for (n = 0; n < 3; n++)
				word[n] = __builtin_bswap32(word[n]);
			snprintf(line, sizeof(line), "T.Many-%u@0", i);
			assert_string_equal(bench_find(&b, (uint8_t)mine[k],
						word, 12),
			    of == 0 || of == mine[k] ? line : "");
		}
	}
	bench_close(&b);
	free(text);
}

static void
test_same_input_gives_the_same_bytes(void **state)
{
	static const char text[] =
	    "S.A;Engine:51-255,Target:0;0&1;616c706861;627261766f\n"
	    "S.B;Engine:51-255,Target:1;0|1;6563686f::iw;666f7874726f74::a\n";
	static struct bench a, b;

	(void)state;
	bench_open(&a, "t.ldb", text);
	bench_open(&b, "t.ldb", text);
	t_eq(a.bytes.size, b.bytes.size);
	assert_memory_equal(a.bytes.bytes, b.bytes.bytes, a.bytes.size);
	assert_memory_equal(a.texts.bytes, b.texts.bytes, a.texts.size);
	bench_close(&a);
	bench_close(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_body_signature_is_found),
		cmocka_unit_test(test_logical_signature_is_found),
		cmocka_unit_test(test_streams_find_what_memory_finds),
		cmocka_unit_test(test_guards_hold_before_bytes_matter),
		cmocka_unit_test(
		    test_first_match_ends_the_search_and_explain_tells_all),
		cmocka_unit_test(
		    test_rules_without_trigger_are_always_evaluated),
		cmocka_unit_test(test_hashes_are_found_by_digest_and_size),
		cmocka_unit_test(test_names_files_and_texts_come_back),
		cmocka_unit_test(test_pieces_make_the_same),
		cmocka_unit_test(test_each_of_many_comes_back),
		cmocka_unit_test(test_runs_that_many_share_are_found),
		cmocka_unit_test(test_a_shared_run_ends_where_its_bytes_do),
		cmocka_unit_test(test_names_of_every_form_come_back),
		cmocka_unit_test(
		    test_many_for_one_target_leave_the_others_alone),
		cmocka_unit_test(test_same_input_gives_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
