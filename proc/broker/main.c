/*
 * proc/broker - have files looked at for whoever asks.               AMBER
 *
 * Holds:     a channel to each worker and each front; descriptors of files
 *            on their way; the databases, mapped read-only.
 * Hears:     lib/wire/ask.h from fronts and local programs; lib/wire/frame.h
 *            from workers, checked by proc/crew; the supervisor.
 * Says:      verdicts and names of signatures; to the supervisor, what is
 *            found for programs on the local socket.
 * If owned:  it could lie about verdicts and read the files it is asked
 *            about.  It has no name of a file but of those in which something
 *            was found for such a program, and no network.
 *
 * candor-broker: descriptor 3 is the channel to the supervisor (docs/
 * daemon.md).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/broker/broker.h"

#include "sys/clock.h"
#include "sys/listen.h"
#include "sys/machine.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TURN_MS    500
#define BUSY_MS    50 /* while something waits for a worker */
#define FORGIVE_MS 1000u

static _Noreturn void
die(struct broker *b, const struct why *why)
{
	if (b->post != NULL)
		post_note(b->post, EVENT_NOTE, EVENT_ERROR,
		    "the broker cannot work: %.100s%s%.40s", why->text,
		    why->err != 0 ? ": " : "",
		    why->err != 0 ? strerror(why->err) : "");
	exit(1);
}

/* --- what the supervisor says -------------------------------------------- */

/* What workers are given besides databases. */
struct wanted {
	uint32_t workers, deadline_ms;
	struct limits limits;
};

static struct wanted
wanted_by(const struct config *c)
{
	const struct config_value *v = c->value;
	struct wanted w = {
		.workers = (uint32_t)v[KEY_WORKERS].number,
		.deadline_ms = (uint32_t)v[KEY_DEADLINE].number,
		.limits = {
			.max_object_size = v[KEY_MAX_OBJECT_SIZE].number,
			.max_total = v[KEY_MAX_TOTAL_SIZE].number,
			.max_depth = (uint32_t)v[KEY_MAX_DEPTH].number,
			.max_objects = (uint32_t)v[KEY_MAX_OBJECTS].number,
			.max_ratio = (uint32_t)v[KEY_MAX_RATIO].number,
		},
	};

	if (w.workers == 0)
		w.workers = machine_cpus();
	/* One more, so that a long scan does not hold up the guard. */
	if (v[KEY_GUARD_ENABLED].number != 0 && w.workers < 2)
		w.workers = 2;
	return w;
}

static bool
is_same(const struct wanted *a, const struct wanted *b)
{
	const struct limits *x = &a->limits, *y = &b->limits;

	return a->workers == b->workers && a->deadline_ms == b->deadline_ms &&
	    x->max_object_size == y->max_object_size &&
	    x->max_total == y->max_total && x->max_depth == y->max_depth &&
	    x->max_objects == y->max_objects && x->max_ratio == y->max_ratio;
}

static struct crew_options
options_with(const struct broker *b, const struct bases *bases)
{
	return (struct crew_options){ .jobs = b->workers,
		.databases = { bases->fd, bases->signature_count,
		    bases->count },
		.scan = { .limits = b->limits },
		.deadline_ms = b->deadline_ms,
		.tries = 2,
		.is_gradual = true };
}

/* Limits and the number of workers count from now on, for new workers. */
static void
change_crew(struct broker *b)
{
	const struct crew_options o = options_with(b, b->bases);
	struct why why = { 0 };

	if (crew_change(b->crew, &o, &why)) {
		b->generation++;
		post_note(b->post, EVENT_RELOADED, EVENT_NOTICE,
		    "other limits: %u workers", b->workers);
	} else {
		post_note(b->post, EVENT_REFUSED, EVENT_ERROR,
		    "limits refused: %.120s", why.text);
	}
}

static void
on_config(void *ctx, const struct config *c)
{
	struct broker *b = ctx;
	struct wanted now = wanted_by(c),
		      was = { b->workers, b->deadline_ms, b->limits };

	b->config = c;
	b->all_matches = c->value[KEY_ALL_MATCHES].number != 0;
	b->workers = now.workers;
	b->deadline_ms = now.deadline_ms;
	b->limits = now.limits;
	if (b->crew != NULL && !is_same(&was, &now))
		change_crew(b);
}

static void
on_link(void *ctx, uint32_t role, uint32_t class, int fd)
{
	front_open(ctx, fd, role, class, NULL);
}

