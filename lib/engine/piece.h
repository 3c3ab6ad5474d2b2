/*
 * piece.h - digests of pieces of an object: of all of it, of its sections, of
 * the text of its imports.  Private to lib/engine.
 *
 * What lies in memory is hashed in lanes, all pieces together.  What does not
 * is read once, front to back, for all kinds of digest of all pieces; pieces
 * that fit the window that is read then are hashed in lanes, too.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_ENGINE_PIECE_H
#define CANDOR_ENGINE_PIECE_H

#include "lib/crypto/lanes.h"
#include "lib/db/hashes.h"
#include "lib/engine/engine.h"

#define PIECE_JOBS 64u /* digests taken at once: each lane four times */

struct scan;

struct piece {
	enum hash_of of;
	uint32_t wanted;    /* kinds of digest: bits */
	const uint8_t *mem; /* its bytes; NULL: size of them at off */
	uint64_t off, size;
	struct digest *state; /* while it is read, by kind; arena */
	struct file_digests digests;
};

/* Digests to be taken together. */
struct piece_batch {
	const struct lanes_impl *lanes;
	size_t count;
	struct digest_job job[PIECE_JOBS];
};

/* Is there room for one more piece? */
bool piece_batch_has_room(const struct piece_batch *b);

/*
 * Note that digests of these kinds are wanted of bytes, which must stay until
 * piece_batch_take() takes them; they count as known from now on.
 */
void piece_batch_add(struct piece_batch *b, uint32_t kinds,
    const uint8_t *bytes, size_t size, struct file_digests *out);
void piece_batch_take(struct piece_batch *b);

/*
 * Take what is wanted and not known of each piece.  Those without mem are of
 * from, which is read; what could not be read to its end stays unknown.
 * False when there was no room to read it.
 */
bool pieces_take(struct scan *s, struct source *from, struct piece *piece,
    size_t count);

#endif
