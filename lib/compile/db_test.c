/*
 * db_test.c - broken, hostile and very large databases.
 *
 * T-DB-1  mutated databases: opened, swept and searched, or refused
 * T-DB-2  a table with one entry too many or too few is refused
 * T-DB-3  everything at its limit at once still loads
 *
 * CANDOR_MUTATIONS says how many mutations T-DB-1 tries.
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

#define ARENA     ((size_t)12 << 20)
#define MUTATIONS 10000

/* "lima ..." 64 bytes: long enough to be shared. */
#define LONG                                                               \
	"6c696d61206d696b65206e6f76656d626572206f736361722070617061207175" \
	"656265632072616d656f207369657272612074616e676f20756e69666f726d20"

static const char ldb[] =
    "D.And;Engine:51-255,Target:0;0&1;616c706861;627261766f\n"
    "D.Gap;Engine:51-255,FileSize:5-900,Target:0;0;616c7068{1-9}(61|62)6363??64"
    "*6563686f\n"
    "D.Alt;Engine:51-255,Target:1;0>1;666f78(6162|636465|(66|6768)69)74726f74\n"
    "D.Not;Engine:51-255,Target:0;0&(1=0);(B)676f6c66(W);!(6162|6364)686f74\n"
    "D.Case;Engine:51-255,Target:0;(0|1)>1,2;696e646961::iwf;6a756c69::a\n"
    "D.Off;Engine:51-255,Container:CL_TYPE_ZIP,Target:1;0;EP+0,9:6b696c6f\n"
    "D.Same1;Engine:51-255,Target:0;0;" LONG "6d\n"
    "D.Same2;Engine:51-255,Target:0;0;" LONG "6e::i\n"
    "D.Same3;Engine:51-255,Target:0;0;6d696b65" LONG "\n";
static const char hsb[] =
    "0cc175b9c0f1b6a831c399e269772661:1:H.One-12-3\n"
    "0cc175b9c0f1b6a831c399e269772662:*:H.Any-7:73\n"
    "ca978112ca1bbdcafac231b39a23dc4da786eff8147c4e72b9807785afee48bb:1:H\n";
static const char data[] = "kilo alpha bravo alphxxaccyd echo golf "
			   "foxabtrot foxcdetrot foxghitrot "
			   " i\0n\0d\0i\0a\0 juli"
			   "lima mike november oscar papa quebec rameo sierra "
			   "tango uniform n";

static struct compile_output
build(void)
{
	static const struct compile_options options = { .flevel = 240 };
	struct compile_output out = { 0 };
	struct why why = { 0 };
	struct pool pool;
	struct ir ir;

	pool_init(&pool, (size_t)1 << 28);
	ir_init(&ir, &pool);
	if (!compile_text(&ir, "t.ldb", cur_from(ldb, sizeof(ldb) - 1),
		&options, &why) ||
	    !compile_text(&ir, "t.hsb", cur_from(hsb, sizeof(hsb) - 1),
		&options, &why) ||
	    !compile_finish(&ir, &why) || !compile_pack(&ir, &out, NULL, &why))
		fail_msg("%s", why.text);
	ir_fini(&ir);
	pool_fini(&pool);
	return out;
}

/*
 * A share of the same: hashes, joined to databases of the rules (struct db
 * [2]); or what is said of rules, or one half of that.
 */
static bool
build_share(enum compile_what what, enum compile_share share,
    const struct db *joined, struct compile_output *out)
{
	const struct compile_options options = { .what = what, .flevel = 240 };
	const struct compile_sink sink = compile_sink_to(out);
	struct compile_counts counts;
	struct why why = { 0 };
	struct pool pool;
	struct ir ir;
	struct pack *pack;
	bool done;

	pool_init(&pool, (size_t)1 << 28);
	ir_init(&ir, &pool);
	pack = compile_pack_open(&ir, &why);
	assert_non_null(pack);
	compile_pack_share(pack, share);
	assert_true(compile_text(&ir, "t.ldb", cur_from(ldb, sizeof(ldb) - 1),
	    &options, &why));
	assert_true(compile_pack_take(pack, &why));
	assert_true(compile_text(&ir, "t.hsb", cur_from(hsb, sizeof(hsb) - 1),
	    &options, &why));
	if (joined != NULL) {
		assert_true(compile_pack_rest(pack, &why));
		compile_pack_join(pack, &joined[0], &joined[1]);
	}
	*out = (struct compile_output){ 0 };
	done = compile_pack_end(pack, &sink, NULL, &counts, &why);
	compile_pack_close(pack);
	ir_fini(&ir);
	pool_fini(&pool);
	if (!done)
		free(out->bytes);
	return done;
}

