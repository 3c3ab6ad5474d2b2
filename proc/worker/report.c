/*
 * report.c - what the engine says of one file, as frames.
 *
 * The owner counts frames and drops a worker that floods it.  A file can make
 * an honest worker want to say too much, so at half of what is allowed names
 * and gaps are left unsaid (which is itself said, once, as a limit); the other
 * half is for what was found.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/worker/report.h"

#include "lib/wire/frame.h"
#include "sys/channel.h"
#include "sys/clock.h"

#include <stdlib.h>
#include <string.h>

#define SENT_MAX        (FRAME_FLOOD - 4u) /* END and the last limit */
#define SENT_MAX_ASIDES (FRAME_FLOOD / 2)

/* Say it or die: an owner who is gone wants nothing, a bad frame is a bug. */
static void
say(struct report *r, struct frame *f)
{
	uint8_t record[FRAME_LARGE];
	size_t size;

	f->scan = r->scan;
	size = frame_put(f, record);
	if (size == 0)
		abort();
	if (channel_send(r->channel, record, size, -1) != CHANNEL_DONE)
		_Exit(0);
	if (f->kind != FRAME_OBJECT)
		r->sent++;
}

static void
say_gap(struct report *r, uint32_t object, enum unscanned reason)
{
	struct frame f = { .kind = FRAME_UNSCANNED };

	f.unscanned.object = object;
	f.unscanned.reason = reason;
	r->gaps++;
	say(r, &f);
}

/* Is there room for another frame?  If not, say so once. */
static bool
may_say(struct report *r, uint32_t most)
{
	if (r->sent < most)
		return true;
	if (!r->is_cut) {
		r->is_cut = true;
		say_gap(r, 0, UNSCANNED_LIMIT);
	}
	return false;
}

/* NAME or BYTES: only what the owner allowed. */
static void
say_payload(struct report *r, uint32_t kind, uint32_t object,
    const uint8_t *bytes, size_t size)
{
	struct frame f;

	if (!r->may_say_bytes || bytes == NULL || size == 0)
		return;
	memset(&f, 0, sizeof(f));
	f.kind = kind;
	f.payload.object = object;
	if (size > FRAME_PAYLOAD_MAX)
		size = FRAME_PAYLOAD_MAX;
	f.payload.size = (uint32_t)size;
	memcpy(f.payload.bytes, bytes, size);
	say(r, &f);
}

static void
on_object(void *ctx, const struct report_object *o)
{
	struct report *r = ctx;
	struct frame f = { .kind = FRAME_OBJECT };

	f.object.object = o->object;
	f.object.parent = o->parent;
	f.object.depth = o->depth;
	f.object.kind = o->kind;
	f.object.size = o->size;
	say(r, &f);
	if (r->sent < SENT_MAX_ASIDES)
		say_payload(r, FRAME_NAME, o->object, o->name, o->name_size);
}

static void
on_match(void *ctx, const struct report_match *m)
{
	struct report *r = ctx;
	struct frame f = { .kind = FRAME_MATCH };

	if (!may_say(r, SENT_MAX - 1))
		return;
	f.match.object = m->object;
	f.match.database = m->database;
	f.match.signature = m->signature;
	f.match.string = m->string;
	f.match.view = m->view;
	f.match.size = m->size;
	f.match.offset = m->offset;
	r->matches++;
	say(r, &f);
	say_payload(r, FRAME_BYTES, m->object, m->bytes, m->bytes_size);
}

static void
on_unscanned(void *ctx, uint32_t object, enum unscanned why)
{
	struct report *r = ctx;

	if (object == 0 && why == UNSCANNED_CHANGED && r->could_not_read)
		why = UNSCANNED_DENIED;
	if (may_say(r, SENT_MAX_ASIDES))
		say_gap(r, object, why);
}

static bool
on_may_go_on(void *ctx)
{
	const struct report *r = ctx;

	return r->until_ns == 0 || clock_nanoseconds() < r->until_ns;
}

void
report_begin(struct report *r, int channel, uint64_t scan, bool may_say_bytes,
    uint32_t deadline_ms)
{
	memset(r, 0, sizeof(*r));
	r->channel = channel;
	r->scan = scan;
	r->may_say_bytes = may_say_bytes;
	if (deadline_ms != 0)
		r->until_ns =
		    clock_nanoseconds() + (uint64_t)deadline_ms * 1000000u;
}

struct reporter
report_for(struct report *r)
{
	return (struct reporter){ .ctx = r,
		.object = on_object,
		.match = on_match,
		.unscanned = on_unscanned,
		.may_go_on = on_may_go_on };
}

void
report_end(struct report *r, const struct scan_summary *summary)
{
	struct frame f = { .kind = FRAME_END };

	f.end.objects = summary->objects;
	f.end.matches = r->matches;
	f.end.gaps = r->gaps;
	f.end.kind = summary->kind;
	f.end.bytes = summary->bytes;
	if (summary->had_oddity)
		f.end.flags |= FRAME_END_ODDITY;
	if (summary->has_sha256) {
		f.end.flags |= FRAME_END_SHA256;
		memcpy(f.end.sha256, summary->sha256, sizeof(f.end.sha256));
	}
	say(r, &f);
}
