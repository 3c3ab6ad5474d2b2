/*
 * lz.h - the window of an LZ77 decoder that can stop in the middle of a match.
 *
 * The ring starts as zeros, so a distance that reaches before the first byte
 * copies zeros where a format allows it; one that does not compares with
 * total first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CODEC_LZ_H
#define CANDOR_CODEC_LZ_H

#include <stddef.h>
#include <stdint.h>

struct lz {
	uint8_t *ring;
	uint32_t mask;     /* bytes in ring - 1; a power of two */
	uint32_t distance; /* of the match being copied; 1 <= it <= mask + 1 */
	uint32_t length;   /* bytes of it still to copy */
	uint64_t total;    /* bytes written, ever */
};

/* Write one byte; also to *out. */
static inline void
lz_put(struct lz *w, uint8_t byte, uint8_t *out)
{
	w->ring[w->total & w->mask] = byte;
	w->total++;
	*out = byte;
}

/* Copy as much of the match as fits into size bytes at out; say how much. */
static inline size_t
lz_copy(struct lz *w, uint8_t *out, size_t size)
{
	size_t n = w->length < size ? w->length : size;
	size_t i;

	for (i = 0; i < n; i++)
		lz_put(w, w->ring[(w->total - w->distance) & w->mask], out + i);
	w->length -= (uint32_t)n;
	return n;
}

#endif
