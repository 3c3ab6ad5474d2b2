/*
 * crew.c - keep a crew of workers busy.  The contract is in crew.h.
 *
 * One loop, crew_turn(): see that there are workers, give them files, wait,
 * hear what they say, look at the clock.  Every way for a worker to fail ends
 * in crew_lose(), and every submitted file in crew_tell_end().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/crew/crew.h"

#include "lib/base/ckd.h"
#include "proc/crew/hand.h"
#include "proc/opener/opener.h"
#include "sys/channel.h"
#include "sys/clock.h"

#include <sys/wait.h>

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Workers that ended without having looked at a file, one after another. */
#define FAILURES_MAX 3u

/* Frames heard from one worker before the next gets a turn. */
#define FRAMES_AT_ONCE 256u

/* How often a wait that may be stopped looks whether it is. */
#define TURN_MS 100

/* Files a caller may submit after it was to stop. */
#define SPARE_ROOM 16u

/* Killed workers the kernel has not let go of (a read from a dead server). */
#define DYING_MAX 1024u

_Static_assert(DB_MAX == FRAME_DATABASES_MAX, "or there is no number for it");

struct crew {
	struct crew_listener listener;
	uint32_t deadline_ms;
	const volatile sig_atomic_t *stop;
	unsigned tries;
	bool is_gradual;
	struct hand_setup setup;
	char path[4096];
	char count_text[8];
	const char *argv[3];
	int database_fd[DB_MAX];
	struct frame config;
	struct frame *password;

	unsigned jobs;     /* workers that should take files */
	struct hand *hand; /* slots: twice as many, for those that retire */
	size_t slots;
	struct pollfd *poll; /* a slot each, then others' */
	size_t poll_room;

	struct job *waiting; /* not given to a worker, in order */
	size_t waiting_count, waiting_room;
	size_t again;   /* of those, how many a worker died of */
	size_t pending; /* submitted and not ended */
	uint64_t number, losses;

	uint32_t layers;
	bool has_layers;
	unsigned failures;
	struct why trouble; /* the last of them */
	pid_t dying[DYING_MAX];
	size_t dying_count;
};

/* --- files ---------------------------------------------------------------- */

static void
crew_tell_end(struct crew *c, struct job *job, const struct frame *end,
    enum unscanned lost)
{
	static const struct frame nothing;

	(void)close(job->fd);
	c->pending--;
	c->listener.end(c->listener.ctx, job->scan,
	    lost == UNSCANNED_NOTHING ? end : &nothing, lost);
}

/* Put files back in front of all others, in their order. */
static void
crew_put_back(struct crew *c, const struct job *jobs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		c->again += jobs[i].tries > 0;
	memmove(&c->waiting[count], &c->waiting[0],
	    c->waiting_count * sizeof(c->waiting[0]));
	memcpy(&c->waiting[0], jobs, count * sizeof(jobs[0]));
	c->waiting_count += count;
}

/*
 * The ready worker with the least to do that has room for the file.  While a
 * file waits for a worker that has seen nothing, others do not get it.
 */
static struct hand *
crew_find_hand(struct crew *c, const struct job *job)
{
	struct hand *best = NULL;
	size_t i;

	for (i = 0; i < c->slots; i++) {
		struct hand *h = &c->hand[i];

		if (hand_has_room(h, job) &&
		    (job->tries > 0 || c->again == 0 || h->assigned > 0) &&
		    (best == NULL || h->count < best->count))
			best = h;
	}
	return best;
}

/* --- workers come and go -------------------------------------------------- */

static void
crew_reap(struct crew *c)
{
	size_t i, left = 0;

	for (i = 0; i < c->dying_count; i++) {
		pid_t got = waitpid(c->dying[i], NULL, WNOHANG);

		if (got == 0 || (got == -1 && errno == EINTR))
			c->dying[left++] = c->dying[i];
	}
	c->dying_count = left;
}

/* Kill a worker without waiting for it to be gone. */
static void
crew_dismiss(struct crew *c, struct hand *h)
{
	pid_t pid = hand_kill(h);

	if (pid > 0 && c->dying_count < DYING_MAX)
		c->dying[c->dying_count++] = pid;
	crew_reap(c);
}

/* Let go of a worker: at once, or after the files it holds. */
static void
crew_retire(struct crew *c, struct hand *h)
{
	if (h->state == HAND_STARTING || h->count == 0)
		crew_dismiss(c, h);
	else
		h->state = HAND_RETIRING;
}

