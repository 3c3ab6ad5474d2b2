/*
 * huffman.c - canonical Huffman codes.  The contract is in huffman.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/huffman.h"

#include <string.h>

/* Enter a short code in every slot that begins with it. */
static void
huffman_enter(struct huffman *h, enum huffman_order order, unsigned code,
    unsigned length, unsigned symbol)
{
	unsigned step, slot, i, reversed = 0;
	uint16_t entry = (uint16_t)(symbol << 4 | length);

	if (order == HUFFMAN_MSB) {
		slot = code << (HUFFMAN_FAST - length);
		for (i = 0; i < 1u << (HUFFMAN_FAST - length); i++)
			h->fast[slot + i] = entry;
		return;
	}
	for (i = 0; i < length; i++)
		reversed |= (code >> i & 1) << (length - 1 - i);
	step = 1u << length;
	for (slot = reversed; slot < 1u << HUFFMAN_FAST; slot += step)
		h->fast[slot] = entry;
}

/* Count the codes of each length; is there such a code? */
static enum huffman_shape
huffman_measure(struct huffman *h, const uint8_t *length, size_t count)
{
	long left = 1;
	size_t i;

	for (i = 0; i < count; i++) {
		if (length[i] > HUFFMAN_BITS_MAX)
			return HUFFMAN_OVERFULL;
		h->count[length[i]]++;
	}
	h->count[0] = 0;
	for (i = 1; i <= HUFFMAN_BITS_MAX; i++) {
		left = left * 2 - h->count[i];
		if (left < 0)
			return HUFFMAN_OVERFULL;
	}
	return left > 0 ? HUFFMAN_INCOMPLETE : HUFFMAN_COMPLETE;
}

enum huffman_shape
huffman_build(struct huffman *h, enum huffman_order order,
    const uint8_t *length, size_t count)
{
	unsigned first[HUFFMAN_BITS_MAX + 2], at[HUFFMAN_BITS_MAX + 2];
	enum huffman_shape shape;
	unsigned i;

	memset(h, 0, sizeof(*h));
	if (count > HUFFMAN_SYMBOLS_MAX)
		return HUFFMAN_OVERFULL;
	shape = huffman_measure(h, length, count);
	if (shape == HUFFMAN_OVERFULL)
		return shape;
	first[1] = at[1] = 0;
	for (i = 1; i <= HUFFMAN_BITS_MAX; i++) {
		first[i + 1] = (first[i] + h->count[i]) * 2;
		at[i + 1] = at[i] + h->count[i];
	}
	for (i = 0; i < count; i++) {
		unsigned n = length[i];

		if (n == 0)
			continue;
		h->symbol[at[n]++] = (uint16_t)i;

		/* Length 16 never gets here: 4 bits hold what is <= 9. */
		if (n <= HUFFMAN_FAST)
			huffman_enter(h, order, first[n]++, n, i);
	}
	return shape;
}

/* Go on a bit at a time; next(b, i) is bit i of what lies ahead. */
static int
huffman_walk(const struct huffman *h, uint32_t ahead, unsigned *length)
{
	int code = 0, first = 0, index = 0;
	unsigned n;

	/* ahead has the first bit on top, of 16. */
	for (n = 1; n <= HUFFMAN_BITS_MAX; n++) {
		int count = h->count[n];

		code |= (int)(ahead >> (HUFFMAN_BITS_MAX - n) & 1);
		if (code - count < first) {
			*length = n;
			return h->symbol[index + (code - first)];
		}
		index += count;
		first = (first + count) * 2;
		code *= 2;
	}
	*length = 0;
	return -1;
}

/* The low 16 bits of v, turned round. */
static uint32_t
reverse16(uint32_t v)
{
	v = (v >> 1 & 0x5555u) | (v & 0x5555u) << 1;
	v = (v >> 2 & 0x3333u) | (v & 0x3333u) << 2;
	v = (v >> 4 & 0x0f0fu) | (v & 0x0f0fu) << 4;
	return (v >> 8 & 0xffu) | (v & 0xffu) << 8;
}

static int
huffman_get_lsb(const struct huffman *h, struct bits *b, uint32_t invert)
{
	uint32_t ahead;
	unsigned length;
	int symbol;

	(void)bits_fill(b, HUFFMAN_BITS_MAX);
	ahead = ((uint32_t)b->hold ^ invert) & 0xffffu;
	symbol = h->fast[ahead & ((1u << HUFFMAN_FAST) - 1)];
	length = (unsigned)symbol & 15;
	symbol >>= 4;
	if (length == 0)
		symbol = huffman_walk(h, reverse16(ahead), &length);
	if (length == 0 || length > b->count) {
		b->dry = b->dry || b->count < HUFFMAN_BITS_MAX;
		return -1;
	}
	bits_drop(b, length);
	return symbol;
}

int
huffman_get(const struct huffman *h, struct bits *b)
{
	return huffman_get_lsb(h, b, 0);
}

int
huffman_get_inverted(const struct huffman *h, struct bits *b)
{
	return huffman_get_lsb(h, b, 0xffffu);
}

int
huffman_get_msb(const struct huffman *h, struct bits *b)
{
	uint32_t ahead = bits_peek_msb(b, HUFFMAN_BITS_MAX);
	int symbol = h->fast[ahead >> (HUFFMAN_BITS_MAX - HUFFMAN_FAST)];
	unsigned length = (unsigned)symbol & 15;

	symbol >>= 4;
	if (length == 0)
		symbol = huffman_walk(h, ahead, &length);
	if (length == 0 || length > b->count) {
		b->dry = b->dry || b->count < HUFFMAN_BITS_MAX;
		return -1;
	}
	bits_drop_msb(b, length);
	return symbol;
}
