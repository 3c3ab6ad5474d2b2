/*
 * frame_test.c - claims about frame.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/frame.h"

#include "tests/t.h"

#include <string.h>

/* One good frame of every kind. */
static const struct frame sample[] = {
	{ .kind = FRAME_CONFIG,
	    .config = { 3, 1000, UINT64_MAX, 16, 500, 2000, 30000 } },
	{ .kind = FRAME_PASSWORD,
	    .payload = { 0, 8, { 'i', 'n', 'f', 'e', 'c', 't', 'e', 'd' } } },
	{ .kind = FRAME_SCAN, .scan = 7, .request = { INT64_MAX, 13, 9 } },
	{ .kind = FRAME_READY, .ready = { 0xffff, 8 } },
	{ .kind = FRAME_OBJECT, .scan = 7, .object = { 0, 0, 0, 9, 4711 } },
	{ .kind = FRAME_OBJECT,
	    .scan = 7,
	    .object = { FRAME_OBJECTS_MAX - 1, 5, 3, 2, UINT64_MAX } },
	{ .kind = FRAME_NAME, .scan = 7, .payload = { 5, 2, { 'a', '\n' } } },
	{ .kind = FRAME_MATCH,
	    .scan = UINT64_MAX,
	    .match = { 5, 7, 8700000, UINT32_MAX, 2, 44, UINT64_MAX - 44 } },
	{ .kind = FRAME_BYTES, .scan = 7, .payload = { 5, 256, { 1, 2, 3 } } },
	{ .kind = FRAME_UNSCANNED, .scan = 7, .unscanned = { 5, 1 } },
	{ .kind = FRAME_END,
	    .scan = 7,
	    .end = { 9, 2, 1, 4, UINT64_MAX, 3, { 1, 0, 255 } } },
};
#define SAMPLES (sizeof(sample) / sizeof(sample[0]))

static bool
get(const void *bytes, size_t size, struct frame *out)
{
	return frame_get(cur_from(t_fence(bytes, size), size), out);
}

static void
test_every_kind_comes_back_as_it_was_put(void **state)
{
	uint8_t record[FRAME_LARGE], again[FRAME_LARGE];
	struct frame back;
	size_t i, size;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		size = frame_put(&sample[i], record);
		t_eq(size, frame_size(sample[i].kind));
		assert_true(get(record, size, &back));
		t_eq(back.kind, sample[i].kind);
		t_eq(back.scan, sample[i].scan);
		t_eq(frame_put(&back, again), size);
		assert_memory_equal(record, again, size);
	}
}

static void
test_fields_are_where_the_table_says(void **state)
{
	uint8_t record[FRAME_LARGE];
	struct frame f = { .kind = FRAME_MATCH,
		.scan = 0x0102030405060708,
		.match = { 0x11, 2, 0x33333333, 0x44, 1, 0x66, 0x77 } };

	(void)state;
	t_eq(frame_put(&f, record), 64);
	t_eq(record[0], 19);
	t_eq(record[8], 8);
	t_eq(record[15], 1);
	t_eq(record[16], 0x11);
	t_eq(record[20], 2);
	t_eq(record[27], 0x33);
	t_eq(record[28], 0x44);
	t_eq(record[32], 1);
	t_eq(record[36], 0x66);
	t_eq(record[40], 0x77);
}

static void
test_no_other_size_is_a_frame(void **state)
{
	uint8_t record[FRAME_LARGE + 64] = { 0 };
	struct frame out;
	size_t i, n, size;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		memset(record, 0, sizeof(record));
		size = frame_put(&sample[i], record);
		for (n = 0; n < sizeof(record); n++)
			t_eq(get(record, n, &out), n == size);
	}
}

/* What is taken for a frame is one this program would have written. */
static void
check_as_written(const uint8_t *record, size_t size)
{
	uint8_t again[FRAME_LARGE];
	struct frame out;

	if (!get(record, size, &out))
		return;
	t_eq(frame_put(&out, again), size);
	assert_memory_equal(record, again, size);
}

/* Put every value into every byte: to the last byte it must hold. */
static void
test_what_is_read_is_what_would_be_written(void **state)
{
	uint8_t record[FRAME_LARGE];
	size_t i, at, size;
	unsigned v;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		size = frame_put(&sample[i], record);
		for (at = 0; at < size; at++) {
			uint8_t was = record[at];

			for (v = 0; v < 256; v++) {
				record[at] = (uint8_t)v;
				check_as_written(record, size);
			}
			record[at] = was;
		}
	}
}

