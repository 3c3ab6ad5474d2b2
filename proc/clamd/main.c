/*
 * proc/clamd - answer those who think we are clamd.                   AMBER
 *
 * Holds:     clients of the clamd protocol; their streams, in memory; a
 *            channel to the broker.  Its user's rights to names and files are
 *            used by its walkers.
 * Hears:     the clamd protocol from anybody; frames from the broker and the
 *            supervisor.
 * Says:      ASK with descriptors to the broker; replies to clients; to the
 *            supervisor, what is found in their files, and WANT for
 *            administrators known by peer credentials.
 * If owned:  it could lie to clients about files, read what they send, and
 *            what its user may read; ask for a reload and an end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/clamd/listener.h"
#include "proc/clamd/path.h"
#include "proc/clamd/request.h"
#include "proc/duty/post.h"
#include "sys/clock.h"
#include "sys/spawn.h"

#include <sys/resource.h>

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SWEEP_MS 250u

/* After STOP, who has been asked about is answered within this. */
#define STOP_MS 5000u

/* Descriptors besides clients and files. */
#define FILES_RESERVE 128u
#define FILES_MOST    32768u

struct clamd_process {
	struct front front;
	struct listeners listeners;
	struct post *post;
	struct ready_watch post_watch;
	uint64_t swept_ms, stop_ms;
	bool is_going, is_stopping;
};

static struct clamd_process *process;

/* --- what the supervisor says -------------------------------------------- */

static void
hear_config(void *ctx, const struct config *c)
{
	struct clamd_process *p = ctx;

	settings_read(&p->front.settings, c);
	p->front.streams.max = p->front.settings.stream_total;
}

static void
hear_link(void *ctx, uint32_t role, uint32_t class, int fd)
{
	struct clamd_process *p = ctx;

	(void)class;
	if (role == ROLE_BROKER)
		requests_link(&p->front, fd);
	else
		(void)close(fd);
}

static void
hear_listen(void *ctx, uint32_t what, int fd)
{
	struct clamd_process *p = ctx;

	if (!listeners_add(&p->listeners, fd, what == LISTEN_CLAMD))
		post_note(p->post, EVENT_NOTE, EVENT_WARNING,
		    "clamd: too many addresses to listen at");
}

static void
hear_go(void *ctx)
{
	struct clamd_process *p = ctx;

	p->is_going = true;
	post_ready(p->post);
}

static void
hear_stop(void *ctx)
{
	struct clamd_process *p = ctx;

	p->is_stopping = true;
	p->stop_ms = p->front.now_ms + STOP_MS;
}

static void
want(struct front *f, uint32_t what, uint32_t uid)
{
	(void)f;
	post_want(process->post, what, uid);
}

static void
tell(struct front *f, const struct event *e)
{
	(void)f;
	post_event(process->post, e);
}

/* --- the loop ------------------------------------------------------------ */

static void
post_turn(struct ready_watch *w, unsigned what)
{
	(void)w;
	(void)what;
}

/* Descriptors for half of what may be open are for clients. */
static void
read_limits(struct front *f)
{
	struct rlimit limit;

	f->files_max = 256;
	if (getrlimit(RLIMIT_NOFILE, &limit) == -1)
		return;
	limit.rlim_cur = limit.rlim_max;
	(void)setrlimit(RLIMIT_NOFILE, &limit);
	if (getrlimit(RLIMIT_NOFILE, &limit) == 0 &&
	    limit.rlim_cur > 4 * FILES_RESERVE)
		f->files_max = (size_t)(limit.rlim_cur - FILES_RESERVE) / 3;
	f->clients_most = f->files_max;
	if (f->files_max > FILES_MOST)
		f->files_max = FILES_MOST;
}

static void
tell_metrics(struct clamd_process *p)
{
	post_metric(p->post, METRIC_CLIENTS, p->front.clients);
	post_metric(p->post, METRIC_COMMANDS, p->front.commands);
	post_metric(p->post, METRIC_STREAM_BYTES, p->front.streams.held);
	post_flush(p->post);
}

/* Is all done that was begun before STOP? */
static bool
is_done(const struct clamd_process *p)
{
	return p->is_stopping &&
	    (!clients_wait(&p->front) || p->front.now_ms >= p->stop_ms);
}

/* Everything that is done once a turn, after those who were ready. */
static void
turn(struct clamd_process *p)
{
	struct front *f = &p->front;

	requests_turn(f);
	if (f->has_room) {
		f->has_room = false;
		clients_release(f);
		requests_turn(f);
	}
	if (f->now_ms >= p->swept_ms + SWEEP_MS) {
		p->swept_ms = f->now_ms;
		clients_sweep(f);
		tell_metrics(p);
	}
	listeners_set(&p->listeners, p->is_going && !p->is_stopping);
	paths_turn(f);
	clients_bury(f);
}

static bool
run(struct clamd_process *p, struct why *why)
{
	struct front *f = &p->front;

	while (post_hear(p->post) && !is_done(p)) {
		turn(p);
		/* Some may go on at once with what they have sent. */
		if (!ready_turn(&f->ready, f->has_room ? 0 : SWEEP_MS, why))
			return false;
		f->now_ms = clock_milliseconds();
	}
	return true;
}

static bool
start(struct clamd_process *p, struct why *why)
{
	const struct post_listener listener = { .ctx = p,
		.config = hear_config,
		.link = hear_link,
		.listen = hear_listen,
		.go = hear_go,
		.stop = hear_stop };
	struct front *f = &p->front;
	struct listen_peer owner;

	(void)signal(SIGPIPE, SIG_IGN);
	f->want = want;
	f->tell = tell;
	f->now_ms = clock_milliseconds();
	read_limits(f);
	if (!ready_open(&f->ready, why) || !requests_open(f, why))
		return false;
	listeners_open(&p->listeners, f);
	p->post = post_open(SPAWN_CHANNEL, &listener, why);
	if (p->post == NULL)
		return false;
	/* Not whom this process runs as: others may, too (nobody). */
	f->owner = listen_peer_get(SPAWN_CHANNEL, &owner) ? owner.uid : 0;
	p->post_watch.fd = post_fd(p->post);
	p->post_watch.turn = post_turn;
	if (!ready_set(&f->ready, &p->post_watch, READY_READ))
		return why_not(why, WHY_SYSTEM, "cannot watch the supervisor");
	return true;
}

int
main(void)
{
	struct why why;

	process = calloc(1, sizeof(*process));
	if (process == NULL)
		return 1;
	if (!start(process, &why) || !run(process, &why)) {
		(void)fprintf(stderr, "candor-clamd: %s\n", why.text);
		return 1;
	}
	clients_close_all(&process->front);
	paths_close(&process->front);
	requests_close(&process->front);
	listeners_close(&process->listeners);
	ready_close(&process->front.ready);
	post_close(&process->post);
	free(process);
	return 0;
}