static void
on_listen(void *ctx, uint32_t what, int fd)
{
	struct broker *b = ctx;

	if (what != LISTEN_LOCAL) {
		(void)close(fd);
		return;
	}
	if (b->local != -1)
		(void)close(b->local);
	b->local = fd;
}

/* Have the crew use what came. */
static bool
use_bases(struct broker *b, struct bases *fresh, struct why *why)
{
	const struct crew_options o = options_with(b, fresh);
	const struct crew_listener listener = { b, request_frame, request_end,
		request_given, request_doubts, request_returned };

	if (b->crew == NULL) {
		b->crew = crew_start(&o, &listener, why);
		return b->crew != NULL;
	}
	if (!crew_change_databases(b->crew, &o.databases, why))
		return false;
	fresh->crew = ++b->generation;
	return true;
}

static void
take_bases(struct broker *b)
{
	struct bases *fresh = b->coming;
	struct why why = { 0 };
	size_t i;

	b->coming = NULL;
	if (!use_bases(b, fresh, &why)) {
		bases_free(fresh);
		if (b->crew == NULL)
			die(b, &why);
		post_note(b->post, EVENT_REFUSED, EVENT_ERROR,
		    "databases refused: %.120s", why.text);
		return;
	}
	fresh->older = b->bases;
	b->bases = fresh;
	for (i = 0; i < BROKER_FRONTS; i++)
		if (b->front[i].fd != -1)
			front_say_generation(b, &b->front[i]);
	post_note(b->post, EVENT_RELOADED, EVENT_NOTICE,
	    "databases %llu in use: %llu signatures",
	    (unsigned long long)fresh->number,
	    (unsigned long long)fresh->signatures);
}

static void
on_database(void *ctx, const struct duty *d, int fd)
{
	struct broker *b = ctx;
	struct why why = { 0 };

	if (b->coming != NULL && b->coming->number != d->database.generation) {
		bases_free(b->coming);
		b->coming = NULL;
	}
	if (b->coming == NULL)
		b->coming = bases_new(d->database.generation,
		    d->database.databases, &why);
	if (b->coming == NULL) {
		(void)close(fd);
		return;
	}
	if (!bases_add(b->coming, d->database.database, fd, &why)) {
		bases_free(b->coming);
		b->coming = NULL;
		post_note(b->post, EVENT_REFUSED, EVENT_ERROR,
		    "databases refused: %.120s", why.text);
		return;
	}
	if (bases_is_whole(b->coming))
		take_bases(b);
}

static void
on_go(void *ctx)
{
	struct broker *b = ctx;
	struct why why = { .text = "no database" };

	if (b->crew == NULL)
		die(b, &why);
	b->is_going = true;
	post_ready(b->post);
}

static void
on_stop(void *ctx)
{
	struct broker *b = ctx;

	b->is_stopping = true;
}

/* --- the loop ------------------------------------------------------------ */

static void
accept_local(struct broker *b)
{
	struct listen_peer peer;
	int fd;

	while ((fd = listen_accept(b->local)) != -1) {
		if (listen_peer_get(fd, &peer))
			front_open(b, fd, 0, ASK_LOCAL, &peer);
		else
			(void)close(fd);
	}
}

/* Forget databases no worker has any more, and no name is awaited from. */
static void
free_old_bases(struct broker *b)
{
	struct bases *last = b->bases, *old;

	if (last == NULL || last->older == NULL)
		return;
	while (last->crew > crew_oldest(b->crew) && last->older != NULL)
		last = last->older;
	while ((old = last->older) != NULL && !request_knows(b, old)) {
		last->older = old->older;
		bases_free(old);
	}
}

static void
tell_numbers(struct broker *b)
{
	size_t workers, busy, i, fronts = 0;

	crew_count(b->crew, &workers, &busy);
	for (i = 0; i < BROKER_FRONTS; i++)
		fronts += b->front[i].fd != -1;
	post_metric(b->post, METRIC_WORKERS, workers);
	post_metric(b->post, METRIC_BUSY, busy);
	post_metric(b->post, METRIC_WAITING, b->waiting);
	post_metric(b->post, METRIC_FRONTS, fronts);
	post_metric(b->post, METRIC_ASKED, b->asked);
	post_metric(b->post, METRIC_ANSWERED, b->answered);
	post_metric(b->post, METRIC_INFECTED, b->infected);
	post_metric(b->post, METRIC_SUSPICIOUS, b->suspicious);
	post_metric(b->post, METRIC_UNSCANNED, b->unscanned);
	post_metric(b->post, METRIC_CRASHED, crew_losses(b->crew));
	post_metric(b->post, METRIC_BYTES, b->searched);
	post_metric(b->post, METRIC_GENERATION, b->bases->number);
	post_metric(b->post, METRIC_SIGNATURES, b->bases->signatures);
	post_metric(b->post, METRIC_BUILT, b->bases->built);
	post_metric(b->post, METRIC_LAYERS, crew_layers(b->crew));
	post_flush(b->post);
}

