/*
 * arena.h - one scan's memory, with a ceiling.
 *
 * A scan is given one block.  Everything it needs is cut from that block and
 * the whole block is handed back at once, so nothing in lib/ frees, and so
 * nothing in lib/ can free twice or use what it freed.
 *
 * For:
 *   - An allocation is a comparison and an addition.
 *   - The ceiling is the block: a decompression bomb ends as a spent budget.
 *   - No error path has anything to release.
 *
 * Against:
 *   - A loop that allocates per turn fills the block.  Put arena_mark() and
 *     arena_reset() around the turn.
 *   - A pointer kept past arena_reset() is wrong.  Builds with the address
 *     sanitizer poison what was reset, so tests see it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BASE_ARENA_H
#define CANDOR_BASE_ARENA_H

#include <stddef.h>
#include <stdint.h>

struct arena {
	uint8_t *base;
	size_t size;
	size_t used;
};

/* Start an arena in size bytes at mem, which must outlive it. */
void arena_init(struct arena *a, void *mem, size_t size);

/*
 * Cut zeroed room for count objects of size bytes each, aligned for any type.
 * NULL if the block is full or count * size does not fit in a size_t.
 */
__attribute__((warn_unused_result, malloc)) void *arena_alloc(struct arena *a,
    size_t count, size_t size);

/*
 * Lend all the room that is left, not zeroed, and say how much it is; nothing
 * else may be cut until arena_keep() has said how many bytes of it stay.
 */
void *arena_rest(struct arena *a, size_t *size);
void arena_keep(struct arena *a, size_t size);

/* Remember how much is in use; give everything cut since then back. */
size_t arena_mark(const struct arena *a);
void arena_reset(struct arena *a, size_t mark);

#endif
