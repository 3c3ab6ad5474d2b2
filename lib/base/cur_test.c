/*
 * cur_test.c - the bounded reader, for every small size and every odd number.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/cur.h"
#include "tests/t.h"

#include <string.h>

static const uint64_t odd[] = { 0, 1, 2, 3, 7, 8, 9, 15, 16, 17, UINT32_MAX,
	(uint64_t)UINT32_MAX + 1, INT64_MAX, UINT64_MAX - 1, UINT64_MAX };

#define ODD (sizeof(odd) / sizeof(odd[0]))

static void
at_agrees_with_arithmetic(struct cur c)
{
	struct cur out;
	size_t i, j;

	for (i = 0; i < ODD; i++) {
		for (j = 0; j < ODD; j++) {
			bool fits =
			    odd[i] <= c.size && odd[j] <= c.size - odd[i];

			t_eq(cur_at(&c, odd[i], odd[j], &out), fits);
			t_eq(cur_left(&out), fits ? odd[j] : 0);
			t_eq(cur_ok(&out), fits);
		}
	}
}

static void
skip_agrees_with_arithmetic(struct cur start)
{
	size_t i;

	for (i = 0; i < ODD; i++) {
		struct cur c = start;
		bool fits = odd[i] <= cur_left(&start);

		t_eq(cur_skip(&c, odd[i]), fits);
		t_eq(cur_left(&c), fits ? cur_left(&start) - odd[i] : 0);
		assert_true(cur_u32le(&c) == 0 || cur_ok(&c));
		assert_true(c.pos <= c.size);
	}
}

static void
test_bounds_agree_with_arithmetic(void **state)
{
	uint8_t bytes[20];
	size_t size, pos;

	(void)state;
	memset(bytes, 0xA5, sizeof(bytes));
	for (size = 0; size <= sizeof(bytes); size++) {
		const uint8_t *at = t_fence(bytes, size);

		at_agrees_with_arithmetic(cur_from(at, size));
		for (pos = 0; pos <= size; pos++) {
			struct cur c = cur_from(at, size);

			assert_true(cur_skip(&c, pos));
			skip_agrees_with_arithmetic(c);
		}
	}
}

static void
test_lines_end_at_lf_and_lose_their_cr(void **state)
{
	struct cur line, c = cur_from("a\r\n\nbc", 6);

	(void)state;
	assert_true(cur_line(&c, &line) && cur_is(&line, "a"));
	assert_true(cur_line(&c, &line) && cur_is(&line, ""));
	assert_true(cur_line(&c, &line) && cur_is(&line, "bc"));
	assert_false(cur_line(&c, &line));
	assert_true(cur_ok(&c));
}

static void
test_integers_have_their_order(void **state)
{
	static const uint8_t b[] = { 1, 2, 3, 4, 5, 6, 7, 8 };
	struct cur c = cur_from(b, sizeof(b));

	(void)state;
	t_eq(cur_u64le(&c), 0x0807060504030201u);
	assert_true(cur_seek(&c, 0));
	t_eq(cur_u64be(&c), 0x0102030405060708u);
	t_eq(cur_u64be(&c), 0);
	assert_false(cur_ok(&c));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_bounds_agree_with_arithmetic),
		cmocka_unit_test(test_lines_end_at_lf_and_lose_their_cr),
		cmocka_unit_test(test_integers_have_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
