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

#define SAME_MIN 48u /* bytes of a piece worth pointing to */

/* Bytes that were added, and nothing but such. */
struct same_run {
	uint32_t at, end;
};

struct same {
	uint32_t *slot;       /* heap; where some 16 bytes stand, + 1 */
	struct same_run *run; /* heap; rising */
	size_t runs, room;
};

void same_fini(struct same *s);

/* An output was cut to size bytes: forget what stood behind. */
void same_cut(struct same *s, size_t size);

/* Remember what stands at [at, at + size) of an output, behind all others. */
bool same_add(struct same *s, const struct compile_output *o, size_t at,
    size_t size);

/*
 * The first piece of [at, at + size) that also stands in a run added before
 * limit, which is not above at: *from is where it begins, *off where else it
 * stands.  Its size, or 0: there is none.
 */
uint32_t same_find(const struct same *s, const struct compile_output *o,
    size_t limit, size_t at, size_t size, size_t *from, uint32_t *off);

#endif