/* A worker ended before it was of any use: say how, and count. */
static void
crew_note_failure(struct crew *c, struct hand *h)
{
	char how[80];

	c->failures++;

	/* Dead already, or else it spoke out of turn: then it is now.  It has
	   no file, so nothing can keep it. */
	(void)kill(h->process.pid, SIGKILL);
	spawn_say_status(spawn_wait(&h->process), how, sizeof(how));
	(void)why_not(&c->trouble, WHY_BROKEN,
	    "a worker ended before it looked at anything: %s", how);
	h->state = HAND_FREE;
}

/*
 * A worker died, hangs, lies or is odd.  Unless lost is UNSCANNED_NOTHING it
 * takes the file it was at with it, if that is not to be tried again; those
 * behind go to another worker.
 */
static void
crew_lose(struct crew *c, struct hand *h, enum unscanned lost)
{
	bool is_again = false;
	struct job job;

	if (h->state == HAND_STARTING ||
	    (h->count == 0 && lost != UNSCANNED_NOTHING)) {
		if (lost == UNSCANNED_TIMEOUT)
			crew_dismiss(c, h);
		else
			crew_note_failure(c, h);
		return;
	}
	crew_dismiss(c, h);
	if (lost != UNSCANNED_NOTHING) {
		job = hand_finish(h);
		job.tries++;
		is_again = lost == UNSCANNED_CRASHED && job.tries < c->tries;
		c->losses++;
		c->failures = 0;
		if (!is_again)
			crew_tell_end(c, &job, NULL, lost);
	}
	crew_put_back(c, h->queue, h->count);
	h->count = 0;
	h->bytes = 0;
	if (is_again)
		crew_put_back(c, &job, 1);
}

static void
crew_tell_given(struct crew *c, const struct hand *h, const struct job *job)
{
	if (c->listener.given != NULL)
		c->listener.given(c->listener.ctx, job->scan, h->generation);
}

static struct hand *
crew_find_free(struct crew *c)
{
	size_t i;

	for (i = 0; i < c->slots; i++)
		if (c->hand[i].state == HAND_FREE)
			return &c->hand[i];
	return NULL;
}

/* Workers that are, or are about to be, ready: all, or those with the newest
   databases. */
static size_t
crew_active(const struct crew *c, bool is_newest)
{
	size_t i, n = 0;

	for (i = 0; i < c->slots; i++)
		n += (c->hand[i].state == HAND_STARTING ||
			 c->hand[i].state == HAND_READY) &&
		    (!is_newest ||
			c->hand[i].generation == c->setup.generation);
	return n;
}

/*
 * Start the workers there should be.  While some have older databases, one
 * more than that: the next to be replaced stays until its successor is ready.
 */
static void
crew_staff(struct crew *c)
{
	size_t newest = crew_active(c, true), all = crew_active(c, false);
	size_t most = c->jobs + (all > newest);

	while (newest < c->jobs && all < most && c->failures < FAILURES_MAX) {
		struct hand *h = crew_find_free(c);

		if (h == NULL)
			return;
		if (hand_start(h, &c->setup, &c->trouble)) {
			newest++;
			all++;
		} else {
			c->failures++;
		}
	}
}

/* A successor is ready: let go of a worker with older databases, rather of one
   that has nothing to do. */
static void
crew_retire_old(struct crew *c)
{
	struct hand *old = NULL;
	size_t i;

	for (i = 0; i < c->slots; i++) {
		struct hand *h = &c->hand[i];

		if (h->state == HAND_READY &&
		    h->generation != c->setup.generation &&
		    (old == NULL || h->count < old->count))
			old = h;
	}
	if (old != NULL && crew_active(c, false) > c->jobs)
		crew_retire(c, old);
}

/* Nobody works and nobody will: end what waits. */
static bool
crew_is_broken(struct crew *c, struct why *why)
{
	size_t i;

	if (c->failures < FAILURES_MAX)
		return false;
	for (i = 0; i < c->slots; i++)
		if (c->hand[i].state != HAND_FREE)
			return false;
	for (i = 0; i < c->waiting_count; i++)
		crew_tell_end(c, &c->waiting[i], NULL, UNSCANNED_CRASHED);
	c->waiting_count = 0;
	c->again = 0;
	*why = c->trouble;
	return true;
}

