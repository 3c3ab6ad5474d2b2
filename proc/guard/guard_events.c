/*
 * guard_events.c - from the kernel, and back to it.  See guard.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/guard.h"

#include "lib/policy/action.h"
#include "sys/clock.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 128u

/* Say yes or no to one event; one that needs no answer is just closed. */
static void
answer(struct guard *g, const struct watch_event *e, bool may)
{
	if (e->must_answer)
		watch_answer(&g->watch, e->fd, may);
	else
		(void)close(e->fd);
}

/* Does the one who opens it run a program that is left out? */
static bool
is_program_excluded(const struct guard *g, uint32_t pid, char path[PATH_MAX])
{
	bool is_excluded = false;
	int fd;

	if (g->config->value[KEY_EXCLUDE_PROCESS].count == 0)
		return false;
	fd = kin_program(&g->kin, pid);
	if (fd != -1) {
		is_excluded = guard_own_path(g, fd, path, PATH_MAX) &&
		    action_excludes_process(g->config, path);
		(void)close(fd);
	}
	return is_excluded;
}

/* By path or by program: left out. */
static bool
is_excluded(struct guard *g, const struct watch_event *e)
{
	const struct config *c = g->config;
	char path[PATH_MAX];

	if (is_program_excluded(g, e->pid, path))
		return true;
	return c->value[KEY_EXCLUDE_PATH].count > 0 &&
	    guard_own_path(g, e->fd, path, sizeof(path)) &&
	    action_excludes_path(c, path, strlen(path));
}

/* Ask the broker about a look whose fd is set. */
static bool
ask(struct guard *g, struct look *look)
{
	struct asker_request r = {
		.size = look->stamp.size,
		.flags = ASK_CONFIRM,
		.class = look->is_running ? ASK_LOCAL : ASK_GUARD,
		.deadline_ms = (uint32_t)g->config->value[KEY_DEADLINE].number,
		.uid = 0,
	};
	struct stat st;
	int fd = fcntl(look->fd, F_DUPFD_CLOEXEC, 0);

	if (fd == -1)
		return false;
	if (fstat(look->fd, &st) == 0)
		r.uid = st.st_uid;
	if (asker_ask(g->asker, looks_token(g->looks, look), fd, &r) != 0)
		return true;
	(void)close(fd);
	return false;
}

/* Begin a look at an event's file; NULL if there is no room for one more. */
static struct look *
begin(struct guard *g, int fd, uint32_t pid, uint32_t what,
    const struct subject_stamp *stamp)
{
	struct look *look = looks_begin(g->looks, stamp);

	if (look == NULL)
		return NULL;
	look->pid = pid;
	look->what = what;
	look->is_running = what == 0;
	look->fd = fcntl(fd, F_DUPFD_CLOEXEC, 0);
	if (look->fd != -1 && ask(g, look))
		return look;
	if (look->fd != -1)
		(void)close(look->fd);
	looks_end(g->looks, look);
	return NULL;
}

/* For so long that waiting for it makes no sense any more. */
static bool
is_broker_away(const struct guard *g)
{
	return g->away_ms != 0 &&
	    clock_milliseconds() - g->away_ms >=
	    g->config->value[KEY_GUARD_DEADLINE].number;
}

/* An event that the kernel has no descriptor for is denied: keep some. */
static bool
is_full(const struct guard *g)
{
	return 2 * looks_count(g->looks) + looks_waiting(g->looks) +
	    2 * EVENTS_AT_ONCE >
	    g->descriptors;
}

/* There is no room, or no time: what the configuration says. */
static void
give_up(struct guard *g, const struct watch_event *e)
{
	g->counts.overruns += e->must_answer;
	answer(g, e, !config_is(g->config, KEY_GUARD_OVERRUN, "deny"));
}

/* Does nobody want to know what is in it?  If not, in which state is it? */
static bool
is_let_pass(struct guard *g, const struct watch_event *e,
    struct subject_stamp *stamp)
{
	struct stat st;
	struct why why;

	if (fstat(e->fd, &st) == -1)
		return true;
	if (!S_ISREG(st.st_mode)) {
		(void)watch_ignore_special(&g->watch, e->fd);
		return true;
	}
	return st.st_size == 0 || kin_is(&g->kin, e->pid) ||
	    is_excluded(g, e) || !subject_stamp(e->fd, stamp, &why);
}

