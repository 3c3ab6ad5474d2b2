/*
 * implode.c - expand ZIP's method 6, imploding.
 *
 * Spec:    PKWARE APPNOTE 6.3.10, section 5.3.                  [APPNOTE]
 * Input:   hostile.
 * Memory:  8 KiB and the tables, from the arena.
 *
 * Two or three Shannon-Fano trees come first, each as runs of lengths:
 *
 *   a byte n, then n + 1 bytes: low four bits length - 1, high four count - 1
 *
 * for 256 literals (only if general purpose bit 2 is set), 64 lengths and 64
 * distances.  Then, least significant bit first: 1 and a literal; or 0, the
 * low 6 bits of a distance (7 with the 8 KiB window), the rest of it from its
 * tree, a length from its tree, and 8 more bits if the length is 63.
 *
 * The codes are canonical with all bits inverted, and complete.  There is no
 * end: whoever reads knows the size.  A distance may reach before the first
 * byte, where zeros stand.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/codec.h"

#include "lib/codec/huffman.h"
#include "lib/codec/lz.h"

#define WINDOW      8192u
#define LITERALS    256u
#define SYMBOLS     64u
#define LONG_LENGTH 63

struct implode {
	struct bits bits;
	struct lz lz;
	bool has_trees; /* they were read */
	bool has_literals;
	unsigned low_bits;   /* of a distance: 6 or 7 */
	uint32_t min_length; /* 3 with a literal tree, else 2 */
	struct huffman literal;
	struct huffman length;
	struct huffman distance;
	uint8_t ring[WINDOW];
};

static bool
implode_fail(struct codec *c)
{
	struct implode *s = c->state;

	c->end = s->bits.dry ? CODEC_TRUNCATED : CODEC_CORRUPT;
	return false;
}

/* Read one tree of count symbols.                           [APPNOTE 5.3.7] */
static bool
implode_read_tree(struct codec *c, struct huffman *h, size_t count)
{
	struct implode *s = c->state;
	uint8_t length[LITERALS];
	uint32_t runs = bits_get(&s->bits, 8) + 1;
	size_t at = 0;

	for (; runs > 0; runs--) {
		uint8_t bits = (uint8_t)(bits_get(&s->bits, 4) + 1);
		uint32_t repeat = bits_get(&s->bits, 4) + 1;

		if (s->bits.dry || repeat > count - at)
			return implode_fail(c);
		for (; repeat > 0; repeat--)
			length[at++] = bits;
	}
	if (at != count ||
	    huffman_build(h, HUFFMAN_LSB, length, count) != HUFFMAN_COMPLETE)
		return implode_fail(c);
	return true;
}

static bool
implode_read_trees(struct codec *c)
{
	struct implode *s = c->state;

	s->has_trees = true;
	if (s->has_literals && !implode_read_tree(c, &s->literal, LITERALS))
		return false;
	return implode_read_tree(c, &s->length, SYMBOLS) &&
	    implode_read_tree(c, &s->distance, SYMBOLS);
}

static bool
implode_read_match(struct codec *c)
{
	struct implode *s = c->state;
	uint32_t low = bits_get(&s->bits, s->low_bits);
	int high = huffman_get_inverted(&s->distance, &s->bits);
	int length = huffman_get_inverted(&s->length, &s->bits);
	uint32_t more = 0;

	if (length == LONG_LENGTH)
		more = bits_get(&s->bits, 8);
	if (s->bits.dry || high < 0 || length < 0)
		return implode_fail(c);
	s->lz.distance = ((uint32_t)high << s->low_bits | low) + 1;
	s->lz.length = (uint32_t)length + more + s->min_length;
	return true;
}

/* Read a literal or a match; false at the end. */
static bool
implode_step(struct codec *c, uint8_t *buf, size_t *done)
{
	struct implode *s = c->state;
	int byte;

	if (bits_get(&s->bits, 1) == 0)
		return s->bits.dry ? implode_fail(c) : implode_read_match(c);
	byte = s->has_literals ? huffman_get_inverted(&s->literal, &s->bits)
			       : (int)bits_get(&s->bits, 8);
	if (s->bits.dry || byte < 0)
		return implode_fail(c);
	lz_put(&s->lz, (uint8_t)byte, buf + *done);
	(*done)++;
	return true;
}

static size_t
implode_read(struct codec *c, uint8_t *buf, size_t size)
{
	struct implode *s = c->state;
	size_t done = 0;

	if (!s->has_trees && !implode_read_trees(c))
		return 0;
	while (done < size) {
		if (s->lz.length > 0)
			done += lz_copy(&s->lz, buf + done, size - done);
		else if (!implode_step(c, buf, &done))
			break;
	}
	return done;
}

bool
codec_open_implode(struct codec *c, struct arena *a, struct feed *in,
    unsigned flags)
{
	static const struct codec_kind kind = { implode_read, NULL };
	struct implode *s = arena_alloc(a, 1, sizeof(*s));

	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (s == NULL)
		return false;
	s->bits.in = in;
	s->lz.ring = s->ring;
	s->lz.mask = WINDOW - 1;
	s->low_bits = (flags & IMPLODE_BIG_WINDOW) != 0 ? 7 : 6;
	s->has_literals = (flags & IMPLODE_LITERALS) != 0;
	s->min_length = s->has_literals ? 3 : 2;
	*c = (struct codec){ .kind = &kind, .in = in, .state = s };
	return true;
}
