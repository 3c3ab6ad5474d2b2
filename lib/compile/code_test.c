/*
 * code_test.c - conditions: random trees of every kind of node, evaluated by
 * the database (trigger, program) and by a slow evaluator over the tree.
 *
 * What this shows is that the plan never misses: a rule whose condition holds
 * is always touched by one of its literals, or always evaluated.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/compile.h"
#include "lib/compile/pool.h"
#include "lib/eval/search.h"
#include "tests/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA   ((size_t)12 << 20)
#define STRINGS 4u
#define RULES   8u
#define FUEL    3000

static const char *const words[STRINGS] = { "alphabet", "bravura", "charlie",
	"deltoid" };

/* --- the slow evaluator --------------------------------------------------- */

struct value {
	int64_t v;
	bool defined;
};

struct slow {
	const char *data;
	size_t size;
	const struct ir *ir;
	int64_t loop_value[8];
	uint32_t loop_string;
	uint32_t loops;
	int fuel;
};

static const struct value undefined = { .defined = false };

static struct value
number(int64_t v)
{
	return (struct value){ .v = v, .defined = true };
}

static bool
is_true(struct value v)
{
	return v.defined && v.v != 0;
}

/* How often string starts in first..last; where the nth does. */
static int64_t
slow_hits(const struct slow *s, uint32_t string, int64_t first, int64_t last,
    int64_t n, int64_t *off)
{
	size_t size, i;
	int64_t count = 0;

	if (string == IR_STRING_OF_LOOP)
		string = s->loop_string;
	size = strlen(words[string]);
	for (i = 0; i + size <= s->size; i++) {
		if ((int64_t)i < first || (int64_t)i > last ||
		    memcmp(s->data + i, words[string], size) != 0)
			continue;
		if (++count == n)
			*off = (int64_t)i;
	}
	return count;
}

static int64_t
slow_count(const struct slow *s, uint32_t string)
{
	int64_t off;

	return slow_hits(s, string, 0, INT64_MAX, 0, &off);
}

static struct value slow_run(struct slow *s, const struct ir_node *n);

static struct value
slow_hit(struct slow *s, const struct ir_node *n)
{
	struct value which = slow_run(s, n->child[0]);
	int64_t off = 0;

	if (!which.defined || which.v < 1 ||
	    slow_hits(s, n->string, 0, INT64_MAX, which.v, &off) < which.v)
		return undefined;
	if (n->kind == IR_HIT_OFFSET)
		return number(off);
	return number((int64_t)
		strlen(words[n->string == IR_STRING_OF_LOOP ? s->loop_string
							    : n->string]));
}

static struct value
slow_between(struct slow *s, const struct ir_node *n)
{
	struct value first = slow_run(s, n->child[0]);
	struct value last =
	    n->kind == IR_FOUND_AT ? first : slow_run(s, n->child[1]);
	int64_t off, hits;

	if (!first.defined || !last.defined)
		return undefined;
	hits = slow_hits(s, n->string, first.v, last.v, 0, &off);
	return number(n->kind == IR_HITS_IN ? hits : hits > 0);
}

static struct value
slow_set(const struct slow *s, const struct ir_node *n)
{
	int64_t sum = 0;
	uint32_t i;

	for (i = 0; i < n->set_count; i++) {
		int64_t hits = slow_count(s, n->set[i]);

		sum += n->kind == IR_SET_HITS ? hits : hits > 0;
	}
	return number(sum);
}

static struct value
slow_logic(struct slow *s, const struct ir_node *n)
{
	bool is_and = n->kind == IR_AND;
	uint32_t i;

	for (i = 0; i < n->child_count; i++)
		if (is_true(slow_run(s, n->child[i])) != is_and)
			return number(!is_and);
	return number(is_and);
}

static struct value
slow_binary(enum ir_node_kind kind, int64_t a, int64_t b)
{
	uint64_t x = (uint64_t)a, y = (uint64_t)b;

	switch ((int)kind) {
	case IR_EQ:
		return number(a == b);
	case IR_NE:
		return number(a != b);
	case IR_LT:
		return number(a < b);
	case IR_LE:
		return number(a <= b);
	case IR_GT:
		return number(a > b);
	case IR_GE:
		return number(a >= b);
	case IR_ADD:
		return number((int64_t)(x + y));
	case IR_SUB:
		return number((int64_t)(x - y));
	case IR_MUL:
		return number((int64_t)(x * y));
	case IR_DIV:
	case IR_MOD:
		if (b == 0 || (a == INT64_MIN && b == -1))
			return undefined;
		return number(kind == IR_DIV ? a / b : a % b);
	case IR_BIT_AND:
		return number(a & b);
	case IR_BIT_OR:
		return number(a | b);
	case IR_BIT_XOR:
		return number(a ^ b);
	case IR_SHL:
		return b < 0 ? undefined
			     : number(b > 63 ? 0 : (int64_t)(x << y));
	default:
		return b < 0 ? undefined
			     : number(b > 63 ? (a < 0 ? -1 : 0) : a >> b);
	}
}

