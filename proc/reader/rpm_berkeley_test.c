/*
 * rpm_berkeley_test.c - claims about rpm_berkeley.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/rpm_berkeley.h"
#include "tests/t.h"

#include <string.h>

#define PAGE 512u

static uint8_t file[4 * PAGE];
static uint8_t room[2 * PAGE];

static void
put(size_t at, uint32_t v, unsigned size, bool is_big)
{
	unsigned i;

	for (i = 0; i < size; i++)
		file[at + (is_big ? size - 1 - i : i)] = (uint8_t)(v >> 8 * i);
}

/* Key 0 with a number, key 1 with "abc", key 2 with 500 times 'x' on the two
   pages after that. */
static void
make(bool big)
{
	static const uint16_t start[] = { 507, 502, 497, 493, 488, 476 };
	size_t i;

	memset(file, 0, sizeof(file));
	put(12, 0x061561, 4, big);
	put(20, PAGE, 4, big);
	put(PAGE + 20, 6, 2, big);
	file[PAGE + 25] = 13;
	for (i = 0; i < 6; i++) {
		put(PAGE + 26 + 2 * i, start[i], 2, big);
		file[PAGE + start[i]] = i == 5 ? 3 : 1;
	}
	put(PAGE + 497 + 1, 1, 4, false);
	memcpy(file + PAGE + 493 + 1, "abc", 3);
	put(PAGE + 488 + 1, 2, 4, false);
	put(PAGE + 476 + 4, 2, 4, big);
	put(PAGE + 476 + 8, 500, 4, big);
	for (i = 2; i < 4; i++) {
		file[i * PAGE + 25] = 7;
		put(i * PAGE + 16, i == 2 ? 3 : 0, 4, big);
		put(i * PAGE + 22, i == 2 ? 486 : 14, 2, big);
		memset(file + i * PAGE + 26, 'x', i == 2 ? 486 : 14);
	}
}

static bool
open_cut(size_t size, struct rpm_berkeley *b)
{
	return rpm_berkeley_open(cur_from(t_fence(file, size), size), room,
	    sizeof(room), b);
}

static void
test_both_orders_of_bytes(void **state)
{
	struct rpm_berkeley b;
	struct cur blob;
	int big;

	(void)state;
	for (big = 0; big < 2; big++) {
		make(big != 0);
		assert_true(open_cut(sizeof(file), &b));
		assert_true(rpm_berkeley_next(&b, &blob));
		assert_true(cur_is(&blob, "abc"));
		assert_true(rpm_berkeley_next(&b, &blob));
		t_eq(blob.size, 500);
		t_eq(blob.base[0], 'x');
		t_eq(blob.base[499], 'x');
		assert_false(rpm_berkeley_next(&b, &blob));
		t_eq(b.broken, 0);
	}
}

static void
test_long_values_that_lie(void **state)
{
	static const struct {
		size_t at, size;
		uint32_t v;
	} lie[] = { { PAGE + 476 + 4, 4, 99 }, { PAGE + 476 + 4, 4, 1 },
		{ PAGE + 476 + 8, 4, 501 }, { PAGE + 476 + 8, 4, UINT32_MAX },
		{ 2 * PAGE + 16, 4, 2 }, { 2 * PAGE + 22, 2, 0 },
		{ 2 * PAGE + 22, 2, 0xffff }, { 3 * PAGE + 25, 1, 13 },
		{ PAGE + 26 + 10, 2, 0xffff }, { PAGE + 26 + 10, 2, 489 } };
	struct rpm_berkeley b;
	struct cur blob;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(lie) / sizeof(lie[0]); i++) {
		make(false);
		put(lie[i].at, lie[i].v, (unsigned)lie[i].size, false);
		assert_true(open_cut(sizeof(file), &b));
		assert_true(rpm_berkeley_next(&b, &blob));
		assert_false(rpm_berkeley_next(&b, &blob));
		assert_true(b.broken > 0);
	}
}

static void
test_every_byte_may_lie(void **state)
{
	struct rpm_berkeley b;
	struct cur blob;
	size_t at, size;
	int n;

	(void)state;
	for (at = 0; at < sizeof(file); at++) {
		make(false);
		file[at] ^= 0xff;
		if (!open_cut(sizeof(file), &b))
			continue;
		for (n = 0; rpm_berkeley_next(&b, &blob); n++)
			assert_true(n < (int)sizeof(file));
	}
	make(false);
	for (size = 0; size < sizeof(file); size++)
		if (open_cut(size, &b))
			while (rpm_berkeley_next(&b, &blob))
				;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_both_orders_of_bytes),
		cmocka_unit_test(test_long_values_that_lie),
		cmocka_unit_test(test_every_byte_may_lie),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
