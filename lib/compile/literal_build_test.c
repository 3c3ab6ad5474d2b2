/*
 * literal_build_test.c - sets are built, opened and held against a naive
 * search, by every implementation this machine can run.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/literal_build.h"
#include "lib/compile/literal_plan.h"
#include "lib/match/literal_set.h"
#include "tests/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_ROOM ((size_t)1 << 20)
#define HITS_MAX   ((size_t)1 << 20)

struct hits {
	struct literal_hit *hit;
	size_t count;
};

static uint64_t random_state;

static uint32_t
any(uint32_t below)
{
	random_state =
	    random_state * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)((random_state >> 33) % below);
}

static bool
keep(void *ctx, const struct literal_hit *hit, size_t count)
{
	struct hits *h = ctx;

	assert_true(h->count + count <= HITS_MAX);
	memcpy(h->hit + h->count, hit, count * sizeof(*hit));
	h->count += count;
	return true;
}

static int
hit_order(const void *a, const void *b)
{
	const struct literal_hit *x = a, *y = b;

	if (x->offset != y->offset)
		return x->offset < y->offset ? -1 : 1;
	return x->literal < y->literal ? -1 : x->literal > y->literal;
}

/* What a search that cannot be wrong finds, equal numbers once. */
static void
naive(const struct literal *literal, size_t count, const uint8_t *bytes,
    size_t size, size_t seen, struct hits *out)
{
	size_t at, i, kept = 0;
	uint32_t j;

	out->count = 0;
	for (i = 0; i < count; i++) {
		for (at = 0; at + literal[i].size <= size; at++) {
			if (at + literal[i].size <= seen)
				continue;
			for (j = 0; j < literal[i].size; j++) {
				if (literal_fold_byte(bytes[at + j]) !=
				    literal_fold_byte(literal[i].bytes[j]))
					break;
			}
			if (j == literal[i].size) {
				assert_true(out->count < HITS_MAX);
				out->hit[out->count].offset = (uint32_t)at;
				out->hit[out->count++].literal =
				    literal[i].number;
			}
		}
	}
	qsort(out->hit, out->count, sizeof(*out->hit), hit_order);
	for (i = 0; i < out->count; i++) {
		if (i > 0 && hit_order(&out->hit[i], &out->hit[i - 1]) == 0)
			continue;
		out->hit[kept++] = out->hit[i];
	}
	out->count = kept;
}

static struct hits wanted, got;
static uint8_t *arena_room;

static int
setup(void **state)
{
	(void)state;
	wanted.hit = malloc(HITS_MAX * sizeof(*wanted.hit));
	got.hit = malloc(HITS_MAX * sizeof(*got.hit));
	arena_room = malloc(ARENA_ROOM);
	return wanted.hit == NULL || got.hit == NULL || arena_room == NULL;
}

static int
teardown(void **state)
{
	(void)state;
	free(wanted.hit);
	free(got.hit);
	free(arena_room);
	return 0;
}

/* Hold one implementation against what is wanted. */
static void
same_hits(const struct literal_impl *impl, const struct compile_output *out,
    const uint8_t *bytes, size_t size, size_t seen)
{
	const struct literal_set *set;
	struct arena arena;
	struct why why;
	size_t i;

	arena_init(&arena, arena_room, ARENA_ROOM);
	set = literal_open_with(&arena, cur_from(out->bytes, out->size), impl,
	    &why);
	if (set == NULL)
		fail_msg("%s", why.text);
	if (!literal_sweep(set, &why))
		fail_msg("%s", why.text);
	got.count = 0;
	assert_true(literal_scan(set, bytes, size, seen, keep, &got));
	qsort(got.hit, got.count, sizeof(*got.hit), hit_order);
	for (i = 0; i < wanted.count && i < got.count; i++) {
		if (hit_order(&got.hit[i], &wanted.hit[i]) != 0)
			fail_msg("%s: hit %zu is %u at %u, not %u at %u",
			    impl->name, i, got.hit[i].literal,
			    got.hit[i].offset, wanted.hit[i].literal,
			    wanted.hit[i].offset);
	}
	if (got.count != wanted.count)
		fail_msg("%s: %zu hits, not %zu", impl->name, got.count,
		    wanted.count);
}