/* --- hearing -------------------------------------------------------------- */

/* Is the file not what it was, or is that not to be found out? */
static enum unscanned
job_check(const struct job *job)
{
	struct subject_stamp now;
	struct why why;
	bool is_known = job->opener == NULL
	    ? subject_stamp(job->fd, &now, &why)
	    : opener_stamp(job->opener, job->fd, job->mount, &now, &why);

	if (!is_known && why.err == ETIMEDOUT)
		return UNSCANNED_TIMEOUT;
	return !job->has_moved && is_known && subject_is_same(&now, &job->stamp)
	    ? UNSCANNED_NOTHING
	    : UNSCANNED_CHANGED;
}

/* Say of the file at the front what its worker could not see. */
static void
crew_tell_changed(struct crew *c, struct hand *h, struct frame *end)
{
	const struct job *job = &h->queue[0];
	enum unscanned reason = job_check(job);
	struct frame f;

	if (reason == UNSCANNED_NOTHING || h->hearing.has_changed)
		return;
	memset(&f, 0, sizeof(f));
	f.scan = job->scan;
	if (!hearing_has(&h->hearing, 0)) {
		f.kind = FRAME_OBJECT;
		f.object.kind = end->end.kind;
		f.object.size = job->size;
		c->listener.frame(c->listener.ctx, &f);
		memset(&f.object, 0, sizeof(f.object));
	}
	f.kind = FRAME_UNSCANNED;
	f.unscanned.reason = reason;
	c->listener.frame(c->listener.ctx, &f);
	end->end.gaps++;
}

static void
crew_hear_end(struct crew *c, struct hand *h, struct frame *f)
{
	bool is_odd = (f->end.flags & FRAME_END_ODDITY) != 0;
	struct job job;

	crew_tell_changed(c, h, f);
	job = hand_finish(h);
	c->failures = 0;
	crew_tell_end(c, &job, f, UNSCANNED_NOTHING);
	if (is_odd || (h->state == HAND_RETIRING && h->count == 0))
		crew_lose(c, h, UNSCANNED_NOTHING);
}

static bool
crew_hear_ready(struct crew *c, struct hand *h, const struct frame *f)
{
	if (h->state != HAND_STARTING ||
	    f->ready.databases != h->bounds.database_count)
		return false;
	h->state = HAND_READY;
	c->layers =
	    c->has_layers ? c->layers & f->ready.layers : f->ready.layers;
	c->has_layers = true;
	crew_retire_old(c);
	return true;
}

/* False if it cannot be believed. */
static bool
crew_hear(struct crew *c, struct hand *h, struct frame *f)
{
	if (f->kind == FRAME_READY)
		return crew_hear_ready(c, h, f);
	if (h->count == 0 || f->scan != h->queue[0].number ||
	    !hearing_check(&h->hearing, &h->bounds, f))
		return false;
	f->scan = h->queue[0].scan;
	if (f->kind == FRAME_END)
		crew_hear_end(c, h, f);
	else
		c->listener.frame(c->listener.ctx, f);
	return true;
}

/* Hear what one worker has to say, up to a fair share. */
static void
crew_listen(struct crew *c, struct hand *h)
{
	uint8_t record[FRAME_LARGE];
	struct frame f;
	unsigned i;
	size_t size;

	h->is_quiet = false;
	for (i = 0; i < FRAMES_AT_ONCE && h->state != HAND_FREE; i++) {
		switch (channel_read(h->process.channel, record, sizeof(record),
		    &size)) {
		case CHANNEL_DONE:
			if (frame_get(cur_from(record, size), &f) &&
			    crew_hear(c, h, &f))
				break;
			crew_lose(c, h, UNSCANNED_CRASHED);
			return;
		case CHANNEL_WAIT:
			h->is_quiet = true;
			return;
		case CHANNEL_GONE:
		case CHANNEL_ODD:
			crew_lose(c, h, UNSCANNED_CRASHED);
			return;
		}
	}
}

/* --- giving ------------------------------------------------------------- */

/* Take the first so many files out of those that wait. */
static void
crew_drop_waiting(struct crew *c, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		c->again -= c->waiting[i].tries > 0;
	c->waiting_count -= count;
	memmove(&c->waiting[0], &c->waiting[count],
	    c->waiting_count * sizeof(c->waiting[0]));
}

