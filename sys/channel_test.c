/*
 * channel_test.c - claims about channel.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/channel.h"

#include "tests/t.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

static void
open_pair(int pair[2])
{
	t_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
}

/* The number the next descriptor will get: a leak moves it. */
static int
next_fd(void)
{
	int fd = dup(0);

	(void)close(fd);
	return fd;
}

static void
test_a_record_and_its_descriptor_arrive(void **state)
{
	char room[16];
	int pair[2], pipes[2], fd, flags;
	size_t size;

	(void)state;
	open_pair(pair);
	t_eq(pipe(pipes), 0);
	t_eq(channel_send(pair[0], "hello", 5, pipes[1]), CHANNEL_DONE);
	t_eq(channel_receive(pair[1], room, sizeof(room), &size, &fd),
	    CHANNEL_DONE);
	t_eq(size, 5);
	assert_memory_equal(room, "hello", 5);
	assert_int_not_equal(fd, -1);
	flags = fcntl(fd, F_GETFD);
	t_eq(flags & FD_CLOEXEC, FD_CLOEXEC);
	t_eq(write(fd, "x", 1), 1);
	t_eq(read(pipes[0], room, 1), 1);
	(void)close(fd);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

/* What somebody said before he died is heard, whatever he left unread. */
static void
test_the_last_words_arrive(void **state)
{
	char room[16];
	int pair[2];
	size_t size;

	(void)state;
	open_pair(pair);
	t_eq(channel_send(pair[0], "unread", 6, -1), CHANNEL_DONE);
	t_eq(channel_send(pair[1], "last", 4, -1), CHANNEL_DONE);
	(void)close(pair[1]);
	t_eq(channel_read(pair[0], room, sizeof(room), &size), CHANNEL_DONE);
	t_eq(size, 4);
	assert_memory_equal(room, "last", 4);
	t_eq(channel_read(pair[0], room, sizeof(room), &size), CHANNEL_GONE);
	(void)close(pair[0]);
}

static void
test_a_descriptor_is_dropped_where_none_may_be(void **state)
{
	int pair[2], before;
	char room[16];
	size_t size;

	(void)state;
	open_pair(pair);
	before = next_fd();
	t_eq(channel_send(pair[1], "up", 2, 0), CHANNEL_DONE);
	t_eq(channel_read(pair[0], room, sizeof(room), &size), CHANNEL_ODD);
	t_eq(next_fd(), before);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

/* Send count times our standard input along with a record of size bytes. */
static void
send_many(int channel, size_t size, size_t count)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(16 * sizeof(int))];
	} control;
	char bytes[16] = { 0 };
	struct iovec part = { bytes, size };
	struct msghdr m = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = &control,
		.msg_controllen = CMSG_SPACE(count * sizeof(int)) };
	struct cmsghdr *c;

	memset(&control, 0, sizeof(control));
	c = CMSG_FIRSTHDR(&m);
	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(count * sizeof(int));
	t_eq(sendmsg(channel, &m, 0), size);
}