/* Every implementation, on a section made by one policy. */
static void
same_by(const struct literal_policy *policy, const struct literal *literal,
    size_t count, const uint8_t *bytes, size_t size, size_t seen)
{
	const struct literal_impl *impl = literal_impls;
	struct compile_output out = { 0 };
	struct why why;

	if (!literal_build_by(policy, literal, count, 42, &out, &why))
		fail_msg("%s", why.text);
	for (;; impl++) {
		if (impl->runs())
			same_hits(impl, &out, bytes, size, seen);
		if (strcmp(impl->name, "portable") == 0)
			break;
	}
	free(out.bytes);
}

/* Every plan and every implementation on one set and one content. */
static void
same_everywhere(const struct literal *literal, size_t count,
    const uint8_t *bytes, size_t size, size_t seen)
{
	static const struct literal_policy policy[] = {
		{ .few_each = 4000, .few_stride = 30000, .span = 8 },
		{ .few_each = 0, .few_stride = 30000, .span = 8 },
		{ .few_each = 0, .few_stride = 0, .span = 8 },
		{ .few_each = 0, .few_stride = 0, .span = 4 },
		{ .few_each = 0, .few_stride = 0, .span = 16 },
	};
	const uint8_t *fenced = t_fence(bytes, size);
	size_t i;

	naive(literal, count, fenced, size, seen, &wanted);
	for (i = 0; i < sizeof(policy) / sizeof(*policy); i++)
		same_by(&policy[i], literal, count, fenced, size, seen);
}

#define SET_MAX 3000

struct set {
	size_t count;
	struct literal literal[SET_MAX];
	uint8_t bytes[SET_MAX][LITERAL_MAX];
};

static struct set the_set;

static void
set_add(struct set *s, const void *bytes, size_t size)
{
	size_t i = s->count++;

	memcpy(s->bytes[i], bytes, size);
	s->literal[i].bytes = s->bytes[i];
	s->literal[i].size = (uint32_t)size;
	s->literal[i].number = (uint32_t)i;
}

static void
set_add_text(struct set *s, const char *text)
{
	set_add(s, text, strlen(text));
}

static void
test_one_literal_is_found_wherever_it_stands(void **state)
{
	uint8_t bytes[200];
	size_t at, size;

	(void)state;
	for (size = 2; size <= LITERAL_MAX; size++) {
		memset(&the_set, 0, sizeof(the_set));
		set_add(&the_set, "abcDEFgh0123ijklMNop\1\377\0zQxyw.stu_",
		    size);
		for (at = 0; at + size <= sizeof(bytes); at++) {
			memset(bytes, ' ', sizeof(bytes));
			memcpy(bytes + at,
			    "ABCdefGH0123ijklmNOP\1\377\0zqXYW.sTu_", size);
			same_everywhere(the_set.literal, 1, bytes,
			    sizeof(bytes), 0);
			assert_true(wanted.count >= 1);
		}
	}
}

static void
test_signs_that_differ_from_others_by_the_case_bit_stay_apart(void **state)
{
	static const char bytes[] = "@[\\]^_ `{|}~ \1\41 \300\340 @{";

	(void)state;
	memset(&the_set, 0, sizeof(the_set));
	set_add_text(&the_set, "@[\\]");
	set_add_text(&the_set, "`{|}");
	set_add_text(&the_set, "@{");
	set_add_text(&the_set, "\1\41");
	set_add_text(&the_set, "\300\340");
	set_add_text(&the_set, "\340\300");
	same_everywhere(the_set.literal, the_set.count, (const uint8_t *)bytes,
	    sizeof(bytes) - 1, 0);
	t_eq(wanted.count, 5);
}

