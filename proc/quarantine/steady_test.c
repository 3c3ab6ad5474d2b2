/*
 * steady_test.c - a clock that was moved is not believed for an hour.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/quarantine/steady.h"

#include "tests/t.h"

#define MINUTE 60000u
#define HOUR   (60u * MINUTE)

static void
test_it_takes_an_hour(void **state)
{
	struct steady s = { .is_begun = false };
	uint64_t passed;

	(void)state;
	for (passed = 0; passed < HOUR; passed += MINUTE)
		assert_false(steady_look(&s, 5000 + (int64_t)passed / 1000,
		    7 + passed));
	assert_true(steady_look(&s, 5000 + 3600, 7 + HOUR));
	/* A second of drift a minute is no step. */
	assert_true(steady_look(&s, 5000 + 3661, 7 + HOUR + MINUTE));
}

static void
test_a_step_begins_anew(void **state)
{
	static const int64_t step[] = { 365 * 86400, -365 * 86400, 61, -61 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(step) / sizeof(step[0]); i++) {
		struct steady s = { .is_begun = false };
		int64_t wall = 1800000000;

		assert_false(steady_look(&s, wall, 0));
		assert_true(steady_look(&s, wall + 3600, HOUR));
		wall += 3600 + step[i];
		assert_false(steady_look(&s, wall, HOUR));
		assert_false(steady_look(&s, wall + 3599, 2 * HOUR - 1000));
		assert_true(steady_look(&s, wall + 3600, 2 * HOUR));
	}
}

static void
test_no_number_is_too_large(void **state)
{
	struct steady s = { .is_begun = false };

	(void)state;
	assert_false(steady_look(&s, INT64_MIN, 0));
	assert_false(steady_look(&s, INT64_MAX, 2 * HOUR));
	assert_false(steady_look(&s, INT64_MAX, UINT64_MAX));
	assert_false(steady_look(&s, INT64_MIN, UINT64_MAX));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_takes_an_hour),
		cmocka_unit_test(test_a_step_begins_anew),
		cmocka_unit_test(test_no_number_is_too_large),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