static struct value
slow_loop(struct slow *s, const struct ir_node *n)
{
	bool over_set = n->kind == IR_FOR_SET;
	struct value first = number(0),
		     last = number((int64_t)n->set_count - 1);
	struct value need = slow_run(s, n->child[over_set ? 1 : 3]);
	const struct ir_node *body = n->child[over_set ? 0 : 2];
	uint32_t before = s->loop_string;
	int64_t count = 0, v;

	if (!over_set) {
		first = slow_run(s, n->child[0]);
		last = slow_run(s, n->child[1]);
	}
	if (!first.defined || !last.defined || !need.defined)
		return undefined;
	s->loops++;
	for (v = first.v; v <= last.v && count < need.v && s->fuel-- > 0; v++) {
		s->loop_value[s->loops - 1] = v;
		if (over_set) {
			s->loop_string = n->set[v];
			s->loop_value[s->loops - 1] = n->set[v];
		}
		count += is_true(slow_run(s, body));
	}
	s->loops--;
	s->loop_string = before;
	return number(count);
}

static struct value
slow_read(const struct slow *s, struct value off)
{
	if (!off.defined || off.v < 0 || s->size < 2 ||
	    off.v > (int64_t)s->size - 2)
		return undefined;
	return number((uint8_t)s->data[off.v] |
	    (uint8_t)s->data[off.v + 1] << 8);
}

static struct value
slow_unary(enum ir_node_kind kind, struct value a)
{
	if (kind == IR_DEFINED)
		return number(a.defined);
	if (!a.defined)
		return undefined;
	if (kind == IR_NOT)
		return number(a.v == 0);
	return number(kind == IR_NEG ? (int64_t)(0 - (uint64_t)a.v) : ~a.v);
}

static struct value
slow_run(struct slow *s, const struct ir_node *n)
{
	struct value a, b;

	switch ((int)n->kind) {
	case IR_INT:
		return number(n->value);
	case IR_HITS:
		return number(slow_count(s, n->string));
	case IR_FOUND:
		return number(slow_count(s, n->string) > 0);
	case IR_FOUND_AT:
	case IR_FOUND_IN:
	case IR_HITS_IN:
		return slow_between(s, n);
	case IR_HIT_OFFSET:
	case IR_HIT_LENGTH:
		return slow_hit(s, n);
	case IR_SET_HITS:
	case IR_SET_FOUND:
		return slow_set(s, n);
	case IR_FACT:
		return n->value == FACT_SIZE ? number((int64_t)s->size)
					     : undefined;
	case IR_READ:
		return slow_read(s, slow_run(s, n->child[0]));
	case IR_AND:
	case IR_OR:
		return slow_logic(s, n);
	case IR_IF:
		return slow_run(s,
		    n->child[is_true(slow_run(s, n->child[0])) ? 1 : 2]);
	case IR_NOT:
	case IR_DEFINED:
	case IR_NEG:
	case IR_BIT_NOT:
		return slow_unary(n->kind, slow_run(s, n->child[0]));
	case IR_FOR_RANGE:
	case IR_FOR_SET:
		return slow_loop(s, n);
	case IR_LOOP_VALUE:
		return number(s->loop_value[s->loops - 1 - n->value]);
	case IR_RULE:
		return number(is_true(slow_run(s,
		    s->ir->rule[n->value].condition)));
	default:
		a = slow_run(s, n->child[0]);
		b = slow_run(s, n->child[1]);
		return a.defined && b.defined ? slow_binary(n->kind, a.v, b.v)
					      : undefined;
	}
}

/* --- random trees --------------------------------------------------------- */

struct maker {
	struct pool *pool;
	uint32_t rule;  /* the rule being made: it may name earlier ones */
	uint32_t loops; /* open around here */
	uint32_t set_loops;
};

static const struct ir_node *make(struct maker *m, uint32_t depth);

