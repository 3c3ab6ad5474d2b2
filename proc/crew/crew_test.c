/*
 * crew_test.c - what a crew does when databases change and workers die.
 *
 *     crew_test WORKER
 *
 * Databases are changed with real workers; workers that die are played by this
 * program.  What a crew does with workers that lie: candor-selftest frames.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/compile.h"
#include "lib/compile/pool.h"
#include "lib/db/db.h"
#include "proc/crew/parts.h"
#include "sys/channel.h"
#include "sys/memfd.h"
#include "tests/played.h"
#include "tests/t.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILES       400u
#define GENERATIONS 6u

static const char *command[] = { NULL, "1", NULL }; /* of a worker */

/* A database in which Word-N is signature number N. */
struct made {
	struct compile_output bytes;
	struct db db;
	uint32_t count;
	int fd;
};

static void
make(struct made *m, uint32_t count)
{
	static const struct compile_options options = { .flevel = 240 };
	char text[4096];
	struct why why = { 0 };
	struct pool pool;
	struct ir ir;
	size_t used = 0;
	uint32_t i;

	memset(m, 0, sizeof(*m));
	m->count = count;
	for (i = 0; i < count; i++)
		used += (size_t)snprintf(text + used, sizeof(text) - used,
		    "Word-%u:0:*:6d61726b65726f66%08x\n", i, i);
	pool_init(&pool, (size_t)1 << 28);
	ir_init(&ir, &pool);
	if (!compile_text(&ir, "t.ndb", cur_from(text, used), &options, &why) ||
	    !compile_finish(&ir, &why) ||
	    !compile_pack(&ir, &m->bytes, NULL, &why) ||
	    !db_open(&m->db, m->bytes.bytes, m->bytes.size, &why))
		fail_msg("%s", why.text);
	ir_fini(&ir);
	pool_fini(&pool);
	m->fd = played_memfd(m->bytes.bytes, m->bytes.size);
}

static void
unmake(struct made *m)
{
	(void)close(m->fd);
	free(m->bytes.bytes);
}

struct heard {
	uint32_t generation[FILES];
	uint32_t given[FILES], matches[FILES], ended[FILES];
	uint32_t signature[FILES];
	uint32_t lost;
};

static void
on_given(void *ctx, uint64_t scan, uint32_t generation)
{
	struct heard *h = ctx;

	assert_true(scan < FILES && h->ended[scan] == 0);
	h->given[scan]++;
	h->generation[scan] = generation;
}

static void
on_frame(void *ctx, const struct frame *f)
{
	struct heard *h = ctx;

	assert_true(f->scan < FILES && h->given[f->scan] == 1);
	if (f->kind != FRAME_MATCH)
		return;
	h->matches[f->scan]++;
	h->signature[f->scan] = f->match.signature;
}

static void
on_end(void *ctx, uint64_t scan, const struct frame *end, enum unscanned lost)
{
	struct heard *h = ctx;

	(void)end;
	assert_true(scan < FILES);
	h->ended[scan]++;
	h->lost += lost != UNSCANNED_NOTHING;
}

static struct crew *
start(struct made *m, unsigned jobs, struct heard *h)
{
	const struct crew_options o = { .jobs = jobs,
		.databases = { &m->fd, &m->count, 1 },
		.scan = { .flags = SCAN_ALL_MATCHES },
		.command = command };
	const struct crew_listener l = {
		.ctx = h, .frame = on_frame, .end = on_end, .given = on_given
	};
	struct why why = { 0 };
	struct crew *c = crew_start(&o, &l, &why);

	if (c == NULL)
		fail_msg("%s", why.text);
	return c;
}

/* A file in which every database has Word-2. */
static void
submit(struct crew *c, uint64_t scan)
{
	static const char data[] = "markerof\0\0\0\2";
	struct why why = { 0 };

	if (!crew_submit(c,
		&(struct crew_file){
		    .scan = scan, .fd = played_memfd(data, 12), .size = 12 },
		&why))
		fail_msg("%s", why.text);
}

static void
change(struct crew *c, struct made *m)
{
	const struct crew_databases d = { &m->fd, &m->count, 1 };
	struct why why = { 0 };

	if (!crew_change_databases(c, &d, &why))
		fail_msg("%s", why.text);
}

static void
test_what_waits_at_old_workers_is_heard_as_they_know_it(void **state)
{
	static struct heard h;
	struct made before, after;
	struct crew *c;
	uint64_t i;

	(void)state;
	make(&before, 8);
	make(&after, 2);
	c = start(&before, 1, &h);
	for (i = 0; i < 3; i++)
		submit(c, i);
	change(c, &after);
	for (; i < 6; i++)
		submit(c, i);
	played_drain(c);
	for (i = 0; i < 6; i++) {
		t_eq(h.ended[i], 1);
		t_eq(h.generation[i], i < 3 ? 0 : 1);
		t_eq(h.matches[i], i < 3 ? 1 : 0);
		t_eq(h.signature[i], i < 3 ? 2 : 0);
	}
	t_eq(h.lost, 0);
	t_eq(crew_oldest(c), 1);
	crew_stop(&c);
	unmake(&before);
	unmake(&after);
}

