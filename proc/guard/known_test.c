/*
 * known_test.c - bad a moment ago.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/known.h"

#include "tests/t.h"

static void
test_known_in_one_state(void **state)
{
	static struct known known;
	struct subject_stamp s = { .device = 1, .inode = 2, .size = 3 };
	bool may = true;

	(void)state;
	assert_false(known_find(&known, &s, &may));
	known_keep(&known, &s, false);
	assert_true(known_find(&known, &s, &may));
	assert_false(may);
	s.ctime_ns++;
	assert_false(known_find(&known, &s, &may));
	known_keep(&known, &s, true);
	assert_true(known_find(&known, &s, &may));
	assert_true(may);
	known_forget(&known);
	assert_false(known_find(&known, &s, &may));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_known_in_one_state),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
