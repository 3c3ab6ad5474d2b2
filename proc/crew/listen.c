/*
 * listen.c - what the workers of a crew say.  See parts.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/crew/parts.h"

#include "proc/opener/opener.h"
#include "sys/channel.h"

#include <errno.h>
#include <string.h>

/* Frames heard from one worker before the next gets a turn. */
#define FRAMES_AT_ONCE 256u

/* Is the file not what it was, or is that not to be found out? */
static enum unscanned
job_check(const struct job *job)
{
	struct subject_stamp now;
	struct why why;
	bool is_known = job->opener == NULL
	    ? subject_stamp(job->fd, &now, &why)
	    : opener_stamp(job->opener, job_place(job), &now, &why);

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

/* Shall another worker look before anybody is told? */
static bool
crew_is_doubted(struct crew *c, struct job *job)
{
	if (job->is_second || c->listener.doubts == NULL ||
	    !c->listener.doubts(c->listener.ctx, job->scan))
		return false;
	job->is_second = true;
	job->tries = 0;
	return true;
}

static void
crew_hear_end(struct crew *c, struct hand *h, struct frame *f)
{
	bool is_odd = (f->end.flags & FRAME_END_ODDITY) != 0;
	bool is_doubted;
	struct job job;

	crew_tell_changed(c, h, f);
	job = hand_finish(h);
	c->failures = 0;
	is_doubted = crew_is_doubted(c, &job);
	if (!is_doubted)
		crew_tell_end(c, &job, f, UNSCANNED_NOTHING);
	if (is_odd || is_doubted ||
	    (h->state == HAND_RETIRING && h->count == 0))
		crew_lose(c, h, UNSCANNED_NOTHING);
	/* Before those that waited behind it. */
	if (is_doubted && !crew_return_again(c, &job))
		crew_put_back(c, &job, 1);
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
	if (h->sent == 0 || f->scan != h->queue[0].number ||
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
void
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
