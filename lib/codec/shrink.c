/*
 * shrink.c - expand ZIP's method 1, shrinking.
 *
 * Spec:    PKWARE APPNOTE 6.3.10, section 5.1.                  [APPNOTE]
 * Input:   hostile.
 * Memory:  about 50 KiB from the arena.
 *
 * LZW with codes of 9 to 13 bits, least significant bit first.  Code 256 is
 * an escape: 256 1 makes codes one bit wider, 256 2 drops every string that
 * is not the beginning of another one ("partial clearing").  A new string
 * gets the lowest free code.
 *
 * Partial clearing may drop the string that was written last; the next one
 * is then entered as the child of a free code.  Using such a string is an
 * error unless its parent came back, and because it can even come back as its
 * own child, a walk to the root is bounded by the number of codes.
 *
 * There is no end: whoever reads knows the size.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/codec.h"

#include "lib/codec/bits.h"

#include <string.h>

#define CODES     8192u /* 13 bits */
#define ESCAPE    256u
#define WIDTH_MIN 9u
#define WIDTH_MAX 13u
#define NO_PARENT 0xffffu /* of a free code */
#define WIDER     1u
#define CLEAR     2u
#define NOTHING   CODES /* no code was read yet */

struct shrink {
	struct bits bits;
	unsigned width; /* of a code, in bits */
	uint32_t last;  /* the code before this one */
	uint8_t first;  /* byte of its string */
	uint32_t free;  /* no code from 257 up to this one is free */
	uint32_t at;    /* where in string the next byte to give is */
	uint16_t parent[CODES];
	uint8_t byte[CODES];
	uint8_t string[CODES + 1]; /* filled from its end */
};

static bool
shrink_fail(struct codec *c)
{
	struct shrink *s = c->state;

	c->end = s->bits.dry ? CODEC_TRUNCATED : CODEC_CORRUPT;
	return false;
}

/* Drop every string that no other begins with.              [APPNOTE 5.1.3] */
static void
shrink_clear(struct shrink *s)
{
	uint8_t has_child[CODES / 8] = { 0 };
	uint32_t code;

	for (code = ESCAPE + 1; code < CODES; code++) {
		uint16_t parent = s->parent[code];

		if (parent != NO_PARENT)
			has_child[parent / 8] |= (uint8_t)(1u << parent % 8);
	}
	for (code = ESCAPE + 1; code < CODES; code++)
		if ((has_child[code / 8] >> code % 8 & 1) == 0)
			s->parent[code] = NO_PARENT;
	s->free = ESCAPE;
}

/* Enter the last string and one more byte under the lowest free code. */
static void
shrink_enter(struct shrink *s, uint8_t byte)
{
	uint32_t code = s->free + 1;

	while (code < CODES && s->parent[code] != NO_PARENT)
		code++;
	if (code == CODES) {
		s->free = CODES - 1;
		return;
	}
	s->parent[code] = (uint16_t)s->last;
	s->byte[code] = byte;
	s->free = code;
}

/* Write out the string of code, backwards from the end of the room. */
static bool
shrink_spell(struct codec *c, uint32_t code)
{
	struct shrink *s = c->state;
	uint32_t at = sizeof(s->string);

	/* A free code: the last string and its own first byte again. */
	if (code > ESCAPE && s->parent[code] == NO_PARENT) {
		s->string[--at] = s->first;
		code = s->last;
	}
	while (code > ESCAPE) {
		if (at <= 1 || s->parent[code] == NO_PARENT)
			return shrink_fail(c);
		s->string[--at] = s->byte[code];
		code = s->parent[code];
	}
	s->string[--at] = (uint8_t)code;
	s->first = (uint8_t)code;
	s->at = at;
	return true;
}

static bool
shrink_escape(struct codec *c)
{
	struct shrink *s = c->state;
	uint32_t what = bits_get(&s->bits, s->width);

	if (s->bits.dry)
		return shrink_fail(c);
	if (what == CLEAR) {
		shrink_clear(s);
		return true;
	}
	if (what != WIDER || s->width == WIDTH_MAX)
		return shrink_fail(c);
	s->width++;
	return true;
}

/* Read one code; false at the end. */
static bool
shrink_step(struct codec *c)
{
	struct shrink *s = c->state;
	uint32_t code = bits_get(&s->bits, s->width);

	if (s->bits.dry)
		return shrink_fail(c);
	if (code == ESCAPE)
		return shrink_escape(c);
	if (s->last == NOTHING && code > ESCAPE)
		return shrink_fail(c);
	if (!shrink_spell(c, code))
		return false;
	if (s->last != NOTHING)
		shrink_enter(s, s->first);
	s->last = code;
	return true;
}

static size_t
shrink_read(struct codec *c, uint8_t *buf, size_t size)
{
	struct shrink *s = c->state;
	size_t done = 0;

	while (done < size) {
		size_t n = sizeof(s->string) - s->at;

		if (n == 0) {
			if (!shrink_step(c))
				break;
			continue;
		}
		if (n > size - done)
			n = size - done;
		memcpy(buf + done, s->string + s->at, n);
		s->at += (uint32_t)n;
		done += n;
	}
	return done;
}

bool
codec_open_shrink(struct codec *c, struct arena *a, struct feed *in)
{
	static const struct codec_kind kind = { shrink_read, NULL };
	struct shrink *s = arena_alloc(a, 1, sizeof(*s));
	uint32_t code;

	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (s == NULL)
		return false;
	s->bits.in = in;
	s->width = WIDTH_MIN;
	s->last = NOTHING;
	s->free = ESCAPE;
	s->at = sizeof(s->string);
	for (code = 0; code < CODES; code++)
		s->parent[code] = NO_PARENT;
	*c = (struct codec){ .kind = &kind, .in = in, .state = s };
	return true;
}