static void
test_equal_literals_are_told_under_every_number(void **state)
{
	size_t i;

	(void)state;
	memset(&the_set, 0, sizeof(the_set));
	for (i = 0; i < 300; i++)
		set_add_text(&the_set, i % 2 == 0 ? "needle" : "NEEDLE");
	the_set.literal[299].number = 7;
	same_everywhere(the_set.literal, the_set.count,
	    (const uint8_t *)"a Needle in", 11, 0);
	t_eq(wanted.count, 299);
}

static void
test_seams_neither_lose_nor_repeat(void **state)
{
	uint8_t bytes[160];
	size_t split, i;

	(void)state;
	random_state = 5;
	memset(&the_set, 0, sizeof(the_set));
	for (i = 0; i < sizeof(bytes); i++)
		bytes[i] = (uint8_t)('a' + any(6));
	for (i = 0; i < 60; i++) {
		uint32_t size = 2 + any(LITERAL_MAX - 1);

		set_add(&the_set, bytes + any(160 - size), size);
	}
	for (split = 0; split <= sizeof(bytes); split++)
		same_everywhere(the_set.literal, the_set.count, bytes,
		    sizeof(bytes), split);
}

/* count literals, most cut from the content, of a few lengths or all. */
static void
random_set(const uint8_t *bytes, size_t size, size_t count, uint32_t shortest,
    uint32_t longest, uint32_t letters)
{
	uint8_t made[LITERAL_MAX];
	size_t i;
	uint32_t n, j;

	memset(&the_set, 0, sizeof(the_set));
	for (i = 0; i < count; i++) {
		n = shortest + any(longest - shortest + 1);
		if (n <= size && any(4) != 0) {
			memcpy(made, bytes + any((uint32_t)(size - n + 1)), n);
			if (any(4) == 0)
				made[any(n)] ^= 0x20;
		} else {
			for (j = 0; j < n; j++)
				made[j] = (uint8_t)('`' + any(letters));
		}
		set_add(&the_set, made, n);
	}
}

static void
test_random_sets_of_few_letters(void **state)
{
	static uint8_t bytes[20000];
	uint32_t round, letters, shortest, longest;
	size_t size, i;

	(void)state;
	random_state = 1;
	for (round = 0; round < 150; round++) {
		letters = 1 + any(round % 3 == 0 ? 3 : 60);
		size = 1 + any(round % 10 == 0 ? sizeof(bytes) : 600);
		for (i = 0; i < size; i++)
			bytes[i] = (uint8_t)('`' + any(letters));
		shortest = 2 + any(LITERAL_MAX - 1);
		longest = shortest + any(LITERAL_MAX - shortest + 1);
		if (letters < 4 && size > 300)
			size = 300;
		random_set(bytes, size, 1 + any(100), shortest, longest,
		    letters);
		same_everywhere(the_set.literal, the_set.count, bytes, size,
		    any((uint32_t)size));
	}
}

static void
test_random_sets_of_bytes(void **state)
{
	static uint8_t bytes[40000];
	uint32_t round;
	size_t i;

	(void)state;
	random_state = 2;
	for (round = 0; round < 12; round++) {
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)any(256);
		random_set(bytes, sizeof(bytes), round < 6 ? 300 : SET_MAX,
		    round % 3 == 0       ? 2
			: round % 3 == 1 ? 9
					 : 19,
		    LITERAL_MAX, 30);
		same_everywhere(the_set.literal, the_set.count, bytes,
		    sizeof(bytes), 0);
	}
}

static void
test_runs_and_prefixes_of_each_other(void **state)
{
	uint8_t bytes[300], made[LITERAL_MAX];
	uint32_t size, i;

	(void)state;
	memset(bytes, 0, sizeof(bytes));
	memset(bytes + 100, 'a', 80);
	for (i = 0; i < 80; i++)
		bytes[200 + i] = (uint8_t)(i % 2 == 0 ? 'x' : 0);
	memset(&the_set, 0, sizeof(the_set));
	for (size = 2; size <= LITERAL_MAX; size++) {
		memset(made, 0, sizeof(made));
		set_add(&the_set, made, size);
		memset(made, 'A', sizeof(made));
		set_add(&the_set, made, size);
		made[size - 1] = 0;
		set_add(&the_set, made, size);
		for (i = 0; i < size; i++)
			made[i] = (uint8_t)(i % 2 == 0 ? 'X' : 0);
		set_add(&the_set, made, size);
		set_add(&the_set, bytes + 180 - size / 2, size);
	}
	same_everywhere(the_set.literal, the_set.count, bytes, sizeof(bytes),
	    0);
	same_everywhere(the_set.literal, the_set.count, bytes, sizeof(bytes),
	    150);
}