static uint32_t told_count, steps;

static bool
told(void *ctx, const struct search_match *m)
{
	struct db_signature s;

	(void)db_signature_get(ctx, m->signature, &s);
	(void)db_string_name(ctx, m->signature, m->string);
	told_count++;
	return true;
}

static bool
may_go_on(void *ctx)
{
	(void)ctx;
	return steps++ < 10;
}

/* Open, sweep and search a database; false if it was refused. */
static bool
use(const uint8_t *bytes, size_t size, struct arena *arena)
{
	struct facts facts = { .known = 1u << FACT_ENTRY_POINT };
	struct search_object o = { .target = 1,
		.facts = &facts,
		.size = sizeof(data),
		.depth = 1,
		.ancestor = { KIND_ZIP } };
	struct source source = source_from(data, sizeof(data));
	struct search_listener l = { .match = told,
		.may_go_on = may_go_on,
		.all = true,
		.explain = true };
	struct search *s;
	struct why why;
	struct db db;
	uint32_t found;

	if (!db_open(&db, bytes, size, &why))
		return false;
	(void)search_sweep(arena, &db, &why);
	(void)hashes_want(&db, HASH_OF_FILE, DIGEST_MD5, false, 1);
	(void)hashes_find(&db, HASH_OF_FILE, DIGEST_SHA256, false,
	    (const uint8_t *)data, 1, 0, &found);
	s = search_open(arena, &db, 1, &why);
	if (s == NULL)
		return false;
	l.ctx = &db;
	steps = 0;
	search_begin(s, &o);
	search_window(s, (const uint8_t *)data, sizeof(data), 0, 0);
	(void)search_finish(s, &source, &l);
	return true;
}

static void
test_shares_make_a_whole(void **state)
{
	struct compile_output rules, halves[2], joined, again, whole = build();
	uint8_t *memory = malloc(ARENA);
	struct arena arena;
	struct db db, one, both[2];
	struct why why;
	uint32_t i;

	(void)state;
	arena_init(&arena, memory, ARENA);
	assert_true(build_share(COMPILE_RULES, COMPILE_BOTH, NULL, &rules));
	assert_true(build_share(COMPILE_RULES, COMPILE_COMPARED, NULL,
	    &halves[0]));
	assert_true(build_share(COMPILE_RULES, COMPILE_SEARCHED, NULL,
	    &halves[1]));
	assert_true(db_open(&both[0], rules.bytes, rules.size, &why));
	both[1] = both[0];
	assert_true(build_share(COMPILE_HASHES, COMPILE_BOTH, both, &joined));
	for (i = 0; i < 2; i++)
		assert_true(db_open(&both[i], halves[i].bytes, halves[i].size,
		    &why));
	t_eq(db_signature_count(&both[1]), 0);
	assert_true(build_share(COMPILE_HASHES, COMPILE_BOTH, both, &again));
	t_eq(joined.size, again.size);
	assert_memory_equal(joined.bytes, again.bytes, again.size);
	assert_true(db_open(&db, joined.bytes, joined.size, &why));
	assert_true(search_sweep(&arena, &db, &why));
	assert_true(db_open(&one, whole.bytes, whole.size, &why));
	t_eq(db_signature_count(&db), db_signature_count(&one));
	for (i = 0; i < db_signature_count(&db); i++) {
		struct db_signature a, b;

		assert_true(db_signature_get(&db, i, &a));
		assert_true(db_signature_get(&one, i, &b));
		t_eq(a.name.size, b.name.size);
		assert_memory_equal(a.name.base, b.name.base, a.name.size);
		t_eq(a.line, b.line);
		t_eq(a.kind, b.kind);
	}
	told_count = 0;
	arena_reset(&arena, 0);
	assert_true(use(whole.bytes, whole.size, &arena));
	i = told_count;
	arena_reset(&arena, 0);
	assert_true(use(joined.bytes, joined.size, &arena));
	t_eq(told_count, 2 * i);
	free(rules.bytes);
	free(halves[0].bytes);
	free(halves[1].bytes);
	free(joined.bytes);
	free(again.bytes);
	free(whole.bytes);
	free(memory);
}

static void
write_id(uint8_t *bytes, size_t size)
{
	uint8_t id[DIGEST_SIZE_MAX];

	memset(bytes + DB_ID_OFF, 0, DB_ID_SIZE);
	digest_of(DIGEST_SHA256, bytes, size, id);
	memcpy(bytes + DB_ID_OFF, id, DB_ID_SIZE);
}

