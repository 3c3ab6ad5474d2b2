/*
 * find_test.c - the finder against a slow matcher that reads the ir itself,
 * on random patterns and data.
 *
 * The slow one walks the elements by recursion and works out hits from the
 * list of all places of all parts; it shares nothing with lib/match but the
 * rules of docs/database.md.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/match/find.h"

#include "lib/compile/compile.h"
#include "lib/compile/pool.h"
#include "tests/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATA_MAX 40000u
#define HITS_MAX 65536u

struct data {
	const uint8_t *bytes;
	size_t size;
};

/* --- the slow matcher --------------------------------------------------- */

/* Elements still to match: this list, then what follows it. */
struct rest {
	const struct ir_element *e;
	uint32_t count;
	const struct rest *then;
	const struct ir_near *after; /* what must be near the end, or NULL */
};

static bool slow_near(const struct ir_pattern *p, const struct ir_near *near,
    const struct data *d, size_t at, bool before);
static bool slow_rest(const struct ir_pattern *p, const struct rest *r,
    const struct data *d, size_t start, size_t at, size_t *end);

static int
low(int c)
{
	return c >= 'A' && c <= 'Z' ? c + 32 : c;
}

static bool
slow_same(const struct ir_pattern *p, int a, int b)
{
	return p->nocase ? low(a) == low(b) : a == b;
}

static bool
slow_word(int c)
{
	return (c >= '0' && c <= '9') || (low(c) >= 'a' && low(c) <= 'z');
}

/* One of text?  c may be -1: the object's edge, which always is. */
static bool
slow_in(int c, const char *text)
{
	return c == -1 || (c > 0 && strchr(text, c) != NULL);
}

static bool
slow_edge(const struct ir_element *e, const struct data *d, size_t start,
    size_t at)
{
	int before = start == 0 ? -1 : d->bytes[start - 1];
	int after = at == d->size ? -1 : d->bytes[at];
	int next = at + 1 < d->size ? d->bytes[at + 1] : -2;
	bool is;

	if (e->kind == IR_WORD)
		is = e->side == IR_BEFORE ? before == -1 || !slow_word(before)
					  : after == -1 || !slow_word(after);
	else if (e->kind == IR_LINE)
		is = e->side == IR_BEFORE
		    ? slow_in(before, "\n")
		    : slow_in(after, "\n") || (after == '\r' && next == '\n');
	else if (e->side == IR_AFTER)
		is = slow_in(after, "\n\r \"'-/=>_");
	else
		is = slow_in(before,
		    e->negated ? "\n\r \"'-./<=>@_" : " -./<@_");
	return is != e->negated;
}

/* Does a branch of fixed length stand here? */
static bool
slow_branch(const struct ir_pattern *p, const struct ir_branch *b,
    const struct data *d, size_t at, size_t *end)
{
	const struct rest r = { .e = b->element, .count = b->count };

	return slow_rest(p, &r, d, at, at, end);
}

static bool
slow_not(const struct ir_pattern *p, const struct ir_element *e,
    const struct data *d, size_t at, size_t *end)
{
	uint32_t i, k, size = 0;
	size_t ignored;

	for (i = 0; i < e->branch[0].count; i++)
		for (k = 0; k < e->branch[0].element[i].count; k++)
			size++;
	if (size > d->size - at)
		return false;
	for (i = 0; i < e->count; i++)
		if (slow_branch(p, &e->branch[i], d, at, &ignored))
			return false;
	*end = at + size;
	return true;
}

