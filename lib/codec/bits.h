/*
 * bits.h - bits from a feed, least or most significant first.
 *
 * Reading past the end gives zeros and sets dry; a decoder asks once per
 * symbol.  One struct is read in one order only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CODEC_BITS_H
#define CANDOR_CODEC_BITS_H

#include "lib/codec/feed.h"

struct bits {
	struct feed *in;
	uint64_t hold;  /* count bits, in the low end */
	unsigned count; /* at most 32 + 7 */
	bool dry;       /* more were taken than there were */
};

/* Have n bits, n <= 32, if the feed does; say how many there are. */
static inline unsigned
bits_fill(struct bits *b, unsigned n)
{
	while (b->count < n) {
		int byte = feed_byte(b->in);

		if (byte < 0)
			break;
		b->hold |= (uint64_t)(unsigned)byte << b->count;
		b->count += 8;
	}
	return b->count;
}

/* Drop n bits that were looked at. */
static inline void
bits_drop(struct bits *b, unsigned n)
{
	if (n > b->count) {
		b->dry = true;
		n = b->count;
	}
	b->hold >>= n;
	b->count -= n;
}

/* Take n bits, n <= 32, least significant first. */
static inline uint32_t
bits_get(struct bits *b, unsigned n)
{
	uint32_t v;

	(void)bits_fill(b, n);
	v = (uint32_t)(b->hold & (((uint64_t)1 << n) - 1));
	bits_drop(b, n);
	return v;
}

/* The same in the other order: the first bit is the top one of a byte. */
static inline unsigned
bits_fill_msb(struct bits *b, unsigned n)
{
	while (b->count < n) {
		int byte = feed_byte(b->in);

		if (byte < 0)
			break;
		b->hold = b->hold << 8 | (unsigned)byte;
		b->count += 8;
	}
	return b->count;
}

/* Look at the next n bits, n <= 32; zeros stand where the input ended. */
static inline uint32_t
bits_peek_msb(struct bits *b, unsigned n)
{
	uint64_t mask = ((uint64_t)1 << n) - 1;

	if (bits_fill_msb(b, n) >= n)
		return (uint32_t)(b->hold >> (b->count - n) & mask);
	return (uint32_t)(b->hold << (n - b->count) & mask);
}

static inline void
bits_drop_msb(struct bits *b, unsigned n)
{
	if (n > b->count) {
		b->dry = true;
		n = b->count;
	}
	b->count -= n;
	b->hold &= ((uint64_t)1 << b->count) - 1;
}

static inline uint32_t
bits_get_msb(struct bits *b, unsigned n)
{
	uint32_t v = bits_peek_msb(b, n);

	bits_drop_msb(b, n);
	return v;
}

#endif
