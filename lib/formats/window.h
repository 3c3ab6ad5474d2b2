/*
 * window.h - look at a source of any kind through a bounded buffer.
 *
 * An opener that jumps about in its source views pieces through one of these:
 * in memory a view is lent as it stands; otherwise bytes are read into the
 * buffer and stay there until they are half a buffer behind, so that a header
 * which was read ahead while decoding what stands before it is not read twice
 * (reading back is dear in a stream).
 *
 * A view is lent until the next one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_WINDOW_H
#define CANDOR_FORMATS_WINDOW_H

#include "lib/codec/feed.h"
#include "lib/formats/source.h"

#define WINDOW_VIEW_MAX ((size_t)80 << 10) /* bytes of one view, at most */

struct window {
	struct source *source; /* borrowed */
	uint8_t *buf;          /* NULL in memory */
	size_t room;           /* bytes in buf */
	uint64_t start;        /* where buf[0] lies in the source */
	size_t have;           /* bytes in buf */
};

/* Set up a view of s; false if the arena is full. */
MUST_CHECK bool window_init(struct window *w, struct source *s,
    struct arena *a);

/*
 * Make out a cursor over up to size (<= WINDOW_VIEW_MAX) bytes at off, with
 * that origin; fewer where the source ends.
 */
void window_view(struct window *w, uint64_t off, size_t size, struct cur *out);

/* The same, but all of them or an empty bad cursor and false. */
MUST_CHECK bool window_cur(struct window *w, uint64_t off, size_t size,
    struct cur *out);

/* Does the source end before off?  Reads on in one of unknown size. */
bool window_has(struct window *w, uint64_t off);

/* A part of the source as input for a decoder. */
struct window_feed {
	struct feed feed;
	struct window *window; /* borrowed */
	uint64_t off;          /* of the next piece */
	uint64_t left;         /* bytes still to lend */
};

/* Feed size bytes at off; SOURCE_SIZE_UNKNOWN: all there are. */
void window_feed_init(struct window_feed *f, struct window *w, uint64_t off,
    uint64_t size);

/* Bytes of the part that nobody took yet, as far as one can know. */
uint64_t window_feed_left(const struct window_feed *f);

/*
 * Find the next place in [from, to) where want (2 to 8 bytes) begins and
 * lies within the source whole.  to may be SOURCE_SIZE_UNKNOWN.
 */
bool window_find(struct window *w, uint64_t from, uint64_t to, const char *want,
    size_t count, uint64_t *out);

#endif