/* Cut at any byte, what is before it comes out and nothing else. */
static void
test_frames_of_one_record_come_in_their_order(void **state)
{
	uint8_t record[SAMPLES * FRAME_LARGE];
	size_t end[SAMPLES], size = 0, n, i;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		size += frame_put(&sample[i], record + size);
		end[i] = size;
	}
	for (n = 0; n <= size; n++) {
		struct cur c = cur_from(t_fence(record, n), n);
		struct frame f;

		for (i = 0; i < SAMPLES && end[i] <= n; i++) {
			assert_true(frame_take(&c, &f));
			t_eq(f.kind, sample[i].kind);
			t_eq(f.scan, sample[i].scan);
		}
		t_eq(cur_left(&c), i == 0 ? n : n - end[i - 1]);
		assert_false(frame_take(&c, &f));
	}
}

/* Each with one number that says what cannot be. */
static const struct frame impossible[] = {
	{ .kind = 0 },
	{ .kind = 4 },
	{ .kind = 23 },
	{ .kind = FRAME_CONFIG, .scan = 1 },
	{ .kind = FRAME_READY, .ready = { 0, 9 } },
	{ .kind = FRAME_READY, .scan = 1 },
	{ .kind = FRAME_PASSWORD, .payload = { 1, 0, { 0 } } },
	{ .kind = FRAME_PASSWORD, .payload = { 0, 1, { 0, 1 } } },
	{ .kind = FRAME_SCAN, .request = { 1, 0, 0 } },
	{ .kind = FRAME_SCAN, .scan = 1, .request = { 1, 2, 0 } },
	{ .kind = FRAME_SCAN,
	    .scan = 1,
	    .request = { (uint64_t)1 << 63, 0, 0 } },
	{ .kind = FRAME_OBJECT, .object = { 0, 0, 0, 0, 0 } },
	{ .kind = FRAME_OBJECT, .scan = 1, .object = { 0, 1, 0, 0, 0 } },
	{ .kind = FRAME_OBJECT, .scan = 1, .object = { 0, 0, 1, 0, 0 } },
	{ .kind = FRAME_OBJECT, .scan = 1, .object = { 1, 1, 1, 0, 0 } },
	{ .kind = FRAME_OBJECT, .scan = 1, .object = { 1, 2, 1, 0, 0 } },
	{ .kind = FRAME_OBJECT, .scan = 1, .object = { 1, 0, 0, 0, 0 } },
	{ .kind = FRAME_OBJECT, .scan = 1, .object = { 1, 0, 2, 0, 0 } },
	{ .kind = FRAME_OBJECT,
	    .scan = 1,
	    .object = { FRAME_OBJECTS_MAX, 0, 1, 0, 0 } },
	{ .kind = FRAME_MATCH,
	    .scan = 1,
	    .match = { FRAME_OBJECTS_MAX, 0, 0, 0, 0, 0, 0 } },
	{ .kind = FRAME_MATCH, .scan = 1, .match = { 0, 8, 0, 0, 0, 0, 0 } },
	{ .kind = FRAME_MATCH,
	    .scan = 1,
	    .match = { 0, 0, 0, 0, 0, 2, UINT64_MAX - 1 } },
	{ .kind = FRAME_UNSCANNED, .scan = 1, .unscanned = { 0, 0 } },
	{ .kind = FRAME_UNSCANNED,
	    .scan = 1,
	    .unscanned = { FRAME_OBJECTS_MAX, 1 } },
	{ .kind = FRAME_END, .scan = 1, .end = { .flags = 4 } },
	{ .kind = FRAME_END, .scan = 1, .end = { .sha256 = { 1 } } },
	{ .kind = FRAME_END },
	{ .kind = FRAME_NAME, .scan = 1, .payload = { 0, 257, { 0 } } },
	{ .kind = FRAME_NAME,
	    .scan = 1,
	    .payload = { FRAME_OBJECTS_MAX, 0, { 0 } } },
	{ .kind = FRAME_BYTES, .scan = 1, .payload = { 0, 0, { 1 } } },
};

static void
test_numbers_out_of_range_are_refused(void **state)
{
	uint8_t record[FRAME_LARGE];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(impossible) / sizeof(impossible[0]); i++)
		t_eq(frame_put(&impossible[i], record), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_comes_back_as_it_was_put),
		cmocka_unit_test(test_fields_are_where_the_table_says),
		cmocka_unit_test(test_no_other_size_is_a_frame),
		cmocka_unit_test(test_what_is_read_is_what_would_be_written),
		cmocka_unit_test(test_frames_of_one_record_come_in_their_order),
		cmocka_unit_test(test_numbers_out_of_range_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
