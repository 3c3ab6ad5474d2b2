/*
 * program_test.c - programs: what the verifier refuses, what running gives.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/eval/program.h"

#include "lib/formats/facts.h"
#include "tests/t.h"

#include <stdio.h>
#include <string.h>

/* A program being put together. */
struct code {
	uint8_t bytes[512];
	size_t size;
};

static void
put(struct code *c, uint64_t v, size_t size)
{
	for (; size > 0; size--, v >>= 8)
		c->bytes[c->size++] = (uint8_t)v;
}

static void
op(struct code *c, enum opcode code)
{
	put(c, code, 1);
}

static void
op_int(struct code *c, int64_t v)
{
	op(c, OP_INT);
	put(c, (uint64_t)v, 8);
}

static void
op_string(struct code *c, enum opcode code, uint32_t string)
{
	op(c, code);
	put(c, string, 2);
}

static void
op_jump(struct code *c, enum opcode code, uint32_t distance)
{
	op(c, code);
	put(c, distance, 4);
}

static bool
is_sound(const struct code *c)
{
	const struct program_bounds bounds = { .strings = 4, .rules = 2 };
	struct why why = { 0 };

	return program_verify(cur_from(t_fence(c->bytes, c->size), c->size),
	    &bounds, &why);
}

/* Strings 0..3 occur so often, at 10, 20, 30, … */
static const uint64_t hits[4] = { 0, 1, 2, 3 };

static uint64_t
fake_hits(void *ctx, uint32_t string)
{
	(void)ctx;
	assert_true(string < 4);
	return hits[string];
}

static bool
fake_found(void *ctx, uint32_t string)
{
	return fake_hits(ctx, string) > 0;
}

static uint64_t
fake_hits_in(void *ctx, uint32_t string, uint64_t first, uint64_t last,
    uint64_t enough)
{
	uint64_t i, n = 0;

	for (i = 0; i < fake_hits(ctx, string); i++)
		n += 10 * (i + 1) >= first && 10 * (i + 1) <= last;
	return n < enough ? n : enough;
}

static bool
fake_hit(void *ctx, uint32_t string, uint64_t n, uint64_t *off, uint64_t *size)
{
	*off = 10 * (n + 1);
	*size = 5;
	return n < fake_hits(ctx, string);
}

static bool
fake_fact(void *ctx, uint32_t fact, uint64_t *value)
{
	(void)ctx;
	*value = 77;
	return fact == FACT_SIZE;
}

static bool
fake_read(void *ctx, uint64_t off, size_t size, uint8_t *out)
{
	static const uint8_t bytes[8] = { 0x4d, 0x5a, 0xff, 0xfe, 1, 2, 3, 4 };

	(void)ctx;
	if (off > 8 || size > 8 - off)
		return false;
	memcpy(out, bytes + off, size);
	return true;
}

static bool
fake_rule(void *ctx, uint32_t rule)
{
	(void)ctx;
	return rule == 1;
}

static enum program_end
run(const struct code *c)
{
	const struct program_env env = { .hits = fake_hits,
		.found = fake_found,
		.hits_in = fake_hits_in,
		.hit = fake_hit,
		.fact = fake_fact,
		.read = fake_read,
		.rule = fake_rule };

	if (!is_sound(c)) {
		char text[2000];

		program_text(cur_from(c->bytes, c->size), text, sizeof(text));
		fail_msg("refused:\n%s", text);
	}
	return program_run(cur_from(c->bytes, c->size), &env, 10000);
}

/* a op b */
static enum program_end
run_two(int64_t a, enum opcode code, int64_t b, int64_t want)
{
	struct code c = { .size = 0 };

	op_int(&c, a);
	op_int(&c, b);
	op(&c, code);
	op_int(&c, want);
	op(&c, OP_EQ);
	return run(&c);
}

