/*
 * ask_test.c - claims about ask.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/ask.h"

#include "tests/t.h"

#include <string.h>

/* One good frame of every kind. */
static const struct ask sample[] = {
	{ .kind = ASK_IS_ASK,
	    .id = 7,
	    .ask = { INT64_MAX, ASK_FLAGS, ASK_SERVER, 5000, 65534 } },
	{ .kind = ASK_IS_CANCEL, .id = UINT64_MAX },
	{ .kind = ASK_IS_STATUS },
	{ .kind = ASK_IS_LEARN },
	{ .kind = ASK_IS_GENERATION,
	    .generation = { 2, 8700000, 1700000000, 3, 0x7fff } },
	{ .kind = ASK_IS_DATABASE, .database = { 2, 7, 8 } },
	{ .kind = ASK_IS_DETAIL, .id = 7, .detail = { 96, { 22, 0, 1 } } },
	{ .kind = ASK_IS_NAME,
	    .id = 7,
	    .name = { 2, ASK_NAME_FLAGS, 7, 4, { 'A', '.', '\xc3', '\xa4' } } },
	{ .kind = ASK_IS_ANSWER,
	    .id = 7,
	    .answer = { VERDICT_INFECTED, UNSCANNED_LIMIT,
		1u << UNSCANNED_LIMIT | 1u << UNSCANNED_CORRUPT, 1, 3, ASK_HAS,
		5, 17, 4711, 2, { 9, 8, 7 }, 4711, 6 } },
	{ .kind = ASK_IS_ANSWER, .id = 7 },
	{ .kind = ASK_IS_STATE,
	    .state = { 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11 } },
};
#define SAMPLES (sizeof(sample) / sizeof(sample[0]))

static bool
get(const void *bytes, size_t size, struct ask *out)
{
	return ask_get(cur_from(t_fence(bytes, size), size), out);
}

static void
test_every_kind_comes_back_as_it_was_put(void **state)
{
	uint8_t record[ASK_LARGE], again[ASK_LARGE];
	struct ask back;
	size_t i, size;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		size = ask_put(&sample[i], record);
		t_eq(size, ask_size(sample[i].kind));
		assert_true(size > 0);
		assert_true(get(record, size, &back));
		t_eq(back.kind, sample[i].kind);
		t_eq(back.id, sample[i].id);
		t_eq(ask_put(&back, again), size);
		assert_memory_equal(record, again, size);
	}
}

static void
test_fields_are_where_the_table_says(void **state)
{
	uint8_t record[ASK_LARGE];

	(void)state;
	t_eq(ask_put(&sample[0], record), 64);
	t_eq(record[0], 1);
	t_eq(record[8], 7);
	t_eq(record[23], 0x7f);
	t_eq(record[24], ASK_FLAGS);
	t_eq(record[28], ASK_SERVER);
	t_eq(record[32] | record[33] << 8, 5000);
	t_eq(record[36] | record[37] << 8, 65534);
	t_eq(ask_put(&sample[8], record), 128);
	t_eq(record[0], 20);
	t_eq(record[16], VERDICT_INFECTED);
	t_eq(record[20], UNSCANNED_LIMIT);
	t_eq(record[28], 1);
	t_eq(record[32], 3);
	t_eq(record[40], 5);
	t_eq(record[44], 17);
	t_eq(record[48] | record[49] << 8, 4711);
	t_eq(record[56], 2);
	t_eq(record[64], 9);
	t_eq(record[96] | record[97] << 8, 4711);
	t_eq(record[104], 6);
}

/* Of every good frame, every other size and every other kind. */
static void
test_a_frame_has_exactly_one_size(void **state)
{
	uint8_t record[ASK_LARGE + 1] = { 0 };
	struct ask back;
	size_t i, n, size;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		memset(record, 0, sizeof(record));
		size = ask_put(&sample[i], record);
		for (n = 0; n <= sizeof(record); n++)
			assert_true(get(record, n, &back) == (n == size));
	}
}

/* Whatever byte is flipped, what is accepted is what would be written. */
static void
test_every_byte_means_something(void **state)
{
	uint8_t record[ASK_LARGE], again[ASK_LARGE];
	struct ask back;
	size_t i, n, size;
	unsigned bit;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		size = ask_put(&sample[i], record);
		for (n = 0; n < size; n++) {
			for (bit = 0; bit < 8; bit++) {
				record[n] ^= (uint8_t)(1u << bit);
				if (get(record, size, &back)) {
					t_eq(ask_put(&back, again), size);
					assert_memory_equal(record, again,
					    size);
				}
				record[n] ^= (uint8_t)(1u << bit);
			}
		}
	}
}