/* Two descriptors where one is expected: neither is kept. */
static void
test_a_second_descriptor_is_not_let_in(void **state)
{
	int pair[2], fd, before;
	char room[16];
	size_t size;

	(void)state;
	open_pair(pair);
	before = next_fd();
	send_many(pair[0], 1, 2);
	t_eq(channel_receive(pair[1], room, sizeof(room), &size, &fd),
	    CHANNEL_ODD);
	t_eq(fd, -1);
	t_eq(next_fd(), before);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
test_descriptors_arrive_in_their_order(void **state)
{
	int pair[2], pipes[2], sent[CHANNEL_FDS_MAX], fd[CHANNEL_FDS_MAX];
	size_t n, i, size, count;
	char room[16];

	(void)state;
	open_pair(pair);
	t_eq(pipe(pipes), 0);
	for (i = 0; i < CHANNEL_FDS_MAX; i++)
		sent[i] = pipes[i % 3 == 0];
	for (n = 0; n <= CHANNEL_FDS_MAX; n++) {
		t_eq(channel_offer_with(pair[0], "many", 4, sent, n),
		    CHANNEL_DONE);
		t_eq(channel_receive_with(pair[1], room, sizeof(room), &size,
			 fd, &count),
		    CHANNEL_DONE);
		t_eq(size, 4);
		t_eq(count, n);
		for (i = 0; i < n; i++) {
			/* Only the writing ends can be written to. */
			t_eq(write(fd[i], "x", 1) == 1, i % 3 == 0);
			t_eq(fcntl(fd[i], F_GETFD) & FD_CLOEXEC, FD_CLOEXEC);
			(void)close(fd[i]);
		}
	}
	t_eq(channel_offer_with(pair[0], "many", 4, sent, CHANNEL_FDS_MAX + 1),
	    CHANNEL_ODD);
	(void)close(pipes[0]);
	(void)close(pipes[1]);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

/* Too many, or with a record that is too long or empty: none is kept. */
static void
test_descriptors_of_odd_records_are_closed(void **state)
{
	static const struct {
		size_t size, count;
		enum channel_end end;
	} odd[] = { { 1, CHANNEL_FDS_MAX + 1, CHANNEL_ODD },
		{ 9, CHANNEL_FDS_MAX, CHANNEL_ODD }, { 9, 1, CHANNEL_ODD },
		{ 0, CHANNEL_FDS_MAX, CHANNEL_GONE }, { 0, 1, CHANNEL_GONE } };
	int pair[2], fd[CHANNEL_FDS_MAX], before;
	size_t i, size, count;
	char room[8];
	bool is_lost;

	(void)state;
	open_pair(pair);
	before = next_fd();
	for (i = 0; i < sizeof(odd) / sizeof(odd[0]); i++) {
		send_many(pair[0], odd[i].size, odd[i].count);
		t_eq(channel_receive_with(pair[1], room, sizeof(room), &size,
			 fd, &count),
		    odd[i].end);
		t_eq(count, 0);
		t_eq(next_fd(), before);
	}
	send_many(pair[0], 0, 1);
	t_eq(channel_receive(pair[1], room, sizeof(room), &size, fd),
	    CHANNEL_GONE);
	t_eq(fd[0], -1);
	t_eq(next_fd(), before);
	send_many(pair[0], 9, 2);
	t_eq(channel_take(pair[1], room, sizeof(room), &size, fd, &is_lost),
	    CHANNEL_ODD);
	assert_true(is_lost);
	t_eq(next_fd(), before);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

static void
test_long_empty_and_no_records_are_told_apart(void **state)
{
	char room[4];
	int pair[2];
	size_t size;

	(void)state;
	open_pair(pair);
	t_eq(channel_read(pair[0], room, sizeof(room), &size), CHANNEL_WAIT);
	t_eq(channel_send(pair[1], "12345", 5, -1), CHANNEL_DONE);
	t_eq(channel_read(pair[0], room, sizeof(room), &size), CHANNEL_ODD);
	t_eq(channel_send(pair[1], "1234", 4, -1), CHANNEL_DONE);
	t_eq(channel_read(pair[0], room, sizeof(room), &size), CHANNEL_DONE);
	t_eq(channel_send(pair[1], "", 0, -1), CHANNEL_DONE);
	t_eq(channel_read(pair[0], room, sizeof(room), &size), CHANNEL_GONE);
	(void)close(pair[1]);
	t_eq(channel_read(pair[0], room, sizeof(room), &size), CHANNEL_GONE);
	t_eq(channel_send(pair[0], "x", 1, -1), CHANNEL_GONE);
	(void)close(pair[0]);
}

static void
test_an_offer_does_not_wait(void **state)
{
	enum channel_end end = CHANNEL_DONE;
	char record[1024] = { 0 };
	int pair[2];
	unsigned n;

	(void)state;
	open_pair(pair);
	for (n = 0; n < 100000 && end == CHANNEL_DONE; n++)
		end = channel_offer(pair[0], record, sizeof(record), -1);
	t_eq(end, CHANNEL_WAIT);
	(void)close(pair[0]);
	(void)close(pair[1]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_record_and_its_descriptor_arrive),
		cmocka_unit_test(
		    test_a_descriptor_is_dropped_where_none_may_be),
		cmocka_unit_test(test_a_second_descriptor_is_not_let_in),
		cmocka_unit_test(test_descriptors_arrive_in_their_order),
		cmocka_unit_test(test_descriptors_of_odd_records_are_closed),
		cmocka_unit_test(test_long_empty_and_no_records_are_told_apart),
		cmocka_unit_test(test_the_last_words_arrive),
		cmocka_unit_test(test_an_offer_does_not_wait),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
