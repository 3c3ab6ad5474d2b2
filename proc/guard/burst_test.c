/*
 * burst_test.c - many questions in quick succession.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/burst.h"

#include "tests/t.h"

#include <fcntl.h>
#include <unistd.h>

#define NS_A_US 1000u

/* One that would hold; what it says comes out of the pipe. */
static int
open_with_pipe(struct burst *b)
{
	int end[2];

	burst_open(b);
	burst_close(b);
	t_eq(b->latency, -1);
	t_eq(pipe2(end, O_CLOEXEC | O_NONBLOCK), 0);
	b->latency = end[1];
	burst_allow(b, true);
	return end[0];
}

/* What was asked for last; -1 if nothing was since. */
static int32_t
asked(int pipe)
{
	int32_t latency = -1, next;

	while (read(pipe, &next, sizeof(next)) == (ssize_t)sizeof(next))
		latency = next;
	return latency;
}

/* Hear so many in a row, some us after one another; the time then. */
static uint64_t
hear(struct burst *b, uint64_t now, uint64_t us, size_t count)
{
	while (count-- > 0) {
		now += us * NS_A_US;
		(void)burst_hear(b, now, 0);
	}
	return now;
}

static void
test_processors_sleep_but_in_a_burst(void **state)
{
	struct burst b;
	int pipe = open_with_pipe(&b);
	uint64_t now = hear(&b, 1000000000, 900, BURST_COUNT - 1);

	(void)state;
	t_eq(asked(pipe), -1);
	/* Too late for that row. */
	now = hear(&b, now, 1100, BURST_COUNT);
	t_eq(asked(pipe), -1);
	now = hear(&b, now, 900, BURST_COUNT - 1);
	t_eq(asked(pipe), 0);
	now = hear(&b, now, 900, 1000);
	t_eq(asked(pipe), -1);
	t_eq(burst_wait(&b, now + 900 * NS_A_US), 1);
	t_eq(asked(pipe), -1);
	t_eq(burst_wait(&b, now + 1000 * NS_A_US), -1);
	t_eq(asked(pipe), 2000000000);
	t_eq(burst_wait(&b, now + 1000 * NS_A_US), -1);
	t_eq(asked(pipe), -1);
	/* And the next one. */
	(void)hear(&b, now + 5000 * NS_A_US, 100, BURST_COUNT);
	t_eq(asked(pipe), 0);
	/* Not any more. */
	burst_allow(&b, false);
	t_eq(asked(pipe), 2000000000);
	(void)hear(&b, now + 50000 * NS_A_US, 100, BURST_COUNT);
	t_eq(asked(pipe), -1);
	burst_close(&b);
	t_eq(read(pipe, &now, sizeof(now)), 0);
	(void)close(pipe);
}

static void
test_the_guard_is_awake_for_a_moment(void **state)
{
	struct burst b;
	uint64_t now = 1000000000;

	(void)state;
	burst_open(&b);
	t_eq(burst_wait(&b, now), -1);
	now = hear(&b, now, 50, 1);
	t_eq(burst_wait(&b, now), 0);
	t_eq(burst_wait(&b, now + BURST_AWAKE_NS - 1), 0);
	t_eq(burst_wait(&b, now + BURST_AWAKE_NS), -1);
}

static void
test_who_needs_our_processor_gets_it(void **state)
{
	uint64_t now = 1000000000;
	unsigned awake = 0, moves = 0, i;
	struct burst b;

	(void)state;
	burst_open(&b);
	assert_false(burst_hear(&b, now, 7));
	/* Switched out before the next came: he had it.  Now and then it is
	   seen whether that is still so. */
	for (i = 0; i < 10 * BURST_TRY; i++) {
		moves += burst_hear(&b, now += 50 * NS_A_US, 8 + i);
		awake += burst_wait(&b, now) == 0;
	}
	/* At once, and after each of eight milliseconds but the last; there we
	   stay awake for two, for to be moved is to be switched out, and for
	   some tries. */
	t_eq(moves, 8);
	assert_in_range(awake, 2 * moves + 1, 2 * moves + 10);
	/* He runs elsewhere. */
	assert_false(burst_hear(&b, now += 50 * NS_A_US, 7 + i));
	t_eq(burst_wait(&b, now), 0);
	/* Switched out in a long time says nothing. */
	assert_false(burst_hear(&b, now += BURST_AWAKE_NS, 8 + i));
	t_eq(burst_wait(&b, now), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_processors_sleep_but_in_a_burst),
		cmocka_unit_test(test_the_guard_is_awake_for_a_moment),
		cmocka_unit_test(test_who_needs_our_processor_gets_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
