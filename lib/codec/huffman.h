/*
 * huffman.h - decode canonical Huffman codes of up to 16 bits.
 *
 * Canonical as in RFC 1951, 3.2.2: shorter codes first, and within a length
 * in the order of symbols.  Short codes are one table look-up; longer ones
 * are found by counting, a bit at a time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CODEC_HUFFMAN_H
#define CANDOR_CODEC_HUFFMAN_H

#include "lib/codec/bits.h"

#define HUFFMAN_BITS_MAX    16u
#define HUFFMAN_SYMBOLS_MAX 512u
#define HUFFMAN_FAST        9u /* bits looked up at once */

enum huffman_order {
	HUFFMAN_LSB,
	HUFFMAN_MSB
};

enum huffman_shape {
	HUFFMAN_COMPLETE,   /* every sequence of bits is a code */
	HUFFMAN_INCOMPLETE, /* some are not; huffman_get may say -1 */
	HUFFMAN_OVERFULL    /* no such code exists; do not use it */
};

struct huffman {
	uint16_t count[HUFFMAN_BITS_MAX + 1]; /* codes of each length */
	uint16_t symbol[HUFFMAN_SYMBOLS_MAX]; /* in the order of codes */
	uint16_t fast[1u << HUFFMAN_FAST];    /* symbol * 16 + length, or 0 */
};

/*
 * Make the decoder of count symbols (<= HUFFMAN_SYMBOLS_MAX) whose codes have
 * these lengths (0: has none; above 16 is overfull).
 */
enum huffman_shape huffman_build(struct huffman *h, enum huffman_order order,
    const uint8_t *length, size_t count);

/* Take one symbol; -1 if the next bits are none, or there are too few. */
int huffman_get(const struct huffman *h, struct bits *b);
int huffman_get_msb(const struct huffman *h, struct bits *b);

/* The same with every bit inverted (implode). */
int huffman_get_inverted(const struct huffman *h, struct bits *b);

#endif
