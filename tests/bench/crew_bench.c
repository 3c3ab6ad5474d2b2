/*
 * crew_bench.c - what a crew costs, and what it takes to change databases.
 *
 *     crew_bench WORKER DATABASE OTHER JOBS LARGE FILE...
 *
 * Looks at the files, says what memory of its own each worker then has, and
 * changes to the other database: once with all workers idle, once while each
 * is at LARGE, a file that takes long.  Prints "key value" lines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/db.h"
#include "proc/crew/crew.h"
#include "sys/clock.h"
#include "sys/map.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SETTLE_MS 20

/* One database, as the program that owns a crew has it. */
struct opened {
	int fd;
	struct map map;
	struct db db;
	uint32_t count;
};

/* What was heard: when the first file of each generation ended. */
struct heard {
	uint32_t generation[65536]; /* of a file, by its number */
	uint64_t first[8];          /* nanoseconds */
	uint32_t lost;
};

static _Noreturn void
die(const char *what, const struct why *why)
{
	fprintf(stderr, "crew_bench: %s: %s\n", what, why->text);
	exit(1);
}

static void
open_one(const char *path, struct opened *o)
{
	struct why why = { .text = "cannot open" };

	o->fd = open(path, O_RDONLY | O_CLOEXEC);
	if (o->fd == -1 || !map_open(o->fd, &o->map, &why) ||
	    !db_open(&o->db, o->map.at, o->map.size, &why))
		die(path, &why);
	o->count = db_signature_count(&o->db);
}

static void
on_given(void *ctx, uint64_t scan, uint32_t generation)
{
	((struct heard *)ctx)->generation[scan] = generation;
}

static void
on_frame(void *ctx, const struct frame *f)
{
	(void)ctx;
	(void)f;
}

static void
on_end(void *ctx, uint64_t scan, const struct frame *end, enum unscanned lost)
{
	struct heard *h = ctx;
	uint32_t generation = h->generation[scan];

	(void)end;
	h->lost += lost != UNSCANNED_NOTHING;
	if (generation < 8 && h->first[generation] == 0)
		h->first[generation] = clock_nanoseconds();
}

static void
submit(struct crew *c, uint64_t scan, const char *path)
{
	struct why why = { .text = "cannot open" };
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
	struct stat s;

	if (fd == -1 || fstat(fd, &s) == -1 ||
	    !crew_submit(c,
		&(struct crew_file){
		    .scan = scan, .fd = fd, .size = (uint64_t)s.st_size },
		&why))
		die(path, &why);
}

static void
drain(struct crew *c)
{
	struct why why;

	while (crew_pending(c) > 0)
		if (!crew_turn(c, -1, &why))
			die("turn", &why);
}

/* Until all workers are there and of the newest generation only. */
static void
settle(struct crew *c, size_t jobs, uint32_t generation)
{
	struct why why;

	while (crew_ready(c) < jobs || crew_oldest(c) != generation)
		if (!crew_turn(c, 1, &why))
			die("turn", &why);
}

/*
 * Kilobytes that one process made for itself; 0 if it is gone.  Pages of the
 * database that nobody else looks at just now are not its own: the kernel has
 * them once, and takes them back when it wants (Private_Clean).
 */
static unsigned long
private_of(long pid)
{
	unsigned long sum = 0, kb;
	char path[64], line[256];
	FILE *f;

	(void)snprintf(path, sizeof(path), "/proc/%ld/smaps_rollup", pid);
	f = fopen(path, "re");
	while (f != NULL && fgets(line, sizeof(line), f) != NULL)
		if (sscanf(line, "Private_Dirty: %lu", &kb) == 1)
			sum = kb;
	if (f != NULL)
		fclose(f);
	return sum;
}

/*
 * Print the most and the sum of what our children have, when they had time to
 * give back what they need no more: a worker answers first.
 */
static void
print_private(const char *when)
{
	unsigned long most = 0, sum = 0, one;
	char path[64];
	long pid;
	FILE *f;

	(void)poll(NULL, 0, SETTLE_MS);
	(void)snprintf(path, sizeof(path), "/proc/self/task/%ld/children",
	    (long)getpid());
	f = fopen(path, "re");
	while (f != NULL && fscanf(f, "%ld", &pid) == 1) {
		one = private_of(pid);
		sum += one;
		most = one > most ? one : most;
	}
	if (f != NULL)
		fclose(f);
	printf("private_%s_kb %lu\nprivate_%s_all_kb %lu\n", when, most, when,
	    sum);
}

static void
change(struct crew *c, const struct opened *o)
{
	const struct crew_databases d = { &o->fd, &o->count, 1 };
	struct why why;

	if (!crew_change_databases(c, &d, &why))
		die("change", &why);
}

/* Nobody works: how long until all workers have the other database? */
static void
change_idle(struct crew *c, size_t jobs, const struct opened *o)
{
	uint64_t start = clock_nanoseconds();

	change(c, o);
	settle(c, jobs, 1);
	printf("change_idle_ms %.1f\n",
	    (double)(clock_nanoseconds() - start) / 1e6);
}

/* All work: how long until the first file was looked at with the new one? */
static void
change_busy(struct crew *c, size_t jobs, const struct opened *o,
    const char *large, const char *file, struct heard *h)
{
	uint64_t start, scan = 0;
	struct why why;

	for (; scan < jobs; scan++)
		submit(c, scan, large);
	start = clock_nanoseconds();
	change(c, o);
	submit(c, scan, file);
	while (h->first[2] == 0 && crew_pending(c) > 0)
		if (!crew_turn(c, -1, &why))
			die("turn", &why);
	printf("change_busy_ms %.1f\n", (double)(h->first[2] - start) / 1e6);
	printf("change_busy_old_still_at_work %d\n", crew_oldest(c) < 2);
	print_private("while_changing");
	drain(c);
	settle(c, jobs, 2);
}

int
main(int argc, char **argv)
{
	static struct opened one, other;
	static struct heard heard;
	const struct crew_listener listener = { .ctx = &heard,
		.frame = on_frame,
		.end = on_end,
		.given = on_given };
	struct crew_options o = { .databases = { &one.fd, &one.count, 1 } };
	const char *command[3] = { NULL, "1", NULL };
	struct why why;
	struct crew *c;
	int i;

	if (argc < 7 || argc > 65536)
		return 64;
	command[0] = argv[1];
	open_one(argv[2], &one);
	open_one(argv[3], &other);
	o.jobs = (unsigned)strtoul(argv[4], NULL, 10);
	o.command = command;
	c = crew_start(&o, &listener, &why);
	if (c == NULL)
		die(argv[1], &why);
	settle(c, o.jobs, 0);
	print_private("at_start");
	for (i = 6; i < argc; i++)
		submit(c, (uint64_t)i, argv[i]);
	drain(c);
	print_private("after_files");
	change_idle(c, o.jobs, &other);
	print_private("after_change");
	change_busy(c, o.jobs, &one, argv[5], argv[6], &heard);
	print_private("at_end");
	printf("lost %" PRIu32 "\n", heard.lost);
	crew_stop(&c);
	return 0;
}