/* Elements one after the other; alternatives in their order. */
static bool
slow_rest(const struct ir_pattern *p, const struct rest *r,
    const struct data *d, size_t start, size_t at, size_t *end)
{
	const struct ir_element *e;
	struct rest next;
	uint32_t i;

	while (r->count == 0) {
		if (r->then == NULL) {
			*end = at;
			return r->after == NULL ||
			    slow_near(p, r->after, d, at, false);
		}
		r = r->then;
	}
	e = r->e;
	next = (struct rest){ .e = e + 1,
		.count = r->count - 1,
		.then = r->then,
		.after = r->after };
	if (e->kind == IR_ALT) {
		for (i = 0; i < e->count; i++) {
			const struct rest branch = { .e = e->branch[i].element,
				.count = e->branch[i].count,
				.then = &next };

			if (slow_rest(p, &branch, d, start, at, end))
				return true;
		}
		return false;
	}
	if (e->kind == IR_NOT_ALT) {
		return slow_not(p, e, d, at, &at) &&
		    slow_rest(p, &next, d, start, at, end);
	}
	if (e->kind >= IR_BOUNDARY)
		return slow_edge(e, d, start, at) &&
		    slow_rest(p, &next, d, start, at, end);
	for (i = 0; i < (e->kind == IR_MASKED ? 1 : e->count); i++, at++) {
		if (at >= d->size)
			return false;
		if (e->kind == IR_LITERAL &&
		    !slow_same(p, d->bytes[at], e->bytes[i]))
			return false;
		if (e->kind == IR_MASKED &&
		    (d->bytes[at] & e->mask) != e->value)
			return false;
	}
	return slow_rest(p, &next, d, start, at, end);
}

static bool
slow_near(const struct ir_pattern *p, const struct ir_near *near,
    const struct data *d, size_t at, bool before)
{
	uint32_t gap;

	for (gap = near->min; near->there && gap <= near->max; gap++) {
		int c;

		if (before ? at < gap + 1 : d->size - at < gap + 1)
			break;
		c = before ? d->bytes[at - gap - 1] : d->bytes[at + gap];
		if (near->mask == 0xff ? slow_same(p, c, near->value)
				       : (c & near->mask) == near->value)
			return true;
	}
	return !near->there;
}

static bool
slow_part(const struct ir_pattern *p, const struct ir_part *part,
    const struct data *d, size_t at, size_t *end)
{
	const struct rest r = {
		.e = part->element, .count = part->count, .after = &part->after
	};

	return slow_rest(p, &r, d, at, at, end) &&
	    slow_near(p, &part->before, d, at, true);
}

/* A remembered place. */
struct slow_place {
	size_t start, end;
};

/* All hits of a pattern, as docs/database.md says they count. */
static size_t
slow_hits(const struct ir_pattern *p, const struct data *d,
    struct find_hit *out)
{
	static struct slow_place seen[8][DATA_MAX];
	size_t count[8] = { 0 }, hits = 0, at, end, i;
	uint32_t k;

	for (at = 0; at < d->size; at++) {
		for (k = 0; k < p->part_count; k++) {
			struct slow_place here = { .start = at };
			bool found = k == 0;

			if (!slow_part(p, &p->part[k], d, at, &end))
				continue;
			for (i = 0; k > 0 && i < count[k - 1] && !found; i++) {
				const struct slow_place *b = &seen[k - 1][i];

				/* the first and the latest eight */
				if (i > 0 && i + 8 < count[k - 1])
					continue;
				found = at >= b->end &&
				    at - b->end >= p->part[k].gap_min &&
				    (p->part[k].gap_max == IR_UNBOUNDED ||
					at - b->end <= p->part[k].gap_max);
				here.start = b->start;
			}
			if (!found)
				continue;
			here.end = end;
			if (k + 1 < p->part_count)
				seen[k][count[k]++] = here;
			else
				out[hits++] =
				    (struct find_hit){ .off = here.start,
					    .size = end - here.start };
		}
	}
	return hits;
}

/* Can parts from k on follow one that ends at end? */
static bool
slow_chain(const struct ir_pattern *p, const struct data *d, uint32_t k,
    size_t end, size_t *out)
{
	size_t at, next;

	if (k == p->part_count) {
		*out = end;
		return true;
	}
	for (at = end + p->part[k].gap_min; at < d->size; at++) {
		if (p->part[k].gap_max != IR_UNBOUNDED &&
		    at - end > p->part[k].gap_max)
			return false;
		if (slow_part(p, &p->part[k], d, at, &next) &&
		    slow_chain(p, d, k + 1, next, out))
			return true;
	}
	return false;
}

