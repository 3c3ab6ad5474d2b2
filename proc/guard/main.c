/*
 * main.c - candor-guard: its loop.  The head of guard.h says what it is.
 *
 * Deadlock is impossible by construction: this thread waits in poll() only,
 * opens nothing on a watched file system, and answers what candord's own
 * processes open at once; whoever else waits is answered at the deadline at
 * the latest.  If it dies, the kernel lets everybody go.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/guard.h"

#include "proc/duty/attach.h"
#include "sys/channel.h"
#include "sys/clock.h"
#include "sys/machine.h"
#include "sys/spawn.h"

#include <sys/mman.h>
#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define DESCRIPTORS 262144u /* every event brings one */
#define TURN_MS     1000    /* at least so often, for the numbers */

/* That all of them are kept awake for a moment matters little. */
#define FEW_PROCESSORS 8u

#define LONGEST_TICK_NS 10000000u /* of any kernel's clock */

/* --- on and off ----------------------------------------------------------- */

static uint32_t
wanted_events(const struct config *c)
{
	return (c->value[KEY_GUARD_ON_OPEN].number != 0 ? WATCH_OPEN : 0) |
	    (c->value[KEY_GUARD_ON_EXEC].number != 0 ? WATCH_EXEC : 0) |
	    (c->value[KEY_GUARD_ON_WRITE].number != 0 ? WATCH_WRITE : 0);
}

static void
turn_off(struct guard *g)
{
	guard_let_go(g);
	watch_close(&g->watch);
	g->marks = 0;
	post_metric(g->post, METRIC_GUARD_STATE, 0);
	post_metric(g->post, METRIC_GUARD_MARKS, 0);
}

static void
turn_on(struct guard *g)
{
	bool prevents = g->config->value[KEY_GUARD_PREVENT].number != 0;
	struct why why = { 0 };

	if (!watch_open(&g->watch, prevents, wanted_events(g->config), &why)) {
		g->watch.fd = -1;
		post_note(g->post, EVENT_NOTE, EVENT_ERROR,
		    "the guard cannot work here: %s: %s", why.text,
		    strerror(why.err));
		return;
	}
	guard_mark(g);
	guard_note_lasting(g);
	post_metric(g->post, METRIC_GUARD_STATE, prevents ? 2 : 1);
	g->wants |= GUARD_SWEEP_RUNNING | GUARD_SWEEP_RECALLED;
}

/* Nothing is known to be clean any more: look again, before people wait for
   it, at what wants says. */
static void
forget_all(struct guard *g, uint32_t wants)
{
	watch_forget(&g->watch);
	g->wants |= wants;
}

/* May processors be kept awake for who waits?  Where there are many, most
   have nothing to do with him. */
static bool
may_keep_awake(const struct config *c)
{
	return config_is(c, KEY_GUARD_AWAKE, "yes") ||
	    (config_is(c, KEY_GUARD_AWAKE, "auto") &&
		machine_cpus() <= FEW_PROCESSORS);
}

/* Be as the configuration says. */
static void
conform(struct guard *g)
{
	const struct config *c = g->config;
	bool wanted = c->value[KEY_GUARD_ENABLED].number != 0;
	bool prevents = c->value[KEY_GUARD_PREVENT].number != 0;

	known_forget(&g->known);
	again_forget(&g->again);
	g->tells_left_out = true;
	burst_allow(&g->burst, may_keep_awake(c));
	if (g->watch.fd != -1 &&
	    (!wanted || g->watch.prevents != prevents ||
		g->watch.what != wanted_events(c)))
		turn_off(g);
	if (!wanted)
		return;
	if (g->watch.fd == -1)
		turn_on(g);
	else {
		forget_all(g, GUARD_SWEEP_RECALLED);
		guard_mark(g);
	}
}

/* --- what the supervisor says --------------------------------------------- */

static void
hear_config(void *ctx, const struct config *c)
{
	struct guard *g = ctx;

	g->config = c;
	if (g->is_on)
		conform(g);
}

static void
hear_link(void *ctx, uint32_t role, uint32_t class, int fd)
{
	struct guard *g = ctx;

	(void)class;
	if (role == ROLE_BROKER) {
		asker_link(g->asker, fd);
		return;
	}
	if (role != ROLE_QUARANTINE) {
		(void)close(fd);
		return;
	}
	if (g->hold != -1)
		guard_hold_is_gone(g);
	g->hold = fd;
	g->kin.keeper = post_linked_pid(g->post);
}

