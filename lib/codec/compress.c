/*
 * compress.c - expand what Unix compress(1) made, .Z.
 *
 * Spec:    none but the program; ncompress 4.2.4.6 is what we agree with.
 * Input:   hostile.
 * Memory:  about 260 KiB from the arena.
 *
 *   offset  size  field
 *        0     2  magic   1f 9d
 *        2     1  flags   bits 0-4: widest code, in bits, 9 to 16;
 *                         bit 7: code 256 clears the table
 *        3        codes, least significant bit first
 *
 * LZW.  Codes are 9 bits wide at first and become wider when the table has
 * outgrown them.  The program wrote them in groups of eight, and whenever the
 * width changes the rest of the group is padding: it must be stepped over.
 *
 * There is no end: the input's is the stream's.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/whole.h"

#include "lib/codec/bits.h"

#define HEADER_SIZE 3u
#define WIDTH_FIRST 9u
#define WIDTH_MAX   16u
#define CODES       65536u
#define CLEAR       256u
#define GROUP       8u
#define NOTHING     CODES /* no code was read yet */

struct compress {
	struct bits bits;
	unsigned width;      /* of a code, in bits */
	unsigned width_most; /* what the header allows */
	unsigned group;      /* codes read of this group */
	uint32_t last_code;  /* that width still holds */
	uint32_t limit;      /* codes there may be */
	uint32_t free;       /* the next code to be entered */
	uint32_t last;       /* the code before this one */
	uint32_t at;         /* where in string the next byte to give is */
	bool has_clear;
	uint8_t first; /* byte of the last string */
	uint16_t parent[CODES];
	uint8_t byte[CODES];
	uint8_t string[CODES + 1]; /* filled from its end */
};

/* Step over the padding that ends a group. */
static void
compress_align(struct compress *s)
{
	for (; s->group % GROUP != 0; s->group++)
		(void)bits_get(&s->bits, s->width);
}

/* Make codes wider if the table has outgrown them. */
static void
compress_widen(struct compress *s)
{
	if (s->free <= s->last_code)
		return;
	compress_align(s);
	s->width++;
	s->last_code =
	    s->width == s->width_most ? s->limit : (1u << s->width) - 1;
}

static void
compress_reset(struct compress *s)
{
	compress_align(s);
	s->width = WIDTH_FIRST;
	s->last_code = (1u << WIDTH_FIRST) - 1;
	s->free = CLEAR;
}

/* Lay the string of a code out in s->string, backwards from its end. */
static bool
compress_expand(struct compress *s, uint32_t code)
{
	uint32_t walk = code;

	if (s->last == NOTHING && code >= CLEAR)
		return false;
	s->at = CODES + 1;
	if (code >= s->free) {
		/* The string being entered now: the last and its first. */
		if (code > s->free || s->last == NOTHING)
			return false;
		s->string[--s->at] = s->first;
		walk = s->last;
	}
	/* A parent is always a smaller code, so this ends. */
	for (; walk >= CLEAR; walk = s->parent[walk])
		s->string[--s->at] = s->byte[walk];
	s->first = (uint8_t)walk;
	s->string[--s->at] = s->first;
	return true;
}

/* Enter the last string and the first byte of this one. */
static void
compress_enter(struct compress *s, uint32_t code)
{
	if (s->last != NOTHING && s->free < s->limit) {
		s->parent[s->free] = (uint16_t)s->last;
		s->byte[s->free] = s->first;
		s->free++;
	}
	s->last = code;
}

/* Read one code; false at the end. */
static bool
compress_step(struct codec *c)
{
	struct compress *s = c->state;
	uint32_t code;

	compress_widen(s);
	if (bits_fill(&s->bits, s->width) < s->width) {
		c->end = CODEC_WHOLE;
		return false;
	}
	code = bits_get(&s->bits, s->width);
	s->group++;
	if (code == CLEAR && s->has_clear) {
		compress_reset(s);
		return true;
	}
	if (!compress_expand(s, code)) {
		c->end = CODEC_CORRUPT;
		return false;
	}
	compress_enter(s, code);
	return true;
}

static size_t
compress_read(struct codec *c, uint8_t *buf, size_t size)
{
	struct compress *s = c->state;
	size_t done = 0;

	while (done < size) {
		if (s->at < CODES + 1)
			buf[done++] = s->string[s->at++];
		else if (!compress_step(c))
			break;
	}
	return done;
}

bool
codec_open_compress(struct codec *c, struct arena *a, struct feed *in)
{
	static const struct codec_kind kind = { compress_read, NULL };
	struct compress *s = arena_alloc(a, 1, sizeof(*s));
	uint8_t header[HEADER_SIZE];

	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (s == NULL)
		return false;
	c->end = CODEC_TRUNCATED;
	if (feed_read(in, header, HEADER_SIZE) < HEADER_SIZE)
		return false;
	c->end = CODEC_CORRUPT;
	s->width_most = header[2] & 0x1f;
	if (header[0] != 0x1f || header[1] != 0x9d ||
	    s->width_most < WIDTH_FIRST || s->width_most > WIDTH_MAX)
		return false;
	s->bits.in = in;
	s->has_clear = (header[2] & 0x80) != 0;
	s->limit = 1u << s->width_most;
	s->at = CODES + 1;
	s->last = NOTHING;
	compress_reset(s);
	s->free = s->has_clear ? CLEAR + 1 : CLEAR;
	*c = (struct codec){ .kind = &kind, .in = in, .state = s };
	return true;
}
