/*
 * arj.c - expand the methods of ARJ, and those of LHA it comes from.
 *
 * Spec:    ARJ technical information (TECHNOTE.TXT, ARJ 2.8 and later) names
 *          the methods; the coding is that of R. Jung's published UNARJ, which
 *          is LHA's -lh6- with other sizes.
 * Input:   hostile.
 * Memory:  about 80 KiB from the arena.
 *
 * Methods 1, 2 and 3: blocks, most significant bit first.
 *
 *   bits  what
 *     16  symbols in this block (0 stands for 65536)
 *         lengths of the codes of the lengths    19 symbols, 3 gaps after 3
 *         lengths of the codes of the symbols   510 symbols
 *         lengths of the codes of the distances  17 symbols
 *         the symbols: below 256 a literal; else a match of symbol - 253
 *         bytes at a distance whose number of bits is coded
 *
 * Method 4: a length from 2 bits up, a distance, no codes at all.
 *
 * The window is 26,624 bytes.  There is no end: whoever reads knows the size.
 *
 * LHA's -lh4- to -lh7- are the first kind with windows of 2^12 to 2^16 bytes
 * that start as spaces, and, for the larger ones, one distance more than they
 * have bits (source of LHa for UNIX 1.14i, slide.c and huf.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/whole.h"

#include "lib/codec/huffman.h"
#include "lib/codec/lz.h"

#include <string.h>

#define WINDOW      65536u /* the largest; a power of two */
#define REACH       26624u /* the farthest distance */
#define SYMBOLS     510u   /* 256 literals and 254 lengths */
#define LENGTHS     19u    /* codes of code lengths */
#define DISTANCES   17u    /* at most */
#define SYMBOL_BITS 9u
#define LENGTH_BITS 5u
#define FIRST_MATCH 256

struct code {
	struct huffman huffman;
	int only; /* the one symbol there is, in no bits; -1: coded */
};

struct arj {
	struct bits bits;
	struct lz lz;
	uint32_t reach; /* the farthest distance */
	unsigned distance_count;
	unsigned distance_bits; /* of the number of their lengths */
	uint32_t left;          /* symbols left in the block */
	struct code lengths;
	struct code symbols;
	struct code distances;
	uint8_t ring[WINDOW];
};

static bool
arj_fail(struct codec *c)
{
	struct arj *s = c->state;

	c->end = s->bits.dry ? CODEC_TRUNCATED : CODEC_CORRUPT;
	return false;
}

static int
arj_get(struct arj *s, const struct code *code)
{
	return code->only >= 0 ? code->only
			       : huffman_get_msb(&code->huffman, &s->bits);
}

/* Make a code of lengths; it must be complete, as the writer's always is. */
static bool
arj_build(struct codec *c, struct code *code, const uint8_t *length,
    size_t count)
{
	code->only = -1;
	return huffman_build(&code->huffman, HUFFMAN_MSB, length, count) ==
	    HUFFMAN_COMPLETE ||
	    arj_fail(c);
}

/* Read the code with no symbols but one. */
static bool
arj_read_only(struct codec *c, struct code *code, unsigned bits, size_t count)
{
	struct arj *s = c->state;

	code->only = (int)bits_get_msb(&s->bits, bits);
	return (!s->bits.dry && (size_t)code->only < count) || arj_fail(c);
}

/*
 * Read a code whose lengths stand in three bits each, or in unary from 7 up.
 * After symbol special, two bits say how many of the next have none.
 */
static bool
arj_read_short(struct codec *c, struct code *code, unsigned width,
    unsigned count, unsigned special)
{
	struct arj *s = c->state;
	uint8_t length[LENGTHS] = { 0 };
	uint32_t given = bits_get_msb(&s->bits, width);
	uint32_t at = 0;

	if (given == 0)
		return arj_read_only(c, code, width, count);
	if (given > count)
		return arj_fail(c);
	while (at < given) {
		uint32_t bits = bits_get_msb(&s->bits, 3);

		while (bits >= 7 && bits_get_msb(&s->bits, 1) != 0)
			bits++;
		if (s->bits.dry || bits > HUFFMAN_BITS_MAX)
			return arj_fail(c);
		length[at++] = (uint8_t)bits;
		if (at == special)
			at += bits_get_msb(&s->bits, 2);
	}
	return at <= count ? arj_build(c, code, length, count) : arj_fail(c);
}

/* Read the code of symbols, whose lengths are coded themselves. */
static bool
arj_read_long(struct codec *c)
{
	struct arj *s = c->state;
	uint8_t length[SYMBOLS] = { 0 };
	uint32_t given = bits_get_msb(&s->bits, SYMBOL_BITS);
	uint32_t at = 0;

	if (given == 0)
		return arj_read_only(c, &s->symbols, SYMBOL_BITS, SYMBOLS);
	if (given > SYMBOLS)
		return arj_fail(c);
	while (at < given) {
		int bits = arj_get(s, &s->lengths);
		uint32_t gap = 0;

		if (bits > 2)
			length[at++] = (uint8_t)(bits - 2);
		else if (bits == 2)
			gap = bits_get_msb(&s->bits, SYMBOL_BITS) + 20;
		else if (bits == 1)
			gap = bits_get_msb(&s->bits, 4) + 3;
		else
			gap = 1;
		if (bits < 0 || s->bits.dry || gap > SYMBOLS - at)
			return arj_fail(c);
		at += gap;
	}
	return arj_build(c, &s->symbols, length, SYMBOLS);
}