static void
hear_listen(void *ctx, uint32_t what, int fd)
{
	struct guard *g = ctx;

	if (what != LISTEN_GUARD) {
		(void)close(fd);
		return;
	}
	if (g->listening != -1)
		(void)close(g->listening);
	g->listening = fd;
}

static void
hear_go(void *ctx)
{
	struct guard *g = ctx;

	g->is_on = true;
	conform(g);
	post_ready(g->post);
}

static void
hear_stop(void *ctx)
{
	struct guard *g = ctx;

	g->is_stopping = true;
}

/* New signatures: what was clean is to be asked about again. */
static void
hear_generation(void *ctx, const struct ask *a)
{
	struct guard *g = ctx;

	if (g->generation != 0 && g->generation != a->generation.generation &&
	    g->watch.fd != -1)
		forget_all(g, GUARD_SWEEP_RUNNING | GUARD_SWEEP_RECALLED);
	known_forget(&g->known);
	again_forget(&g->again);
	g->generation = a->generation.generation;
}

/* --- the loop ------------------------------------------------------------- */

static void
hear_quarantine(struct guard *g)
{
	uint8_t record[HOLD_SIZE];
	enum channel_end end = CHANNEL_DONE;
	struct hold h;
	size_t size;

	while (g->hold != -1 && end == CHANNEL_DONE) {
		end = channel_read(g->hold, record, sizeof(record), &size);
		if (end == CHANNEL_DONE && hold_get(cur_from(record, size), &h))
			guard_held(g, &h);
		else if (end != CHANNEL_WAIT) {
			/* Or talking nonsense: a successor will come. */
			guard_hold_is_gone(g);
		}
	}
}

/* Begin one if it is wanted and the last one is done. */
static void
begin_sweep(struct guard *g)
{
	if (g->wants == 0 || g->sweep != -1 || g->watch.fd == -1)
		return;
	if (g->config->value[KEY_GUARD_SWEEP].number != 0)
		g->sweep = guard_sweep(&g->mounts, &g->recall, g->wants);
	g->wants = 0;
	g->recalls = false;
}

static void
hear_sweep(struct guard *g)
{
	struct swept s;
	ssize_t n;

	/* One a turn: people who wait come first. */
	if (!guard_may_sweep(g))
		return;
	n = read(g->sweep, &s, sizeof(s));
	if (n == (ssize_t)sizeof(s)) {
		guard_look_at(g, s.fd, s.pid);
		return;
	}
	(void)close(g->sweep);
	g->sweep = -1;
}

static void
tell_numbers(struct guard *g)
{
	post_metric(g->post, METRIC_GUARD_EVENTS, g->counts.events);
	post_metric(g->post, METRIC_GUARD_DENIED, g->counts.denied);
	post_metric(g->post, METRIC_GUARD_OVERRUNS, g->counts.overruns);
	post_metric(g->post, METRIC_GUARD_WAITING, looks_waiting(g->looks));
	post_metric(g->post, METRIC_GUARD_LOOKS,
	    looks_count(g->looks) + g->later.count);
	post_flush(g->post);
}

/* The sooner of two waits in ms; -1 is never. */
static int
sooner(int a, int b)
{
	return b < 0 || (a >= 0 && a < b) ? a : b;
}

