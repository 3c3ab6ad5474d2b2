/*
 * inflate64.c - Deflate64, ZIP's method 9.
 *
 * Spec:    RFC 1951 for everything but three things, for which PKWARE's
 *          APPNOTE 6.3.10 section 5.9 only gives the name.  What every
 *          implementation does:
 *            window       64 KiB instead of 32
 *            length 285   3 + 16 extra bits, instead of 258
 *            distances    30 and 31 exist: 49153 and 65537, 14 extra bits
 * Input:   hostile.
 * Memory:  64 KiB and the tables, from the arena.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/codec.h"

#include "lib/codec/huffman.h"
#include "lib/codec/lz.h"

#include <string.h>

#define WINDOW         65536u
#define LITERALS       288u
#define DISTANCES      32u
#define END_OF_BLOCK   256
#define FIRST_LENGTH   257
#define LAST_LENGTH    285
#define LENGTHS        (LITERALS + DISTANCES)
#define CODE_SYMBOLS   19u
#define REPEAT_LAST    16u
#define REPEAT_ZERO_3  17u
#define REPEAT_ZERO_11 18u

enum place {
	AT_HEADER,
	IN_STORED,
	IN_CODED
};

struct inflate64 {
	struct bits bits;
	struct lz lz;
	enum place place;
	bool is_last;    /* block */
	uint32_t stored; /* bytes left of a stored block */
	struct huffman literal;
	struct huffman distance;
	uint8_t ring[WINDOW];
};

static const uint16_t length_base[29] = { 3, 4, 5, 6, 7, 8, 9, 10, 11, 13, 15,
	17, 19, 23, 27, 31, 35, 43, 51, 59, 67, 83, 99, 115, 131, 163, 195, 227,
	3 };
static const uint8_t length_extra[29] = { 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 2,
	2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 4, 5, 5, 5, 5, 16 };

/* Note what went wrong: no more bits, or bits that mean nothing. */
static bool
inflate64_fail(struct codec *c)
{
	struct inflate64 *s = c->state;

	c->end = s->bits.dry ? CODEC_TRUNCATED : CODEC_CORRUPT;
	return false;
}

/* Read a stored block's header.                               [RFC 3.2.4] */
static bool
inflate64_read_stored(struct codec *c)
{
	struct inflate64 *s = c->state;
	uint32_t size, complement;

	bits_drop(&s->bits, s->bits.count % 8);
	size = bits_get(&s->bits, 16);
	complement = bits_get(&s->bits, 16);
	if (s->bits.dry || size != (complement ^ 0xffffu))
		return inflate64_fail(c);
	s->stored = size;
	s->place = IN_STORED;
	return true;
}

/* Set up the fixed codes.                                     [RFC 3.2.6] */
static bool
inflate64_use_fixed(struct codec *c)
{
	struct inflate64 *s = c->state;
	uint8_t length[LITERALS];

	memset(length, 8, 144);
	memset(length + 144, 9, 112);
	memset(length + 256, 7, 24);
	memset(length + 280, 8, 8);
	(void)huffman_build(&s->literal, HUFFMAN_LSB, length, LITERALS);
	memset(length, 5, DISTANCES);
	(void)huffman_build(&s->distance, HUFFMAN_LSB, length, DISTANCES);
	s->place = IN_CODED;
	return true;
}

/* Read count lengths, coded with code.                        [RFC 3.2.7] */
static bool
inflate64_read_lengths(struct codec *c, const struct huffman *code,
    uint8_t *length, uint32_t count)
{
	struct inflate64 *s = c->state;
	uint32_t at = 0;

	while (at < count) {
		int symbol = huffman_get(code, &s->bits);
		uint32_t repeat = 1;
		uint8_t value = 0;

		if (symbol < 0)
			return inflate64_fail(c);
		if (symbol < (int)REPEAT_LAST) {
			value = (uint8_t)symbol;
		} else if (symbol == (int)REPEAT_LAST) {
			if (at == 0)
				return inflate64_fail(c);
			value = length[at - 1];
			repeat = 3 + bits_get(&s->bits, 2);
		} else if (symbol == (int)REPEAT_ZERO_3) {
			repeat = 3 + bits_get(&s->bits, 3);
		} else {
			repeat = 11 + bits_get(&s->bits, 7);
		}
		if (s->bits.dry || repeat > count - at)
			return inflate64_fail(c);
		memset(length + at, value, repeat);
		at += repeat;
	}
	return true;
}

/* May a block use these codes?  As zlib: incomplete only if one or none. */
static bool
is_usable(const struct huffman *h, enum huffman_shape shape)
{
	unsigned i, longer = 0;

	if (shape != HUFFMAN_INCOMPLETE)
		return shape == HUFFMAN_COMPLETE;
	for (i = 2; i <= HUFFMAN_BITS_MAX; i++)
		longer += h->count[i];
	return longer == 0;
}