static struct ir_node *
make_node(struct maker *m, enum ir_node_kind kind, uint32_t children,
    uint32_t depth)
{
	struct ir_node *n = pool_alloc(m->pool, 1, sizeof(*n));
	const struct ir_node **child =
	    pool_alloc(m->pool, children + 1, sizeof(struct ir_node *));
	uint32_t i;

	n->kind = kind;
	for (i = 0; i < children; i++)
		child[i] = make(m, depth + 1);
	n->child = child;
	n->child_count = children;
	n->string = m->set_loops > 0 && t_below(2) == 0 ? IR_STRING_OF_LOOP
							: t_below(STRINGS);
	return n;
}

static const struct ir_node *
make_int(struct maker *m)
{
	static const int64_t often[] = { 0, 1, 1, 2, 3, 7, 8, 20, -1, 63, 64,
		INT64_MIN, INT64_MAX };
	struct ir_node *n = make_node(m, IR_INT, 0, 0);

	n->value = often[t_below(sizeof(often) / sizeof(*often))];
	return n;
}

static void
make_set(struct maker *m, struct ir_node *n)
{
	uint32_t *set = pool_alloc(m->pool, STRINGS, sizeof(*set));
	uint32_t i;

	for (i = 0; i < STRINGS; i++)
		if (t_below(3) > 0)
			set[n->set_count++] = i;
	n->set = set;
}

static const struct ir_node *
make_loop(struct maker *m, uint32_t depth)
{
	bool over_set = t_below(2) == 0;
	struct ir_node *n =
	    make_node(m, over_set ? IR_FOR_SET : IR_FOR_RANGE, 0, depth);
	const struct ir_node **child =
	    pool_alloc(m->pool, 4, sizeof(struct ir_node *));
	struct ir_node *low = make_node(m, IR_INT, 0, 0);
	struct ir_node *high = make_node(m, IR_INT, 0, 0);

	low->value = t_below(4);
	high->value = t_below(9);
	child[over_set ? 1 : 3] = make_int(m);
	child[0] = low;
	child[1] = over_set ? child[1] : high;
	m->loops++;
	m->set_loops += over_set;
	child[over_set ? 0 : 2] = make(m, depth + 1);
	m->set_loops -= over_set;
	m->loops--;
	n->child = child;
	n->child_count = over_set ? 2 : 4;
	if (over_set)
		make_set(m, n);
	return n;
}

static const struct ir_node *
make_leaf(struct maker *m)
{
	struct ir_node *n;

	switch (t_below(7)) {
	case 0:
		return make_int(m);
	case 1:
		n = make_node(m, IR_FACT, 0, 0);
		n->value = t_below(2) == 0 ? FACT_SIZE : FACT_MEMBERS;
		return n;
	case 2:
		n = make_node(m, t_below(2) == 0 ? IR_SET_HITS : IR_SET_FOUND,
		    0, 0);
		make_set(m, n);
		return n;
	case 3:
		if (m->loops > 0) {
			n = make_node(m, IR_LOOP_VALUE, 0, 0);
			n->value = t_below(m->loops);
			return n;
		}
		break;
	case 4:
		if (m->rule > 0 && m->loops == 0) {
			n = make_node(m, IR_RULE, 0, 0);
			n->value = t_below(m->rule);
			return n;
		}
		break;
	default:
		break;
	}
	return make_node(m, t_below(2) == 0 ? IR_HITS : IR_FOUND, 0, 0);
}

static const struct ir_node *
make(struct maker *m, uint32_t depth)
{
	static const enum ir_node_kind unary[] = { IR_NOT, IR_DEFINED, IR_NEG,
		IR_BIT_NOT, IR_FOUND_AT, IR_HIT_OFFSET, IR_HIT_LENGTH,
		IR_READ };
	struct ir_node *n;

	if (depth > 4 || t_below(5) == 0)
		return make_leaf(m);
	switch (t_below(9)) {
	case 0:
	case 1:
		return make_node(m, IR_AND, t_below(4), depth);
	case 2:
		return make_node(m, IR_OR, t_below(4), depth);
	case 3:
		n = make_node(m, unary[t_below(8)], 1, depth);
		n->value = n->kind == IR_READ ? IR_READ_16 : 0;
		return n;
	case 4:
		return make_node(m, IR_IF, 3, depth);
	case 5:
		return make_node(m, t_below(2) == 0 ? IR_FOUND_IN : IR_HITS_IN,
		    2, depth);
	case 6:
		if (m->loops < 2)
			return make_loop(m, depth);
		return make_leaf(m);
	case 7:
		return make_node(m, IR_ADD + (enum ir_node_kind)t_below(5), 2,
		    depth);
	default:
		return make_node(m, IR_EQ + (enum ir_node_kind)t_below(6), 2,
		    depth);
	}
}