/* The same for YARA's strings: each start from which the rest is reached. */
static size_t
slow_starts(const struct ir_pattern *p, const struct data *d,
    struct find_hit *out)
{
	size_t at, end, last, hits = 0;

	for (at = 0; at < d->size; at++)
		if (slow_part(p, &p->part[0], d, at, &end) &&
		    slow_chain(p, d, 1, end, &last))
			out[hits++] =
			    (struct find_hit){ .off = at, .size = last - at };
	return hits;
}

/* --- random patterns ----------------------------------------------------- */

static const char letters[] = "abAB -\n";

static void
random_literal(struct pool *pool, struct ir_element *e, uint32_t size)
{
	uint8_t *bytes = pool_alloc(pool, 1, size);
	uint32_t i;

	for (i = 0; i < size; i++)
		bytes[i] = (uint8_t)letters[t_below(4)];
	*e = (struct ir_element){
		.kind = IR_LITERAL, .bytes = bytes, .count = size
	};
}

static void random_alt(struct pool *pool, struct ir_element *e, uint32_t depth,
    bool negated);

static void
random_element(struct pool *pool, struct ir_element *e, uint32_t depth)
{
	switch (t_below(8)) {
	case 0:
		*e = (struct ir_element){ .kind = IR_ANY,
			.count = 1 + t_below(3) };
		return;
	case 1:
		*e = (struct ir_element){
			.kind = IR_MASKED, .value = 0x60, .mask = 0xf0
		};
		return;
	case 2:
		if (depth < 3) {
			random_alt(pool, e, depth, t_below(4) == 0);
			return;
		}
		break;
	default:
		break;
	}
	random_literal(pool, e, 1 + t_below(3));
}

static void
random_alt(struct pool *pool, struct ir_element *e, uint32_t depth,
    bool negated)
{
	uint32_t count = 1 + t_below(3), size = 1 + t_below(2), i, k;
	struct ir_branch *branch = pool_alloc(pool, count, sizeof(*branch));

	*e = (struct ir_element){ .kind = negated ? IR_NOT_ALT : IR_ALT,
		.branch = branch,
		.count = count };
	for (i = 0; i < count; i++) {
		uint32_t n = negated ? 1 : 1 + t_below(2);
		struct ir_element *list = pool_alloc(pool, n, sizeof(*list));

		for (k = 0; k < n; k++)
			if (negated)
				random_literal(pool, &list[k], size);
			else
				random_element(pool, &list[k], depth + 1);
		branch[i] = (struct ir_branch){ .element = list, .count = n };
	}
}

static struct ir_element
random_edge(enum ir_side side)
{
	return (struct ir_element){ .kind = IR_BOUNDARY +
		    (enum ir_element_kind)t_below(3),
		.side = side,
		.negated = t_below(3) == 0 };
}

static void
random_near(struct ir_near *near)
{
	near->there = t_below(8) == 0;
	near->value = 'a';
	near->mask = 0xff;
	near->min = (uint8_t)t_below(3);
	near->max = (uint8_t)(near->min + t_below(3));
}

static void
random_part(struct pool *pool, struct ir_part *part, bool first)
{
	struct ir_element *list = pool_alloc(pool, 8, sizeof(*list));
	uint32_t n = 1 + t_below(4), i;

	*part = (struct ir_part){ .element = list };
	if (t_below(8) == 0)
		list[part->count++] = random_edge(IR_BEFORE);
	for (i = 0; i < n; i++)
		random_element(pool, &list[part->count++], 0);
	if (t_below(8) == 0)
		list[part->count++] = random_edge(IR_AFTER);
	random_near(&part->before);
	random_near(&part->after);
	if (!first) {
		part->gap_min = t_below(4);
		part->gap_max = t_below(3) == 0 ? IR_UNBOUNDED
						: part->gap_min + t_below(12);
	}
}

