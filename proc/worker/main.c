/*
 * proc/worker - look inside files.                                     RED
 *
 * Holds:     a socket to its owner; databases, mapped read-only; one arena;
 *            the file it is at and a few small ones behind it, open for
 *            reading.  No name, no network, no file system, no children, no
 *            new code.
 * Hears:     CONFIG, PASSWORD, SCAN and a descriptor, from its owner only.
 * Says:      frames of numbers (lib/wire/frame.h); names and matched bytes
 *            if the owner asked for them.
 * If owned:  the attacker can lie about the file it is at, and about those
 *            already in its queue.  It is replaced after any oddity, after
 *            1000 files and when a file takes too long; it sees nothing else.
 *
 * candor-worker COUNT: descriptor 3 is the socket, 4 and up COUNT databases.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/db.h"
#include "lib/engine/engine.h"
#include "lib/formats/format.h"
#include "lib/wire/frame.h"
#include "proc/worker/batch.h"
#include "proc/worker/order.h"
#include "proc/worker/report.h"
#include "sys/channel.h"
#include "sys/clock.h"
#include "sys/map.h"
#include "sys/sandbox.h"

#include <errno.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CHANNEL        3
#define FIRST_DATABASE 4

/* Everything a scan needs, but for what decoding libraries allocate. */
#define ARENA_SIZE ((size_t)192 << 20)

/* What an ordinary file leaves touched; more is given back. */
#define ARENA_KEPT ((size_t)4 << 20)
#define MUCH       ((uint64_t)1 << 20)

/* A file of such a size, alone, is not read into the arena but into pages of
   2 MB.  Smaller ones would leave much of those empty. */
#define LARGE_MIN ((size_t)3 << 20)
#define LARGE_MAX ((size_t)32 << 20)

/* How long files may be read before the first is looked at. */
#define PATIENCE_NS 5000000u

struct worker {
	struct db database[DB_MAX];
	size_t database_count;
	struct block block;
	struct block large; /* one file of LARGE_MIN bytes or more */
	struct arena arena;
	struct engine *engine;
	struct order order;
};

/* Before the cage: say why not, and go. */
static _Noreturn void
die(const struct why *why, int status)
{
	if (why->err != 0)
		(void)fprintf(stderr, "candor-worker: %s: %s\n", why->text,
		    strerror(why->err));
	else
		(void)fprintf(stderr, "candor-worker: %s\n", why->text);
	exit(status);
}

/* --- before the cage: only what the owner gave is read ------------------- */

static bool
open_database(struct worker *w, int fd, struct why *why)
{
	struct map map;

	if (!map_open(fd, &map, why))
		return false;
	(void)close(fd);
	return db_open(&w->database[w->database_count++], map.at, map.size,
	    why);
}

static bool
open_databases(struct worker *w, const char *count, struct why *why)
{
	size_t i, wanted;

	if (count[0] < '0' || count[0] > '0' + DB_MAX || count[1] != '\0')
		return why_not(why, WHY_BUG, "no number of databases: %s",
		    count);
	wanted = (size_t)(count[0] - '0');
	for (i = 0; i < wanted; i++)
		if (!open_database(w, FIRST_DATABASE + (int)i, why))
			return false;
	return true;
}

static int
compare_bytes(const void *a, const void *b)
{
	return memcmp(a, b, 1);
}

/*
 * Libraries allocate in small pieces and large ones.  Those a decoder frees are
 * kept for the next one of the same file, and go back to the kernel at its end;
 * the largest at once.
 *
 * The first allocation asks for random numbers, the first qsort() of a kilobyte
 * or more for the size of memory, the first date for the time zone: let all be
 * now.
 */
static void
warm_up(void)
{
	char large[2048] = { 0 };
	struct tm date = { .tm_year = 70, .tm_mday = 1 };

	(void)mallopt(M_ARENA_MAX, 1);
	(void)mallopt(M_MMAP_THRESHOLD, 16 << 20);
	(void)mallopt(M_TRIM_THRESHOLD, 16 << 20);
	free(malloc(1));
	(void)setenv("TZ", "UTC", 1);
	tzset();
	(void)mktime(&date);
	qsort(large, sizeof(large), 1, compare_bytes);
	(void)formats_warm(); /* without a UTF-8 locale iconv.c does it all */
}

static void
prepare(struct worker *w, const char *count)
{
	struct why why;

	warm_up();
	if (!open_databases(w, count, &why) ||
	    !block_open(ARENA_SIZE, &w->block, &why) ||
	    !block_open_large(LARGE_MAX, &w->large, &why))
		die(&why, 1);
	arena_init(&w->arena, w->block.at, w->block.size);
	w->engine =
	    engine_open(&w->arena, w->database, w->database_count, &why);
	if (w->engine == NULL)
		die(&why, 1);
	if (engine_refused(w->engine) != NULL)
		(void)fprintf(stderr,
		    "candor-worker: this machine's %s instructions are not to "
		    "be trusted; scanning without them\n",
		    engine_refused(w->engine));
}

/* --- in the cage --------------------------------------------------------- */

struct opened {
	int fd;
	struct report *report;
};