/* Somewhere in the file; half the time in one of the smaller tables. */
static size_t
any_place(const uint8_t *bytes, size_t size)
{
	struct db db;
	struct why why;
	uint32_t i = t_below(DB_SECTION_COUNT);

	if (t_below(2) == 0 || !db_open(&db, bytes, size, &why) ||
	    db.section[i].size == 0)
		return t_below((uint32_t)size);
	return (size_t)(db.section[i].base - bytes) +
	    t_below((uint32_t)db.section[i].size);
}

static void
mutate(uint8_t *bytes, size_t size)
{
	static const uint8_t odd[] = { 0, 1, 0x7f, 0x80, 0xfe, 0xff };
	uint32_t n = 1 + t_below(3);

	for (; n > 0; n--) {
		size_t at = any_place(bytes, size);

		switch (t_below(3)) {
		case 0:
			bytes[at] ^= (uint8_t)(1u << t_below(8));
			break;
		case 1:
			bytes[at] = odd[t_below(sizeof(odd))];
			break;
		default:
			bytes[at] = (uint8_t)t_below(256);
			break;
		}
	}
}

static void
test_mutated_databases_do_no_harm(void **state)
{
	struct compile_output good = build();
	const char *wish = getenv("CANDOR_MUTATIONS");
	long i, count = wish != NULL ? strtol(wish, NULL, 10) : MUTATIONS;
	uint8_t *bytes = malloc(good.size);
	void *memory = malloc(ARENA);
	struct arena arena;
	long used = 0;

	(void)state;
	arena_init(&arena, memory, ARENA);
	assert_true(use(good.bytes, good.size, &arena));
	assert_true(told_count > 5);
	for (i = 0; i < count; i++) {
		arena_reset(&arena, 0);
		memcpy(bytes, good.bytes, good.size);
		mutate(bytes, good.size);
		if (t_below(2) == 0)
			write_id(bytes, good.size);
		used += use(bytes, good.size, &arena);
	}
	assert_true(used > count / 10);
	assert_true(used < count);
	free(bytes);
	free(memory);
	free(good.bytes);
}

/* What other processes made may be anything, too. */
static void
test_mutated_shares_do_no_harm(void **state)
{
	struct compile_output good[2], joined;
	uint8_t *bytes, *memory = malloc(ARENA);
	struct arena arena;
	struct why why;
	struct db db[2];
	uint32_t i, used = 0;

	(void)state;
	assert_true(build_share(COMPILE_RULES, COMPILE_COMPARED, NULL,
	    &good[0]));
	assert_true(build_share(COMPILE_RULES, COMPILE_SEARCHED, NULL,
	    &good[1]));
	bytes = malloc(good[0].size + good[1].size);
	arena_init(&arena, memory, ARENA);
	for (i = 0; i < MUTATIONS / 5; i++) {
		uint32_t bad = i % 2;

		memcpy(bytes, good[bad].bytes, good[bad].size);
		mutate(bytes, good[bad].size);
		if (!db_open(&db[bad], bytes, good[bad].size, &why) ||
		    !db_open(&db[!bad], good[!bad].bytes, good[!bad].size,
			&why) ||
		    !build_share(COMPILE_HASHES, COMPILE_BOTH, db, &joined))
			continue;
		arena_reset(&arena, 0);
		used += use(joined.bytes, joined.size, &arena);
		free(joined.bytes);
	}
	assert_true(used > MUTATIONS / 50);
	free(good[0].bytes);
	free(good[1].bytes);
	free(bytes);
	free(memory);
}

/* Is this database, its id put right, refused? */
static bool
is_refused(uint8_t *bytes, size_t size)
{
	static uint8_t memory[ARENA];
	struct arena arena;
	struct why why;
	struct db db;

	write_id(bytes, size);
	arena_init(&arena, memory, ARENA);
	return !db_open(&db, bytes, size, &why) ||
	    !search_sweep(&arena, &db, &why);
}

/* Add to the integer at at; its size in bytes. */
static void
add_to(uint8_t *at, size_t size, int64_t what)
{
	uint64_t v = 0;
	size_t i;

	for (i = size; i > 0; i--)
		v = v << 8 | at[i - 1];
	v += (uint64_t)what;
	for (i = 0; i < size; i++, v >>= 8)
		at[i] = (uint8_t)v;
}