/* A rule with one string, so that it can be packed. */
static struct ir_string *
random_rule(struct ir *ir, struct pool *pool)
{
	static const struct ir_node found = { .kind = IR_FOUND };
	struct ir_string *string = pool_alloc(pool, 1, sizeof(*string));
	struct ir_pattern *pattern = pool_alloc(pool, 1, sizeof(*pattern));
	uint32_t parts = t_below(2) == 0 ? 1 : 1 + t_below(4), i;
	struct ir_part *part = pool_alloc(pool, parts, sizeof(*part));

	for (i = 0; i < parts; i++)
		random_part(pool, &part[i], i == 0);
	*pattern = (struct ir_pattern){
		.nocase = t_below(3) == 0, .part = part, .part_count = parts
	};
	*string = (struct ir_string){
		.pattern = pattern, .pattern_count = 1, .name = "0"
	};
	ir->rule = calloc(1, sizeof(*ir->rule));
	ir->rule_count = ir->rule_room = 1;
	ir->rule[0] = (struct ir_rule){ .kind = SIG_BODY,
		.origin = { .name = "R", .name_size = 1 },
		.string = string,
		.string_count = 1,
		.condition = &found };
	ir->file = calloc(1, sizeof(*ir->file));
	ir->file_count = ir->file_room = 1;
	ir->file[0].name = "t";
	return string;
}

/* --- the comparison ------------------------------------------------------- */

/* All hits the finder gives, shown the data in windows of size bytes. */
static size_t
fast_hits(const struct db *db, const struct data *d, size_t window,
    struct find_hit *out)
{
	static uint8_t memory[1 << 16];
	struct find_budget budget = { .left = (uint64_t)1 << 40 };
	struct find_object object = { .size = d->size };
	struct arena arena;
	struct finder *f;
	size_t hits = 0;
	uint64_t pos = 0, until = 0;

	arena_init(&arena, memory, sizeof(memory));
	f = find_open(&arena, db, 0, &object, &budget);
	assert_non_null(f);
	while (until < d->size) {
		size_t off = pos > DB_PART_MAX ? (size_t)pos - DB_PART_MAX : 0;
		struct span s = { .bytes = d->bytes + off, .off = off };

		s.size = d->size - off < window ? d->size - off : window;
		s.at_end = off + s.size == d->size;
		until = off + s.size - (s.at_end ? 0 : FIND_AHEAD);
		find_span(f, &s, until);
		while (find_next(f, &out[hits]))
			hits++;
		pos = until;
	}
	assert_false(find_is_partial(f));
	return hits;
}

/* Drop what the slow matcher does not: places at or before the last. */
static size_t
only_rising(const struct ir_pattern *p, struct find_hit *hit, size_t count)
{
	size_t i, n = 0;

	for (i = 0; i < count; i++)
		if (p->part_count > 1 || n == 0 || hit[i].off > hit[n - 1].off)
			hit[n++] = hit[i];
	return n;
}

static void
compare_hits(const struct db *db, const struct ir_string *string,
    const struct data *d, size_t window, uint32_t round)
{
	static struct find_hit slow[HITS_MAX], fast[HITS_MAX];
	const struct ir_pattern *p = string->pattern;
	size_t s = string->overlaps
	    ? slow_starts(p, d, slow)
	    : only_rising(p, slow, slow_hits(p, d, slow));
	size_t f = fast_hits(db, d, window, fast), i;

	if (s != f)
		fail_msg("round %u: %zu hits, not %zu", round, f, s);
	for (i = 0; i < s; i++)
		if (slow[i].off != fast[i].off || slow[i].size != fast[i].size)
			fail_msg("round %u: hit %zu is %d+%d, not %d+%d", round,
			    i, (int)fast[i].off, (int)fast[i].size,
			    (int)slow[i].off, (int)slow[i].size);
}

