/*
 * later_test.c - files to be looked at when nobody waits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/later.h"

#include "tests/t.h"

static struct later later;

static void
test_in_order_and_bounded(void **state)
{
	struct later_file f = { 0 };
	size_t turn, i;

	(void)state;
	assert_false(later_take(&later, &f));
	for (turn = 0; turn < 3; turn++) {
		for (i = 0; i < LATER_MAX; i++) {
			f.fd = (int)(turn + i);
			f.pid = (uint32_t)i;
			f.device = turn;
			f.inode = i % 2 == 0 ? i : i * LATER_MAX;
			assert_false(later_has(&later, f.device, f.inode));
			assert_true(later_add(&later, &f));
			assert_true(later_has(&later, f.device, f.inode));
		}
		assert_false(later_add(&later, &f));
		/* Not all of them, so that the ring turns. */
		for (i = 0; i < LATER_MAX / 2; i++) {
			assert_true(later_take(&later, &f));
			t_eq(f.fd, turn + i);
			t_eq(f.pid, i);
			assert_false(later_has(&later, f.device, f.inode));
		}
		assert_true(later_add(&later, &f));
		for (i = 0; i < LATER_MAX / 2 + 1; i++)
			assert_true(later_take(&later, &f));
		assert_false(later_has(&later, f.device, f.inode));
		assert_false(later_take(&later, &f));
	}
}

static void
test_taken_out_of_turn(void **state)
{
	struct later_file f = { 0 };
	size_t i;

	(void)state;
	assert_int_equal(later_drop(&later, 0, 0), -1);
	for (i = 0; i < LATER_MAX; i++) {
		f.fd = (int)i;
		f.inode = i;
		assert_true(later_add(&later, &f));
	}
	/* The first, the last, and every third. */
	for (i = 0; i < LATER_MAX; i += 3)
		t_eq(later_drop(&later, f.device, i), i);
	assert_int_equal(later_drop(&later, f.device, 0), -1);
	assert_false(later_has(&later, f.device, 0));
	assert_true(later_has(&later, f.device, 1));
	for (i = 0; i < LATER_MAX; i++) {
		if (i % 3 == 0)
			continue;
		assert_true(later_take(&later, &f));
		t_eq(f.fd, i);
	}
	t_eq(later.count, 0);
	assert_false(later_take(&later, &f));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_order_and_bounded),
		cmocka_unit_test(test_taken_out_of_turn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
