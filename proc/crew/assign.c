/*
 * assign.c - files wait for workers, and are given to them.  See parts.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/crew/parts.h"

#include "proc/opener/opener.h"

#include <string.h>
#include <unistd.h>

void
crew_tell_end(struct crew *c, struct job *job, const struct frame *end,
    enum unscanned lost)
{
	static const struct frame nothing;

	(void)close(job->fd);
	c->pending--;
	c->listener.end(c->listener.ctx, job->scan,
	    lost == UNSCANNED_NOTHING ? end : &nothing, lost);
}

void
crew_put_back(struct crew *c, const struct job *jobs, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		c->again += job_wants_fresh(&jobs[i]);
	memmove(&c->waiting[count], &c->waiting[0],
	    c->waiting_count * sizeof(c->waiting[0]));
	memcpy(&c->waiting[0], jobs, count * sizeof(jobs[0]));
	c->waiting_count += count;
}

void
crew_take_rest(struct crew *c, struct hand *h, size_t keep)
{
	crew_put_back(c, &h->queue[keep], h->count - keep);
	hand_cut(h, keep);
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
		    (job_wants_fresh(job) || c->again == 0 ||
			h->assigned > 0) &&
		    (best == NULL || h->count < best->count))
			best = h;
	}
	return best;
}

static void
crew_tell_given(struct crew *c, const struct hand *h, const struct job *job)
{
	if (c->listener.given != NULL)
		c->listener.given(c->listener.ctx, job->scan, h->generation);
}

/* --- giving ------------------------------------------------------------- */

/* Take the first so many files out of those that wait. */
static void
crew_drop_waiting(struct crew *c, size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		c->again -= job_wants_fresh(&c->waiting[i]);
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
	size_t last;

	crew_listen(c, h);
	if (h->count == 0 || h->queue[h->count - 1].number != number)
		return;
	crew_dismiss(c, h);
	last = h->count - 1;
	job = h->queue[last];
	hand_cut(h, last);
	crew_tell_end(c, &job, NULL, UNSCANNED_TIMEOUT);
	crew_take_rest(c, h, 0);
}

/*
 * A file that wants a fresh worker goes before all others: the worker that is
 * kept for it takes none of those that stand in its way.
 */
static void
crew_bring_forward(struct crew *c)
{
	struct job job;
	size_t i = 0;

	if (c->again == 0)
		return;
	while (i < c->waiting_count && !job_wants_fresh(&c->waiting[i]))
		i++;
	if (i == 0 || i == c->waiting_count)
		return;
	job = c->waiting[i];
	memmove(&c->waiting[1], &c->waiting[0], i * sizeof(c->waiting[0]));
	c->waiting[0] = job;
}

/*
 * A file wants a worker that has seen no other, and none is coming (one that
 * was to go anyway died of it): let the one go that has the least to do.
 */
static void
crew_make_fresh(struct crew *c)
{
	struct hand *least = NULL;
	size_t i;

	if (crew_has_fresh(c))
		return;
	for (i = 0; i < c->slots; i++) {
		struct hand *h = &c->hand[i];

		if (h->state == HAND_READY && !h->is_aside &&
		    (least == NULL || h->count < least->count))
			least = h;
	}
	if (least != NULL && crew_find_free(c) != NULL)
		crew_retire(c, least);
	crew_staff(c);
}

/*
 * Every worker belongs to others: let one go that has nothing to do, for its
 * successor to be anybody's.
 */
static void
crew_free_hand(struct crew *c)
{
	size_t i;

	if (crew_has_fresh(c))
		return;
	for (i = 0; i < c->slots; i++) {
		struct hand *h = &c->hand[i];

		if (h->state != HAND_READY || h->is_aside || h->count > 0)
			continue;
		crew_dismiss(c, h);
		crew_staff(c);
		return;
	}
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
	if (h == NULL) {
		if (job_wants_fresh(job))
			crew_make_fresh(c);
		else
			crew_free_hand(c);
		return false;
	}
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

void
crew_assign(struct crew *c)
{
	do
		crew_bring_forward(c);
	while (c->waiting_count > 0 && crew_assign_one(c));
}

void
crew_send(struct crew *c)
{
	size_t i;

	/* What one does not take now is offered to it again at the next turn;
	   if it is dead, we hear that. */
	for (i = 0; i < c->slots; i++)
		if (c->hand[i].sent < c->hand[i].count)
			(void)hand_send(&c->hand[i]);
}

/* --- from outside --------------------------------------------------------- */

static struct job
job_from(const struct crew_file *file)
{
	return (struct job){ .scan = file->scan,
		.fd = file->fd,
		.size = file->size,
		.flags = file->flags,
		.deadline_ms = file->deadline_ms,
		.owner = file->owner,
		.urgency = file->urgency,
		.level = file->level,
		.tries = file->tries,
		.is_second = file->is_second,
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

/* Do large files have all workers but one? */
static bool
crew_has_enough_large(const struct crew *c)
{
	size_t i, large = 0;

	for (i = 0; i < c->slots; i++) {
		const struct hand *h = &c->hand[i];

		large += h->state == HAND_READY && !h->is_aside &&
		    h->count > 0 && h->queue[0].size > HAND_QUEUE_BYTES;
	}
	return large > 0 && large + 1 >= c->jobs;
}

/* A worker for it, or NULL: then something is done about that. */
static struct hand *
crew_find_for(struct crew *c, const struct crew_file *file,
    const struct job *job)
{
	/* Those that wait have been asked for before. */
	bool must_wait = c->waiting_count > c->again ||
	    (file->leaves_one && crew_has_enough_large(c));
	struct hand *h = NULL;

	if (job->level > 0)
		return crew_find_aside(c, job);
	if (!must_wait)
		h = crew_find_hand(c, job);
	if (h != NULL)
		return h;
	c->is_short = true;
	if (file->is_overdue && !must_wait)
		crew_make_fresh(c);
	else if (!must_wait)
		crew_free_hand(c);
	return NULL;
}

bool
crew_offer(struct crew *c, const struct crew_file *file)
{
	struct job job = job_from(file);
	struct hand *h = crew_find_for(c, file, &job);

	if (h == NULL)
		return false;
	job_begin(c, &job);
	switch (hand_give(h, &job)) {
	case HAND_GIVEN:
		if (h->is_aside)
			h->state = HAND_RETIRING;
		if (h->is_aside && job.urgency > 0)
			hand_calm(h);
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