static void
test_arithmetic_wraps_and_knows_undefined(void **state)
{
	(void)state;
	t_eq(run_two(7, OP_ADD, 5, 12), PROGRAM_TRUE);
	t_eq(run_two(INT64_MAX, OP_ADD, 1, INT64_MIN), PROGRAM_TRUE);
	t_eq(run_two(7, OP_SUB, 9, -2), PROGRAM_TRUE);
	t_eq(run_two(-7, OP_MUL, 6, -42), PROGRAM_TRUE);
	t_eq(run_two(-7, OP_DIV, 2, -3), PROGRAM_TRUE);
	t_eq(run_two(-7, OP_MOD, 2, -1), PROGRAM_TRUE);
	t_eq(run_two(7, OP_DIV, 0, 0), PROGRAM_FALSE);
	t_eq(run_two(INT64_MIN, OP_MOD, -1, 0), PROGRAM_FALSE);
	t_eq(run_two(1, OP_SHL, 63, INT64_MIN), PROGRAM_TRUE);
	t_eq(run_two(1, OP_SHL, 64, 0), PROGRAM_TRUE);
	t_eq(run_two(1, OP_SHL, -1, 0), PROGRAM_FALSE);
	t_eq(run_two(-8, OP_SHR, 2, -2), PROGRAM_TRUE);
	t_eq(run_two(12, OP_BIT_AND, 10, 8), PROGRAM_TRUE);
	t_eq(run_two(12, OP_BIT_OR, 10, 14), PROGRAM_TRUE);
	t_eq(run_two(12, OP_BIT_XOR, 10, 6), PROGRAM_TRUE);
	t_eq(run_two(1, OP_LE, 1, 1), PROGRAM_TRUE);
	t_eq(run_two(2, OP_LT, 1, 0), PROGRAM_TRUE);
}

static void
test_undefined_passes_through_but_not_and_or(void **state)
{
	struct code c = { .size = 0 };

	(void)state;
	/* not (1 \ 0) is undefined: false */
	op_int(&c, 1);
	op_int(&c, 0);
	op(&c, OP_DIV);
	op(&c, OP_NOT);
	t_eq(run(&c), PROGRAM_FALSE);
	op(&c, OP_DEFINED);
	t_eq(run(&c), PROGRAM_FALSE);
	op(&c, OP_NOT);
	t_eq(run(&c), PROGRAM_TRUE);

	/* undefined or true */
	c.size = 0;
	op(&c, OP_FACT);
	put(&c, FACT_IS_64, 2);
	op_jump(&c, OP_OR, 4);
	op_string(&c, OP_FOUND, 1);
	op(&c, OP_TRUTH);
	t_eq(run(&c), PROGRAM_TRUE);
}

static void
test_strings_facts_bytes_and_rules(void **state)
{
	struct code c = { .size = 0 };

	(void)state;
	op_string(&c, OP_HITS, 3);
	op(&c, OP_SET_HITS);
	put(&c, 3, 2);
	put(&c, 0, 2);
	put(&c, 1, 2);
	put(&c, 2, 2);
	op(&c, OP_EQ);
	t_eq(run(&c), PROGRAM_TRUE); /* 3 == 0 + 1 + 2 */

	c.size = 0;
	op_int(&c, 2);
	op_string(&c, OP_HIT_OFFSET, 2);
	op_int(&c, 20);
	op(&c, OP_EQ);
	t_eq(run(&c), PROGRAM_TRUE);
	c.bytes[1] = 3; /* hit 3 of two is undefined */
	op(&c, OP_DEFINED);
	t_eq(run(&c), PROGRAM_FALSE);

	c.size = 0;
	op_int(&c, 11);
	op_int(&c, 30);
	op_string(&c, OP_HITS_IN, 3);
	op_int(&c, 2);
	op(&c, OP_EQ);
	t_eq(run(&c), PROGRAM_TRUE);

	c.size = 0;
	op_int(&c, 2);
	op(&c, OP_READ);
	put(&c, 2 | READ_SIGNED | READ_BIG_ENDIAN, 1);
	op_int(&c, -2);
	op(&c, OP_EQ);
	t_eq(run(&c), PROGRAM_TRUE);
	c.bytes[10] = 2; /* little-endian, unsigned */
	c.bytes[12] = 0xff;
	memset(c.bytes + 12, 0, 8);
	c.bytes[12] = 0xff;
	c.bytes[13] = 0xfe;
	t_eq(run(&c), PROGRAM_TRUE);

	c.size = 0;
	op(&c, OP_RULE);
	put(&c, 1, 4);
	t_eq(run(&c), PROGRAM_TRUE);
}

