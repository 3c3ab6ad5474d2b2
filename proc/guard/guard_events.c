/*
 * guard_events.c - from the kernel, and back to it.  See guard.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/guard.h"

#include "lib/policy/action.h"
#include "proc/guard/opening.h"
#include "sys/clock.h"
#include "sys/machine.h"

#include <sys/resource.h>
#include <sys/stat.h>

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#define EVENTS_AT_ONCE 128u

/* Looks that nobody waits for, at once: a worker that is at a bomb for a minute
   must not be missed by those who wait. */
#define BACKGROUND 1u

/* What was written is looked at when nothing happened for so long, or it has
   waited for so long. */
#define QUIET_MS  20u
#define LATEST_MS 1000u

/* That events were lost is told so often at most. */
#define LOST_TOLD_MS 60000u

/* Does the one who opens it run a program that is left out? */
static bool
is_program_excluded(const struct guard *g, uint32_t pid)
{
	char path[PATH_MAX];
	bool is_excluded = false;
	int fd;

	if (g->config->value[KEY_EXCLUDE_PROCESS].count == 0)
		return false;
	fd = kin_program(&g->kin, pid);
	if (fd != -1) {
		is_excluded = guard_own_path(g, fd, path, sizeof(path)) &&
		    action_excludes_process(g->config, path);
		(void)close(fd);
	}
	return is_excluded;
}

/* Is it one of candord's own processes, or one that is left out? */
static bool
is_let_pass(struct guard *g, uint32_t pid)
{
	return kin_is(&g->kin, pid) || is_program_excluded(g, pid);
}

static bool
is_excluded(struct guard *g, int fd)
{
	const struct config *c = g->config;
	char path[PATH_MAX];

	return (c->value[KEY_EXCLUDE_PATH].count > 0 ||
		   c->value[KEY_EXCLUDE_FILE].count > 0) &&
	    guard_own_path(g, fd, path, sizeof(path)) &&
	    action_excludes_path(c, path, strlen(path));
}

/* A file somebody wants to know something about. */
struct file {
	int fd;
	uint32_t pid, owner;
	bool is_running, is_recalled, is_later; /* as in a look */
	bool has_name;
	struct subject_stamp stamp;
};

/* Ask the broker about a look. */
static bool
ask(struct guard *g, const struct look *look)
{
	struct asker_request r = {
		.size = look->stamp.size,
		.flags = ASK_CONFIRM,
		.class = look->is_running || look->is_recalled ? ASK_LOCAL
							       : ASK_GUARD,
		.deadline_ms = (uint32_t)g->config->value[KEY_DEADLINE].number,
		.uid = look->owner,
	};
	int fd = fcntl(look->fd, F_DUPFD_CLOEXEC, 0);

	if (fd == -1)
		return false;
	if (asker_ask(g->asker, looks_token(g->looks, look), fd, &r) != 0)
		return true;
	(void)close(fd);
	return false;
}

/* Begin a look at a file, whose fd is taken then; NULL if there is no room. */
static struct look *
begin(struct guard *g, const struct file *f)
{
	struct look *look = looks_begin(g->looks, &f->stamp);

	if (look == NULL)
		return NULL;
	look->pid = f->pid;
	look->owner = f->owner;
	look->is_running = f->is_running;
	look->is_recalled = f->is_recalled;
	look->is_later = f->is_later;
	look->since_ns = clock_nanoseconds();
	look->fd = f->fd;
	if (!ask(g, look)) {
		looks_end(g->looks, look);
		return NULL;
	}
	g->background += look->is_later;
	return look;
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
	    g->later.count + KIN_STRANGERS + 2 * EVENTS_AT_ONCE >
	    g->descriptors;
}

/* There is no room, or no time: what the configuration says. */
static void
give_up(struct guard *g, const struct watch_event *e)
{
	g->counts.overruns++;
	watch_answer(&g->watch, e->fd,
	    !config_is(g->config, KEY_GUARD_OVERRUN, "deny"));
}

