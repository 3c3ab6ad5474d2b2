/*
 * looks_test.c - files that are looked at, and who waits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/looks.h"

#include "tests/t.h"

static struct looks *looks;

static int
set_up(void **state)
{
	(void)state;
	looks = looks_open();
	return looks == NULL;
}

static int
tear_down(void **state)
{
	(void)state;
	looks_close(&looks);
	assert_null(looks);
	return 0;
}

static struct subject_stamp
stamp_of(uint64_t inode)
{
	return (struct subject_stamp){ .device = 7, .inode = inode, .size = 1 };
}

static void
test_one_look_for_one_state(void **state)
{
	struct subject_stamp a = stamp_of(1), changed = a;
	struct look *look;

	(void)state;
	changed.mtime_ns = 1;
	assert_null(looks_find(looks, &a));
	look = looks_begin(looks, &a);
	assert_ptr_equal(looks_find(looks, &a), look);
	assert_null(looks_find(looks, &changed));
	t_eq(looks_count(looks), 1);
	looks_end(looks, look);
	assert_null(looks_find(looks, &a));
	t_eq(looks_count(looks), 0);
}

/* What was answered too late is nobody's, also when its place is reused. */
static void
test_tokens_of_the_past(void **state)
{
	struct subject_stamp a = stamp_of(1);
	struct look *look = looks_begin(looks, &a);
	uint64_t token = looks_token(looks, look);

	(void)state;
	assert_ptr_equal(looks_of_token(looks, token), look);
	looks_end(looks, look);
	assert_null(looks_of_token(looks, token));
	look = looks_begin(looks, &a);
	assert_null(looks_of_token(looks, token));
	assert_int_not_equal(looks_token(looks, look), token);
	assert_null(looks_of_token(looks, LOOKS_MAX));
	assert_null(looks_of_token(looks, UINT64_MAX));
	looks_end(looks, look);
}

static void
test_who_waits_longest(void **state)
{
	struct subject_stamp a = stamp_of(1), b = stamp_of(2);
	struct look *first = looks_begin(looks, &a),
		    *second = looks_begin(looks, &b);

	(void)state;
	assert_null(looks_oldest(looks));
	assert_int_equal(looks_release_oldest(looks), -1);
	assert_true(looks_wait(looks, first, 10, 100));
	assert_true(looks_wait(looks, second, 20, 200));
	assert_true(looks_wait(looks, first, 11, 300));
	t_eq(looks_waiting(looks), 3);
	t_eq(looks_oldest(looks)->due_ms, 100);
	assert_int_equal(looks_release_oldest(looks), 10);
	t_eq(looks_oldest(looks)->due_ms, 200);
	assert_int_equal(looks_release(looks, first), 11);
	assert_int_equal(looks_release(looks, first), -1);
	assert_int_equal(looks_release_oldest(looks), 20);
	t_eq(looks_waiting(looks), 0);
	looks_end(looks, first);
	looks_end(looks, second);
}

/* With no room left there is no look, and room again once one ended. */
static void
test_room(void **state)
{
	static struct look *all[LOOKS_MAX];
	struct subject_stamp more = stamp_of(LOOKS_MAX + 1), s;
	size_t i;

	(void)state;
	for (i = 0; i < LOOKS_MAX; i++) {
		s = stamp_of(i + 1);
		all[i] = looks_begin(looks, &s);
		assert_non_null(all[i]);
	}
	assert_null(looks_begin(looks, &more));
	for (i = 0; i < WAITERS_MAX; i++)
		assert_true(looks_wait(looks, all[i % 5], (int)i, i));
	assert_false(looks_wait(looks, all[0], 1, 1));
	for (i = 0; i < WAITERS_MAX; i++)
		t_eq(looks_release_oldest(looks), i);
	for (i = 0; i < LOOKS_MAX; i++)
		assert_ptr_equal(looks_at(looks,
				     looks_token(looks, all[i]) & UINT32_MAX),
		    all[i]);
	looks_end(looks, all[77]);
	all[77] = looks_begin(looks, &more);
	assert_non_null(all[77]);
	for (i = 0; i < LOOKS_MAX; i++)
		looks_end(looks, all[i]);
	t_eq(looks_count(looks), 0);
}

/* Who comes after it was written gets a look of his own, even if the file's
   times do not tell. */
static void
test_written_meanwhile(void **state)
{
	struct subject_stamp a = stamp_of(1), other = stamp_of(2), now = a;
	struct look *first, *beside, *fresh;

	(void)state;
	now.ctime_ns++;
	first = looks_begin(looks, &a);
	beside = looks_begin(looks, &other);
	fresh = looks_begin(looks, &now);
	looks_spoil(looks, a.device, a.inode);
	assert_true(first->is_spoiled && fresh->is_spoiled);
	assert_false(beside->is_spoiled);
	assert_null(looks_find(looks, &a));
	assert_ptr_equal(looks_find(looks, &other), beside);
	fresh = looks_begin(looks, &a);
	assert_ptr_equal(looks_find(looks, &a), fresh);
	assert_ptr_equal(looks_of_token(looks, looks_token(looks, first)),
	    first);
}

/* Against a plain list, in random order. */
static void
test_many_in_any_order(void **state)
{
	static struct look *of[64];
	size_t waits[64] = { 0 }, all = 0, i;

	(void)state;
	t_seed(4);
	for (i = 0; i < 20000; i++) {
		uint32_t n = t_below(64);
		struct subject_stamp s = stamp_of(n + 1);

		if (of[n] == NULL) {
			assert_null(looks_find(looks, &s));
			of[n] = looks_begin(looks, &s);
			continue;
		}
		assert_ptr_equal(looks_find(looks, &s), of[n]);
		if (t_below(3) != 0) {
			assert_true(looks_wait(looks, of[n], (int)n, i));
			waits[n]++;
			all++;
		} else if (waits[n] > 0) {
			t_eq(looks_release(looks, of[n]), n);
			waits[n]--;
			all--;
		} else {
			looks_end(looks, of[n]);
			of[n] = NULL;
		}
		t_eq(looks_waiting(looks), all);
	}
	while (all-- > 0)
		assert_true(looks_release_oldest(looks) >= 0);
	assert_null(looks_oldest(looks));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_one_look_for_one_state,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_tokens_of_the_past, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_who_waits_longest, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_room, set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_written_meanwhile, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_many_in_any_order, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
