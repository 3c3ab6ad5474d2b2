/*
 * progress.c - how far a scan is.  The contract is in progress.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/progress.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/human.h"
#include "proc/opener/opener.h"
#include "sys/clock.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#define DRAW_EVERY 100u /* milliseconds */
#define BAR_CELLS  20u
#define BAR_WIDTH  (BAR_CELLS + sizeof("[] 100% ") - 1)

#define LINE_MAX_SIZE 256u

struct progress {
	struct walk *walk; /* the thread's own while it runs */
	struct opener *opener;
	pthread_t thread;
	bool has_thread;
	_Atomic uint64_t files, bytes; /* counted so far */
	atomic_bool is_counted;        /* ... and these are all */
	atomic_bool is_ending;
	uint64_t start, drawn; /* milliseconds */
	bool is_visible;
};

/* Count what there is.  Runs beside the scan. */
static void *
count_all(void *ctx)
{
	struct progress *p = ctx;
	struct walk_entry e;

	while (!atomic_load_explicit(&p->is_ending, memory_order_relaxed)) {
		walk_next(p->walk, &e);
		if (e.outcome == WALK_END) {
			atomic_store(&p->is_counted, true);
			break;
		}
		if (e.outcome != WALK_FILE)
			continue;
		atomic_fetch_add_explicit(&p->files, 1, memory_order_relaxed);
		atomic_fetch_add_explicit(&p->bytes, e.size,
		    memory_order_relaxed);
	}
	return NULL;
}

static bool
is_ending(void *ctx)
{
	struct progress *p = ctx;

	return atomic_load_explicit(&p->is_ending, memory_order_relaxed);
}

struct progress *
progress_open(const struct walk_options *options, const struct words *path)
{
	struct progress *p = buf_alloc(1, sizeof(*p));
	const struct opener_options opener = {
		.is_stopped = is_ending,
		.ctx = p,
	};
	struct walk_options counting = *options;
	struct why why;
	size_t i;

	counting.counting = true;
	p->start = p->drawn = clock_milliseconds();
	p->opener = opener_open(&opener, &why);
	if (p->opener == NULL)
		return p; /* then it shows what was done, and not the rest */
	counting.opener = p->opener;
	p->walk = walk_open(&counting);
	for (i = 0; i < path->count; i++)
		walk_add(p->walk, path->word[i]);
	p->has_thread = pthread_create(&p->thread, NULL, count_all, p) == 0;
	return p;
}

static void
draw_bar(double done)
{
	unsigned cells = (unsigned)(done * BAR_CELLS), i;

	fputc('[', stderr);
	for (i = 0; i < BAR_CELLS; i++)
		fputs(i < cells ? "\u2588" : " ", stderr);
	fprintf(stderr, "] %3u%% ", (unsigned)(done * 100));
}

/* How much of the work is behind us, 0 to 1: mostly bytes, files too. */
static double
find_share(const struct progress *p, const struct totals *t)
{
	double files = (double)atomic_load(&p->files);
	double bytes = (double)atomic_load(&p->bytes);
	double share = 0;

	/* A file costs about as much as 16 KiB of its bytes. */
	if (files + bytes > 0)
		share = ((double)t->bytes + (double)t->files * 16384) /
		    (bytes + files * 16384);
	return share > 1 ? 1 : share;
}

/* What stands beside the bar; every byte of it is a column. */
static void
write_counts(const struct progress *p, const struct totals *t, uint64_t now,
    char line[LINE_MAX_SIZE])
{
	char files[HUMAN_SIZE], bytes[HUMAN_SIZE], rate[HUMAN_SIZE],
	    left[HUMAN_SIZE] = "", found[HUMAN_SIZE] = "";
	double seconds = (double)(now - p->start) / 1000;
	uint64_t all =
	    t->by_verdict[VERDICT_INFECTED] + t->by_verdict[VERDICT_SUSPICIOUS];
	double share = find_share(p, t);

	if (atomic_load(&p->is_counted) && share > 0.005)
		human_seconds(seconds / share - seconds, left);
	if (all > 0)
		human_count(all, found);
	snprintf(line, LINE_MAX_SIZE, "%s files, %s, %s/s%s%s%s%s%s%s",
	    human_count(t->files, files), human_bytes(t->bytes, bytes),
	    human_bytes((uint64_t)((double)t->bytes / seconds), rate),
	    left[0] != '\0' ? ", " : "", left, left[0] != '\0' ? " left" : "",
	    all > 0 ? ", " : "", found, all > 0 ? " found" : "");
}

/* Columns of the terminal that may be written to: a line that fills the last
   one could wrap, and then it would not be wiped away. */
static size_t
line_room(void)
{
	struct winsize size = { 0 };

	if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == -1 || size.ws_col == 0)
		return LINE_MAX_SIZE;
	return size.ws_col - 1u;
}

static void
draw(struct progress *p, const struct totals *t, uint64_t now)
{
	char line[LINE_MAX_SIZE];
	size_t room = line_room();

	write_counts(p, t, now, line);
	fputs("\r\033[K", stderr);
	/* Numbers say more than the bar. */
	if (atomic_load(&p->is_counted) && room >= BAR_WIDTH + strlen(line))
		draw_bar(find_share(p, t));
	fprintf(stderr, "%.*s", (int)room, line);
	fflush(stderr);
	p->is_visible = true;
}

void
progress_turn(struct progress *p, const struct totals *t)
{
	uint64_t now;

	if (p == NULL)
		return;
	now = clock_milliseconds();
	if (now - p->drawn < DRAW_EVERY)
		return;
	p->drawn = now;
	draw(p, t, now);
}

void
progress_hide(struct progress *p)
{
	if (p == NULL || !p->is_visible)
		return;
	fputs("\r\033[K", stderr);
	fflush(stderr);
	p->is_visible = false;
}

void
progress_close(struct progress **p)
{
	if (*p == NULL)
		return;
	progress_hide(*p);
	atomic_store(&(*p)->is_ending, true);
	if ((*p)->has_thread)
		pthread_join((*p)->thread, NULL);
	walk_close(&(*p)->walk);
	opener_close(&(*p)->opener);
	free(*p);
	*p = NULL;
}