static bool
arj_begin_block(struct codec *c)
{
	struct arj *s = c->state;

	s->left = bits_get_msb(&s->bits, 16);
	if (s->left == 0)
		s->left = 65536;
	return (!s->bits.dry || arj_fail(c)) &&
	    arj_read_short(c, &s->lengths, LENGTH_BITS, LENGTHS, 3) &&
	    arj_read_long(c) &&
	    arj_read_short(c, &s->distances, s->distance_bits,
		s->distance_count, UINT32_MAX);
}

/* Start a match; a distance of 0 is the byte before. */
static bool
arj_match(struct codec *c, uint32_t length, uint32_t distance)
{
	struct arj *s = c->state;

	if (s->bits.dry || distance >= s->reach)
		return arj_fail(c);
	s->lz.length = length;
	s->lz.distance = distance + 1;
	return true;
}

static bool
arj_step(struct codec *c, uint8_t *buf, size_t *done)
{
	struct arj *s = c->state;
	int symbol, bits;

	if (s->left == 0 && !arj_begin_block(c))
		return false;
	s->left--;
	symbol = arj_get(s, &s->symbols);
	if (symbol < 0)
		return arj_fail(c);
	if (symbol < FIRST_MATCH) {
		lz_put(&s->lz, (uint8_t)symbol, buf + *done);
		(*done)++;
		return true;
	}
	bits = arj_get(s, &s->distances);
	if (bits < 0)
		return arj_fail(c);
	return arj_match(c, (uint32_t)(symbol - FIRST_MATCH) + 3,
	    bits < 2 ? (uint32_t)bits
		     : (1u << (bits - 1)) +
		    bits_get_msb(&s->bits, (unsigned)bits - 1));
}

/*
 * Read a number of method 4: ones up to most, then a zero, say how many more
 * bits stand for the rest, each one having doubled the step.
 */
static uint32_t
arj_read_stepped(struct arj *s, unsigned width, unsigned most)
{
	uint32_t base = 0;

	while (width < most && bits_get_msb(&s->bits, 1) != 0) {
		base += 1u << width;
		width++;
	}
	return base + bits_get_msb(&s->bits, width);
}

static bool
arj_fastest_step(struct codec *c, uint8_t *buf, size_t *done)
{
	struct arj *s = c->state;
	uint32_t length = arj_read_stepped(s, 0, 7);

	if (s->bits.dry)
		return arj_fail(c);
	if (length > 0)
		return arj_match(c, length + 2, arj_read_stepped(s, 9, 13));
	lz_put(&s->lz, (uint8_t)bits_get_msb(&s->bits, 8), buf + *done);
	if (s->bits.dry)
		return arj_fail(c);
	(*done)++;
	return true;
}

static size_t
arj_read_with(struct codec *c, uint8_t *buf, size_t size,
    bool (*step)(struct codec *c, uint8_t *buf, size_t *done))
{
	struct arj *s = c->state;
	size_t done = 0;

	while (done < size) {
		if (s->lz.length > 0)
			done += lz_copy(&s->lz, buf + done, size - done);
		else if (!step(c, buf, &done))
			break;
	}
	return done;
}

static size_t
arj_read(struct codec *c, uint8_t *buf, size_t size)
{
	return arj_read_with(c, buf, size, arj_step);
}

static size_t
arj_fastest_read(struct codec *c, uint8_t *buf, size_t size)
{
	return arj_read_with(c, buf, size, arj_fastest_step);
}

static bool
arj_open(struct codec *c, struct arena *a, struct feed *in,
    const struct codec_kind *kind)
{
	struct arj *s = arena_alloc(a, 1, sizeof(*s));

	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (s == NULL)
		return false;
	s->bits.in = in;
	s->lz.ring = s->ring;
	s->lz.mask = WINDOW - 1;
	s->reach = REACH;
	s->distance_count = DISTANCES;
	s->distance_bits = LENGTH_BITS;
	*c = (struct codec){ .kind = kind, .in = in, .state = s };
	return true;
}

bool
codec_open_arj(struct codec *c, struct arena *a, struct feed *in)
{
	static const struct codec_kind kind = { arj_read, NULL };

	return arj_open(c, a, in, &kind);
}

bool
codec_open_arj_fastest(struct codec *c, struct arena *a, struct feed *in)
{
	static const struct codec_kind kind = { arj_fastest_read, NULL };

	return arj_open(c, a, in, &kind);
}

bool
codec_open_lzh(struct codec *c, struct arena *a, struct feed *in,
    unsigned window_bits)
{
	struct arj *s;

	if (!codec_open_arj(c, a, in))
		return false;
	s = c->state;
	s->reach = 1u << window_bits;
	s->distance_count = window_bits < 13 ? 14 : window_bits + 1;
	s->distance_bits = window_bits < 15 ? 4 : 5;
	memset(s->ring, ' ', sizeof(s->ring));
	return true;
}
