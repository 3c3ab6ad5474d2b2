/*
 * lz4.c - expand LZ4: frames by liblz4, the older form by ourselves.
 *
 * Specs:   LZ4 Frame Format 1.6.3 [FRAME]; LZ4 Block Format [BLOCK]
 *          (lz4/doc in the LZ4 distribution).
 * Input:   hostile.
 * Memory:  a frame: up to two blocks of 4 MiB, by liblz4.  The older form:
 *          64 KiB from the arena.
 *
 * The older form ("legacy frame", what Linux kernels are packed with):
 *
 *   offset  size  field                                 [FRAME, Legacy]
 *        0     4  magic  02 21 4c 18
 *        4     4  size   bytes in this block, little-endian
 *        8  size  block  at most 8 MiB of data, coded by itself
 *                 more of size and block, until the input ends
 *
 * A size no block can have is the beginning of something else.
 *
 * A block is a row of sequences, each                          [BLOCK]
 *
 *   token    1  high half: literals; low half: match length - 4
 *   more        if a half is 15: bytes to be added, until one is not 255
 *   literals
 *   distance 2  little-endian; the last sequence ends before it
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/whole.h"

#include "lib/codec/lz.h"

#include <lz4frame.h>
#include <string.h>

#define OLD_MAGIC    0x184c2102u
#define OLD_BLOCK    8421520u /* an 8 MiB block that did not compress */
#define OLD_DATA     (8u << 20)
#define WINDOW       65536u
#define MATCH_LEAST  4u
#define NIBBLE_MORE  15u
#define NIBBLE_AGAIN 255

/* --- frames, by liblz4 -------------------------------------------------- */

static enum codec_end
lz4_error(size_t r)
{
	/* Numbers of errors are no part of liblz4's interface; names are. */
	return strcmp(LZ4F_getErrorName(r), "ERROR_allocation_failed") == 0
	    ? CODEC_LIMIT
	    : CODEC_CORRUPT;
}

static size_t
lz4_read(struct codec *c, uint8_t *buf, size_t size)
{
	size_t got;

	do {
		bool has = feed_has(c->in);
		size_t used = c->in->left, r;

		got = size;
		r = LZ4F_decompress(c->state, buf, &got, c->in->at, &used,
		    NULL);
		feed_step(c->in, used);
		if (LZ4F_isError(r) != 0) {
			c->end = lz4_error(r);
			got = 0;
		} else if (r == 0) {
			c->end = CODEC_WHOLE;
		} else if (!has && got == 0) {
			c->end = CODEC_TRUNCATED;
		}
	} while (c->end == CODEC_MORE && got == 0);
	return got;
}

static void
lz4_close(struct codec *c)
{
	(void)LZ4F_freeDecompressionContext(c->state);
}

bool
codec_open_lz4(struct codec *c, struct arena *a, struct feed *in)
{
	static const struct codec_kind kind = { lz4_read, lz4_close };
	LZ4F_dctx *z = NULL;

	(void)a;
	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (LZ4F_isError(LZ4F_createDecompressionContext(&z, LZ4F_VERSION)) !=
	    0)
		return false;
	*c = (struct codec){ .kind = &kind, .in = in, .state = z };
	return true;
}

/* --- the older form ----------------------------------------------------- */

struct lz4_old {
	struct feed *in;
	uint32_t left;     /* bytes of this block not yet taken */
	uint32_t room;     /* bytes this block may still decode to */
	uint32_t literals; /* still to be copied */
	uint32_t nibble;   /* of the match that follows them */
	bool has_match;
	uint64_t start; /* lz.total where the block began */
	struct lz lz;
	uint8_t ring[WINDOW];
};

/* Take one byte of the block; false when the input or the block ends. */
static bool
old_byte(struct codec *c, uint32_t *out)
{
	struct lz4_old *s = c->state;
	int byte;

	if (s->left == 0) {
		c->end = CODEC_CORRUPT;
		return false;
	}
	byte = feed_byte(s->in);
	if (byte < 0) {
		c->end = CODEC_TRUNCATED;
		return false;
	}
	s->left--;
	*out = (uint32_t)byte;
	return true;
}