/* Until stopped; false if the supervisor is gone. */
static bool
turn(struct guard *g)
{
	enum {
		POST,
		ASKER,
		WATCH,
		MOUNTS,
		HOLD,
		SWEEP,
		LISTENING,
		ALL
	};
	struct pollfd p[ALL] = {
		[POST] = { .fd = post_fd(g->post), .events = POLLIN },
		[WATCH] = { .fd = g->watch.fd, .events = POLLIN },
		[MOUNTS] = { .fd = g->mounts.fd, .events = POLLPRI },
		[HOLD] = { .fd = g->hold, .events = POLLIN },
		[SWEEP] = { .fd = g->sweep, .events = POLLIN },
		[LISTENING] = { .fd = g->listening, .events = POLLIN },
	};
	int wait = sooner(TURN_MS, guard_overruns(g));

	asker_poll(g->asker, &p[ASKER]);
	guard_mind_broker(g, p[ASKER].fd != -1);
	wait = sooner(wait, asker_patience(g->asker));
	wait = sooner(wait, guard_later_wait(g));
	if (!guard_may_sweep(g))
		p[SWEEP].fd = -1;
	wait = sooner(wait, burst_wait(&g->burst, clock_nanoseconds()));
	if (wait == 0)
		(void)sched_yield();
	if (poll(p, ALL, wait) == -1 && errno != EINTR)
		return false;
	if (p[WATCH].revents != 0)
		guard_hear(g);
	guard_look_later(g);
	if (p[ASKER].revents != 0)
		asker_turn(g->asker);
	else
		asker_turn_deaf(g->asker);
	if (p[HOLD].revents != 0)
		hear_quarantine(g);
	if (p[SWEEP].revents != 0)
		hear_sweep(g);
	if (p[MOUNTS].revents != 0 && g->is_on)
		guard_mark(g);
	if (p[LISTENING].revents != 0)
		guard_say_what_is_watched(g);
	begin_sweep(g);
	tell_numbers(g);
	return p[POST].revents == 0 || post_hear(g->post);
}

/* Whose are we, and what is mounted?  In a unit of its own the guard first
   waits at the socket post for candord. */
static bool
find_place(struct guard *g, const char *post, struct why *why)
{
	uint32_t supervisor = 0;

	/* Before anything else is open: it takes the place of descriptor 3. */
	if (post != NULL && !attach_wait(post, SPAWN_CHANNEL, &supervisor, why))
		return false;
	if (!kin_open(&g->kin, why))
		return false;
	if (post == NULL)
		return mounts_open(&g->mounts, 0, why);
	/* The unit narrows our view; what counts is what process 1 sees. */
	g->kin.eldest = supervisor;
	return mounts_open(&g->mounts, 1, why);
}

static bool
open_all(struct guard *g, const char *post, struct why *why)
{
	const struct post_listener hear = { g, hear_config, hear_link,
		hear_listen, NULL, hear_go, hear_stop };
	const struct asker_listener answers = { g, guard_answer,
		hear_generation, NULL };
	struct rlimit files = { DESCRIPTORS, DESCRIPTORS };
	struct timespec tick;

	/* Leases ask whether a file is open for writing (sys/watch.c); who
	   breaks one makes the kernel tell us so. */
	(void)signal(SIGIO, SIG_IGN);
	(void)signal(SIGPIPE, SIG_IGN);
	if (setrlimit(RLIMIT_NOFILE, &files) == -1 &&
	    getrlimit(RLIMIT_NOFILE, &files) == 0) {
		files.rlim_cur = files.rlim_max;
		(void)setrlimit(RLIMIT_NOFILE, &files);
	}
	g->descriptors = files.rlim_cur;
	g->tick_ns = clock_getres(CLOCK_REALTIME_COARSE, &tick) == 0
	    ? (uint64_t)tick.tv_nsec
	    : LONGEST_TICK_NS;
	g->watch.fd = g->hold = g->sweep = g->mounts.fd = g->listening = -1;
	g->looks = looks_open();
	if (g->looks == NULL)
		return why_not(why, WHY_SYSTEM, "no memory");
	if (!find_place(g, post, why))
		return false;
	burst_open(&g->burst);
	g->asker = asker_open(LOOKS_MAX, &answers, why);
	if (g->asker == NULL)
		return false;
	g->post = post_open(SPAWN_CHANNEL, &hear, why);
	return g->post != NULL;
}

int
main(int argc, char **argv)
{
	struct guard *g = calloc(1, sizeof(*g));
	struct why why = { 0 };

	if (g == NULL || !open_all(g, argc == 2 ? argv[1] : NULL, &why)) {
		fprintf(stderr, "candor-guard: %s%s%s\n", why.text,
		    why.err != 0 ? ": " : "",
		    why.err != 0 ? strerror(why.err) : "");
		return 1;
	}
	/* A page of ours that had to be read from a watched disk would wait
	   for us.  Without the right to lock, the worst is a slow answer. */
	(void)mlockall(MCL_CURRENT);
	while (!g->is_stopping && turn(g))
		continue;
	turn_off(g);
	post_close(&g->post);
	asker_close(&g->asker);
	mounts_close(&g->mounts);
	burst_close(&g->burst);
	kin_close(&g->kin);
	looks_close(&g->looks);
	free(g);
	return 0;
}