/* Thousands that differ only where the anchor is not. */
static void
test_many_around_one_window(void **state)
{
	static uint8_t bytes[24 * SET_MAX];
	char text[40];
	size_t i, size = 0;

	(void)state;
	memset(&the_set, 0, sizeof(the_set));
	for (i = 0; i < SET_MAX; i++) {
		snprintf(text, sizeof(text), "%03zxqzjxkwvqzjxkw%zx", i,
		    i % 17);
		set_add(&the_set, text, 3 + 13 + i % 2);
		memcpy(bytes + size, text, 17);
		size += 17;
	}
	same_everywhere(the_set.literal, the_set.count, bytes, size, 0);
	assert_true(wanted.count >= SET_MAX);
}

/* Blocks of nothing but one byte are passed over when nothing is in them. */
static void
test_long_runs_with_something_in_and_around_them(void **state)
{
	static uint8_t bytes[10 * LITERAL_BLOCK];
	static const char word[] = "\0\0word\0\0\0";
	uint32_t round, i;

	(void)state;
	random_state = 20;
	for (round = 0; round < 6; round++) {
		memset(bytes, 0, sizeof(bytes));
		the_set.count = 0;
		set_add(&the_set, word, sizeof(word) - 1);
		set_add_text(&the_set, "another word that is longer");
		for (i = 0; i < round; i++)
			memcpy(bytes + any(sizeof(bytes) - 40), word,
			    sizeof(word) - 1);
		memcpy(bytes + LITERAL_BLOCK * round + any(90),
		    "another word that is longer", 27);
		same_everywhere(the_set.literal, the_set.count, bytes,
		    sizeof(bytes), round % 2 == 0 ? 0 : 5000);
	}
}

static void
test_runs_that_are_literals_themselves(void **state)
{
	static uint8_t bytes[5 * LITERAL_BLOCK];
	static const uint8_t zeros[12];

	(void)state;
	memset(bytes, 0, sizeof(bytes));
	the_set.count = 0;
	set_add(&the_set, zeros, 5);
	set_add(&the_set, zeros, sizeof(zeros));
	same_everywhere(the_set.literal, the_set.count, bytes, sizeof(bytes),
	    0);
}

/* Content of several blocks, with literals over every place where one block
   ends and the next begins, whatever the plane or the vector. */
static void
test_literals_over_the_borders_of_blocks(void **state)
{
	static uint8_t bytes[3 * LITERAL_BLOCK + 100];
	uint8_t made[LITERAL_MAX];
	uint32_t shift, i, size;
	size_t at;

	(void)state;
	random_state = 31;
	for (shift = 0; shift <= LITERAL_MAX; shift++) {
		for (at = 0; at < sizeof(bytes); at++)
			bytes[at] = (uint8_t)any(256);
		memset(&the_set, 0, sizeof(the_set));
		for (size = 2; size <= LITERAL_MAX; size++) {
			for (i = 0; i < size; i++)
				made[i] = (uint8_t)('a' + any(20));
			set_add(&the_set, made, size);
		}
		for (i = 1; i <= 3; i++) {
			const struct literal *l =
			    &the_set.literal[any(LITERAL_MAX - 1)];

			memcpy(bytes + i * LITERAL_BLOCK - shift, l->bytes,
			    l->size);
		}
		same_everywhere(the_set.literal, the_set.count, bytes,
		    shift % 2 == 0 ? sizeof(bytes) : 3 * LITERAL_BLOCK + shift,
		    shift % 3 == 0 ? LITERAL_BLOCK + any(40) - 20 : 0);
		assert_true(wanted.count > 0);
	}
}