/* Frames that contradict themselves. */
static const struct ask bad[] = {
	{ .kind = 99, .id = 1 },
	{ .kind = ASK_IS_ASK, .id = 0, .ask = { 1, 0, 1, 0, 0 } },
	{ .kind = ASK_IS_ASK, .id = 1, .ask = { 1, 0, 0, 0, 0 } },
	{ .kind = ASK_IS_ASK, .id = 1, .ask = { 1, 0, 5, 0, 0 } },
	{ .kind = ASK_IS_ASK, .id = 1, .ask = { 1, ASK_FLAGS + 1, 1, 0, 0 } },
	{ .kind = ASK_IS_ASK,
	    .id = 1,
	    .ask = { (uint64_t)INT64_MAX + 1, 0, 1, 0, 0 } },
	{ .kind = ASK_IS_LEARN, .id = 1 },
	{ .kind = ASK_IS_GENERATION, .id = 1 },
	{ .kind = ASK_IS_DATABASE, .database = { 1, 2, 2 } },
	{ .kind = ASK_IS_DETAIL, .id = 1, .detail = { 0, { 0 } } },
	{ .kind = ASK_IS_DETAIL, .id = 1, .detail = { 97, { 0 } } },
	{ .kind = ASK_IS_DETAIL, .id = 1, .detail = { 1, { 0, 1 } } },
	{ .kind = ASK_IS_NAME, .id = 1, .name = { 0, 0, 0, 0, { 0 } } },
	{ .kind = ASK_IS_NAME,
	    .id = 1,
	    .name = { 0, ASK_NAME_FLAGS + 1, 0, 1, { 'a' } } },
	{ .kind = ASK_IS_NAME, .id = 1, .name = { 0, 0, 0, 289, { 'a' } } },
	{ .kind = ASK_IS_NAME, .id = 1, .name = { 0, 0, 0, 1, { 'a', 'b' } } },
	{ .kind = ASK_IS_NAME, .id = 1, .name = { 0, 0, 0, 2, { 'a', '\n' } } },
	{ .kind = ASK_IS_NAME, .id = 1, .name = { 0, 0, 0, 2, { 'a', 0 } } },
	{ .kind = ASK_IS_NAME,
	    .id = 1,
	    .name = { 0, 0, 0, 2, { '\xc2', '\x9b' } } },
	/* Infected by nothing. */
	{ .kind = ASK_IS_ANSWER,
	    .id = 1,
	    .answer = { .verdict = VERDICT_INFECTED } },
	/* Clean with a gap, or with a match. */
	{ .kind = ASK_IS_ANSWER,
	    .id = 1,
	    .answer = { .reason = UNSCANNED_LIMIT, .reasons = 2 } },
	{ .kind = ASK_IS_ANSWER, .id = 1, .answer = { .matches = 1 } },
	/* Unscanned without a reason, or with one that is not in the set. */
	{ .kind = ASK_IS_ANSWER,
	    .id = 1,
	    .answer = { .verdict = VERDICT_UNSCANNED } },
	{ .kind = ASK_IS_ANSWER,
	    .id = 1,
	    .answer = { .verdict = VERDICT_UNSCANNED,
		.reason = UNSCANNED_LIMIT,
		.reasons = 4 } },
	{ .kind = ASK_IS_ANSWER,
	    .id = 1,
	    .answer = { .verdict = VERDICT_UNSCANNED,
		.reason = UNSCANNED_COUNT,
		.reasons = 1u << UNSCANNED_COUNT } },
	{ .kind = ASK_IS_ANSWER,
	    .id = 1,
	    .answer = { .verdict = VERDICT_COUNT } },
	/* A hash nobody announced. */
	{ .kind = ASK_IS_ANSWER, .id = 1, .answer = { .sha256 = { 1 } } },
	{ .kind = ASK_IS_ANSWER, .id = 1, .answer = { .searched = 1 } },
	{ .kind = ASK_IS_ANSWER, .id = 1, .answer = { .objects = 1 } },
	{ .kind = ASK_IS_ANSWER, .id = 1, .answer = { .flags = ASK_HAS + 1 } },
};

static void
test_contradictions_are_refused(void **state)
{
	uint8_t record[ASK_LARGE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		t_eq(ask_put(&bad[i], record), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_comes_back_as_it_was_put),
		cmocka_unit_test(test_fields_are_where_the_table_says),
		cmocka_unit_test(test_a_frame_has_exactly_one_size),
		cmocka_unit_test(test_every_byte_means_something),
		cmocka_unit_test(test_contradictions_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
