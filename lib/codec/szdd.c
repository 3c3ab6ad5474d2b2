/*
 * szdd.c - expand the LZSS of Microsoft's compress.exe (SZDD).
 *
 * Spec:    none by its maker; as libmspack's documentation of the format has
 *          it, "SZDD and KWAJ file formats".
 * Input:   hostile.
 * Memory:  4 KiB from the arena.
 *
 * A byte of flags, lowest bit first, stands before eight of these:
 *
 *   flag 1   1 byte    a literal
 *   flag 0   2 bytes   low half of a place in the window; its high four bits
 *                      and, in the low four, length - 3
 *
 * The window has 4,096 bytes, starts as spaces, and is filled from 4,080 on
 * (4,078 in the older kind).  Places are absolute.  There is no end.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/whole.h"

#include <string.h>

#define WINDOW 4096u

struct szdd {
	uint8_t ring[WINDOW];
	uint32_t at;    /* where the next byte goes */
	uint32_t flags; /* those left, under a guard bit */
	uint32_t from;  /* where the match being copied stands */
	uint32_t left;  /* bytes of it */
};

static uint8_t
szdd_put(struct szdd *s, uint8_t byte)
{
	s->ring[s->at] = byte;
	s->at = (s->at + 1) % WINDOW;
	return byte;
}

/* Take a literal or begin a match; -1 where the input ends. */
static int
szdd_step(struct codec *c)
{
	struct szdd *s = c->state;
	int low, high;

	if (s->flags <= 1) {
		low = feed_byte(c->in);
		if (low < 0) {
			c->end = CODEC_WHOLE;
			return -1;
		}
		s->flags = 0x100u | (uint32_t)low;
	}
	low = feed_byte(c->in);
	high = (s->flags & 1) != 0 ? 0 : feed_byte(c->in);
	if (low < 0 || high < 0) {
		/* Flags at the end may stand for nothing. */
		c->end = low < 0 ? CODEC_WHOLE : CODEC_TRUNCATED;
		return -1;
	}
	if ((s->flags & 1) != 0) {
		s->from = s->at;
		s->left = 1;
		s->ring[s->at] = (uint8_t)low;
	} else {
		s->from = (uint32_t)low | ((uint32_t)high & 0xf0) << 4;
		s->left = ((uint32_t)high & 15) + 3;
	}
	s->flags >>= 1;
	return 0;
}

static size_t
szdd_read(struct codec *c, uint8_t *buf, size_t size)
{
	struct szdd *s = c->state;
	size_t done = 0;

	while (done < size) {
		if (s->left == 0 && szdd_step(c) < 0)
			break;
		buf[done++] = szdd_put(s, s->ring[s->from]);
		s->from = (s->from + 1) % WINDOW;
		s->left--;
	}
	return done;
}

bool
codec_open_szdd(struct codec *c, struct arena *a, struct feed *in,
    uint32_t start)
{
	static const struct codec_kind kind = { szdd_read, NULL };
	struct szdd *s = arena_alloc(a, 1, sizeof(*s));

	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (s == NULL)
		return false;
	memset(s->ring, ' ', sizeof(s->ring));
	s->at = start % WINDOW;
	*c = (struct codec){ .kind = &kind, .in = in, .state = s };
	return true;
}
