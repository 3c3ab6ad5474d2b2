/*
 * lanes.c - files that take long go aside, so that short ones go on.  See
 * crew.h for why, and parts.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/crew/parts.h"

#include "sys/clock.h"

/* What a file may take at each level before others come first; 0: any time. */
static const uint64_t slice_ms[CREW_LEVELS] = { 200, 1000, 5000, 0 };

#define LEVEL_LAST (CREW_LEVELS - 1u)

/* Workers that may be aside: not all of them for the longest. */
static size_t
places(const struct crew *c)
{
	return c->jobs < 2 ? 2 : c->jobs;
}

static bool
is_at_file(const struct hand *h)
{
	return h->sent > 0 &&
	    (h->state == HAND_READY || h->state == HAND_RETIRING);
}

uint64_t
crew_slice_end(const struct crew *c, const struct hand *h)
{
	bool is_wanted = h->is_aside
	    ? c->is_short_aside
	    : c->is_short || c->waiting_count > 0 || h->count > 1;
	const struct job *job = &h->queue[0];
	uint64_t slice;

	if (c->listener.returned == NULL || !is_at_file(h) ||
	    (!is_wanted && !job->is_forgotten))
		return 0;
	slice = slice_ms[job->is_forgotten ? 0 : job->level];
	return slice == 0 ? 0 : h->since_ms + slice;
}

void
crew_forget(struct crew *c, uint64_t scan)
{
	size_t i, n;

	for (i = 0; i < c->slots; i++)
		for (n = 0; n < c->hand[i].count; n++)
			c->hand[i].queue[n].is_forgotten |=
			    c->hand[i].queue[n].scan == scan;
}

void
crew_forget_need(struct crew *c)
{
	c->is_short = c->is_short_aside = false;
}

/* --- taking back --------------------------------------------------------- */

static void
hand_over(struct crew *c, const struct job *job)
{
	const struct crew_file file = { .scan = job->scan,
		.fd = job->fd,
		.size = job->size,
		.flags = job->flags,
		.deadline_ms = job->deadline_ms,
		.owner = job->owner,
		.urgency = job->urgency,
		.opener = job->opener,
		.mount = job->mount,
		.level = job->level,
		.tries = job->tries,
		.is_second = job->is_second };

	c->pending--;
	c->listener.returned(c->listener.ctx, &file);
}

bool
crew_return_again(struct crew *c, const struct job *job)
{
	if (job->level == 0 || c->listener.returned == NULL)
		return false;
	hand_over(c, job);
	return true;
}

/* The work that was done is lost, and its worker with it. */
static void
take_back(struct crew *c, struct hand *h, bool had_slice)
{
	struct job job;

	crew_take_rest(c, h, 1);
	crew_dismiss(c, h);
	job = hand_finish(h);
	if (had_slice && job.level < LEVEL_LAST)
		job.level++;
	hand_over(c, &job);
}

/* --- places aside -------------------------------------------------------- */

/* How many are aside, and how many of those at the last level. */
static void
count_aside(const struct crew *c, size_t *all, size_t *last)
{
	size_t i;

	*all = *last = 0;
	for (i = 0; i < c->slots; i++) {
		const struct hand *h = &c->hand[i];

		if (h->state == HAND_FREE || !h->is_aside)
			continue;
		++*all;
		*last += h->count > 0 && h->queue[0].level == LEVEL_LAST;
	}
}

/* May one more be of the last level? */
static bool
may_be_last(const struct crew *c)
{
	size_t all, last;

	count_aside(c, &all, &last);
	return last < places(c) / 2;
}

/* The least urgent file aside, if it has to give way. */
static struct hand *
find_lesser(struct crew *c)
{
	struct hand *found = NULL;
	uint32_t urgency = 0;
	size_t i;

	for (i = 0; i < c->slots; i++) {
		struct hand *h = &c->hand[i];

		if (!h->is_aside || !is_at_file(h) ||
		    h->queue[0].urgency <= urgency)
			continue;
		urgency = h->queue[0].urgency;
		found = h;
	}
	return found;
}

/* Is there a place for it?  One of the most urgent is given another's; did all
   do so, many long files of one class could keep out those of the next. */
static bool
make_place(struct crew *c, const struct job *job)
{
	struct hand *lesser;
	size_t all, last;

	if (job->level == LEVEL_LAST && !may_be_last(c))
		return false;
	count_aside(c, &all, &last);
	if (all < places(c))
		return true;
	lesser = job->urgency == 0 ? find_lesser(c) : NULL;
	if (lesser != NULL)
		take_back(c, lesser, false);
	return lesser != NULL;
}

/* It takes no other file, and ends with this one: those behind it go to
   another. */
static void
set_aside(struct crew *c, struct hand *h)
{
	crew_take_rest(c, h, 1);
	h->is_aside = true;
	h->state = HAND_RETIRING;
	h->queue[0].level++;
	if (h->queue[0].urgency > 0)
		hand_calm(h);
}

void
crew_check_slices(struct crew *c)
{
	uint64_t now = clock_milliseconds();
	size_t i;

	for (i = 0; i < c->slots; i++) {
		struct hand *h = &c->hand[i];
		uint64_t end = crew_slice_end(c, h);

		if (end == 0 || now < end || !h->is_quiet)
			continue;
		if (!h->is_aside && !h->queue[0].is_forgotten &&
		    make_place(c, &h->queue[0]))
			set_aside(c, h);
		else
			take_back(c, h, true);
	}
}

struct hand *
crew_find_aside(struct crew *c, const struct job *job)
{
	bool is_coming = false;
	struct hand *h;
	size_t i;

	for (i = 0; i < c->slots; i++) {
		h = &c->hand[i];
		if (!h->is_aside || h->count > 0)
			continue;
		is_coming |= h->state == HAND_STARTING;
		if (h->state == HAND_READY &&
		    (job->level < LEVEL_LAST || may_be_last(c)))
			return h;
	}
	c->is_short_aside = true;
	if (is_coming || c->failures >= CREW_FAILURES_MAX ||
	    !make_place(c, job))
		return NULL;
	h = crew_find_free(c);
	if (h == NULL)
		return NULL;
	if (hand_start(h, &c->setup, &c->trouble))
		h->is_aside = true;
	else
		c->failures++;
	return NULL;
}