static void
compare_round(uint32_t round, size_t size, size_t window)
{
	static uint8_t bytes[DATA_MAX];
	struct compile_output out = { 0 };
	struct why why = { 0 };
	struct pool pool;
	struct ir ir;
	struct db db;
	struct data d = { .size = size };
	struct ir_string *string;
	size_t i;

	t_seed(round);
	pool_init(&pool, (size_t)1 << 28);
	ir_init(&ir, &pool);
	string = random_rule(&ir, &pool);
	string->overlaps = size < 8192 && t_below(3) == 0;
	for (i = 0; i < size; i++)
		bytes[i] = (uint8_t)letters[t_below(t_below(4) == 0 ? 7 : 4)];
	d.bytes = size > 8192 ? bytes : t_fence(bytes, size);
	if (!compile_pack(&ir, &out, NULL, &why) ||
	    !db_open(&db, out.bytes, out.size, &why) || !db_sweep(&db, &why))
		fail_msg("round %u: %s", round, why.text);
	compare_hits(&db, string, &d, window, round);
	free(out.bytes);
	ir_fini(&ir);
	pool_fini(&pool);
}

static void
test_finder_agrees_with_the_slow_one(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 6000; i++)
		compare_round(i, i % 200, DATA_MAX);
}

static void
test_windows_change_nothing(void **state)
{
	uint32_t i;

	(void)state;
	for (i = 0; i < 60; i++)
		compare_round(10000 + i, 36000, 12500 + 100 * i);
}

/* "qw" and 24 times "a or aa", which nothing follows where it should. */
static const struct ir_pattern *
many_ways(void)
{
	static const struct ir_element a = {
		.kind = IR_LITERAL, .bytes = (const uint8_t *)"aa", .count = 1
	};
	static const struct ir_element aa = {
		.kind = IR_LITERAL, .bytes = (const uint8_t *)"aa", .count = 2
	};
	static const struct ir_branch branch[] = {
		{ .element = &a, .count = 1 }, { .element = &aa, .count = 1 }
	};
	static struct ir_element list[26];
	static struct ir_part part = { .element = list, .count = 26 };
	static const struct ir_pattern pattern = { .part = &part,
		.part_count = 1 };
	uint32_t i;

	list[0] = (struct ir_element){
		.kind = IR_LITERAL, .bytes = (const uint8_t *)"qw", .count = 2
	};
	for (i = 1; i <= 24; i++)
		list[i] = (struct ir_element){
			.kind = IR_ALT, .branch = branch, .count = 2
		};
	list[25] = (struct ir_element){
		.kind = IR_LITERAL, .bytes = (const uint8_t *)"!", .count = 1
	};
	return &pattern;
}

static void
test_ways_that_were_tried_are_paid_for(void **state)
{
	static uint8_t bytes[64 * 100], memory[1 << 16];
	struct find_budget budget = { .left = 10000000 };
	struct find_object object = { .size = sizeof(bytes) };
	struct compile_output out = { 0 };
	struct why why = { 0 };
	struct find_hit hit;
	struct ir_string *string;
	struct finder *f;
	struct arena arena;
	struct span s = { bytes, sizeof(bytes), 0, true };
	struct pool pool;
	struct ir ir;
	struct db db;
	size_t i;

	(void)state;
	memset(bytes, 'a', sizeof(bytes));
	for (i = 0; i < sizeof(bytes); i += 64)
		memcpy(bytes + i, "qw", 2);
	pool_init(&pool, (size_t)1 << 28);
	ir_init(&ir, &pool);
	string = random_rule(&ir, &pool);
	string->pattern = many_ways();
	if (!compile_pack(&ir, &out, NULL, &why) ||
	    !db_open(&db, out.bytes, out.size, &why))
		fail_msg("%s", why.text);
	arena_init(&arena, memory, sizeof(memory));
	f = find_open(&arena, &db, 0, &object, &budget);
	assert_non_null(f);
	find_span(f, &s, sizeof(bytes));
	assert_false(find_next(f, &hit));
	/* A hundred places, tried in 20,000 steps each, are not 100 * 40. */
	assert_true(budget.spent);
	assert_true(find_is_partial(f));
	free(out.bytes);
	ir_fini(&ir);
	pool_fini(&pool);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ways_that_were_tried_are_paid_for),
		cmocka_unit_test(test_finder_agrees_with_the_slow_one),
		cmocka_unit_test(test_windows_change_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
