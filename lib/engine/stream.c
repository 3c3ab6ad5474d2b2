/*
 * stream.c - the bytes of a decoded child, read as if they were a file.
 *
 * Forward reads decode on.  A read behind the window closes the parent's
 * opener, opens it again and decodes up to the place: correct for every
 * decoder, and paid for in time, so it is limited.  What was decoded before
 * costs no budget again: a match that was seen can always be confirmed.
 *
 * When the parent is itself a stream, its opener's reads come here again, one
 * C frame deeper per level: at most LEVEL_DEPTH_MAX.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/ckd.h"
#include "lib/engine/level.h"

#include <string.h>

#define STREAM_WINDOW   ((size_t)512 << 10) /* bytes */
#define STREAM_KEEP     ((size_t)64 << 10)  /* of them stay when it slides */
#define STREAM_RESTARTS 8u

static enum source_state
state_of(enum format_end end)
{
	switch (end) {
	case FORMAT_TRUNCATED:
		return SOURCE_TRUNCATED;
	case FORMAT_MALFORMED:
		return SOURCE_CORRUPT;
	case FORMAT_ENCRYPTED:
		return SOURCE_ENCRYPTED;
	case FORMAT_UNSUPPORTED:
		return SOURCE_UNSUPPORTED;
	case FORMAT_LIMIT:
		return SOURCE_LIMIT;
	case FORMAT_CHILD:
	case FORMAT_WHOLE:
		break;
	}
	return SOURCE_FINE;
}

/* Note trouble once: the first is the one that explains the rest. */
static void
stream_trouble(struct source *s, enum source_state state)
{
	if (s->state == SOURCE_FINE)
		s->state = state;
}

/*
 * Of size bytes, how many may be decoded now: what was given before always,
 * more while there is budget, and one byte past it, to see the end.
 */
static size_t
stream_allowance(const struct stream *st, size_t size)
{
	const struct scan *s = st->scan;
	uint64_t most = st->furthest - st->pos;

	if (s->decoded <= s->decoded_max &&
	    (ckd_add(&most, most, s->decoded_max - s->decoded) ||
		ckd_add(&most, most, 1)))
		return size;
	return size < most ? size : (size_t)most;
}

/* Count what was decoded. */
static void
stream_count(struct stream *st, size_t got)
{
	st->pos += got;
	if (st->pos <= st->furthest)
		return;
	st->scan->decoded += st->pos - st->furthest;
	st->furthest = st->pos;
}

/* Decode up to size bytes more into at. */
static size_t
stream_decode(struct level *l, uint8_t *at, size_t size)
{
	struct stream *st = &l->stream;
	enum format_end end = FORMAT_WHOLE;
	size_t got;

	if (st->ended || !st->parent->opened)
		return 0;
	size = stream_allowance(st, size);
	if (size == 0 || !scan_may_go_on(st->scan)) {
		stream_trouble(&l->source, SOURCE_LIMIT);
		st->ended = true;
		return 0;
	}
	got = st->parent->format->read(st->parent->state, at, size, &end);
	if (got > size)
		got = size; /* cannot happen; never believe a decoder */
	stream_count(st, got);
	if (got == 0) {
		st->ended = true;
		stream_trouble(&l->source, state_of(end));
		if (l->source.size == SOURCE_SIZE_UNKNOWN)
			l->source.size = st->pos;
	}
	return got;
}

/* Make room at the end of the window, keeping its newest bytes. */
static void
stream_slide(struct stream *st)
{
	size_t drop;

	if (st->window_size < STREAM_WINDOW)
		return;
	drop = st->window_size - STREAM_KEEP;
	memmove(st->window, st->window + drop, STREAM_KEEP);
	st->window_off += drop;
	st->window_size = STREAM_KEEP;
}

/* Close the parent's opener and go to the same child again. */
static bool
stream_restart(struct level *l)
{
	struct stream *st = &l->stream;
	struct level *parent = st->parent;
	struct child child;
	uint32_t i;

	if (++st->restarts > STREAM_RESTARTS) {
		stream_trouble(&l->source, SOURCE_LIMIT);
		return false;
	}
	if (parent->opened && parent->format->close != NULL)
		parent->format->close(parent->state);
	(void)level_open(st->scan, parent);
	for (i = 0; parent->opened && i <= st->index; i++) {
		if (parent->format->next(parent->state, &child) != FORMAT_CHILD)
			break;
	}
	if (i <= st->index) {
		stream_trouble(&l->source, SOURCE_CHANGED);
		return false;
	}
	st->pos = st->window_off = 0;
	st->window_size = 0;
	st->ended = false;
	return true;
}

/* Copy what is at hand of [off, off + size): head or window. */
static size_t
stream_at_hand(const struct stream *st, uint64_t off, uint8_t *to, size_t size)
{
	uint64_t in;

	if (off < st->head_size) {
		if (size > st->head_size - off)
			size = st->head_size - (size_t)off;
		memcpy(to, st->head + off, size);
		return size;
	}
	if (off < st->window_off || off - st->window_off >= st->window_size)
		return 0;
	in = off - st->window_off;
	if (size > st->window_size - in)
		size = st->window_size - (size_t)in;
	memcpy(to, st->window + in, size);
	return size;
}

/* Decode one step further into the window. */
static bool
stream_advance(struct level *l)
{
	struct stream *st = &l->stream;
	size_t got;

	if (st->window == NULL)
		return false;
	if (st->window_size == 0)
		st->window_off = st->pos;
	stream_slide(st);
	got = stream_decode(l, st->window + st->window_size,
	    STREAM_WINDOW - st->window_size);
	st->window_size += got;
	return got > 0;
}

static size_t
stream_read(struct source *source, uint64_t off, void *buf, size_t size)
{
	struct level *l = source->ctx;
	struct stream *st = &l->stream;
	uint8_t *to = buf;
	size_t done = 0;

	while (done < size) {
		size_t got =
		    stream_at_hand(st, off + done, to + done, size - done);

		done += got;
		if (got > 0)
			continue;
		if (source->size != SOURCE_SIZE_UNKNOWN &&
		    off + done >= source->size)
			break;
		if (off + done < st->pos && !stream_restart(l))
			break;
		if (!stream_advance(l))
			break;
	}
	return done;
}

void
stream_init(struct scan *s, struct level *l, struct level *parent)
{
	l->stream = (struct stream){
		.scan = s, .parent = parent, .index = parent->children - 1
	};
	l->source = (struct source){
		.size = SOURCE_SIZE_UNKNOWN, .read = stream_read, .ctx = l
	};
}

size_t
stream_read_head(struct level *l, uint8_t *room, size_t size)
{
	struct stream *st = &l->stream;
	size_t got = 1;

	st->head = room;
	while (got > 0 && st->head_size < size) {
		got = stream_decode(l, room + st->head_size,
		    size - st->head_size);
		st->head_size += got;
	}
	return st->head_size;
}

bool
stream_widen(struct level *l)
{
	struct stream *st = &l->stream;

	st->window = arena_alloc(st->scan->arena, 1, STREAM_WINDOW);
	if (st->window == NULL)
		stream_trouble(&l->source, SOURCE_LIMIT);
	return st->window != NULL;
}