/* The first file that waits cannot be opened. */
static void
crew_give_up_file(struct crew *c, enum unscanned lost)
{
	struct job job = c->waiting[0];

	crew_drop_waiting(c, 1);
	crew_tell_end(c, &job, NULL, lost);
}

/*
 * A file hung when it was given to a worker, which may have it, or get it
 * yet: end both, but lose nothing that was said.
 */
static void
crew_give_up_hand(struct crew *c, struct hand *h, uint64_t number)
{
	struct job job;

	crew_listen(c, h);
	if (h->count == 0 || h->queue[h->count - 1].number != number)
		return;
	crew_dismiss(c, h);
	job = hand_take_back(h);
	crew_tell_end(c, &job, NULL, UNSCANNED_TIMEOUT);
	crew_put_back(c, h->queue, h->count);
	h->count = 0;
	h->bytes = 0;
}

/*
 * A file that is tried again goes before all others: the worker that is kept
 * for it takes none of those that stand in its way.
 */
static void
crew_bring_forward(struct crew *c)
{
	struct job job;
	size_t i = 0;

	if (c->again == 0)
		return;
	while (i < c->waiting_count && c->waiting[i].tries == 0)
		i++;
	if (i == 0 || i == c->waiting_count)
		return;
	job = c->waiting[i];
	memmove(&c->waiting[1], &c->waiting[0], i * sizeof(c->waiting[0]));
	c->waiting[0] = job;
}

/* Give the first file that waits to a worker; false if none can take it. */
static bool
crew_assign_one(struct crew *c)
{
	struct job *job = &c->waiting[0];
	uint64_t number = job->number;
	struct hand *h;

	if (job->opener != NULL && opener_is_hung(job->opener, job->mount)) {
		crew_give_up_file(c, UNSCANNED_TIMEOUT);
		return true;
	}
	h = crew_find_hand(c, job);
	if (h == NULL)
		return false;
	switch (hand_give(h, job)) {
	case HAND_GIVEN:
		crew_tell_given(c, h, job);
		crew_drop_waiting(c, 1);
		return true;
	case HAND_NO_FILE:
		crew_give_up_file(c, UNSCANNED_DENIED);
		return true;
	case HAND_UNSURE:
		crew_drop_waiting(c, 1);
		crew_give_up_hand(c, h, number);
		return true;
	case HAND_NOT_NOW:
	default:
		return false;
	}
}

static void
crew_assign(struct crew *c)
{
	do
		crew_bring_forward(c);
	while (c->waiting_count > 0 && crew_assign_one(c));
}

/* --- the clock ------------------------------------------------------------ */

/* When this worker will have been silent for too long; 0 = never. */
static uint64_t
hand_due(const struct crew *c, const struct hand *h)
{
	uint64_t ms;

	if (h->state == HAND_STARTING)
		return h->since_ms + CREW_START_MS;
	if (h->state == HAND_FREE || h->count == 0)
		return 0;
	ms = h->queue[0].deadline_ms;
	if (ms == 0)
		ms = c->deadline_ms;
	return ms == 0 ? 0 : h->since_ms + ms + CREW_GRACE_MS;
}

static int
crew_patience(const struct crew *c, int timeout_ms)
{
	uint64_t now = clock_milliseconds();
	uint64_t least = timeout_ms < 0 ? INT_MAX : (uint64_t)timeout_ms;
	bool is_bounded = timeout_ms >= 0;
	size_t i;

	for (i = 0; i < c->slots; i++) {
		uint64_t due = hand_due(c, &c->hand[i]);
		uint64_t left = due > now ? due - now : 0;

		if (due == 0)
			continue;
		is_bounded = true;
		if (left < least)
			least = left;
	}
	return is_bounded ? (int)least : -1;
}

/* Give up on workers with nothing to hear and no time left. */
static void
crew_check_clock(struct crew *c)
{
	uint64_t now = clock_milliseconds();
	size_t i;

	for (i = 0; i < c->slots; i++) {
		struct hand *h = &c->hand[i];
		uint64_t due = hand_due(c, h);

		if (due == 0 || now < due || !h->is_quiet)
			continue;
		if (h->state == HAND_STARTING) {
			c->failures =
			    c->has_layers ? c->failures + 1 : FAILURES_MAX;
			(void)why_not(&c->trouble, WHY_LIMIT,
			    "a worker was not ready after %u s",
			    CREW_START_MS / 1000);
		}
		if (h->count > 0 && h->queue[0].opener != NULL &&
		    hand_is_waiting(h))
			opener_set_hung(h->queue[0].opener, h->queue[0].mount);
		crew_lose(c, h, UNSCANNED_TIMEOUT);
	}
}

