/*
 * same.h - find bytes that a growing output has already.
 *
 * Signatures repeat each other: variants of one program share long runs of
 * bytes.  A run is told as pieces, those that stand elsewhere by their place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_SAME_H
#define CANDOR_COMPILE_SAME_H

#include "lib/compile/compile.h"

#include <stdbool.h>

#define SAME_MIN     48u   /* bytes of a piece worth pointing to */
#define SAME_RUN_MAX 2048u /* of a run that is looked at */

/* Bytes that were added, and nothing but such. */
struct same_run {
	uint32_t at, end;
};

struct same {
	uint16_t *print;      /* heap; of some 16 bytes, 0: free */
	uint32_t *place;      /* heap; where they stand */
	struct same_run *run; /* heap; rising */
	size_t runs, room;
	uint16_t chosen[SAME_RUN_MAX]; /* of the run at hand */
	size_t chosen_count;
};

void same_fini(struct same *s);

/* An output was cut to size bytes: forget what stood behind. */
void same_cut(struct same *s, size_t size);

/* Bytes of an output, and where else in it they stand. */
struct same_piece {
	size_t from, size;
	uint32_t off;
};

/*
 * A run is at hand, of at most SAME_RUN_MAX bytes: the next three are about
 * it.  It pays to do something else between asking and finding.  False: no
 * memory.
 */
bool same_ask(struct same *s, const uint8_t *bytes, size_t size);

/*
 * The first piece of it that is known to stand in a run added before, too: it
 * stands at at in the output, behind all those; its first skip bytes are left
 * out.  False: there is none.  Few are overlooked, and the fewer the longer
 * they are.
 */
bool same_find(const struct same *s, const struct compile_output *o, size_t at,
    size_t size, size_t skip, struct same_piece *out);

/* Remember that what it has behind its first skip bytes, size of them, stands
   at at now, behind all others.  False: no memory. */
bool same_add(struct same *s, const struct compile_output *o, size_t at,
    size_t size, size_t skip);

#endif
