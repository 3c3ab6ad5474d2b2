/*
 * stream_test.c - a stream becomes a file that nobody can change.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/stream.h"

#include "sys/memfd.h"
#include "tests/t.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SIZE 99999u

static char text[SIZE], room[SIZE + 1];
static volatile sig_atomic_t stop;

/* A stream of SIZE bytes. */
static int
open_input(void)
{
	struct why why;
	int fd;

	memset(text, 'a', sizeof(text));
	assert_true(memfd_open(&fd, &why));
	t_eq(write(fd, text, SIZE), SIZE);
	t_eq(lseek(fd, 0, SEEK_SET), 0);
	return fd;
}

static void
test_all_of_it_is_there_and_stays(void **state)
{
	struct stream s;
	struct why why;
	int in = open_input();

	(void)state;
	assert_true(stream_read(in, 1000000, &stop, &s, &why));
	t_eq(s.size, SIZE);
	assert_false(s.is_cut);
	t_eq(pread(s.fd, room, sizeof(room), 0), SIZE);
	assert_memory_equal(room, text, SIZE);
	t_eq(write(s.fd, "x", 1), -1);
	t_eq(ftruncate(s.fd, 0), -1);
	t_eq(fchmod(s.fd, 0777) == 0 && write(s.fd, "x", 1) == 1, false);
	(void)close(s.fd);
	(void)close(in);
}

static void
test_exactly_the_most_is_whole_and_a_byte_more_is_cut(void **state)
{
	struct stream s;
	struct why why;
	int in = open_input();

	(void)state;
	assert_true(stream_read(in, SIZE, &stop, &s, &why));
	t_eq(s.size, SIZE);
	assert_false(s.is_cut);
	(void)close(s.fd);

	t_eq(lseek(in, 0, SEEK_SET), 0);
	assert_true(stream_read(in, SIZE - 1, &stop, &s, &why));
	t_eq(s.size, SIZE - 1);
	assert_true(s.is_cut);
	t_eq(lseek(s.fd, 0, SEEK_END), SIZE - 1);
	(void)close(s.fd);
	(void)close(in);
}

static void
test_a_signal_cuts_and_a_broken_input_fails(void **state)
{
	struct stream s;
	struct why why;
	int in = open_input();
	int deaf = open("/dev/null", O_WRONLY);

	(void)state;
	stop = 1;
	assert_true(stream_read(in, SIZE, &stop, &s, &why));
	assert_true(s.is_cut);
	t_eq(s.size, 0);
	(void)close(s.fd);
	stop = 0;
	assert_false(stream_read(deaf, SIZE, &stop, &s, &why));
	t_eq(why.kind, WHY_SYSTEM);
	t_eq(s.fd, -1);
	(void)close(deaf);
	(void)close(in);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_of_it_is_there_and_stays),
		cmocka_unit_test(
		    test_exactly_the_most_is_whole_and_a_byte_more_is_cut),
		cmocka_unit_test(test_a_signal_cuts_and_a_broken_input_fails),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
