/*
 * duty_test.c - claims about duty.c and event.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/duty.h"

#include "tests/t.h"

#include <string.h>

/* One good frame of every kind. */
static const struct duty sample[] = {
	{ .kind = DUTY_CONFIG },
	{ .kind = DUTY_LINK, .link = { ROLE_GUARD, 1, 77 } },
	{ .kind = DUTY_LISTEN, .listen = { LISTEN_CLAMD_TCP } },
	{ .kind = DUTY_DATABASE, .database = { 3, 1, 2 } },
	{ .kind = DUTY_GO },
	{ .kind = DUTY_PING, .id = 4 },
	{ .kind = DUTY_STOP },
	{ .kind = DUTY_READY },
	{ .kind = DUTY_PONG, .id = UINT64_MAX },
	{ .kind = DUTY_METRIC, .metric = { METRIC_BYTES, UINT64_MAX } },
	{ .kind = DUTY_WANT, .want = { WANT_SHUTDOWN, 1000 } },
	{ .kind = DUTY_EVENT,
	    .event = { .kind = EVENT_BLOCKED,
		.level = EVENT_WARNING,
		.verdict = VERDICT_INFECTED,
		.reason = UNSCANNED_LIMIT,
		.pid = 12,
		.uid = 1000,
		.name_size = 4,
		.text_size = 2,
		.path_size = 3,
		.size = 68,
		.name = { 'E', 'v', 'i', 'l' },
		.text = { 'n', 'o' },
		.path = { '/', '\n', 'x' } } },
};
#define SAMPLES (sizeof(sample) / sizeof(sample[0]))

static bool
get(const void *bytes, size_t size, struct duty *out)
{
	return duty_get(cur_from(t_fence(bytes, size), size), out);
}

static void
test_every_kind_comes_back_as_it_was_put(void **state)
{
	static uint8_t record[DUTY_LARGE], again[DUTY_LARGE];
	static struct duty back;
	size_t i, size;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		size = duty_put(&sample[i], record);
		t_eq(size, duty_size(sample[i].kind));
		assert_true(size > 0);
		assert_true(get(record, size, &back));
		t_eq(back.kind, sample[i].kind);
		t_eq(duty_put(&back, again), size);
		assert_memory_equal(record, again, size);
	}
}

static void
test_fields_are_where_the_table_says(void **state)
{
	static uint8_t record[DUTY_LARGE];

	(void)state;
	t_eq(duty_put(&sample[SAMPLES - 1], record), 4608);
	t_eq(record[0], 20);
	t_eq(record[16], EVENT_BLOCKED);
	t_eq(record[32], 12);
	t_eq(record[40], 4);
	t_eq(record[56], 68);
	t_eq(record[64], 'E');
	t_eq(record[352], 'n');
	t_eq(record[512], '/');
	t_eq(duty_put(&sample[3], record), 64);
	t_eq(record[16], 3);
	t_eq(record[24], 1);
	t_eq(record[28], 2);
}

static void
test_a_frame_has_exactly_one_size(void **state)
{
	static uint8_t record[DUTY_LARGE + 1];
	static struct duty back;
	size_t i, n, size;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		memset(record, 0, sizeof(record));
		size = duty_put(&sample[i], record);
		for (n = 0; n <= 100; n++)
			assert_true(get(record, n, &back) == (n == size));
		for (n = DUTY_LARGE - 1; n <= DUTY_LARGE + 1; n++)
			assert_true(get(record, n, &back) == (n == size));
	}
}

/* Whatever byte is flipped, what is accepted is what would be written. */
static void
test_every_byte_means_something(void **state)
{
	static uint8_t record[DUTY_LARGE], again[DUTY_LARGE];
	static struct duty back;
	size_t i, n, size;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		size = duty_put(&sample[i], record);
		for (n = 0; n < size; n++) {
			record[n] ^= 0x41;
			if (get(record, size, &back)) {
				t_eq(duty_put(&back, again), size);
				assert_memory_equal(record, again, size);
			}
			record[n] ^= 0x41;
		}
	}
}

static const struct duty bad[] = {
	{ .kind = 99 },
	{ .kind = DUTY_GO, .id = 1 },
	{ .kind = DUTY_LINK, .link = { 0, 1, 0 } },
	{ .kind = DUTY_LINK, .link = { 5, 1, 0 } },
	{ .kind = DUTY_LINK, .link = { 1, 5, 0 } },
	{ .kind = DUTY_LISTEN, .listen = { 0 } },
	{ .kind = DUTY_LISTEN, .listen = { 6 } },
	{ .kind = DUTY_DATABASE, .database = { 1, 1, 1 } },
	{ .kind = DUTY_METRIC, .metric = { METRIC_MAX, 0 } },
	{ .kind = DUTY_WANT, .want = { 3, 0 } },
	{ .kind = DUTY_EVENT, .event = { .kind = 0, .level = 3 } },
	{ .kind = DUTY_EVENT, .event = { .kind = 1, .level = 2 } },
	{ .kind = DUTY_EVENT, .event = { .kind = 1, .level = 8 } },
	{ .kind = DUTY_EVENT,
	    .event = { .kind = 1, .level = 3, .path_size = 4097 } },
	{ .kind = DUTY_EVENT,
	    .event = { .kind = 1, .level = 3, .name = { 'x' } } },
};

static void
test_contradictions_are_refused(void **state)
{
	static uint8_t record[DUTY_LARGE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		t_eq(duty_put(&bad[i], record), 0);
}

static void
test_every_metric_has_its_own_row(void **state)
{
	size_t count, i, n;
	const struct metric_row *row = metric_rows(&count);

	(void)state;
	for (i = 0; i < count; i++) {
		assert_true(row[i].id < METRIC_MAX);
		assert_true(metric_row(row[i].id) == &row[i]);
		for (n = 0; n < i; n++)
			assert_string_not_equal(row[i].name, row[n].name);
	}
	assert_null(metric_row(METRIC_MAX - 1));
	assert_null(event_word(0));
	assert_string_equal(event_word(EVENT_GAP), "gap");
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
		cmocka_unit_test(test_every_metric_has_its_own_row),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
