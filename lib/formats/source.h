/*
 * source.h - the bytes of one object, wherever they are.
 *
 * Openers, the matcher and the hashes read through this and nothing else.
 * Three kinds stand behind it, and a reader cannot tell them apart but by
 * speed:
 *
 *   memory   the whole object; mem is not NULL
 *   range    a part of another source (a stored ZIP member, a slice)
 *   stream   what a decoder gives (engine/stream.c).  Reading forward is
 *            cheap.  Reading back restarts the decoder, which costs all the
 *            work again and is limited: past the limit the source ends with
 *            SOURCE_LIMIT.  So read forward when you can.
 *
 * A source is lent to whoever reads it, for as long as the object is open.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_SOURCE_H
#define CANDOR_FORMATS_SOURCE_H

#include "lib/base/arena.h"
#include "lib/base/cur.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOURCE_SIZE_UNKNOWN UINT64_MAX

/* Why a source gave fewer bytes than were asked for. */
enum source_state {
	SOURCE_FINE,        /* nothing went wrong: that was the end */
	SOURCE_TRUNCATED,   /* the encoded bytes stop before the data does */
	SOURCE_CORRUPT,     /* the encoded bytes break a rule or a checksum */
	SOURCE_ENCRYPTED,   /* no password, or none that fits */
	SOURCE_UNSUPPORTED, /* a method we do not decode */
	SOURCE_CHANGED,     /* the file moved under us while being read */
	SOURCE_LIMIT        /* a budget is spent */
};

struct source;

/*
 * Put up to size bytes from offset off into buf; say how many.  Fewer than
 * size means the end or trouble: the callee notes which in s->state.
 */
typedef size_t (*source_read_fn)(struct source *s, uint64_t off, void *buf,
    size_t size);

struct source {
	uint64_t size;           /* bytes; SOURCE_SIZE_UNKNOWN until the end
	                            of a stream was reached */
	const uint8_t *mem;      /* all of them, or NULL */
	source_read_fn read;     /* used when mem is NULL */
	void *ctx;               /* the reader's own */
	enum source_state state; /* the first trouble met, sticky */
};

/* Make a source of size bytes at bytes, borrowed while it is in use. */
struct source source_from(const void *bytes, size_t size);

/* As source_read_fn, for any source. */
size_t source_read(struct source *s, uint64_t off, void *buf, size_t size);

/* Is there a byte at off?  (For a stream this may decode up to it.) */
bool source_has(struct source *s, uint64_t off);

/*
 * Make out a cursor over the size bytes at off, with origin off: lent from
 * the source when it is in memory, else copied into a.  False, and an empty
 * bad cursor, if they are not all there or a is full.
 */
MUST_CHECK bool source_cur(struct source *s, struct arena *a, uint64_t off,
    uint64_t size, struct cur *out);

/* The same for as many of those bytes as there are (never false for few). */
void source_cur_upto(struct source *s, struct arena *a, uint64_t off,
    uint64_t size, struct cur *out);

/* A part of another source; both must stay where they are while it is used. */
struct source_range {
	struct source *of; /* borrowed */
	uint64_t off;      /* where it starts in of */
};

/*
 * Make out the part of r->of that starts at r->off and is size bytes long
 * (cut at the end of r->of where that is known).  Keeps r.
 */
void source_cut(struct source_range *r, uint64_t size, struct source *out);

#endif
