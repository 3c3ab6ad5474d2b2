/*
 * order_test.c - claims about order.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/feed/order.h"

#include "tests/t.h"

#include <string.h>

static void
test_an_order_comes_as_it_was_put(void **state)
{
	struct order o = { 0 }, got;
	uint8_t record[ORDER_SIZE];

	(void)state;
	o.kind = ORDER_FILE;
	o.b = 2;
	o.number[3] = UINT64_MAX;
	memset(o.hash, 7, sizeof(o.hash));
	memset(&got, 0, sizeof(got)); /* what is between the fields */
	order_put_text(o.name, sizeof(o.name), "main-1.cand");
	order_put_text(o.text, sizeof(o.text), "http://mirror.example/");
	order_put(&o, record);
	assert_true(order_get(cur_from(record, sizeof(record)), &got));
	assert_memory_equal(&o, &got, sizeof(o));
}

static void
test_a_record_of_another_size_is_refused(void **state)
{
	uint8_t record[ORDER_SIZE + 1] = { ORDER_GET };
	struct order got;

	(void)state;
	assert_true(order_get(cur_from(record, ORDER_SIZE), &got));
	assert_false(order_get(cur_from(record, ORDER_SIZE - 1), &got));
	assert_false(order_get(cur_from(record, ORDER_SIZE + 1), &got));
}

static void
test_texts_end_and_nothing_hides_behind_them(void **state)
{
	uint8_t record[ORDER_SIZE] = { ORDER_GET };
	struct order got;

	(void)state;
	record[ORDER_SIZE - 1] = 'x';
	assert_false(order_get(cur_from(record, ORDER_SIZE), &got));
	memset(record + ORDER_SIZE - ORDER_TEXT, 'x', ORDER_TEXT);
	assert_false(order_get(cur_from(record, ORDER_SIZE), &got));
	record[ORDER_SIZE - 1] = 0;
	assert_true(order_get(cur_from(record, ORDER_SIZE), &got));
}

static void
test_kinds_that_are_not_known_are_refused(void **state)
{
	uint8_t record[ORDER_SIZE] = { 0 };
	struct order got;

	(void)state;
	assert_false(order_get(cur_from(record, ORDER_SIZE), &got));
	record[0] = ORDER_END + 1;
	assert_false(order_get(cur_from(record, ORDER_SIZE), &got));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_an_order_comes_as_it_was_put),
		cmocka_unit_test(test_a_record_of_another_size_is_refused),
		cmocka_unit_test(test_texts_end_and_nothing_hides_behind_them),
		cmocka_unit_test(test_kinds_that_are_not_known_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
