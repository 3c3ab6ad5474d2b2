/*
 * window.c - a source through a bounded buffer.  The contract is in window.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/window.h"

#include "lib/base/ckd.h"

#include <string.h>

#define ROOM  (2 * WINDOW_VIEW_MAX)
#define PIECE ((size_t)32 << 10) /* lent to a decoder at a time */

#define FIND_BLOCK ((size_t)64)

bool
window_init(struct window *w, struct source *s, struct arena *a)
{
	*w = (struct window){ .source = s };
	if (s->mem != NULL)
		return true;
	w->room = s->size < ROOM ? (size_t)s->size : ROOM;
	w->buf = arena_alloc(a, 1, w->room + 1);
	return w->buf != NULL;
}

/* Have size bytes at off in the buffer, or as many as there are. */
static void
window_slide(struct window *w, uint64_t off, size_t size)
{
	uint64_t end = w->start + w->have;
	size_t behind;

	if (off < w->start || off > end) {
		w->start = off;
		w->have = 0;
	} else if (off - w->start + size > w->room) {
		/* Room is two views, so one view of history always fits. */
		behind = (size_t)(off - w->start);
		if (behind > WINDOW_VIEW_MAX) {
			behind -= WINDOW_VIEW_MAX;
			w->have -= behind;
			memmove(w->buf, w->buf + behind, w->have);
			w->start += behind;
		}
	}
	w->have += source_read(w->source, w->start + w->have, w->buf + w->have,
	    w->room - w->have);
}

void
window_view(struct window *w, uint64_t off, size_t size, struct cur *out)
{
	uint64_t behind;

	if (size > WINDOW_VIEW_MAX)
		size = WINDOW_VIEW_MAX;
	if (w->buf == NULL) {
		source_cur_upto(w->source, NULL, off, size, out);
		return;
	}
	*out = cur_from(NULL, 0);
	out->origin = off;
	if (w->source->size != SOURCE_SIZE_UNKNOWN && off >= w->source->size)
		return;
	behind = off - w->start;
	if (off < w->start || behind > w->have || size > w->have - behind)
		window_slide(w, off, size);
	behind = off - w->start;
	if (behind >= w->have)
		return;
	if (size > w->have - behind)
		size = (size_t)(w->have - behind);
	*out = cur_from(w->buf + behind, size);
	out->origin = off;
}

bool
window_cur(struct window *w, uint64_t off, size_t size, struct cur *out)
{
	window_view(w, off, size, out);
	if (out->size == size)
		return true;
	*out = cur_from(NULL, 0);
	out->bad = true;
	return false;
}

bool
window_has(struct window *w, uint64_t off)
{
	struct cur c;

	if (off == 0)
		return true;
	if (w->source->size != SOURCE_SIZE_UNKNOWN)
		return off <= w->source->size;
	return window_cur(w, off - 1, 1, &c);
}

static bool
window_feed_more(struct feed *feed)
{
	struct window_feed *f = feed->ctx;
	size_t size = f->left < PIECE ? (size_t)f->left : PIECE;
	struct cur c;

	window_view(f->window, f->off, size, &c);
	feed->at = c.base;
	feed->left = c.size;
	f->off += c.size;
	f->left = c.size == 0 ? 0 : f->left - c.size;
	return c.size > 0;
}

void
window_feed_init(struct window_feed *f, struct window *w, uint64_t off,
    uint64_t size)
{
	uint64_t end;

	/* An end past every offset is no end. */
	if (ckd_add(&end, off, size))
		size = UINT64_MAX - off;
	*f = (struct window_feed){ .window = w, .off = off, .left = size };
	f->feed = (struct feed){ .more = window_feed_more, .ctx = f };
}

uint64_t
window_feed_left(const struct window_feed *f)
{
	uint64_t size = f->window->source->size;
	uint64_t left = f->left;

	if (size != SOURCE_SIZE_UNKNOWN && f->off >= size)
		left = 0;
	else if (size != SOURCE_SIZE_UNKNOWN && left > size - f->off)
		left = size - f->off;
	return left > UINT64_MAX - f->feed.left ? left : left + f->feed.left;
}

/*
 * Do two bytes stand one behind the other, the first of them among the
 * FIND_BLOCK at at?  Without a branch, so that compilers do many at a time.
 */
static bool
block_has(const uint8_t *at, uint8_t first, uint8_t second)
{
	uint8_t any = 0;
	size_t i;

	for (i = 0; i < FIND_BLOCK; i++)
		any |= (uint8_t)((at[i] == first) & (at[i + 1] == second));
	return any != 0;
}

/*
 * memmem() for few bytes (two at least), which begin rarely: it takes several
 * times as long.
 */
static const uint8_t *
find_few(struct cur in, const uint8_t *want, size_t count)
{
	const uint8_t *at = in.base;
	size_t left = in.size, size;

	for (; left > FIND_BLOCK; at += FIND_BLOCK, left -= FIND_BLOCK) {
		const uint8_t *found;

		if (!block_has(at, want[0], want[1]))
			continue;
		size = left < FIND_BLOCK + count - 1 ? left
						     : FIND_BLOCK + count - 1;
		found = memmem(at, size, want, count);
		if (found != NULL)
			return found;
	}
	return memmem(at, left, want, count);
}

bool
window_find(struct window *w, uint64_t from, uint64_t to, const char *want,
    size_t count, uint64_t *out)
{
	while (from < to) {
		const uint8_t *at;
		struct cur c;

		window_view(w, from, WINDOW_VIEW_MAX, &c);
		if (c.size < count)
			return false;
		at = find_few(c, (const uint8_t *)want, count);
		if (at != NULL) {
			*out = from + (uint64_t)(at - c.base);
			return *out < to;
		}
		from += c.size - count + 1;
	}
	return false;
}
