/*
 * stream_test.c - claims about stream.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/clamd/stream.h"

#include "tests/t.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static struct cur
bytes(size_t size)
{
	static const uint8_t some[1 << 16] = { 1, 2, 3 };

	assert_true(size <= sizeof(some));
	return cur_from(some, size);
}

static void
test_what_was_added_is_read_and_sealed(void **state)
{
	struct streams all = { .max = 1 << 20 };
	struct stream s;
	struct why why;
	char got[8];
	int fd;

	(void)state;
	assert_true(stream_begin(&all, &s, &why));
	assert_true(stream_add(&all, &s, cur_from("ab", 2)));
	assert_true(stream_add(&all, &s, cur_from("cde", 3)));
	t_eq(s.size, 5);
	assert_true(stream_seal(&all, &s, &fd, &why));
	t_eq(pread(fd, got, sizeof(got), 0), 5);
	assert_memory_equal(got, "abcde", 5);
	t_eq(write(fd, "x", 1), -1);
	t_eq(ftruncate(fd, 0), -1);
	(void)close(fd);

	/* It counts until it is released. */
	assert_true(all.held > 0);
	stream_release(&all, s.held);
	t_eq(all.held, 0);
	assert_null(all.oldest);
	assert_null(all.newest);
}

/* As clients send them that know no buffers. */
static void
test_many_small_chunks(void **state)
{
	struct streams all = { .max = 1 << 20 };
	struct stream s;
	struct why why;
	uint8_t sent[1000], got[1000];
	size_t i;
	int fd;

	(void)state;
	for (i = 0; i < sizeof(sent); i++)
		sent[i] = (uint8_t)(i * 7);
	assert_true(stream_begin(&all, &s, &why));
	for (i = 0; i < sizeof(sent); i += 5)
		assert_true(stream_add(&all, &s, cur_from(sent + i, 5)));
	assert_true(stream_seal(&all, &s, &fd, &why));
	t_eq(pread(fd, got, sizeof(got), 0), sizeof(got));
	assert_memory_equal(got, sent, sizeof(sent));
	(void)close(fd);
}

static void
test_the_oldest_may_always_grow(void **state)
{
	struct streams all = { .max = 100000 };
	struct stream one, two, three;
	struct why why;

	(void)state;
	assert_true(stream_begin(&all, &one, &why));
	assert_true(stream_begin(&all, &two, &why));
	assert_true(stream_begin(&all, &three, &why));
	assert_true(stream_may_grow(&all, &three));
	assert_true(stream_add(&all, &two, bytes(65536)));
	assert_true(stream_write(&all, &two));
	assert_true(stream_add(&all, &three, bytes(65536)));
	assert_true(stream_write(&all, &three));
	assert_false(stream_may_grow(&all, &three));
	assert_false(stream_may_grow(&all, &two));
	assert_true(stream_may_grow(&all, &one));
	stream_drop(&all, &one);
	assert_true(stream_may_grow(&all, &two));
	assert_false(stream_may_grow(&all, &three));
	stream_drop(&all, &three);
	assert_true(stream_may_grow(&all, &two));
	stream_drop(&all, &two);
	stream_drop(&all, &two);
	t_eq(all.held, 0);
	assert_null(all.oldest);
}

/* In whatever order streams come and go, what they hold is given back. */
static void
test_nothing_is_held_in_the_end(void **state)
{
	struct streams all = { .max = 1 << 20 };
	struct stream s[16];
	struct why why;
	size_t i, turn;
	int fd;

	(void)state;
	t_seed(7);
	for (i = 0; i < 16; i++)
		s[i].fd = -1;
	for (turn = 0; turn < 2000; turn++) {
		i = t_below(16);
		if (s[i].fd == -1) {
			assert_true(stream_begin(&all, &s[i], &why));
		} else if (t_below(3) > 0) {
			assert_true(stream_add(&all, &s[i],
			    bytes(t_below(9000))));
		} else if (t_below(2) == 0) {
			stream_drop(&all, &s[i]);
		} else {
			assert_true(stream_seal(&all, &s[i], &fd, &why));
			(void)close(fd);
			stream_release(&all, s[i].held);
		}
	}
	for (i = 0; i < 16; i++)
		stream_drop(&all, &s[i]);
	t_eq(all.held, 0);
	assert_null(all.oldest);
	assert_null(all.newest);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_was_added_is_read_and_sealed),
		cmocka_unit_test(test_many_small_chunks),
		cmocka_unit_test(test_the_oldest_may_always_grow),
		cmocka_unit_test(test_nothing_is_held_in_the_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