static void
test_nothing_is_lost_while_databases_change_often(void **state)
{
	static struct heard h;
	static struct made made[GENERATIONS];
	struct crew *c;
	uint64_t i;
	uint32_t n;

	(void)state;
	for (n = 0; n < GENERATIONS; n++)
		make(&made[n], 3 + n);
	c = start(&made[0], 3, &h);
	for (i = 0; i < FILES; i++) {
		n = (uint32_t)i / 20;
		if (i % 20 == 0 && n > 0 && n < GENERATIONS)
			change(c, &made[n]);
		submit(c, i);
	}
	played_drain(c);
	for (i = 0; i < FILES; i++) {
		t_eq(h.ended[i], 1);
		t_eq(h.matches[i], 1);
		t_eq(h.signature[i], 2);
	}
	t_eq(h.lost, 0);
	t_eq(h.generation[FILES - 1], GENERATIONS - 1);
	t_eq(crew_oldest(c), GENERATIONS - 1);
	crew_stop(&c);
	for (n = 0; n < GENERATIONS; n++)
		unmake(&made[n]);
}

/* A crew of one becomes one of four, then of two, while it has work. */
static void
test_workers_become_more_and_fewer(void **state)
{
	static const unsigned jobs[] = { 4, 2, 1, 3 };
	static struct heard h;
	struct crew_options o = { .jobs = 1 };
	struct made made;
	struct why why = { 0 };
	size_t workers, busy, i;
	struct crew *c;
	uint64_t scan = 0;

	(void)state;
	make(&made, 3);
	c = start(&made, 1, &h);
	o.databases = (struct crew_databases){ &made.fd, &made.count, 1 };
	for (i = 0; i < sizeof(jobs) / sizeof(jobs[0]); i++) {
		uint64_t until = scan + 60;

		for (; scan < until - 30; scan++)
			submit(c, scan);
		o.jobs = jobs[i];
		assert_true(crew_change(c, &o, &why));
		for (; scan < until; scan++)
			submit(c, scan);
		played_drain(c);
		for (;;) {
			crew_count(c, &workers, &busy);
			if (workers == jobs[i] && crew_ready(c) == jobs[i])
				break;
			assert_true(crew_turn(c, 10, &why));
		}
		t_eq(crew_oldest(c), i + 1);
	}
	for (i = 0; i < scan; i++) {
		t_eq(h.ended[i], 1);
		t_eq(h.matches[i], 1);
	}
	t_eq(h.lost, 0);
	crew_stop(&c);
	unmake(&made);
}

static void
test_too_many_databases_change_nothing(void **state)
{
	static const uint32_t counts[DB_MAX + 1];
	static const int fds[DB_MAX + 1];
	const struct crew_databases many = { fds, counts, DB_MAX + 1 };
	static struct heard h;
	struct made made;
	struct why why;
	struct crew *c;

	(void)state;
	make(&made, 4);
	c = start(&made, 1, &h);
	assert_false(crew_change_databases(c, &many, &why));
	submit(c, 0);
	played_drain(c);
	t_eq(h.matches[0], 1);
	t_eq(h.generation[0], 0);
	crew_stop(&c);
	unmake(&made);
}

/* Workers that cannot start with the new ones: said, and nothing hangs. */
static void
test_a_database_no_worker_takes_ends_the_crew(void **state)
{
	static const char data[] = "no database";
	static struct heard h;
	struct made good, bad = { .count = 1 };
	struct why why = { 0 };
	struct crew *c;

	(void)state;
	make(&good, 4);
	bad.fd = played_memfd(data, sizeof(data));
	c = start(&good, 1, &h);
	change(c, &bad);
	assert_false(crew_submit(c,
	    &(struct crew_file){
		.fd = played_memfd(data, sizeof(data)), .size = sizeof(data) },
	    &why));
	t_eq(h.ended[0], 1);
	t_eq(h.lost, 1);
	crew_stop(&c);
	unmake(&good);
	unmake(&bad);
}

/* --- workers that die ---------------------------------------------------- */

static struct crew *
start_played(struct played *p, unsigned jobs, unsigned tries)
{
	return played_start(p, jobs, tries, false);
}

static void
submit_played(struct crew *c, uint64_t scan, size_t size, uint32_t owner)
{
	static const char data[64];
	struct why why = { 0 };

	if (!crew_submit(c,
		&(struct crew_file){ .scan = scan,
		    .fd = played_memfd(data, size),
		    .size = size,
		    .owner = owner },
		&why))
		fail_msg("%s", why.text);
}

