/*
 * hold_test.c - what is put comes back; what is not a frame is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/hold.h"

#include "lib/wire/field.h"
#include "tests/t.h"

#include <string.h>

static bool
get(const void *bytes, size_t size, struct hold *out)
{
	return hold_get(cur_from(t_fence(bytes, size), size), out);
}

static void
test_there_and_back(void **state)
{
	static const uint32_t kind[] = { HOLD_JUDGE, HOLD_TAKE, HOLD_JUDGED,
		HOLD_TAKEN };
	uint8_t record[HOLD_SIZE], again[HOLD_SIZE];
	struct hold h = { .token = UINT64_MAX }, back;
	size_t i, n;

	(void)state;
	h.name_size = field_set(h.name, HOLD_NAME_MAX, "Evil.Name");
	h.text_size = field_set(h.text, HOLD_TEXT_MAX, "no room");
	h.id_size = field_set(h.id, HOLD_ID_MAX, "0123456789abcdef!");
	t_eq(h.id_size, HOLD_ID_MAX);
	for (i = 0; i < 4; i++) {
		h.kind = kind[i];
		h.what = h.kind >= HOLD_JUDGED ? 2 : 0;
		h.stamp = (struct hold_stamp){ 0 };
		if (h.kind == HOLD_TAKE)
			h.stamp = (struct hold_stamp){ UINT64_MAX, 2, 3, -4, 5,
				6, UINT32_MAX };
		assert_true(hold_put(&h, record));
		assert_true(get(record, HOLD_SIZE, &back));
		assert_true(hold_put(&back, again));
		assert_memory_equal(record, again, HOLD_SIZE);
		assert_memory_equal(&back.stamp, &h.stamp, sizeof(h.stamp));
		for (n = 0; n < HOLD_SIZE; n++)
			assert_false(get(record, n, &back));
	}
}

static void
test_refused(void **state)
{
	uint8_t record[HOLD_SIZE];
	struct hold h = { .kind = HOLD_JUDGE }, back;
	static const size_t zero[] = { 4, 16, 32, 48, 336, 560, 568, 576, 584,
		592, 600, 607 };
	size_t i;

	(void)state;
	assert_true(hold_put(&h, record));
	for (i = 0; i < sizeof(zero) / sizeof(zero[0]); i++) {
		record[zero[i]] = 1;
		assert_false(get(record, HOLD_SIZE, &back));
		record[zero[i]] = 0;
	}
	record[0] = 3;
	assert_false(get(record, HOLD_SIZE, &back));
	h.kind = HOLD_JUDGED;
	h.what = HOLD_OWNERS;
	assert_false(hold_put(&h, record));
	h.what = 0;
	h.name_size = HOLD_NAME_MAX + 1;
	assert_false(hold_put(&h, record));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
