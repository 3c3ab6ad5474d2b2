/*
 * hand_test.c - what is sent to a worker, and when.
 *
 * The worker is the other end of a channel, on which nobody works.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/crew/hand.h"

#include "sys/channel.h"
#include "tests/t.h"

#include <sys/socket.h>

#include <string.h>
#include <unistd.h>

/* A worker that is ready, and what it hears. */
struct stage {
	struct hand hand;
	int worker;
	uint64_t given, heard; /* files so far; their numbers are in order */
};

static void
begin(struct stage *s)
{
	int pair[2];

	memset(s, 0, sizeof(*s));
	t_eq(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK,
		 0, pair),
	    0);
	s->hand.state = HAND_READY;
	s->hand.process.channel = pair[0];
	s->worker = pair[1];
}

static void
end(struct stage *s)
{
	(void)close(s->hand.process.channel);
	(void)close(s->worker);
}

static enum hand_gift
give(struct stage *s, uint64_t size)
{
	struct job job = { .number = s->given + 1, .size = size };
	enum hand_gift gift;

	assert_true(hand_has_room(&s->hand, &job));
	gift = hand_give(&s->hand, &job);
	s->given += gift == HAND_GIVEN;
	return gift;
}

/* Files in the next record; 0 if there is none. */
static size_t
hear(struct stage *s)
{
	uint8_t record[FRAME_RECORD];
	int fd[CHANNEL_FDS_MAX];
	size_t size, count, i;
	struct frame f;
	struct cur c;

	if (channel_receive_with(s->worker, record, sizeof(record), &size, fd,
		&count) != CHANNEL_DONE)
		return 0;
	c = cur_from(record, size);
	for (i = 0; i < count; i++) {
		assert_true(frame_take(&c, &f));
		t_eq(f.kind, FRAME_SCAN);
		t_eq(f.scan, ++s->heard);
		(void)close(fd[i]);
	}
	t_eq(cur_left(&c), 0);
	return count;
}

static void
test_ever_more_are_sent_at_once(void **state)
{
	static const size_t sent[HAND_QUEUE] = { 1, 1, 0, 2, 0, 0, 0, 4, 0, 0,
		0, 0, 0, 0, 0, 8 };
	struct job job = { .number = 99 };
	struct stage s;
	size_t i;

	(void)state;
	begin(&s);
	for (i = 0; i < HAND_QUEUE; i++) {
		t_eq(give(&s, 100), HAND_GIVEN);
		t_eq(hear(&s), sent[i]);
		t_eq(s.hand.sent, s.heard);
	}
	t_eq(hear(&s), 0);
	assert_false(hand_has_room(&s.hand, &job));
	end(&s);
}

/* A worker that has little left to do gets the rest; one that has enough is
   heard of before it could want it. */
static void
test_nothing_waits_while_a_worker_may_idle(void **state)
{
	struct stage s;
	size_t i;

	(void)state;
	begin(&s);
	for (i = 0; i < 3; i++)
		t_eq(give(&s, 100), HAND_GIVEN);
	t_eq(s.hand.sent, 2);
	assert_true(hand_send(&s.hand));
	t_eq(s.hand.sent, 3);
	while (hear(&s) > 0)
		;
	for (i = 3; i < 15; i++)
		t_eq(give(&s, 100), HAND_GIVEN);
	assert_true(hand_send(&s.hand));
	while (s.hand.sent > FRAME_BATCH) {
		assert_true(hand_send(&s.hand));
		assert_true(s.hand.sent < s.hand.count);
		(void)hand_finish(&s.hand);
	}
	(void)hand_finish(&s.hand);
	assert_true(hand_send(&s.hand));
	t_eq(s.hand.sent, s.hand.count);
	while (hear(&s) > 0)
		;
	t_eq(s.heard, s.given);
	end(&s);
}

static void
test_what_is_large_goes_alone(void **state)
{
	struct job job = { .number = 99, .size = 1 };
	struct stage s;

	(void)state;
	begin(&s);
	t_eq(give(&s, HAND_QUEUE_BYTES + 1), HAND_GIVEN);
	t_eq(hear(&s), 1);
	assert_false(hand_has_room(&s.hand, &job));
	(void)hand_finish(&s.hand);
	t_eq(give(&s, HAND_QUEUE_BYTES - 1), HAND_GIVEN);
	t_eq(give(&s, 1), HAND_GIVEN);
	assert_false(hand_has_room(&s.hand, &job));
	t_eq(s.hand.bytes, HAND_QUEUE_BYTES);
	hand_cut(&s.hand, 1);
	t_eq(s.hand.bytes, HAND_QUEUE_BYTES - 1);
	t_eq(s.hand.sent, 1);
	end(&s);
}

/* Full, or gone: nothing is in the queue that was not there before. */
static void
test_what_is_not_taken_is_not_given(void **state)
{
	uint8_t record[FRAME_LARGE] = { 0 };
	struct stage s;

	(void)state;
	begin(&s);
	t_eq(give(&s, 100), HAND_GIVEN);
	t_eq(give(&s, 100), HAND_GIVEN);
	t_eq(give(&s, 100), HAND_GIVEN);
	t_eq(s.hand.sent, 2);
	while (channel_offer(s.hand.process.channel, record, sizeof(record),
		   -1) == CHANNEL_DONE)
		;
	t_eq(give(&s, 100), HAND_NOT_NOW);
	assert_false(hand_send(&s.hand));
	t_eq(s.hand.count, 3);
	t_eq(s.hand.sent, 2);
	t_eq(s.hand.assigned, 2);
	t_eq(s.hand.bytes, 300);
	(void)close(s.worker);
	s.worker = -1;
	t_eq(give(&s, 100), HAND_NOT_NOW);
	assert_false(hand_send(&s.hand));
	t_eq(s.hand.count, 3);
	end(&s);
}

/* A worker gets CREW_FILES in its life, and the last of them at once. */
static void
test_a_worker_is_used_up(void **state)
{
	struct job job = { .number = 99 };
	struct stage s;

	(void)state;
	begin(&s);
	while (hand_has_room(&s.hand, &job)) {
		t_eq(give(&s, 100), HAND_GIVEN);
		while (hear(&s) > 0)
			;
		if (s.hand.count > 9)
			(void)hand_finish(&s.hand);
	}
	t_eq(s.given, CREW_FILES);
	t_eq(s.heard, CREW_FILES);
	t_eq(s.hand.assigned, CREW_FILES);
	t_eq(s.hand.state, HAND_RETIRING);
	end(&s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ever_more_are_sent_at_once),
		cmocka_unit_test(test_nothing_waits_while_a_worker_may_idle),
		cmocka_unit_test(test_what_is_large_goes_alone),
		cmocka_unit_test(test_what_is_not_taken_is_not_given),
		cmocka_unit_test(test_a_worker_is_used_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
