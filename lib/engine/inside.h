/*
 * inside.h - files that stand inside an object nobody takes apart.
 *
 * They are noted while the object's bytes pass by for the search, and become
 * its last children.  Few are remembered at a time; when there are more, the
 * object is read again for the next.  Private to lib/engine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_ENGINE_INSIDE_H
#define CANDOR_ENGINE_INSIDE_H

#include "lib/formats/embedded.h"
#include "lib/formats/format.h"

#define INSIDE_MAX 128u /* remembered at a time */

struct scan;
struct level;

struct inside {
	struct embedded found[INSIDE_MAX]; /* sorted by offset */
	uint32_t count, at;
	uint64_t from;   /* no place before this one is wanted */
	uint64_t resume; /* where to look again for more */
	uint64_t given;  /* bytes of children that reach over the next */
	uint64_t data; /* of the last ZIP member seen that holds bzip2 or xz */
	uint64_t zip_at; /* of a ZIP that its end tells; UINT64_MAX: none */
	bool is_wanted;  /* false: the opener tells all there is */
	bool has_zip;    /* no other ZIP local header is wanted */
	bool is_more;    /* there were more than INSIDE_MAX */
	bool is_disk;    /* an image whose files the opener tells */
};

/* Decide whether to look inside l, which was opened or could not be. */
void inside_begin(struct scan *s, struct level *l);

/* bytes[0, size) are those of l from offset off on, the first seen of which
   were given before. */
void inside_look(struct level *l, const uint8_t *bytes, size_t size,
    size_t seen, uint64_t off);

/* l's opener gave [off, off + size) as a child: forget what stands there. */
void inside_forget(struct level *l, uint64_t off, uint64_t size);

/* Describe the next; false if there are no more. */
bool inside_next(struct scan *s, struct level *l, struct child *out);

#endif