/* What came with it, before and after, is not lost. */
static void
test_a_worker_that_dies_costs_one_file_of_many(void **state)
{
	static struct played p;
	struct crew *c = start_played(&p, 1, 1);
	uint32_t together = 0;
	uint64_t i;

	(void)state;
	for (i = 0; i < 600; i++)
		submit_played(c, i, i % 11 == 5 ? DIES_ALWAYS : 1, 0);
	played_drain(c);
	for (i = 0; i < 600; i++) {
		t_eq(p.ended[i], 1);
		t_eq(p.lost[i],
		    i % 11 == 5 ? UNSCANNED_CRASHED : UNSCANNED_NOTHING);
		if (p.together[i] > together)
			together = p.together[i];
	}
	t_eq(p.together[0], 1);
	assert_true(together > 1 && together <= FRAME_BATCH);
	t_eq(crew_losses(c), 55);
	crew_stop(&c);
}

/* Three files for a worker that sleeps: two are sent. */
static struct hand *
submit_to_sleeper(struct crew *c, uint64_t scan)
{
	struct hand *h = c->hand;
	uint64_t i;

	while (h->state != HAND_READY)
		h++;
	t_eq(kill(h->process.pid, SIGSTOP), 0);
	for (i = scan; i < scan + 3; i++)
		submit_played(c, i, 1, 0);
	t_eq(h->count, 3);
	t_eq(h->sent, 2);
	return h;
}

/* It cannot be told of the third, or dies before it is. */
static void
test_what_was_not_sent_is_not_lost(void **state)
{
	static const struct frame config = { .kind = FRAME_CONFIG };
	uint8_t record[FRAME_LARGE];
	size_t size = frame_put(&config, record);
	static struct played p;
	struct crew *c = start_played(&p, 1, 1);
	struct hand *h = submit_to_sleeper(c, 0);
	struct why why;
	uint64_t i;

	(void)state;
	while (channel_offer(h->process.channel, record, size, -1) ==
	    CHANNEL_DONE)
		;
	assert_true(crew_turn(c, 0, &why));
	t_eq(h->count, 3);
	t_eq(h->sent, 2);
	t_eq(kill(h->process.pid, SIGCONT), 0);
	played_drain(c);

	h = submit_to_sleeper(c, 3);
	t_eq(kill(h->process.pid, SIGKILL), 0);
	played_drain(c);
	for (i = 0; i < 6; i++) {
		t_eq(p.ended[i], 1);
		t_eq(p.lost[i], i == 3 ? UNSCANNED_CRASHED : UNSCANNED_NOTHING);
	}
	t_eq(crew_losses(c), 1);
	crew_stop(&c);
}

static void
test_a_file_is_tried_again_by_a_worker_that_saw_no_other(void **state)
{
	static struct played p;
	struct crew *c = start_played(&p, 2, 2);
	uint64_t i;

	(void)state;
	for (i = 0; i < 100; i++)
		submit_played(c, i, i % 10 == 9 ? DIES_LATER : 1, 0);
	played_drain(c);
	for (i = 0; i < 100; i++) {
		t_eq(p.ended[i], 1);
		t_eq(p.lost[i], UNSCANNED_NOTHING);
		if (i % 10 == 9)
			t_eq(p.seen[i], 1);
	}
	crew_stop(&c);
}

static void
test_what_kills_twice_is_given_up(void **state)
{
	static struct played p;
	struct crew *c = start_played(&p, 2, 2);
	uint64_t i;

	(void)state;
	for (i = 0; i < 40; i++)
		submit_played(c, i, i % 4 == 3 ? DIES_ALWAYS : 1, 0);
	played_drain(c);
	for (i = 0; i < 40; i++) {
		t_eq(p.ended[i], 1);
		t_eq(p.lost[i],
		    i % 4 == 3 ? UNSCANNED_CRASHED : UNSCANNED_NOTHING);
		assert_true(p.given[i] >= (i % 4 == 3 ? 2u : 1u));
	}
	t_eq(crew_losses(c), 20);
	crew_stop(&c);
}

/* Also if a worker dies of it then, and whatever waits beside it. */
static void
test_what_is_doubted_is_seen_by_a_second_fresh_worker(void **state)
{
	static struct played p;
	struct crew *c = start_played(&p, 2, 2);
	uint64_t i;

	(void)state;
	p.doubt_every = 7;
	for (i = 0; i < 210; i++)
		submit_played(c, i, i % 5 == 4 ? DIES_LATER : 1, 0);
	played_drain(c);
	for (i = 0; i < 210; i++) {
		t_eq(p.ended[i], 1);
		t_eq(p.lost[i], UNSCANNED_NOTHING);
		if (i % 7 != 0)
			continue;
		assert_true(p.given[i] >= 2);
		t_eq(p.seen[i], 1);
	}
	crew_stop(&c);
}