/* Describe what is open at fd; false if there is nothing in it to look at. */
static bool
describe(struct guard *g, int fd, struct file *out)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return false;
	if (!S_ISREG(st.st_mode)) {
		(void)watch_ignore_special(&g->watch, fd);
		return false;
	}
	*out = (struct file){
		.fd = fd, .owner = st.st_uid, .has_name = st.st_nlink > 0
	};
	subject_stamp_from(&st, &out->stamp);
	return st.st_size != 0;
}

/* Answer when there is a verdict, or at the deadline, or now. */
static void
wait_for_look(struct guard *g, const struct watch_event *e, struct look *look)
{
	uint64_t due =
	    clock_milliseconds() + g->config->value[KEY_GUARD_DEADLINE].number;

	if (look == NULL || is_broker_away(g) || is_full(g) ||
	    !looks_wait(g->looks, look, e->fd, due))
		give_up(g, e);
}

/* The look at a file of an event, begun if there is none; NULL if there is no
   room. */
static struct look *
look_of(struct guard *g, struct file *f)
{
	struct look *look = looks_find(g->looks, &f->stamp);

	if (look != NULL || is_full(g))
		return look;
	/* The event's goes with its answer. */
	f->fd = fcntl(f->fd, F_DUPFD_CLOEXEC, 0);
	if (f->fd != -1)
		look = begin(g, f);
	if (look == NULL && f->fd != -1)
		(void)close(f->fd);
	return look;
}

/* Look at a file for which nobody waits; its fd is taken. */
static void
look_unasked(struct guard *g, const struct file *f)
{
	if (is_full(g) || looks_find(g->looks, &f->stamp) != NULL ||
	    begin(g, f) == NULL)
		(void)close(f->fd);
}

/* May it be left until somebody opens it, if anybody does?  A compiler's
   temporary file is gone before its turn comes. */
static bool
is_gone(const struct guard *g, const struct file *f)
{
	return !f->has_name && g->watch.prevents &&
	    (g->watch.what & WATCH_OPEN) != 0;
}

/* Look at what was put aside. */
static void
look_at_last(struct guard *g, const struct later_file *l)
{
	struct file file;
	bool may;

	if (!describe(g, l->fd, &file) || is_gone(g, &file) ||
	    is_excluded(g, l->fd) || known_find(&g->known, &file.stamp, &may)) {
		(void)close(l->fd);
		return;
	}
	file.pid = l->pid;
	file.is_later = true;
	look_unasked(g, &file);
}

/* Is there an answer without a look?  What is known to be bad is not even
   opened to write. */
static bool
is_decided(struct guard *g, const struct watch_event *e, const struct file *f,
    bool *may)
{
	return is_let_pass(g, e->pid) || is_excluded(g, e->fd) ||
	    known_find(&g->known, &f->stamp, may) ||
	    again_has(&g->again, &f->stamp, e->pid, clock_milliseconds()) ||
	    opening_is_to_write(g->kin.proc, e->pid);
}

/* Somebody waits. */
static void
take_question(struct guard *g, const struct watch_event *e)
{
	struct file file;
	bool may = true;

	if (describe(g, e->fd, &file) && !is_decided(g, e, &file, &may)) {
		file.pid = e->pid;
		wait_for_look(g, e, look_of(g, &file));
		return;
	}
	g->counts.denied += !may;
	watch_answer(&g->watch, e->fd, may);
}

/*
 * Nobody waits: it was written and closed, or the guard only reports.  What
 * can be found out of it later is, for the next event may be somebody who
 * waits.
 */
static void
take_news(struct guard *g, const struct watch_event *e)
{
	struct later_file l = { .fd = e->fd, .pid = e->pid };
	struct stat st;

	if (is_let_pass(g, e->pid) || fstat(e->fd, &st) == -1 ||
	    later_has(&g->later, st.st_dev, st.st_ino)) {
		(void)close(e->fd);
		return;
	}
	l.since_ms = clock_milliseconds();
	l.device = st.st_dev;
	l.inode = st.st_ino;
	if (is_full(g) || !guard_is_lasting(g, st.st_dev) ||
	    !later_add(&g->later, &l))
		look_at_last(g, &l);
}