/* Read the codes of a dynamic block.                          [RFC 3.2.7] */
static bool
inflate64_read_codes(struct codec *c)
{
	static const uint8_t order[CODE_SYMBOLS] = { REPEAT_LAST, REPEAT_ZERO_3,
		REPEAT_ZERO_11, 0, 8, 7, 9, 6, 10, 5, 11, 4, 12, 3, 13, 2, 14,
		1, 15 };
	struct inflate64 *s = c->state;
	uint8_t length[LENGTHS] = { 0 };
	uint32_t literals = 257 + bits_get(&s->bits, 5);
	uint32_t distances = 1 + bits_get(&s->bits, 5);
	uint32_t codes = 4 + bits_get(&s->bits, 4);
	uint32_t i;

	if (literals > 286)
		return inflate64_fail(c);
	for (i = 0; i < codes; i++)
		length[order[i]] = (uint8_t)bits_get(&s->bits, 3);
	if (s->bits.dry ||
	    huffman_build(&s->literal, HUFFMAN_LSB, length, CODE_SYMBOLS) !=
		HUFFMAN_COMPLETE)
		return inflate64_fail(c);
	s->distance = s->literal;
	memset(length, 0, sizeof(length));
	if (!inflate64_read_lengths(c, &s->distance, length,
		literals + distances))
		return false;
	if (length[END_OF_BLOCK] == 0 ||
	    !is_usable(&s->literal,
		huffman_build(&s->literal, HUFFMAN_LSB, length, literals)) ||
	    !is_usable(&s->distance,
		huffman_build(&s->distance, HUFFMAN_LSB, length + literals,
		    distances)))
		return inflate64_fail(c);
	s->place = IN_CODED;
	return true;
}

/* Read a block's header, or see that there are no more.       [RFC 3.2.3] */
static bool
inflate64_begin_block(struct codec *c)
{
	struct inflate64 *s = c->state;
	uint32_t type;

	if (s->is_last) {
		c->held = s->bits.count / 8;
		c->end = CODEC_WHOLE;
		return false;
	}
	s->is_last = bits_get(&s->bits, 1) != 0;
	type = bits_get(&s->bits, 2);
	if (s->bits.dry || type == 3)
		return inflate64_fail(c);
	if (type == 0)
		return inflate64_read_stored(c);
	return type == 1 ? inflate64_use_fixed(c) : inflate64_read_codes(c);
}

/* Read the rest of a match whose length symbol is given. */
static bool
inflate64_read_match(struct codec *c, int symbol)
{
	struct inflate64 *s = c->state;
	uint32_t distance, extra;
	int code;

	if (symbol > LAST_LENGTH)
		return inflate64_fail(c);
	symbol -= FIRST_LENGTH;
	s->lz.length =
	    length_base[symbol] + bits_get(&s->bits, length_extra[symbol]);
	code = huffman_get(&s->distance, &s->bits);
	if (code < 0)
		return inflate64_fail(c);
	extra = code < 4 ? 0 : (uint32_t)code / 2 - 1;
	distance = code < 4 ? (uint32_t)code + 1
			    : ((2 + ((uint32_t)code & 1)) << extra) + 1;
	s->lz.distance = distance + bits_get(&s->bits, extra);
	if (s->bits.dry || s->lz.distance > s->lz.total)
		return inflate64_fail(c);
	return true;
}

/* Make one byte, or get one step nearer to it; false at the end. */
static bool
inflate64_step(struct codec *c, uint8_t *buf, size_t *done)
{
	struct inflate64 *s = c->state;
	int symbol;

	switch (s->place) {
	case IN_STORED:
		if (s->stored == 0) {
			s->place = AT_HEADER;
			return true;
		}
		lz_put(&s->lz, (uint8_t)bits_get(&s->bits, 8), buf + *done);
		if (s->bits.dry)
			return inflate64_fail(c);
		s->stored--;
		(*done)++;
		return true;
	case IN_CODED:
		symbol = huffman_get(&s->literal, &s->bits);
		if (symbol < 0)
			return inflate64_fail(c);
		if (symbol > END_OF_BLOCK)
			return inflate64_read_match(c, symbol);
		if (symbol == END_OF_BLOCK) {
			s->place = AT_HEADER;
			return true;
		}
		lz_put(&s->lz, (uint8_t)symbol, buf + *done);
		(*done)++;
		return true;
	case AT_HEADER:
	default:
		return inflate64_begin_block(c);
	}
}

static size_t
inflate64_read(struct codec *c, uint8_t *buf, size_t size)
{
	struct inflate64 *s = c->state;
	size_t done = 0;

	/* A match that failed half-way must not be copied. */
	while (done < size && c->end == CODEC_MORE) {
		if (s->lz.length > 0)
			done += lz_copy(&s->lz, buf + done, size - done);
		else if (!inflate64_step(c, buf, &done))
			break;
	}
	return done;
}

bool
codec_open_inflate64(struct codec *c, struct arena *a, struct feed *in)
{
	static const struct codec_kind kind = { inflate64_read, NULL };
	struct inflate64 *s = arena_alloc(a, 1, sizeof(*s));

	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (s == NULL)
		return false;
	s->bits.in = in;
	s->lz.ring = s->ring;
	s->lz.mask = WINDOW - 1;
	*c = (struct codec){ .kind = &kind, .in = in, .state = s };
	return true;
}