/* for any v in (first..last): v == 5; how often, needed */
static void
loop_range(struct code *c, int64_t first, int64_t last, int64_t need)
{
	op_int(c, first);
	op_int(c, last);
	op_int(c, need);
	op_jump(c, OP_LOOP_RANGE, 2 + 9 + 1 + 1);
	op(c, OP_LOOP_VALUE);
	put(c, 0, 1);
	op_int(c, 5);
	op(c, OP_GE);
	op(c, OP_NEXT);
}

static void
test_loops_count_and_stop(void **state)
{
	struct code c = { .size = 0 };

	(void)state;
	loop_range(&c, 1, 9, 100);
	op_int(&c, 5);
	op(&c, OP_EQ);
	t_eq(run(&c), PROGRAM_TRUE); /* 5 6 7 8 9 */
	c.size = 0;
	loop_range(&c, 1, INT64_MAX, 3);
	op_int(&c, 3);
	op(&c, OP_EQ);
	t_eq(run(&c), PROGRAM_TRUE); /* stops at the third */
	c.size = 0;
	loop_range(&c, 9, 1, 3);
	t_eq(run(&c), PROGRAM_FALSE);
	c.size = 0;
	loop_range(&c, INT64_MIN, 0, 1);
	t_eq(run(&c), PROGRAM_SPENT);

	c.size = 0;
	op_int(&c, 10);
	op(&c, OP_LOOP_SET);
	put(&c, 4, 4);
	put(&c, 3, 2);
	put(&c, 0, 2);
	put(&c, 2, 2);
	put(&c, 3, 2);
	op_string(&c, OP_FOUND, PROGRAM_STRING_OF_LOOP);
	op(&c, OP_NEXT);
	op_int(&c, 2);
	op(&c, OP_EQ);
	t_eq(run(&c), PROGRAM_TRUE);
}

static void
test_unsound_programs_are_refused(void **state)
{
	struct code c = { .size = 0 };

	(void)state;
	assert_false(is_sound(&c)); /* no value */
	op(&c, OP_ADD);
	assert_false(is_sound(&c)); /* runs dry */
	c.size = 0;
	op_int(&c, 1);
	op_int(&c, 1);
	assert_false(is_sound(&c)); /* two values */
	c.size = 0;
	op_string(&c, OP_HITS, 4);
	assert_false(is_sound(&c)); /* no such string */
	c.size = 0;
	op_string(&c, OP_HITS, PROGRAM_STRING_OF_LOOP);
	assert_false(is_sound(&c)); /* no loop */
	c.size = 0;
	op(&c, OP_RULE);
	put(&c, 2, 4);
	assert_false(is_sound(&c)); /* no such rule */
	c.size = 0;
	op_int(&c, 1);
	op_jump(&c, OP_JUMP, 1);
	assert_false(is_sound(&c)); /* past the end */
	c.size = 0;
	op_int(&c, 1);
	op_jump(&c, OP_JUMP_FALSE, 3);
	op_int(&c, 1);
	assert_false(is_sound(&c)); /* into an operand */
	c.size = 0;
	op_int(&c, 1);
	op_jump(&c, OP_JUMP_FALSE, 9);
	op_int(&c, 1);
	assert_false(is_sound(&c)); /* depths differ */
	c.size = 0;
	op_int(&c, 1);
	op(&c, OP_NEXT);
	assert_false(is_sound(&c)); /* no loop to end */
	c.size = 0;
	put(&c, OP_COUNT, 1);
	assert_false(is_sound(&c)); /* no such opcode */
}