/*
 * Something was written and closed, and nobody says what: its mark may stand
 * for what it was.  So all are asked about again.  Whoever holds a lease on
 * what he closed can bring this about as often as he likes; it is told once in
 * a while.
 */
static void
lose_event(struct guard *g)
{
	uint64_t now = clock_milliseconds();

	watch_forget(&g->watch);
	if (g->lost_ms != 0 && now - g->lost_ms < LOST_TOLD_MS)
		return;
	g->lost_ms = now;
	post_note(g->post, EVENT_GAP, EVENT_WARNING,
	    "the kernel did not say which file was written: all are asked "
	    "about again");
}

/* Note what must be known before anything else is done about an event. */
static void
note_event(struct guard *g, const struct watch_event *e)
{
	struct stat st;

	if (e->is_lost) {
		lose_event(g);
		return;
	}
	g->counts.events++;
	if ((e->what & WATCH_WRITE) == 0)
		return;
	/* What was written through a mapping took no mark off. */
	watch_attend(&g->watch, e->fd);
	if (looks_count(g->looks) > 0 && fstat(e->fd, &st) == 0)
		looks_spoil(g->looks, st.st_dev, st.st_ino);
}

/* How often this thread had to give up its processor, or did. */
static uint64_t
switches(void)
{
	struct rusage r;

	if (getrusage(RUSAGE_THREAD, &r) == -1)
		return 0;
	return (uint64_t)(r.ru_nvcsw + r.ru_nivcsw);
}

void
guard_hear(struct guard *g)
{
	struct watch_event event[EVENTS_AT_ONCE];
	size_t n = watch_read(&g->watch, g->buffer, event, EVENTS_AT_ONCE), i;
	bool is_in_the_way =
	    burst_hear(&g->burst, clock_nanoseconds(), switches());

	for (i = 0; i < n; i++)
		note_event(g, &event[i]);
	/* Those who wait come first. */
	for (i = 0; i < n; i++)
		if (event[i].must_answer)
			take_question(g, &event[i]);
	for (i = 0; i < n; i++)
		if (!event[i].must_answer && !event[i].is_lost)
			take_news(g, &event[i]);
	if (is_in_the_way)
		machine_leave_cpu();
}

int
guard_later_wait(const struct guard *g)
{
	uint64_t now = clock_milliseconds(),
		 quiet = g->burst.heard_ns / 1000000 + QUIET_MS;
	uint64_t latest;

	if (g->later.count == 0 || g->background >= BACKGROUND)
		return -1;
	latest = later_since(&g->later) + LATEST_MS;
	/* Nothing happens either while the one who works waits for us. */
	if (latest < quiet || looks_waiting(g->looks) > 0)
		quiet = latest;
	return now >= quiet ? 0 : (int)(quiet - now);
}

void
guard_look_later(struct guard *g)
{
	struct later_file l;

	if (guard_later_wait(g) == 0 && later_take(&g->later, &l))
		look_at_last(g, &l);
}

void
guard_look_at(struct guard *g, int fd, uint32_t pid)
{
	struct file file;

	if (!describe(g, fd, &file) || (pid == 0 && is_excluded(g, fd))) {
		(void)close(fd);
		return;
	}
	file.pid = pid;
	g->recalls = pid == 0;
	file.is_running = pid != 0;
	file.is_recalled = file.is_later = pid == 0;
	look_unasked(g, &file);
}

void
guard_look_again(struct guard *g, int fd, uint32_t pid)
{
	const struct later_file l = { .fd = fd, .pid = pid };

	look_at_last(g, &l);
}

bool
guard_may_sweep(const struct guard *g)
{
	return looks_count(g->looks) < LOOKS_MAX / 2 &&
	    (!g->recalls || g->background < BACKGROUND);
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
	g->background -= look->is_later;
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
	struct later_file l;
	int fd;

	while ((fd = looks_release_oldest(g->looks)) != -1)
		watch_answer(&g->watch, fd, true);
	while (later_take(&g->later, &l))
		(void)close(l.fd);
}