/* What poll() is asked about: no more than is open, or it refuses. */
struct waiting {
	struct pollfd p[2 + BROKER_FRONTS];
	struct front *front[2 + BROKER_FRONTS]; /* whose p it is */
	size_t count;
};

static void
wait_for(struct broker *b, struct waiting *w)
{
	size_t i;

	w->p[0] = (struct pollfd){ post_fd(b->post), POLLIN, 0 };
	w->p[1] = (struct pollfd){ b->local, POLLIN, 0 };
	w->count = 2;
	for (i = 0; i < BROKER_FRONTS; i++) {
		struct front *f = &b->front[i];
		struct pollfd p;

		if (f->fd == -1)
			continue;
		p = front_poll(b, f);
		if (p.fd == -1)
			continue;
		w->p[w->count] = p;
		w->front[w->count++] = f;
	}
}

/* Hear and answer fronts, as poll() found them. */
static void
turn_fronts(struct broker *b, const struct waiting *w)
{
	size_t i;

	for (i = 2; i < w->count; i++) {
		struct front *f = w->front[i];
		short events = w->p[i].revents;

		/* The supervisor may have changed who is there. */
		if (f->fd != w->p[i].fd)
			continue;
		if ((events & POLLOUT) != 0)
			front_flush(f);
		if ((events & (POLLIN | POLLHUP | POLLERR)) != 0)
			front_hear(b, f);
	}
}

/* No worker starts: say so, wait, try again.  Requests wait, too, until their
   time is over. */
static void
bear_trouble(struct broker *b, const struct why *why)
{
	post_note(b->post, EVENT_NOTE, EVENT_ERROR, "no worker starts: %.120s",
	    why->text);
	b->forgive_ms = clock_milliseconds() + FORGIVE_MS;
}

/* Wait for workers, fronts and the supervisor. */
static void
wait_all(struct broker *b, struct waiting *w)
{
	struct why why;

	wait_for(b, w);
	if (b->crew == NULL) {
		(void)poll(w->p, 1, TURN_MS);
	} else if (b->forgive_ms != 0) {
		(void)poll(w->p, w->count, BUSY_MS);
		if (clock_milliseconds() >= b->forgive_ms) {
			b->forgive_ms = 0;
			crew_forgive(b->crew);
		}
	} else if (!crew_turn_beside(b->crew,
		       b->waiting > 0 ? BUSY_MS : TURN_MS, w->p, w->count,
		       &why)) {
		bear_trouble(b, &why);
	}
}

static void
turn(struct broker *b)
{
	static struct waiting w;

	wait_all(b, &w);
	if (!post_hear(b->post))
		exit(0);
	if (b->crew == NULL)
		return;
	if (w.p[1].revents != 0)
		accept_local(b);
	turn_fronts(b, &w);
	request_dispatch(b);
	request_check_clock(b);
	front_sweep(b);
	free_old_bases(b);
	tell_numbers(b);
}

/* May it end, having been told to? */
static bool
is_done(const struct broker *b)
{
	return b->is_stopping && b->free_count == b->request_count;
}

int
main(int argc, char **argv)
{
	static struct broker b = { .local = -1 };
	const struct post_listener listener = { .ctx = &b,
		.config = on_config,
		.link = on_link,
		.listen = on_listen,
		.database = on_database,
		.go = on_go,
		.stop = on_stop };
	struct why why = { 0 };
	size_t i;

	(void)argv;
	(void)signal(SIGPIPE, SIG_IGN);
	if (argc != 1 || !post_is_here(3)) {
		(void)fprintf(stderr,
		    "candor-broker is started by candord, not by people; see "
		    "docs/daemon.md\n");
		return 64;
	}
	for (i = 0; i < BROKER_FRONTS; i++)
		b.front[i].fd = -1;
	b.post = post_open(3, &listener, &why);
	if (b.post == NULL || !request_open_all(&b, &why))
		die(&b, &why);
	while (!is_done(&b))
		turn(&b);
	crew_stop(&b.crew);
	return 0;
}
