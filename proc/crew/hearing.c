/*
 * hearing.c - is what a worker says about one file possible at all?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/crew/hearing.h"

#include "lib/engine/engine.h"

#include <stdlib.h>
#include <string.h>

void
hearing_begin(struct hearing *h)
{
	if (h->used > 0)
		memset(h->told, 0, h->used * sizeof(h->told[0]));
	h->used = 0;
	h->frames = 0;
	h->matches = 0;
	h->gaps = 0;
	h->last_kind = 0;
	h->last_object = 0;
	h->has_changed = false;
}

void
hearing_close(struct hearing *h)
{
	free(h->told);
	memset(h, 0, sizeof(*h));
}

bool
hearing_has(const struct hearing *h, uint32_t object)
{
	return object / 64 < h->used &&
	    (h->told[object / 64] >> object % 64 & 1) != 0;
}

/* Make room for a bit.  Numbers end at FRAME_OBJECTS_MAX: at most 2 MB. */
static bool
reach(struct hearing *h, uint32_t object)
{
	size_t words = object / 64 + 1;
	uint64_t *told;

	if (words > h->words) {
		size_t more = words > 2 * h->words ? words : 2 * h->words;

		told = realloc(h->told, more * sizeof(told[0]));
		if (told == NULL)
			return false;
		memset(told + h->words, 0, (more - h->words) * sizeof(told[0]));
		h->told = told;
		h->words = more;
	}
	if (words > h->used)
		h->used = words;
	return true;
}

static bool
check_object(struct hearing *h, const struct frame *f)
{
	uint32_t object = f->object.object;

	if (f->object.kind >= KIND_COUNT || hearing_has(h, object))
		return false;
	if (object != 0 && !hearing_has(h, f->object.parent))
		return false;
	if (!reach(h, object))
		return false;
	h->told[object / 64] |= (uint64_t)1 << object % 64;
	return true;
}

static bool
check_match(struct hearing *h, const struct hearing_bounds *b,
    const struct frame *f)
{
	if (!hearing_has(h, f->match.object) ||
	    f->match.database >= b->database_count ||
	    f->match.signature >= b->signature_count[f->match.database] ||
	    f->match.view > CHILD_HTML_VIEW)
		return false;
	h->matches++;
	return true;
}

/* A worker that says it crashed has not. */
static bool
check_unscanned(struct hearing *h, const struct frame *f)
{
	if (!hearing_has(h, f->unscanned.object) ||
	    f->unscanned.reason >= UNSCANNED_COUNT ||
	    f->unscanned.reason == UNSCANNED_CRASHED)
		return false;
	if (f->unscanned.object == 0 &&
	    f->unscanned.reason == UNSCANNED_CHANGED)
		h->has_changed = true;
	h->gaps++;
	return true;
}

/* Bytes of the file: allowed, and about what was said just before. */
static bool
check_payload(const struct hearing *h, const struct hearing_bounds *b,
    const struct frame *f, uint32_t after)
{
	return b->may_say_bytes && h->last_kind == after &&
	    h->last_object == f->payload.object && f->payload.size > 0;
}

static bool
check_end(const struct hearing *h, const struct frame *f)
{
	return f->end.kind < KIND_COUNT &&
	    f->end.objects <= FRAME_OBJECTS_MAX &&
	    f->end.matches == h->matches && f->end.gaps == h->gaps;
}

static bool
check_kind(struct hearing *h, const struct hearing_bounds *b,
    const struct frame *f)
{
	switch (f->kind) {
	case FRAME_OBJECT:
		return check_object(h, f);
	case FRAME_NAME:
		return check_payload(h, b, f, FRAME_OBJECT);
	case FRAME_MATCH:
		return check_match(h, b, f);
	case FRAME_BYTES:
		return check_payload(h, b, f, FRAME_MATCH);
	case FRAME_UNSCANNED:
		return check_unscanned(h, f);
	case FRAME_END:
		return check_end(h, f);
	default:
		return false;
	}
}

/* The object a frame is about; END is about none. */
static uint32_t
object_of(const struct frame *f)
{
	if (f->kind == FRAME_OBJECT)
		return f->object.object;
	return f->kind == FRAME_MATCH ? f->match.object : 0;
}

bool
hearing_check(struct hearing *h, const struct hearing_bounds *b,
    const struct frame *f)
{
	/* Objects are counted by their numbers: each is told once. */
	if (f->kind != FRAME_OBJECT && ++h->frames > FRAME_FLOOD)
		return false;
	if (!check_kind(h, b, f))
		return false;
	h->last_kind = f->kind;
	h->last_object = object_of(f);
	return true;
}