static void
test_tables_of_the_wrong_size_are_refused(void **state)
{
	struct compile_output good = build();
	uint8_t *bytes = malloc(good.size);
	uint32_t i;
	int way;

	(void)state;
	memcpy(bytes, good.bytes, good.size);
	assert_false(is_refused(bytes, good.size));
	for (way = -1; way <= 1; way += 2) {
		memcpy(bytes, good.bytes, good.size);
		add_to(bytes + 12, 4, way); /* sections */
		assert_true(is_refused(bytes, good.size));
		memcpy(bytes, good.bytes, good.size);
		add_to(bytes + 16, 8, way); /* size of the file */
		assert_true(is_refused(bytes, good.size));
		for (i = 0; i < DB_SECTION_COUNT; i++) {
			uint8_t *entry =
			    bytes + DB_HEADER_SIZE + i * DB_ENTRY_SIZE;

			memcpy(bytes, good.bytes, good.size);
			add_to(entry, 4, way); /* number */
			assert_true(is_refused(bytes, good.size));
			memcpy(bytes, good.bytes, good.size);
			add_to(entry + 4, 4, way); /* size of a record */
			assert_true(is_refused(bytes, good.size));
			memcpy(bytes, good.bytes, good.size);
			add_to(entry + 8, 8, way); /* place */
			assert_true(is_refused(bytes, good.size));
		}
	}
	free(bytes);
	free(good.bytes);
}

/* One record too few in a table whose records others count on. */
static void
test_one_record_too_few_is_refused(void **state)
{
	static const struct {
		uint32_t section, record;
	} table[] = { { DB_HASH_NAME, 1 }, { DB_RULE_NAME, 1 }, { DB_RUN, 12 },
		{ DB_FILE, 8 }, { DB_HASH_ROW, 17 }, { DB_HASH_SIZE, 1 },
		{ DB_RULE, 1 }, { DB_GUARD, 88 }, { DB_STRING, 1 },
		{ DB_PATTERN, 1 }, { DB_HOW, 16 }, { DB_PART, 1 },
		{ DB_SHAPE, 24 }, { DB_ELEMENT, 1 }, { DB_PROGRAM, 16 },
		{ DB_CODE, 1 }, { DB_TRIGGER_FIRST, 1 }, { DB_TRIGGER, 1 },
		{ DB_ALWAYS_FIRST, 4 } };
	struct compile_output good = build();
	uint8_t *bytes = malloc(good.size);
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(*table); i++) {
		uint8_t *entry =
		    bytes + DB_HEADER_SIZE + table[i].section * DB_ENTRY_SIZE;

		memcpy(bytes, good.bytes, good.size);
		add_to(entry + 16, 8, -(int64_t)table[i].record);
		if (!is_refused(bytes, good.size))
			fail_msg("section %u", table[i].section);
	}
	free(bytes);
	free(good.bytes);
}

/* A target that no set, or more than one, is for. */
static void
test_every_target_has_one_set(void **state)
{
	struct compile_output good = build();
	uint8_t *bytes = malloc(good.size), *targets;
	struct why why;
	struct db db;

	(void)state;
	memcpy(bytes, good.bytes, good.size);
	assert_true(db_open(&db, bytes, good.size, &why));
	t_eq(db.count[DB_LITERAL_SET], 1);
	targets = bytes + (db.section[DB_LITERAL_SET].base - bytes) + 16;
	t_eq(targets[0], 0xff);
	targets[0] = 0xbf;
	assert_true(is_refused(bytes, good.size));
	targets[0] = 0xff;
	targets[2] = 1;
	assert_true(is_refused(bytes, good.size));
	targets[2] = 0;
	assert_false(is_refused(bytes, good.size));
	free(bytes);
	free(good.bytes);
}

static void
test_every_cut_is_refused(void **state)
{
	struct compile_output good = build();
	struct why why;
	struct db db;
	size_t size;

	(void)state;
	for (size = 0; size < good.size; size += size < 1024 ? 1 : 97)
		assert_false(db_open(&db, t_fence(good.bytes, size), size,
		    &why));
	free(good.bytes);
}

/* --- everything at its limit --------------------------------------------- */

#define DEEP    15u
#define STRINGS 20000u
#define PARTS   500u

/* Alternatives of different lengths, fifteen deep. */
static const struct ir_element *
deep_alternatives(struct pool *pool)
{
	const struct ir_element *inner = NULL;
	uint32_t i;

	for (i = 0; i < DEEP; i++) {
		struct ir_element *e = pool_alloc(pool, 2, sizeof(*e));
		struct ir_branch *b = pool_alloc(pool, 2, sizeof(*b));

		e[1] = (struct ir_element){ .kind = IR_LITERAL,
			.bytes = (const uint8_t *)"xyz",
			.count = 1 + i % 3 };
		b[0] = (struct ir_branch){ .element = &e[1], .count = 1 };
		b[1] = (struct ir_branch){
			.element = inner != NULL ? inner : &e[1], .count = 1
		};
		e[0] = (struct ir_element){
			.kind = IR_ALT, .branch = b, .count = 2
		};
		inner = e;
	}
	return inner;
}

