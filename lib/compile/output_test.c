/*
 * output_test.c - growing outputs, strings kept once, blocks used again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/output.h"
#include "lib/compile/pool.h"
#include "tests/t.h"

#include <stdio.h>
#include <string.h>

static void
test_room(void **state)
{
	struct compile_output o = { 0 };
	uint8_t *at;

	(void)state;
	output_u8(&o, 7);
	at = output_room(&o, 1000);
	assert_non_null(at);
	memset(at, 9, 1000);
	output_u64(&o, 0x0102030405060708);
	t_eq(o.size, 1009);
	t_eq(o.bytes[0], 7);
	t_eq(o.bytes[1000], 9);
	t_eq(o.bytes[1001], 8);
	t_eq(output_get_u32(&o, 1005), 0x01020304);
	output_spoil(&o);
	assert_null(output_room(&o, 1));
	output_u8(&o, 1);
	assert_false(output_ok(&o));
	output_fini(&o);
}

/* Put a text at the end; where it is now. */
static size_t
keep(struct output_once *once, struct compile_output *o, const char *text)
{
	size_t from = o->size;

	output_add(o, text, strlen(text));
	return once_keep(once, o, from);
}

static void
test_once(void **state)
{
	struct output_once once = { 0 };
	struct compile_output o = { 0 };
	char text[16];
	static size_t place[5000];
	size_t size;
	unsigned i;

	(void)state;
	for (i = 0; i < 5000; i++) {
		(void)snprintf(text, sizeof(text), "text %u", i);
		place[i] = keep(&once, &o, text);
		t_eq(place[i], o.size - strlen(text));
	}
	size = o.size;
	for (i = 0; i < 5000; i++) {
		(void)snprintf(text, sizeof(text), "text %u", i);
		t_eq(keep(&once, &o, text), place[i]);
		assert_memory_equal(o.bytes + place[i], text, strlen(text));
	}
	t_eq(o.size, size);
	once_fini(&once);
	output_fini(&o);
}

/* All of one hash: what is the front of another is that, what is not is not. */
static void
test_once_by_one_hash(void **state)
{
	static const char *const text[] = { "abc", "abcd", "ab", "b", "abcd",
		"abc" };
	static const size_t want[] = { 0, 3, 0, 7, 3, 0 };
	struct output_once once = { 0 };
	struct compile_output o = { 0 };
	size_t i, from;

	(void)state;
	once_ask(&once, 5);
	for (i = 0; i < 6; i++) {
		from = o.size;
		output_add(&o, text[i], strlen(text[i]));
		t_eq(once_keep_by(&once, &o, from, 5), want[i]);
		once_ask(&once, 5);
	}
	t_eq(o.size, 8);
	once_fini(&once);
	output_fini(&o);
}

static void
test_pool_is_zero_again(void **state)
{
	struct pool pool;
	uint8_t *bytes;
	size_t round, i, n;

	(void)state;
	pool_init(&pool, (size_t)1 << 24);
	pool_reset(&pool);
	for (round = 0; round < 4; round++) {
		for (n = 0; n < 50; n++) {
			/* In the last rounds more than a block at once. */
			size_t size = round < 2 ? 40000 : 40000 + n * 40000;

			bytes = pool_alloc(&pool, 1, size > 1500000 ? 9 : size);
			assert_non_null(bytes);
			size = size > 1500000 ? 9 : size;
			for (i = 0; i < size && bytes[i] == 0;)
				i++;
			t_eq(i, size);
			memset(bytes, 0xff, size);
			if (pool.total > (size_t)8 << 20)
				pool_reset(&pool);
		}
		pool_reset(&pool);
		assert_true(pool.total <= (size_t)2 << 20);
	}
	pool_fini(&pool);
	t_eq(pool.total, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_room),
		cmocka_unit_test(test_once),
		cmocka_unit_test(test_once_by_one_hash),
		cmocka_unit_test(test_pool_is_zero_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