/* Answer when there is a verdict, or at the deadline, or now. */
static void
wait_for_look(struct guard *g, const struct watch_event *e, struct look *look)
{
	uint64_t due =
	    clock_milliseconds() + g->config->value[KEY_GUARD_DEADLINE].number;

	if (look != NULL && !e->must_answer)
		(void)close(e->fd);
	else if (look == NULL || is_broker_away(g) || is_full(g) ||
	    !looks_wait(g->looks, look, e->fd, due))
		give_up(g, e);
}

static void
take_event(struct guard *g, const struct watch_event *e)
{
	struct subject_stamp stamp;
	struct look *look;
	bool may = true;

	/* What was written through a mapping took no mark off. */
	if ((e->what & WATCH_WRITE) != 0)
		watch_attend(&g->watch, e->fd);
	if (is_let_pass(g, e, &stamp) || known_find(&g->known, &stamp, &may)) {
		g->counts.denied += !may && e->must_answer;
		answer(g, e, may);
		return;
	}
	look = looks_find(g->looks, &stamp);
	if (look == NULL && !is_full(g))
		look = begin(g, e->fd, e->pid, e->what, &stamp);
	wait_for_look(g, e, look);
}

void
guard_hear(struct guard *g)
{
	struct watch_event event[EVENTS_AT_ONCE];
	size_t n = watch_read(&g->watch, g->buffer, event, EVENTS_AT_ONCE), i;

	for (i = 0; i < n; i++) {
		if (event[i].is_lost) {
			post_note(g->post, EVENT_GAP, EVENT_ERROR,
			    "the kernel lost events");
			continue;
		}
		g->counts.events++;
		take_event(g, &event[i]);
	}
}

void
guard_look_at(struct guard *g, int fd, uint32_t pid)
{
	struct subject_stamp stamp;
	struct why why;

	if (subject_stamp(fd, &stamp, &why) && stamp.size > 0 &&
	    looks_find(g->looks, &stamp) == NULL)
		(void)begin(g, fd, pid, 0, &stamp);
	(void)close(fd);
}

void
guard_finish(struct guard *g, struct look *look, bool may)
{
	int fd;

	(void)close(look->fd);
	while ((fd = looks_release(g->looks, look)) != -1) {
		g->counts.denied += !may;
		watch_answer(&g->watch, fd, may);
	}
	looks_end(g->looks, look);
}

void
guard_mind_broker(struct guard *g, bool is_there)
{
	if (!is_there && g->away_ms == 0)
		g->away_ms = clock_milliseconds();
	if (is_there) {
		if (g->is_away_told)
			post_note(g->post, EVENT_GAP, EVENT_WARNING,
			    "files are looked at again before they are opened");
		g->away_ms = 0;
		g->is_away_told = false;
	} else if (!g->is_away_told && g->watch.fd != -1 && is_broker_away(g)) {
		g->is_away_told = true;
		post_note(g->post, EVENT_GAP, EVENT_ERROR,
		    "nobody looks at files: nobody waits for that any more");
	}
}

int
guard_overruns(struct guard *g)
{
	uint64_t now = clock_milliseconds();
	const struct waiter *w;

	while ((w = looks_oldest(g->looks)) != NULL && w->due_ms <= now) {
		struct look *look = w->look;
		bool may = guard_guess(g, look);

		if (!look->is_late)
			guard_tell(g, look, EVENT_OVERRUN, EVENT_WARNING,
			    may ? "allowed without a verdict"
				: "denied without a verdict");
		look->is_late = true;
		g->counts.overruns++;
		g->counts.denied += !may;
		watch_answer(&g->watch, looks_release_oldest(g->looks), may);
	}
	if (w == NULL)
		return -1;
	return w->due_ms - now > INT_MAX ? INT_MAX : (int)(w->due_ms - now);
}

void
guard_let_go(struct guard *g)
{
	int fd;

	while ((fd = looks_release_oldest(g->looks)) != -1)
		watch_answer(&g->watch, fd, true);
}