/* --- the loop ------------------------------------------------------------- */

/* Make room to wait for count others besides our own. */
static bool
crew_poll_room(struct crew *c, size_t count)
{
	size_t want = c->slots + count;
	struct pollfd *more;

	if (want <= c->poll_room)
		return true;
	more = realloc(c->poll, 2 * want * sizeof(more[0]));
	if (more == NULL)
		return false;
	c->poll = more;
	c->poll_room = 2 * want;
	return true;
}

static void
crew_wait(struct crew *c, int timeout_ms, struct pollfd *other, size_t count)
{
	size_t i;
	int n;

	/* Without memory the others have to wait for the next turn. */
	if (!crew_poll_room(c, count))
		count = 0;
	for (i = 0; i < c->slots; i++) {
		c->poll[i].fd = c->hand[i].state == HAND_FREE
		    ? -1
		    : c->hand[i].process.channel;
		c->poll[i].events = POLLIN;
		c->poll[i].revents = 0;
	}
	if (count > 0)
		memcpy(&c->poll[c->slots], other, count * sizeof(other[0]));
	n = poll(c->poll, c->slots + count, crew_patience(c, timeout_ms));
	if (count > 0 && n >= 0)
		memcpy(other, &c->poll[c->slots], count * sizeof(other[0]));
	for (i = 0; i < c->slots; i++) {
		c->hand[i].is_quiet = true;
		if (n > 0 && c->poll[i].revents != 0)
			crew_listen(c, &c->hand[i]);
	}
}

bool
crew_turn_beside(struct crew *c, int timeout_ms, struct pollfd *other,
    size_t count, struct why *why)
{
	/* Or it would wait for a word nobody is going to say. */
	if (c->pending == 0 && c->has_layers && timeout_ms < 0 && count == 0)
		timeout_ms = 0;
	crew_staff(c);
	if (crew_is_broken(c, why))
		return false;
	crew_assign(c);
	crew_wait(c, timeout_ms, other, count);
	crew_check_clock(c);
	crew_staff(c);
	if (crew_is_broken(c, why))
		return false;
	crew_assign(c);
	return true;
}

/* Wait for ever, or for one turn if it may be stopped meanwhile. */
static int
crew_stint(const struct crew *c)
{
	return c->stop != NULL ? TURN_MS : -1;
}

static bool
crew_is_stopped(const struct crew *c)
{
	return c->stop != NULL && *c->stop != 0;
}

bool
crew_turn(struct crew *c, int timeout_ms, struct why *why)
{
	return crew_turn_beside(c, timeout_ms, NULL, 0, why);
}

static struct job
job_from(const struct crew_file *file)
{
	return (struct job){ .scan = file->scan,
		.fd = file->fd,
		.size = file->size,
		.flags = file->flags,
		.deadline_ms = file->deadline_ms,
		.owner = file->owner,
		.opener = file->opener,
		.mount = file->mount };
}

/* It is going to be looked at: take note of how it is now.  (Of one that is
   not local, its opener does.) */
static void
job_begin(struct crew *c, struct job *job)
{
	struct why unused;

	job->number = ++c->number;
	c->pending++;
	if (job->opener == NULL)
		job->has_moved =
		    !subject_stamp(job->fd, &job->stamp, &unused) ||
		    job->stamp.size != job->size;
}

bool
crew_submit(struct crew *c, const struct crew_file *file, struct why *why)
{
	struct job *job = &c->waiting[c->waiting_count++];

	*job = job_from(file);
	job_begin(c, job);
	crew_assign(c);
	while (c->waiting_count > 0 && !crew_is_stopped(c))
		if (!crew_turn(c, crew_stint(c), why))
			return false;
	return true;
}

/*
 * Every worker belongs to others: let one go that has nothing to do, for its
 * successor to be anybody's.
 */