/* What costs most: nearly all of every literal, now and then all of it. */
static void
test_literals_less_their_last_byte(void **state)
{
	static uint8_t source[30000], bytes[700 * LITERAL_MAX];
	size_t i, size = 0;

	(void)state;
	random_state = 32;
	for (i = 0; i < sizeof(source); i++)
		source[i] = (uint8_t)any(256);
	random_set(source, sizeof(source), 700, 19, LITERAL_MAX, 30);
	for (i = 0; i < the_set.count; i++) {
		uint32_t less = any(20) != 0;

		memcpy(bytes + size, the_set.literal[i].bytes,
		    the_set.literal[i].size - less);
		size += the_set.literal[i].size - less;
	}
	same_everywhere(the_set.literal, the_set.count, bytes, size, 0);
	assert_true(wanted.count > 10);
}

/* All found by the same window, at every offset, so that more entries wait
   for their turn than there is room for. */
static void
test_more_around_one_window_than_can_wait(void **state)
{
	static const char window[] = "0123456789abcdefghi";
	static uint8_t bytes[600 * LITERAL_MAX];
	uint8_t made[LITERAL_MAX];
	size_t size = 0;
	uint32_t i, j;

	(void)state;
	random_state = 33;
	memset(&the_set, 0, sizeof(the_set));
	for (i = 0; i < 600; i++) {
		for (j = 0; j < LITERAL_MAX; j++)
			made[j] = (uint8_t)('v' + any(3));
		memcpy(made + i % 13, window, 19);
		set_add(&the_set, made, i % 13 + 19 + any(14 - i % 13));
		memcpy(bytes + size, made, LITERAL_MAX);
		size += LITERAL_MAX;
	}
	same_everywhere(the_set.literal, the_set.count, bytes, size, 0);
	assert_true(wanted.count >= 600);
}

/* Content of which the sampler picks every position: all keys are equal. */
static void
test_content_of_equal_keys(void **state)
{
	static uint8_t bytes[20000];
	uint32_t multiplier = 0x3fe7, key, count, i;
	int next;

	(void)state;
	random_state = 34;
	for (key = 1; key < 256; key += 7) {
		bytes[0] = (uint8_t)key;
		for (count = 1; count < sizeof(bytes); count++) {
			for (next = 255; next >= 0; next--) {
				if (literal_key(bytes[count - 1], (uint8_t)next,
					multiplier) == key)
					break;
			}
			bytes[count] =
			    next < 0 ? (uint8_t)any(256) : (uint8_t)next;
		}
		memset(&the_set, 0, sizeof(the_set));
		for (i = 0; i < 10; i++)
			set_add(&the_set, bytes + any(sizeof(bytes) - 32),
			    2 + 3 * i);
		the_set.bytes[9][20] ^= 1;
		same_everywhere(the_set.literal, the_set.count, bytes, 2000, 0);
	}
}

static bool
stop(void *ctx, const struct literal_hit *hit, size_t count)
{
	(void)hit;
	(void)count;
	++*(unsigned *)ctx;
	return false;
}

static void
test_a_listener_may_stop_the_scan(void **state)
{
	static uint8_t bytes[100000];
	struct compile_output out = { 0 };
	const struct literal_set *set;
	struct arena arena;
	struct why why;
	unsigned told = 0;

	(void)state;
	memset(&the_set, 0, sizeof(the_set));
	set_add(&the_set, "\0\0", 2);
	assert_true(literal_build(the_set.literal, 1, 1, &out, &why));
	arena_init(&arena, arena_room, ARENA_ROOM);
	set = literal_open(&arena, cur_from(out.bytes, out.size), &why);
	assert_non_null(set);
	assert_false(literal_scan(set, bytes, sizeof(bytes), 0, stop, &told));
	t_eq(told, 1);
	free(out.bytes);
}

static void
look_nowhere(struct literal_run *run, const struct literal_view *view)
{
	(void)run;
	(void)view;
}

