/*
 * stream.h - streams of clients, gathered in memory, within what all may use.
 *
 * A stream is a memory file that is sealed when it is whole; nothing is ever
 * written to a disk.  Together they hold stream_total bytes.  Beyond, only one
 * stream may grow, the one that began first: it can always be finished, so
 * the others get their turn, and no client is refused for want of memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_CLAMD_STREAM_H
#define CANDOR_PROC_CLAMD_STREAM_H

#include "lib/base/cur.h"
#include "lib/base/why.h"

#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stream {
	int fd;                       /* -1: none */
	uint64_t size;                /* bytes in it */
	uint64_t held;                /* what it counts for */
	struct stream *older, *newer; /* while it grows */
};

/* Bytes that were added and not written: many small chunks are one call. */
#define STREAM_PARTS 64u

struct streams {
	uint64_t held, max;
	struct stream *oldest, *newest; /* of those that grow */
	struct iovec part[STREAM_PARTS];
	size_t parts; /* of one stream */
};

/* Begin one; s must stay where it is until it is sealed or dropped. */
bool stream_begin(struct streams *all, struct stream *s, struct why *why);

/* May it take more now? */
bool stream_may_grow(const struct streams *all, const struct stream *s);

/* Add bytes, which must stay where they are until stream_write(); it is called
   before anything is added to another stream.  False: no memory. */
bool stream_add(struct streams *all, struct stream *s, struct cur bytes);
bool stream_write(struct streams *all, struct stream *s);

/* It is whole: its descriptor, the caller's to close, read-only.  What it held
   stays counted until stream_release(). */
bool stream_seal(struct streams *all, struct stream *s, int *fd,
    struct why *why);

/* It was given up before it was whole; safe on one that never began. */
void stream_drop(struct streams *all, struct stream *s);

/* So many bytes are free again. */
void stream_release(struct streams *all, uint64_t held);

#endif
