/*
 * lanes_test.c - short files go past long ones.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/played.h"
#include "tests/t.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Offer all there is, as a broker does; the crew takes what it can. */
static void
offer_all(struct crew *c)
{
	size_t i, left = 0, count = played_back.count;
	struct crew_file file;

	for (i = 0; i < count; i++) {
		file = played_back.file[i];
		if (!crew_offer(c, &file))
			played_back.file[left++] = file;
	}
	/* Those that came back meanwhile. */
	memmove(&played_back.file[left], &played_back.file[count],
	    (played_back.count - count) * sizeof(played_back.file[0]));
	played_back.count = left + played_back.count - count;
}

static void
want(uint64_t scan, size_t size, uint32_t urgency)
{
	static const char data[64];

	played_back.file[played_back.count++] =
	    (struct crew_file){ .scan = scan,
		    .fd = played_memfd(data, size),
		    .size = size,
		    .urgency = urgency };
}

/* As want(), but it ends only when the lock that is returned is closed. */
static int
want_slow(uint64_t scan, uint32_t urgency)
{
	struct flock all = { .l_type = F_WRLCK };
	char path[40];
	int lock;

	want(scan, WAITS, urgency);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d",
	    played_back.file[played_back.count - 1].fd);
	lock = open(path, O_RDWR | O_CLOEXEC);
	t_eq(fcntl(lock, F_OFD_SETLK, &all), 0);
	return lock;
}

static void
go_on(struct crew *c)
{
	size_t workers, busy;
	struct why why;

	offer_all(c);
	assert_true(crew_turn(c, 10, &why));
	crew_count(c, &workers, &busy);
	assert_true(workers <= 8); /* of two: the same aside, and retiring */
}

static void
test_short_files_go_past_any_number_of_long_ones(void **state)
{
	static const size_t numbers[] = { 1, 2, 4, 20 };
	static struct played p;
	struct crew *c = played_start(&p, 2, 2, true);
	int lock[20];
	size_t i, n;

	(void)state;
	memset(&played_back, 0, sizeof(played_back));
	for (n = 0; n < sizeof(numbers) / sizeof(numbers[0]); n++) {
		memset(&p.ended, 0, sizeof(p.ended));
		for (i = 0; i < numbers[n]; i++)
			lock[i] = want_slow(i, 1);
		for (i = 100; i < 140; i++)
			want(i, 1, 1);
		for (i = 100; i < 140; i++)
			while (p.ended[i] == 0)
				go_on(c);
		for (i = 0; i < numbers[n]; i++)
			t_eq(p.ended[i], 0);
		for (i = 0; i < numbers[n]; i++)
			(void)close(lock[i]);
		while (played_back.count > 0 || crew_pending(c) > 0)
			go_on(c);
		for (i = 0; i < numbers[n]; i++) {
			t_eq(p.ended[i], 1);
			t_eq(p.lost[i], UNSCANNED_NOTHING);
		}
		for (i = 100; i < 140; i++)
			t_eq(p.ended[i], 1);
	}
	assert_true(played_back.ever > 0);
	t_eq(crew_losses(c), 0);
	crew_stop(&c);
}

/* The urgent one takes a place aside from one that is less so. */
static void
test_the_less_urgent_give_way(void **state)
{
	static struct played p;
	struct crew *c = played_start(&p, 2, 2, true);
	int less[5], urgent[2];
	size_t i;

	(void)state;
	memset(&played_back, 0, sizeof(played_back));
	/* One more than there are places: it waits, so one comes back. */
	for (i = 0; i < 5; i++)
		less[i] = want_slow(i, 1);
	while (played_back.ever == 0)
		go_on(c);
	for (i = 0; i < 2; i++)
		urgent[i] = want_slow(10 + i, 0);
	want(20, 1, 1);
	while (p.ended[20] == 0)
		go_on(c);
	for (i = 0; i < 2; i++)
		(void)close(urgent[i]);
	while (p.ended[10] == 0 || p.ended[11] == 0)
		go_on(c);
	t_eq(p.lost[10] + p.lost[11], UNSCANNED_NOTHING);
	for (i = 0; i < 5; i++)
		t_eq(p.ended[i], 0);
	for (i = 0; i < 5; i++)
		(void)close(less[i]);
	while (played_back.count > 0 || crew_pending(c) > 0)
		go_on(c);
	for (i = 0; i < 5; i++)
		t_eq(p.lost[i], UNSCANNED_NOTHING);
	crew_stop(&c);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_short_files_go_past_any_number_of_long_ones),
		cmocka_unit_test(test_the_less_urgent_give_way),
	};

	if (argc == 2 && strcmp(argv[1], "play") == 0)
		return played_worker();
	return cmocka_run_group_tests(tests, NULL, NULL);
}