/* Its worker was to go anyway, and the next has seen a file by now. */
static void
test_a_fresh_worker_is_made_if_none_is_coming(void **state)
{
	static const char data[WAITS];
	static struct played p;
	struct crew *c = start_played(&p, 1, 2);
	const uint64_t last = CREW_FILES - 1;
	struct crew_file file = { .scan = last, .size = WAITS };
	struct flock all = { .l_type = F_WRLCK };
	struct why why = { 0 };
	char path[40];
	uint64_t i;
	int lock;

	(void)state;
	p.doubt_every = last;
	for (i = 1; i < last; i++)
		submit_played(c, i, 1, 0);
	submit_played(c, last + 1, 1, 0);
	played_drain(c);

	file.fd = played_memfd(data, WAITS);
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", file.fd);
	lock = open(path, O_RDWR | O_CLOEXEC);
	t_eq(fcntl(lock, F_OFD_SETLK, &all), 0);
	assert_true(crew_submit(c, &file, &why));
	submit_played(c, last + 2, 1, 0);
	while (p.ended[last + 2] == 0)
		assert_true(crew_turn(c, 10, &why));
	t_eq(p.ended[last], 0);
	(void)close(lock);
	played_drain(c);
	t_eq(p.ended[last], 1);
	t_eq(p.given[last], 2);
	t_eq(p.seen[last], 1);
	crew_stop(&c);
}

static void
test_workers_are_not_shared_between_owners(void **state)
{
	static struct played p;
	struct crew *c = start_played(&p, 1, 1);
	uint64_t i;

	(void)state;
	for (i = 0; i < 6; i++) {
		const struct crew_file file = { .scan = i,
			.fd = played_memfd("x", 1),
			.size = 1,
			.owner = 1000 + (uint32_t)i / 2 };
		struct why why;

		while (!crew_offer(c, &file))
			assert_true(crew_turn(c, 10, &why));
	}
	played_drain(c);
	for (i = 0; i < 6; i++) {
		t_eq(p.lost[i], UNSCANNED_NOTHING);
		t_eq(p.seen[i], 1 + i % 2);
	}
	crew_stop(&c);
}

static void
test_a_gradual_change_leaves_no_moment_without_a_worker(void **state)
{
	static struct heard h;
	struct made before, after;
	const struct crew_listener l = {
		.ctx = &h, .frame = on_frame, .end = on_end, .given = on_given
	};
	struct crew_options o = {
		.jobs = 2, .is_gradual = true, .command = command
	};
	struct why why = { 0 };
	size_t workers, busy;
	struct crew *c;
	uint64_t i;

	(void)state;
	make(&before, 8);
	make(&after, 4);
	o.databases = (struct crew_databases){ &before.fd, &before.count, 1 };
	c = crew_start(&o, &l, &why);
	assert_non_null(c);
	while (crew_ready(c) < 2)
		assert_true(crew_turn(c, 10, &why));
	change(c, &after);
	for (i = 0; i < FILES; i++) {
		assert_true(crew_ready(c) >= 1);
		crew_count(c, &workers, &busy);
		assert_true(workers <= 4);
		submit(c, i);
	}
	played_drain(c);
	while (crew_oldest(c) == 0) {
		assert_true(crew_ready(c) >= 1);
		assert_true(crew_turn(c, 10, &why));
	}
	for (i = 0; i < FILES; i++)
		t_eq(h.ended[i], 1);
	t_eq(h.lost, 0);
	crew_stop(&c);
	unmake(&before);
	unmake(&after);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_waits_at_old_workers_is_heard_as_they_know_it),
		cmocka_unit_test(
		    test_nothing_is_lost_while_databases_change_often),
		cmocka_unit_test(test_workers_become_more_and_fewer),
		cmocka_unit_test(test_too_many_databases_change_nothing),
		cmocka_unit_test(test_a_database_no_worker_takes_ends_the_crew),
		cmocka_unit_test(
		    test_a_worker_that_dies_costs_one_file_of_many),
		cmocka_unit_test(test_what_was_not_sent_is_not_lost),
		cmocka_unit_test(
		    test_a_file_is_tried_again_by_a_worker_that_saw_no_other),
		cmocka_unit_test(test_what_kills_twice_is_given_up),
		cmocka_unit_test(
		    test_what_is_doubted_is_seen_by_a_second_fresh_worker),
		cmocka_unit_test(test_a_fresh_worker_is_made_if_none_is_coming),
		cmocka_unit_test(test_workers_are_not_shared_between_owners),
		cmocka_unit_test(
		    test_a_gradual_change_leaves_no_moment_without_a_worker),
	};

	if (argc != 2)
		return 64;
	if (strcmp(argv[1], "play") == 0)
		return played_worker();
	command[0] = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