static void
crew_free_hand(struct crew *c)
{
	size_t i;

	for (i = 0; i < c->slots; i++)
		if (c->hand[i].state == HAND_STARTING ||
		    (c->hand[i].state == HAND_READY &&
			c->hand[i].assigned == 0))
			return;
	for (i = 0; i < c->slots; i++) {
		if (c->hand[i].state != HAND_READY || c->hand[i].count > 0)
			continue;
		crew_dismiss(c, &c->hand[i]);
		crew_staff(c);
		return;
	}
}

bool
crew_offer(struct crew *c, const struct crew_file *file)
{
	struct job job = job_from(file);
	struct hand *h;

	/* Those that wait have been asked for before. */
	if (c->waiting_count > c->again)
		return false;
	h = crew_find_hand(c, &job);
	if (h == NULL) {
		crew_free_hand(c);
		return false;
	}
	job_begin(c, &job);
	switch (hand_give(h, &job)) {
	case HAND_GIVEN:
		crew_tell_given(c, h, &job);
		return true;
	case HAND_NO_FILE:
		crew_tell_end(c, &job, NULL, UNSCANNED_DENIED);
		return true;
	case HAND_UNSURE:
		crew_give_up_hand(c, h, job.number);
		return true;
	case HAND_NOT_NOW:
	default:
		c->pending--;
		return false;
	}
}

void
crew_forgive(struct crew *c)
{
	c->failures = 0;
}

void
crew_count(const struct crew *c, size_t *workers, size_t *busy)
{
	size_t i;

	*workers = *busy = 0;
	for (i = 0; i < c->slots; i++) {
		*workers += c->hand[i].state != HAND_FREE;
		*busy += c->hand[i].state != HAND_FREE && c->hand[i].count > 0;
	}
}

uint64_t
crew_losses(const struct crew *c)
{
	return c->losses;
}

size_t
crew_pending(const struct crew *c)
{
	return c->pending;
}

uint32_t
crew_layers(const struct crew *c)
{
	return c->layers;
}

/* --- other databases ------------------------------------------------------ */

/* What workers are started with from now on. */
static bool
take_databases(struct crew *c, const struct crew_databases *d, struct why *why)
{
	struct hearing_bounds *b = &c->setup.bounds;
	size_t i;

	if (d->count > DB_MAX)
		return why_not(why, WHY_LIMIT, "more than %d databases",
		    DB_MAX);
	for (i = 0; i < d->count; i++) {
		b->signature_count[i] = d->signature_count[i];
		c->database_fd[i] = d->fd[i];
	}
	b->database_count = d->count;
	c->setup.database_fd = c->database_fd;
	(void)snprintf(c->count_text, sizeof(c->count_text), "%zu", d->count);
	return true;
}

bool
crew_change_databases(struct crew *c, const struct crew_databases *databases,
    struct why *why)
{
	size_t i;

	if (!take_databases(c, databases, why))
		return false;
	c->setup.generation++;
	c->failures = 0;
	for (i = 0; i < c->slots; i++)
		if (c->hand[i].state == HAND_STARTING ||
		    (!c->is_gradual && c->hand[i].state != HAND_FREE))
			crew_retire(c, &c->hand[i]);
	crew_staff(c);
	return true;
}

uint32_t
crew_oldest(const struct crew *c)
{
	uint32_t oldest = c->setup.generation;
	size_t i;

	for (i = 0; i < c->slots; i++)
		if (c->hand[i].state != HAND_FREE &&
		    c->hand[i].generation < oldest)
			oldest = c->hand[i].generation;
	return oldest;
}

size_t
crew_ready(const struct crew *c)
{
	size_t i, n = 0;

	for (i = 0; i < c->slots; i++)
		n += c->hand[i].state == HAND_READY;
	return n;
}

/* --- start and stop ------------------------------------------------------- */

static void
config_from(const struct crew_options *o, struct frame *f)
{
	const struct limits *l = &o->scan.limits;

	f->kind = FRAME_CONFIG;
	f->config.flags = o->scan.flags;
	f->config.max_object_size = l->max_object_size;
	f->config.max_total = l->max_total;
	f->config.max_depth = l->max_depth;
	f->config.max_objects = l->max_objects;
	f->config.max_ratio = l->max_ratio;
	f->config.deadline_ms = o->deadline_ms;
}