static void
fold_nothing(uint8_t *to, const uint8_t *from, size_t size)
{
	memcpy(to, from, size);
}

/* Open a set of some words by an implementation, checked; who is used? */
static const char *
used_of(const struct literal_impl *impl, const char **refused)
{
	static const char *const word[] = { "needle", "in", "a haystack",
		"or two of them, far from each" };
	struct compile_output out = { 0 };
	const struct literal_set *set;
	const char *used;
	struct arena arena;
	struct why why;
	size_t i;

	memset(&the_set, 0, sizeof(the_set));
	for (i = 0; i < sizeof(word) / sizeof(*word); i++)
		set_add_text(&the_set, word[i]);
	assert_true(literal_build(the_set.literal, the_set.count, 1, &out,
	    &why));
	arena_init(&arena, arena_room, ARENA_ROOM);
	set = literal_open_checked(&arena, cur_from(out.bytes, out.size), impl,
	    &why);
	assert_non_null(set);
	used = set->impl->name;
	*refused = literal_refused(set);
	free(out.bytes);
	return used;
}

static void
test_an_implementation_that_disagrees_is_not_used(void **state)
{
	struct literal_impl wrong = *literal_portable();
	const struct literal_impl *impl = literal_impls;
	const char *refused;

	(void)state;
	wrong.name = "wrong";
	wrong.look = look_nowhere;
	assert_string_equal(used_of(&wrong, &refused), "portable");
	assert_string_equal(refused, "wrong");
	wrong.look = literal_look_portable;
	wrong.fold = fold_nothing;
	assert_string_equal(used_of(&wrong, &refused), "portable");
	assert_string_equal(refused, "wrong");
	for (;; impl++) {
		if (impl->runs()) {
			assert_string_equal(used_of(impl, &refused),
			    impl->name);
			assert_null(refused);
		}
		if (impl == literal_portable())
			break;
	}
}

static void
test_an_empty_set_finds_nothing(void **state)
{
	(void)state;
	same_everywhere(NULL, 0, (const uint8_t *)"bytes", 5, 0);
}

static void
test_the_same_input_makes_the_same_bytes(void **state)
{
	struct compile_output a = { 0 }, b = { 0 };
	struct why why;

	(void)state;
	random_state = 3;
	random_set((const uint8_t *)"", 0, 1000, 2, LITERAL_MAX, 40);
	assert_true(literal_build(the_set.literal, the_set.count, 9, &a, &why));
	assert_true(literal_build(the_set.literal, the_set.count, 9, &b, &why));
	t_eq(a.size, b.size);
	assert_memory_equal(a.bytes, b.bytes, a.size);
	free(a.bytes);
	free(b.bytes);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_one_literal_is_found_wherever_it_stands),
		cmocka_unit_test(
		    test_signs_that_differ_from_others_by_the_case_bit_stay_apart),
		cmocka_unit_test(
		    test_equal_literals_are_told_under_every_number),
		cmocka_unit_test(test_seams_neither_lose_nor_repeat),
		cmocka_unit_test(test_random_sets_of_few_letters),
		cmocka_unit_test(test_random_sets_of_bytes),
		cmocka_unit_test(test_runs_and_prefixes_of_each_other),
		cmocka_unit_test(test_many_around_one_window),
		cmocka_unit_test(
		    test_long_runs_with_something_in_and_around_them),
		cmocka_unit_test(test_runs_that_are_literals_themselves),
		cmocka_unit_test(test_literals_over_the_borders_of_blocks),
		cmocka_unit_test(test_literals_less_their_last_byte),
		cmocka_unit_test(test_more_around_one_window_than_can_wait),
		cmocka_unit_test(test_content_of_equal_keys),
		cmocka_unit_test(test_a_listener_may_stop_the_scan),
		cmocka_unit_test(
		    test_an_implementation_that_disagrees_is_not_used),
		cmocka_unit_test(test_an_empty_set_finds_nothing),
		cmocka_unit_test(test_the_same_input_makes_the_same_bytes),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