/* source_read_fn over the descriptor of the file. */
static size_t
read_file(struct source *s, uint64_t off, void *buf, size_t size)
{
	const struct opened *file = s->ctx;
	uint8_t *at = buf;
	size_t done = 0;

	if (off >= s->size)
		return 0;
	if (size > s->size - off)
		size = (size_t)(s->size - off);
	while (done < size) {
		ssize_t n = pread(file->fd, at + done, size - done,
		    (off_t)(off + done));

		if (n <= 0) {
			file->report->could_not_read |= n == -1;
			s->state = SOURCE_CHANGED;
			break;
		}
		done += (size_t)n;
	}
	return done;
}

/* What was touched beyond what an ordinary file needs goes back. */
static void
give_back(const struct worker *w, const struct scan_summary *summary,
    uint64_t size)
{
	if (summary->bytes > MUCH || summary->objects > 1 || size > MUCH) {
		block_forget(&w->block, arena_mark(&w->arena) + ARENA_KEPT);
		(void)malloc_trim(0);
	}
	if (size >= LARGE_MIN)
		block_forget(&w->large, 0);
}

/* Look at one file of a batch, with options but for its own flags. */
static void
scan(struct worker *w, const struct batch *b, size_t i,
    struct scan_options options)
{
	const struct frame *f = &b->order[i];
	uint32_t deadline_ms = f->request.deadline_ms != 0
	    ? f->request.deadline_ms
	    : w->order.deadline_ms;
	struct scan_summary summary;
	struct report report;
	struct reporter out = report_for(&report);
	struct opened file = { b->fd[i], &report };
	struct source source = b->source[i];

	source.read = read_file;
	source.ctx = &file;
	options.flags |= f->request.flags;
	if (source.size >= LARGE_MIN) {
		options.room = w->large.at;
		options.room_size = w->large.size;
	}
	report_begin(&report, CHANNEL, f->scan,
	    (options.flags & SCAN_SAY_BYTES) != 0, deadline_ms);
	memset(&summary, 0, sizeof(summary));
	engine_scan(w->engine, &source, &options, &out, &summary);
	(void)close(b->fd[i]);
	report_end(&report, &summary);
	give_back(w, &summary, b->source[i].size);
}

/* Take the digests of all at once. */
static void
hash_all(const struct worker *w, const struct batch *b,
    struct file_digests known[FRAME_BATCH])
{
	uint32_t flags = b->order[0].request.flags;
	size_t i;

	for (i = 1; i < b->count; i++)
		flags &= b->order[i].request.flags;
	engine_hash_files(w->engine, b->source, b->count,
	    w->order.options.flags | flags, known);
}

/* One alone is as well read when it is looked at, while its time runs, and
   hashed together with its sections. */
static void
scan_all(struct worker *w, struct batch *b)
{
	size_t mark = arena_mark(&w->arena);
	struct scan_options options = w->order.options;
	struct file_digests known[FRAME_BATCH];
	size_t i;

	if (b->count > 1) {
		batch_read(b, &w->arena, clock_nanoseconds() + PATIENCE_NS);
		hash_all(w, b, known);
	}
	for (i = 0; i < b->count; i++) {
		options.known = b->count > 1 ? &known[i] : NULL;
		scan(w, b, i, options);
	}
	arena_reset(&w->arena, mark);
}

/* False when the owner is gone or talks nonsense. */
static bool
serve_one(struct worker *w)
{
	uint8_t record[FRAME_RECORD];
	int fd[CHANNEL_FDS_MAX];
	struct batch batch;
	struct frame f;
	size_t size, count;

	if (channel_receive_with(CHANNEL, record, sizeof(record), &size, fd,
		&count) != CHANNEL_DONE)
		return false;
	if (count == 0)
		return frame_get(cur_from(record, size), &f) &&
		    order_take(&w->order, &f);
	if (!batch_take(&batch, cur_from(record, size), fd, count) ||
	    !w->order.is_given)
		return false;
	scan_all(w, &batch);
	return true;
}

static bool
say_ready(const struct worker *w, uint32_t layers)
{
	struct frame f = { .kind = FRAME_READY };
	uint8_t record[FRAME_LARGE];
	size_t size;

	f.ready.layers = layers;
	f.ready.databases = (uint32_t)w->database_count;
	size = frame_put(&f, record);
	return channel_send(CHANNEL, record, size, -1) == CHANNEL_DONE;
}

int
main(int argc, char **argv)
{
	static struct worker w;
	uint32_t layers;
	struct why why;

	if (argc != 2) {
		(void)fprintf(stderr,
		    "candor-worker is started by candor, not by people; see "
		    "docs/worker.md\n");
		return 64;
	}
	prepare(&w, argv[1]);
	if (!sandbox_enter(SANDBOX_WORKER, &layers, &why))
		die(&why, FRAME_EXIT_UNCAGED);

	/* From here on we read bytes an enemy may have written. */
	if (say_ready(&w, layers))
		while (serve_one(&w))
			;

	/* Without the libraries' farewells: those may want calls we gave up. */
	_exit(0);
}