/* Read the rest of a length that did not fit in its nibble. */
static bool
old_read_length(struct codec *c, uint32_t *length)
{
	uint32_t byte = NIBBLE_AGAIN;

	if (*length < NIBBLE_MORE)
		return true;
	/* At most 8 MiB of bytes, each adding 255: no overflow. */
	while (byte == NIBBLE_AGAIN) {
		if (!old_byte(c, &byte))
			return false;
		*length += byte;
	}
	return true;
}

/* Charge a run to what the block may decode to. */
static bool
old_charge(struct codec *c, uint32_t length)
{
	struct lz4_old *s = c->state;

	if (length > s->room) {
		c->end = CODEC_CORRUPT;
		return false;
	}
	s->room -= length;
	return true;
}

/* Go to the next block; false at the end. */
static bool
old_begin_block(struct codec *c)
{
	struct lz4_old *s = c->state;
	uint8_t b[4];
	size_t got = feed_read(s->in, b, sizeof(b));
	uint32_t size;

	if (got < sizeof(b)) {
		c->end = got == 0 ? CODEC_WHOLE : CODEC_TRUNCATED;
		return false;
	}
	size = (uint32_t)b[3] << 24 | (uint32_t)b[2] << 16 |
	    (uint32_t)b[1] << 8 | b[0];
	if (size == OLD_MAGIC)
		return true; /* the next one of several */
	if (size == 0 || size > OLD_BLOCK) {
		c->held = sizeof(b);
		c->end = CODEC_WHOLE;
		return false;
	}
	s->left = size;
	s->room = OLD_DATA;
	s->start = s->lz.total;
	return true;
}

/* Read what says how the next literals are to be copied. */
static bool
old_begin_literals(struct codec *c)
{
	struct lz4_old *s = c->state;
	uint32_t token;

	if (!old_byte(c, &token))
		return false;
	s->literals = token >> 4;
	s->nibble = token & 15;
	s->has_match = true;
	return old_read_length(c, &s->literals) && old_charge(c, s->literals);
}

/* Read what says how the next match is to be copied. */
static bool
old_begin_match(struct codec *c)
{
	struct lz4_old *s = c->state;
	uint32_t low, high;

	s->has_match = false;
	if (!old_byte(c, &low) || !old_byte(c, &high) ||
	    !old_read_length(c, &s->nibble) ||
	    !old_charge(c, s->nibble + MATCH_LEAST))
		return false;
	s->lz.distance = high << 8 | low;
	s->lz.length = s->nibble + MATCH_LEAST;
	if (s->lz.distance > 0 && s->lz.distance <= s->lz.total - s->start)
		return true;
	s->lz.length = 0;
	c->end = CODEC_CORRUPT;
	return false;
}

static bool
old_step(struct codec *c, uint8_t *out, size_t *done)
{
	struct lz4_old *s = c->state;
	uint32_t byte;

	if (s->literals > 0) {
		if (!old_byte(c, &byte))
			return false;
		s->literals--;
		lz_put(&s->lz, (uint8_t)byte, out);
		(*done)++;
		return true;
	}
	if (s->left == 0) {
		s->has_match = false; /* the last sequence has none */
		return old_begin_block(c);
	}
	return s->has_match ? old_begin_match(c) : old_begin_literals(c);
}

static size_t
old_read(struct codec *c, uint8_t *buf, size_t size)
{
	struct lz4_old *s = c->state;
	size_t done = 0;

	while (done < size) {
		if (s->lz.length > 0)
			done += lz_copy(&s->lz, buf + done, size - done);
		else if (!old_step(c, buf + done, &done))
			break;
	}
	return done;
}

bool
codec_open_lz4_old(struct codec *c, struct arena *a, struct feed *in)
{
	static const struct codec_kind kind = { old_read, NULL };
	struct lz4_old *s = arena_alloc(a, 1, sizeof(*s));

	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (s == NULL)
		return false;
	s->in = in;
	s->lz.ring = s->ring;
	s->lz.mask = WINDOW - 1;
	*c = (struct codec){ .kind = &kind, .in = in, .state = s };
	return true;
}