/* Words longer than a frame are cut: no archive format has such. */
static bool
copy_passwords(struct crew *c, const struct passwords *p, struct why *why)
{
	size_t i, count = p == NULL ? 0 : p->count;

	if (count > CREW_PASSWORDS_MAX)
		return why_not(why, WHY_LIMIT, "more than %u passwords",
		    CREW_PASSWORDS_MAX);
	c->password = calloc(count + 1, sizeof(c->password[0]));
	if (c->password == NULL)
		return why_not(why, WHY_SYSTEM, "no memory for a crew");
	for (i = 0; i < count; i++) {
		struct frame *f = &c->password[i];
		struct cur word = p->word[i];

		f->kind = FRAME_PASSWORD;
		while (cur_left(&word) > 0 &&
		    f->payload.size < FRAME_PAYLOAD_MAX)
			f->payload.bytes[f->payload.size++] = cur_u8(&word);
	}
	c->setup.password = c->password;
	c->setup.password_count = count;
	return true;
}

static bool
find_program(struct crew *c, const struct crew_options *o, struct why *why)
{
	c->setup.path = c->path;
	c->setup.argv = c->argv;
	if (o->command != NULL) {
		(void)snprintf(c->path, sizeof(c->path), "%s", o->command[0]);
		c->setup.argv = o->command;
		return true;
	}
	c->argv[0] = "candor-worker";
	c->argv[1] = c->count_text;
	return spawn_find(c->argv[0], c->path, sizeof(c->path), why);
}

static bool
make_room(struct crew *c, unsigned jobs, struct why *why)
{
	c->jobs = jobs == 0 ? 1 : jobs > CREW_JOBS_MAX ? CREW_JOBS_MAX : jobs;
	c->slots = (size_t)2 * c->jobs;
	c->waiting_room = c->slots * HAND_QUEUE + 1 + SPARE_ROOM;
	c->hand = calloc(c->slots, sizeof(c->hand[0]));
	c->waiting = calloc(c->waiting_room, sizeof(c->waiting[0]));
	if (c->hand == NULL || c->waiting == NULL || !crew_poll_room(c, 0))
		return why_not(why, WHY_SYSTEM, "no memory for a crew");
	return true;
}

struct crew *
crew_start(const struct crew_options *options,
    const struct crew_listener *listener, struct why *why)
{
	struct crew *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		(void)why_not(why, WHY_SYSTEM, "no memory for a crew");
		return NULL;
	}
	c->listener = *listener;
	c->deadline_ms = options->deadline_ms;
	c->stop = options->stop;
	c->tries = options->tries == 0 ? 1 : options->tries;
	c->is_gradual = options->is_gradual;
	config_from(options, &c->config);
	c->setup.config = &c->config;
	c->setup.bounds.may_say_bytes =
	    (options->scan.flags & SCAN_SAY_BYTES) != 0;
	if (!make_room(c, options->jobs, why) ||
	    !take_databases(c, &options->databases, why) ||
	    !copy_passwords(c, options->scan.passwords, why) ||
	    !find_program(c, options, why)) {
		crew_stop(&c);
		return NULL;
	}
	while (!c->has_layers && !crew_is_stopped(c)) {
		if (!crew_turn(c, crew_stint(c), why)) {
			crew_stop(&c);
			return NULL;
		}
	}
	if (!c->has_layers) {
		(void)why_not(why, WHY_SYSTEM, "no worker was ready yet");
		why->err = ECANCELED;
		crew_stop(&c);
	}
	return c;
}

/* Wait a little for killed workers; the kernel keeps those that hang. */
static void
crew_bury(struct crew *c)
{
	unsigned i;

	for (i = 0; i < 200; i++) {
		crew_reap(c);
		if (c->dying_count == 0)
			return;
		(void)poll(NULL, 0, i < 10 ? 1 : 5);
	}
}

void
crew_stop(struct crew **crew)
{
	struct crew *c = *crew;
	size_t i, n;

	if (c == NULL)
		return;
	for (i = 0; i < c->slots && c->hand != NULL; i++) {
		struct hand *h = &c->hand[i];

		if (h->state != HAND_FREE)
			crew_dismiss(c, h);
		for (n = 0; n < h->count; n++)
			(void)close(h->queue[n].fd);
		hearing_close(&h->hearing);
	}
	for (i = 0; i < c->waiting_count; i++)
		(void)close(c->waiting[i].fd);
	crew_bury(c);
	free(c->password);
	free(c->waiting);
	free(c->poll);
	free(c->hand);
	free(c);
	*crew = NULL;
}
