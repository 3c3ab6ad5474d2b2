/*
 * crew_test.c - what a crew of real workers does when databases change.
 *
 *     crew_test WORKER
 *
 * What it does with workers that lie: candor-selftest frames.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/compile.h"
#include "lib/compile/pool.h"
#include "lib/db/db.h"
#include "proc/crew/crew.h"
#include "sys/memfd.h"
#include "tests/t.h"

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

static int
memfd_of(const void *bytes, size_t size)
{
	struct why why;
	int fd;

	if (!memfd_open(&fd, &why) || write(fd, bytes, size) != (ssize_t)size ||
	    !memfd_seal(&fd, &why))
		fail_msg("no memfd");
	return fd;
}

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
	m->fd = memfd_of(m->bytes.bytes, m->bytes.size);
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
		    .scan = scan, .fd = memfd_of(data, 12), .size = 12 },
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
drain(struct crew *c)
{
	struct why why = { 0 };

	while (crew_pending(c) > 0 || crew_ready(c) == 0)
		if (!crew_turn(c, 10, &why))
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
	drain(c);
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
	drain(c);
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
	drain(c);
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
	bad.fd = memfd_of(data, sizeof(data));
	c = start(&good, 1, &h);
	change(c, &bad);
	assert_false(crew_submit(c,
	    &(struct crew_file){
		.fd = memfd_of(data, sizeof(data)), .size = sizeof(data) },
	    &why));
	t_eq(h.ended[0], 1);
	t_eq(h.lost, 1);
	crew_stop(&c);
	unmake(&good);
	unmake(&bad);
}

int
main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_what_waits_at_old_workers_is_heard_as_they_know_it),
		cmocka_unit_test(
		    test_nothing_is_lost_while_databases_change_often),
		cmocka_unit_test(test_too_many_databases_change_nothing),
		cmocka_unit_test(test_a_database_no_worker_takes_ends_the_crew),
	};

	if (argc != 2)
		return 64;
	command[0] = argv[1];
	return cmocka_run_group_tests(tests, NULL, NULL);
}
