/*
 * difference_test.c - a delta that was made gives the newer file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/difference.h"
#include "lib/trust/delta.h"
#include "tests/t.h"

#include <stdlib.h>
#include <string.h>

#define ROOM 20000u

static uint8_t old[ROOM], new[ROOM], made[ROOM];

static bool
hear(void *ctx, const void *bytes, size_t size, struct why *why)
{
	size_t *at = ctx;

	(void)why;
	memcpy(made + *at, bytes, size);
	*at += size;
	return true;
}

/* Make it, apply it; the size of the delta. */
static size_t
both(size_t old_size, size_t new_size)
{
	struct cur o = cur_from(old, old_size), n = cur_from(new, new_size);
	struct buf b = { 0 };
	struct why why;
	size_t at = 0, size;

	assert_true(difference_make(o, n, SIZE_MAX, &b));
	assert_true(delta_apply(o, cur_from(b.bytes, b.size), new_size, hear,
	    &at, &why));
	t_eq(at, new_size);
	assert_memory_equal(made, new, new_size);
	size = b.size;
	buf_free(&b);
	return size;
}

static void
fill(uint8_t *to, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		to[i] = (uint8_t)t_below(256);
}

static void
test_moved(void **state)
{
	(void)state;
	t_seed(1);
	fill(old, ROOM);
	memcpy(new, old, ROOM);
	assert_true(both(ROOM, ROOM) < 60);
	/* Seven bytes more at the beginning, and a hole. */
	fill(new, 7);
	memcpy(new + 7, old, 9000);
	memcpy(new + 9007, old + 11000, 9000);
	assert_true(both(ROOM, 18007) < 120);
	/* Halves change places. */
	memcpy(new, old + ROOM / 2, ROOM / 2);
	memcpy(new + ROOM / 2, old, ROOM / 2);
	assert_true(both(ROOM, ROOM) < 120);
}

static void
test_sizes(void **state)
{
	size_t size;

	(void)state;
	t_seed(2);
	fill(old, 300);
	for (size = 0; size < 300; size++) {
		memcpy(new, old, size);
		(void)both(300, size);
		(void)both(size, size);
		new[size / 2] ^= 1;
		(void)both(300, size + 1);
	}
	memset(old, 0, ROOM);
	memset(new, 0, ROOM);
	assert_true(both(ROOM, ROOM - 1) < 60);
}

static void
test_too_long(void **state)
{
	struct buf b = { 0 };

	(void)state;
	t_seed(3);
	fill(old, ROOM);
	fill(new, ROOM);
	assert_false(difference_make(cur_from(old, ROOM), cur_from(new, ROOM),
	    ROOM / 2, &b));
	assert_true(b.size <= ROOM / 2);
	buf_free(&b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_moved),
		cmocka_unit_test(test_sizes),
		cmocka_unit_test(test_too_long),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
