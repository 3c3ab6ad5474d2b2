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

static int64_t
moved(const struct steady_step *step, int64_t time)
{
	int64_t was = time;
	bool is_other = steady_move(step, &time);

	assert_int_equal(is_other, time != was);
	return time;
}

static void
test_what_was_written_by_a_wrong_clock_is_wrong_by_as_much(void **state)
{
	struct steady s = { .is_begun = false };
	struct steady_step step;

	(void)state;
	assert_false(steady_step(&s, 1000, 5 * MINUTE, &step));
	(void)steady_look(&s, 1000, 5 * MINUTE);
	assert_false(steady_step(&s, 1060, 6 * MINUTE, &step));
	(void)steady_look(&s, 1060, 6 * MINUTE);
	assert_true(steady_step(&s, 1800000060, 7 * MINUTE, &step));
	t_eq(step.from, 1060 - 360);
	t_eq(step.to, 1060);
	t_eq(step.by, 1800000000 - 1060);
	t_eq(moved(&step, 699), 699);
	t_eq(moved(&step, 700), 1800000000 - 360);
	t_eq(moved(&step, 1060), 1800000000);
	t_eq(moved(&step, 1061), 1061);
	/* Put back: nothing becomes earlier. */
	assert_false(steady_step(&s, 20, 7 * MINUTE, &step));
	assert_false(steady_step(&s, INT64_MIN, 7 * MINUTE, &step));
}

static int64_t
mended(int64_t time)
{
	int64_t was = time;
	bool is_other = steady_mend(1800000000, &time);

	assert_int_equal(is_other, time != was);
	return time;
}

static void
test_no_time_is_before_the_first_release(void **state)
{
	(void)state;
	assert_false(steady_is_plausible(0));
	assert_false(steady_is_plausible(-1));
	assert_false(steady_is_plausible(1767225599));
	assert_true(steady_is_plausible(1767225600));
	t_eq(mended(60), 1800000000);
	t_eq(mended(-1), 1800000000);
	t_eq(mended(1767225600), 1767225600);
	t_eq(mended(2200000000), 2200000000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_it_takes_an_hour),
		cmocka_unit_test(test_a_step_begins_anew),
		cmocka_unit_test(test_no_number_is_too_large),
		cmocka_unit_test(
		    test_what_was_written_by_a_wrong_clock_is_wrong_by_as_much),
		cmocka_unit_test(test_no_time_is_before_the_first_release),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