static const struct ir_string *
make_strings(struct pool *pool)
{
	struct ir_string *string = pool_alloc(pool, STRINGS, sizeof(*string));
	uint32_t i;

	for (i = 0; i < STRINGS; i++) {
		struct ir_element *e = pool_alloc(pool, 1, sizeof(*e));
		struct ir_part *part = pool_alloc(pool, 1, sizeof(*part));
		struct ir_pattern *p = pool_alloc(pool, 1, sizeof(*p));

		*e = (struct ir_element){ .kind = IR_LITERAL,
			.bytes = (const uint8_t *)words[i],
			.count = (uint32_t)strlen(words[i]) };
		*part = (struct ir_part){ .element = e, .count = 1 };
		*p = (struct ir_pattern){ .part = part, .part_count = 1 };
		string[i] = (struct ir_string){
			.pattern = p, .pattern_count = 1, .overlaps = true
		};
	}
	return string;
}

static void
make_rules(struct ir *ir, struct pool *pool)
{
	uint32_t i;

	ir->rule = calloc(RULES, sizeof(*ir->rule));
	ir->rule_count = ir->rule_room = RULES;
	ir->file = calloc(1, sizeof(*ir->file));
	ir->file_count = ir->file_room = 1;
	ir->file[0].name = "t";
	for (i = 0; i < RULES; i++) {
		struct maker m = { .pool = pool, .rule = i };

		ir->rule[i] = (struct ir_rule){ .kind = SIG_YARA,
			.origin = { .name = "R", .name_size = 1 },
			.string = make_strings(pool),
			.string_count = STRINGS };
		ir->rule[i].condition = make(&m, 0);
	}
}

/* --- the comparison ------------------------------------------------------- */

static bool
told(void *ctx, const struct search_match *m)
{
	bool *holds = ctx;

	holds[m->signature] = true;
	return true;
}

static void
search(struct search *s, const char *data, size_t size, bool *holds)
{
	static const struct facts facts = { .section_count = 0 };
	const struct search_listener l = {
		.ctx = holds, .match = told, .all = true
	};
	const struct search_object o = { .facts = &facts, .size = size };
	struct source source = source_from(data, size);

	memset(holds, 0, RULES * sizeof(*holds));
	search_begin(s, &o);
	search_window(s, source.mem, size, 0, 0);
	t_eq(search_finish(s, &source, &l), SEARCH_DONE);
}

static size_t
random_data(char *data)
{
	size_t size = 0;
	uint32_t n = t_below(5);

	for (; n > 0; n--)
		size += (size_t)sprintf(data + size, "%.*s%s", (int)t_below(4),
		    "...", words[t_below(STRINGS)]);
	return size;
}

/* Compare all rules on one piece of data; how many hold. */
static uint32_t
compare(const struct ir *ir, struct search *search_state, uint32_t round)
{
	char data[200];
	size_t size = random_data(data);
	bool holds[RULES];
	uint32_t i, count = 0;

	search(search_state, data, size, holds);
	for (i = 0; i < RULES; i++) {
		struct slow s = {
			.data = data, .size = size, .ir = ir, .fuel = FUEL
		};
		bool want = is_true(slow_run(&s, ir->rule[i].condition));

		count += want;
		if (holds[i] != want)
			fail_msg("round %u rule %u on \"%.*s\": %d", round, i,
			    (int)size, data, holds[i]);
	}
	return count;
}

static void
test_conditions_hold_exactly_when_the_tree_does(void **state)
{
	void *memory = malloc(ARENA);
	uint32_t round, i, held = 0;

	(void)state;
	for (round = 0; round < 1500; round++) {
		struct compile_output out = { 0 };
		struct why why = { 0 };
		struct arena arena;
		struct search *s;
		struct pool pool;
		struct ir ir;
		struct db db;

		t_seed(round);
		pool_init(&pool, (size_t)1 << 26);
		ir_init(&ir, &pool);
		make_rules(&ir, &pool);
		arena_init(&arena, memory, ARENA);
		if (!compile_pack(&ir, &out, NULL, &why) ||
		    !db_open(&db, out.bytes, out.size, &why))
			fail_msg("round %u: %s", round, why.text);
		s = search_open(&arena, &db, 1, &why);
		if (s == NULL)
			fail_msg("round %u: %s", round, why.text);
		for (i = 0; i < 12; i++)
			held += compare(&ir, s, round);
		free(out.bytes);
		ir_fini(&ir);
		pool_fini(&pool);
	}
	assert_true(held > 10000);
	free(memory);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_conditions_hold_exactly_when_the_tree_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