static void
deep_part(struct pool *pool, struct ir_part *part, uint32_t i)
{
	struct ir_element *e = pool_alloc(pool, 3, sizeof(*e));
	uint8_t *bytes = pool_alloc(pool, 1, 2048);
	uint32_t k;

	for (k = 0; k < 2048; k++)
		bytes[k] = (uint8_t)t_below(256);
	e[0] = (struct ir_element){ .kind = IR_LITERAL,
		.bytes = bytes,
		.count = i % 2 != 0 ? 2048 : 64 };
	e[1] = *deep_alternatives(pool);
	e[2] = (struct ir_element){ .kind = IR_ANY, .count = 1900 };
	*part = (struct ir_part){ .element = e, .count = 3 };
	if (i > 0)
		part->gap_max = IR_UNBOUNDED;
}

/* a rule of 20,000 strings, one of which has 500 parts */
static void
deep_rule(struct ir *ir, struct pool *pool)
{
	struct ir_string *string = pool_alloc(pool, STRINGS, sizeof(*string));
	struct ir_pattern *pattern =
	    pool_alloc(pool, STRINGS, sizeof(*pattern));
	struct ir_part *part = pool_alloc(pool, PARTS, sizeof(*part));
	uint32_t *set = pool_alloc(pool, STRINGS, sizeof(*set));
	struct ir_node *node = pool_alloc(pool, 3, sizeof(*node));
	const struct ir_node **child =
	    pool_alloc(pool, 2, sizeof(struct ir_node *));
	uint32_t i;

	for (i = 0; i < PARTS; i++)
		deep_part(pool, &part[i], i);
	for (i = 0; i < STRINGS; i++) {
		set[i] = i;
		pattern[i] = (struct ir_pattern){ .part = part,
			.part_count = i == 7 ? PARTS : 1 };
		string[i] = (struct ir_string){ .pattern = &pattern[i],
			.pattern_count = 1 };
	}
	child[0] = &node[1];
	child[1] = &node[2];
	node[0] =
	    (struct ir_node){ .kind = IR_GE, .child = child, .child_count = 2 };
	node[1] = (struct ir_node){
		.kind = IR_SET_FOUND, .set = set, .set_count = STRINGS
	};
	node[2] = (struct ir_node){ .kind = IR_INT, .value = STRINGS };
	ir->rule = calloc(1, sizeof(*ir->rule));
	ir->rule_count = ir->rule_room = 1;
	ir->rule[0] = (struct ir_rule){ .kind = SIG_LOGICAL,
		.origin = { .name = "Deep", .name_size = 4 },
		.string = string,
		.string_count = STRINGS,
		.condition = &node[0] };
	ir->rule[0].guard.intermediate_count = IR_INTERMEDIATES_MAX;
}

static void
test_everything_at_its_limit_loads(void **state)
{
	struct compile_output out = { 0 };
	size_t room = (size_t)24 << 20;
	void *memory = malloc(room);
	struct why why = { 0 };
	struct arena arena;
	struct search *s;
	struct pool pool;
	struct ir ir;
	struct db db;

	(void)state;
	pool_init(&pool, (size_t)1 << 30);
	ir_init(&ir, &pool);
	deep_rule(&ir, &pool);
	ir.file = calloc(1, sizeof(*ir.file));
	ir.file_count = ir.file_room = 1;
	ir.file[0].name = "t";
	arena_init(&arena, memory, room);
	if (!compile_pack(&ir, &out, NULL, &why) ||
	    !db_open(&db, out.bytes, out.size, &why) ||
	    !search_sweep(&arena, &db, &why))
		fail_msg("%s", why.text);
	s = search_open(&arena, &db, 1, &why);
	if (s == NULL)
		fail_msg("%s", why.text);
	ir_fini(&ir);
	pool_fini(&pool);
	free(out.bytes);
	free(memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_shares_make_a_whole),
		cmocka_unit_test(test_mutated_databases_do_no_harm),
		cmocka_unit_test(test_mutated_shares_do_no_harm),
		cmocka_unit_test(test_tables_of_the_wrong_size_are_refused),
		cmocka_unit_test(test_one_record_too_few_is_refused),
		cmocka_unit_test(test_every_target_has_one_set),
		cmocka_unit_test(test_every_cut_is_refused),
		cmocka_unit_test(test_everything_at_its_limit_loads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
