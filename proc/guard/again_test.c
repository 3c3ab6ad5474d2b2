/*
 * again_test.c - who was answered a moment ago.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/again.h"

#include "tests/t.h"

static void
test_the_same_one_and_only_for_a_moment(void **state)
{
	static struct again again;
	struct subject_stamp s = { .device = 1, .inode = 2, .size = 3 };

	(void)state;
	assert_false(again_has(&again, &s, 4, 1000));
	assert_false(again_has(&again, &(struct subject_stamp){ 0 }, 0, 1000));
	again_keep(&again, &s, 4, 1000);
	assert_true(again_has(&again, &s, 4, 1000));
	assert_true(again_has(&again, &s, 4, 1000 + AGAIN_MS - 1));
	assert_false(again_has(&again, &s, 4, 1000 + AGAIN_MS));
	assert_false(again_has(&again, &s, 5, 1000));
	s.ctime_ns++;
	assert_false(again_has(&again, &s, 4, 1000));
	s.ctime_ns--;
	again_forget(&again);
	assert_false(again_has(&again, &s, 4, 1000));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_same_one_and_only_for_a_moment),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