static void
test_jumps_do_not_cross_loops(void **state)
{
	struct code c = { .size = 0 };

	(void)state;
	/* into a loop's body, over its beginning */
	op_int(&c, 1);
	op_int(&c, 1);
	op_int(&c, 1);
	op_int(&c, 1);
	op_jump(&c, OP_JUMP_FALSE, 5);
	op_jump(&c, OP_LOOP_RANGE, 2 + 1);
	op(&c, OP_LOOP_VALUE);
	put(&c, 0, 1);
	op(&c, OP_NEXT);
	assert_false(is_sound(&c));

	/* out of one */
	c.size = 0;
	op_int(&c, 1);
	op_int(&c, 9);
	op_int(&c, 1);
	op_jump(&c, OP_LOOP_RANGE, 9 + 5 + 9 + 1);
	op_int(&c, 1);
	op_jump(&c, OP_JUMP_FALSE, 9 + 1);
	op_int(&c, 1);
	op(&c, OP_NEXT);
	assert_false(is_sound(&c));
}

static void
test_deep_stacks_and_nests_end(void **state)
{
	struct code c = { .size = 0 };
	int i;

	(void)state;
	for (i = 0; i < 50; i++)
		op_string(&c, OP_HITS, 1);
	for (i = 1; i < 50; i++)
		op(&c, OP_ADD);
	t_eq(run(&c), PROGRAM_TRUE);
	c.size = 0;
	for (i = 0; i < 65; i++)
		op_string(&c, OP_HITS, 1);
	for (i = 1; i < 65; i++)
		op(&c, OP_ADD);
	assert_false(is_sound(&c));
}

/* Any bytes: refused, or they run to an end. */
static void
test_random_programs_are_refused_or_run(void **state)
{
	const struct program_env env = { .hits = fake_hits,
		.found = fake_found,
		.hits_in = fake_hits_in,
		.hit = fake_hit,
		.fact = fake_fact,
		.read = fake_read,
		.rule = fake_rule };
	uint32_t seed = 1, sound = 0;
	int i;

	(void)state;
	for (i = 0; i < 200000; i++) {
		struct code c = { .size = 0 };
		char text[512];

		for (c.size = 0; c.size < 24;) {
			seed = seed * 1664525u + 1013904223u;
			put(&c, (seed >> 24) % (i % 2 != 0 ? 48 : 5), 1);
		}
		c.size = 1 + (seed >> 8) % 24;
		program_text(cur_from(c.bytes, c.size), text, sizeof(text));
		if (!is_sound(&c))
			continue;
		sound++;
		assert_true(program_run(cur_from(c.bytes, c.size), &env, 500) !=
		    PROGRAM_BROKEN);
	}
	assert_true(sound > 100);
}

static void
test_text_names_instructions(void **state)
{
	struct code c = { .size = 0 };
	char text[200];

	(void)state;
	op_string(&c, OP_HITS, 3);
	op_int(&c, 2);
	op(&c, OP_GT);
	program_text(cur_from(c.bytes, c.size), text, sizeof(text));
	assert_string_equal(text,
	    "     0  HITS 3\n     3  INT 2\n    12  GT\n");
	t_eq(program_text(cur_from(c.bytes, c.size), text, 5), 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_arithmetic_wraps_and_knows_undefined),
		cmocka_unit_test(test_undefined_passes_through_but_not_and_or),
		cmocka_unit_test(test_strings_facts_bytes_and_rules),
		cmocka_unit_test(test_loops_count_and_stop),
		cmocka_unit_test(test_unsound_programs_are_refused),
		cmocka_unit_test(test_jumps_do_not_cross_loops),
		cmocka_unit_test(test_deep_stacks_and_nests_end),
		cmocka_unit_test(test_random_programs_are_refused_or_run),
		cmocka_unit_test(test_text_names_instructions),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
