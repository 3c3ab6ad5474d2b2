/*
 * crew.c - start and stop a crew; its loop.  The contract is in crew.h.
 *
 * One loop, crew_turn(): see that there are workers, give them files, send
 * those, wait, hear what they say, look at the clock.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/crew/crew.h"

#include "proc/crew/parts.h"
#include "proc/opener/opener.h"
#include "sys/beside.h"
#include "sys/clock.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* How often a wait that may be stopped looks whether it is. */
#define TURN_MS 100

_Static_assert(DB_MAX == FRAME_DATABASES_MAX, "or there is no number for it");

/* --- the clock ----------------------------------------------------------- */

/* When this worker will have been silent for too long; 0 = never. */
static uint64_t
hand_due(const struct crew *c, const struct hand *h)
{
	uint64_t ms;

	if (h->state == HAND_STARTING)
		return h->since_ms + CREW_START_MS;
	if (h->state == HAND_FREE || h->sent == 0)
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
		uint64_t slice = crew_slice_end(c, &c->hand[i]);
		uint64_t left;

		if (due == 0 || (slice != 0 && slice < due))
			due = slice;
		if (due == 0)
			continue;
		left = due > now ? due - now : 0;
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
			    c->has_layers ? c->failures + 1 : CREW_FAILURES_MAX;
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

/* --- the loop ------------------------------------------------------------ */

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
	crew_send(c);
	crew_wait(c, timeout_ms, other, count);
	crew_check_clock(c);
	crew_check_slices(c);
	crew_forget_need(c);
	if (c->dying_count > 0)
		crew_reap(c);
	crew_staff(c);
	if (crew_is_broken(c, why))
		return false;
	crew_assign(c);
	return true;
}

/* Wait for ever, or for one turn if it may be stopped meanwhile. */
int
crew_stint(const struct crew *c)
{
	return c->stop != NULL ? TURN_MS : -1;
}

bool
crew_is_stopped(const struct crew *c)
{
	return c->stop != NULL && *c->stop != 0;
}

bool
crew_turn(struct crew *c, int timeout_ms, struct why *why)
{
	return crew_turn_beside(c, timeout_ms, NULL, 0, why);
}

/* --- what it is doing ---------------------------------------------------- */

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

/* --- how many, and what with --------------------------------------------- */

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

/* Room for so many things of size bytes, the new ones zero; NULL without. */
static void *
widen(void *array, size_t have, size_t want, size_t size)
{
	uint8_t *wide = reallocarray(array, want, size);

	if (wide != NULL)
		memset(wide + have * size, 0, (want - have) * size);
	return wide;
}

/* Slots are never given up: somebody may be retiring in one. */
static bool
make_room(struct crew *c, unsigned jobs, struct why *why)
{
	unsigned most = jobs == 0 ? 1 : jobs;
	size_t slots, room;
	void *more;

	most = most > CREW_JOBS_MAX ? CREW_JOBS_MAX : most;
	slots = (size_t)4 * most;
	if (slots > c->slots) {
		room = slots * HAND_QUEUE + 1 + CREW_SPARE_ROOM;
		more = widen(c->waiting, c->waiting_room, room,
		    sizeof(c->waiting[0]));
		if (more == NULL)
			return why_not(why, WHY_SYSTEM, "no memory for a crew");
		c->waiting = more;
		c->waiting_room = room;
		more = widen(c->hand, c->slots, slots, sizeof(c->hand[0]));
		if (more == NULL)
			return why_not(why, WHY_SYSTEM, "no memory for a crew");
		c->hand = more;
		c->slots = slots;
	}
	c->jobs = most;
	return crew_poll_room(c, 0) ||
	    why_not(why, WHY_SYSTEM, "no memory for a crew");
}

/* --- other databases ----------------------------------------------------- */

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

/* Workers are started anew, one after another, or all at once. */
static void
renew(struct crew *c)
{
	size_t i;

	c->setup.generation++;
	c->failures = 0;
	for (i = 0; i < c->slots; i++)
		if (c->hand[i].state == HAND_STARTING ||
		    (c->hand[i].is_aside && c->hand[i].state == HAND_READY) ||
		    (!c->is_gradual && c->hand[i].state != HAND_FREE))
			crew_retire(c, &c->hand[i]);
	/* There may be more than there should be from now on. */
	for (i = 0; i < c->slots; i++)
		crew_retire_old(c);
	crew_staff(c);
}

bool
crew_change_databases(struct crew *c, const struct crew_databases *databases,
    struct why *why)
{
	if (!take_databases(c, databases, why))
		return false;
	renew(c);
	return true;
}

bool
crew_change(struct crew *c, const struct crew_options *options, struct why *why)
{
	if (!make_room(c, options->jobs, why) ||
	    !take_databases(c, &options->databases, why))
		return false;
	c->deadline_ms = options->deadline_ms;
	config_from(options, &c->config);
	renew(c);
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
		n += c->hand[i].state == HAND_READY && !c->hand[i].is_aside;
	return n;
}

/* --- start and stop ------------------------------------------------------ */

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
	return beside_program(c->argv[0], c->path, sizeof(c->path), why);
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
