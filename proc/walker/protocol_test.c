/*
 * protocol_test.c - claims about protocol.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/walker/protocol.h"

#include "tests/t.h"

#include <errno.h>
#include <string.h>

static struct walker_message
message(uint32_t kind, uint32_t what, uint32_t err, uint64_t size,
    const char *path)
{
	struct walker_message m = { kind, what, err, size,
		cur_from(path, strlen(path)) };

	return m;
}

static void
test_every_kind_comes_back(void **state)
{
	const struct walker_message sample[] = {
		message(WALKER_WALK, 15, 0, 0, "/a"),
		message(WALKER_WALK, 15, 0, 0, ""),
		message(WALKER_WALK, 15, 1, 0, "/a"),
		message(WALKER_STOP, 0, 0, 0, ""),
		message(WALKER_FILE, 0, 0, INT64_MAX, "/a\n"),
		message(WALKER_GAP, WALKER_ABSENT, ENOENT, 0, "/b"),
		message(WALKER_DONE, 0, 0, 0, ""),
	};
	static uint8_t record[WALKER_RECORD], again[WALKER_RECORD];
	struct walker_message back;
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(sample) / sizeof(sample[0]); i++) {
		size = walker_put(&sample[i], record);
		assert_true(size >= WALKER_HEADER);
		assert_true(walker_get(cur_from(t_fence(record, size), size),
		    &back));
		t_eq(walker_put(&back, again), size);
		assert_memory_equal(record, again, size);
	}
}

static void
test_what_is_none_is_refused(void **state)
{
	const struct walker_message bad[] = {
		message(0, 0, 0, 0, ""),
		message(WALKER_STOP, 1, 0, 0, ""),
		message(WALKER_DONE, 0, 0, 0, "x"),
		message(WALKER_FILE, 0, 0, 1, ""),
		message(WALKER_FILE, 0, 0, UINT64_MAX, "/a"),
		message(WALKER_FILE, 0, ENOENT, 1, "/a"),
		message(WALKER_GAP, 0, 0, 0, "/a"),
		message(WALKER_GAP, 6, 0, 0, "/a"),
		message(WALKER_WALK, 1, 2, 0, "/a"),
	};
	static uint8_t record[WALKER_RECORD];
	struct walker_message m = message(WALKER_FILE, 0, 0, 1, "/ab");
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		t_eq(walker_put(&bad[i], record), 0);
	size = walker_put(&m, record);
	for (i = 0; i < WALKER_HEADER; i++)
		assert_false(walker_get(cur_from(t_fence(record, i), i), &m));
	record[WALKER_HEADER + 1] = 0;
	assert_false(walker_get(cur_from(record, size), &m));
	record[WALKER_HEADER + 1] = 'a';
	record[12] = 1;
	assert_false(walker_get(cur_from(record, size), &m));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_comes_back),
		cmocka_unit_test(test_what_is_none_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
