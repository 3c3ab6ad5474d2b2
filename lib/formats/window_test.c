/*
 * window_test.c - what window_find() finds, and where.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/window.h"

#include "tests/t.h"

#include <string.h>

#define SIZE 400u

static size_t
read_under(struct source *s, uint64_t off, void *buf, size_t size)
{
	return source_read(s->ctx, off, buf, size);
}

/* The first place at or after from where want stands whole, or SIZE. */
static uint64_t
look_slowly(const uint8_t *bytes, uint64_t from, const char *want, size_t count)
{
	for (; from + count <= SIZE; from++)
		if (memcmp(bytes + from, want, count) == 0)
			return from;
	return SIZE;
}

static void
check_all(struct window *w, const uint8_t *bytes, const char *want,
    size_t count)
{
	uint64_t from, at, is;

	for (from = 0; from < SIZE; from++) {
		at = UINT64_MAX;
		is = look_slowly(bytes, from, want, count);
		t_eq(window_find(w, from, SIZE, want, count, &at), is < SIZE);
		if (is < SIZE)
			t_eq(at, is);
		/* Not at the end that was given, and behind it not at all. */
		if (is < SIZE)
			assert_false(window_find(w, from, is, want, count,
			    &at));
	}
}

/* Zeros, the first byte over and over, or the first two. */
static void
fill(uint8_t *bytes, size_t turn)
{
	static const char what[][3] = { "\0\0", "PP", "PK" };
	size_t i;

	for (i = 0; i < SIZE; i++)
		bytes[i] = (uint8_t)what[turn][i % 2];
}

/* In memory, and through a buffer. */
static void
check_both(const uint8_t *bytes, const char *want, size_t count)
{
	static uint8_t room[4096];
	struct source in = source_from(bytes, SIZE);
	struct source far = { .size = SIZE, .read = read_under, .ctx = &in };
	struct window w;
	struct arena a;

	arena_init(&a, room, sizeof(room));
	assert_true(window_init(&w, &in, &a));
	check_all(&w, bytes, want, count);
	assert_true(window_init(&w, &far, &a));
	check_all(&w, bytes, want, count);
}

/* At every place, among their own beginnings, and cut off at the end. */
static void
test_few_bytes_are_found_wherever_they_stand(void **state)
{
	static const char *const want[] = { "PK", "PK\3\4", "PPPKPPPK" };
	uint8_t bytes[SIZE];
	size_t i, at, count, left;

	(void)state;
	for (i = 0; i < 9; i++) {
		count = strlen(want[i % 3]);
		for (at = 0; at < SIZE; at += 7) {
			left = SIZE - at;
			fill(bytes, i / 3);
			memcpy(bytes + at, want[i % 3],
			    count < left ? count : left);
			check_both(bytes, want[i % 3], count);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_few_bytes_are_found_wherever_they_stand),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
