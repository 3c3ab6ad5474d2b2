/*
 * reduce.c - expand ZIP's methods 2 to 5, reducing.
 *
 * Spec:    PKWARE APPNOTE 6.3.10, section 5.2.                  [APPNOTE]
 * Input:   hostile.
 * Memory:  about 13 KiB from the arena.
 *
 * First, for each byte from 255 down to 0, its set of likely followers: six
 * bits of count (at most 32) and that many bytes.  Then bytes: after a byte
 * without followers, eight bits; else a bit, and either eight bits (1) or an
 * index into the set (0).  These bytes are the input of a second stage, where
 * 144 (DLE) begins a match or, followed by 0, stands for itself; how the next
 * byte splits into length and distance depends on the factor.
 *
 * There is no end: whoever reads knows the size.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/codec.h"

#include "lib/codec/bits.h"
#include "lib/codec/lz.h"

#define WINDOW        4096u /* the longest distance: 16 * 256 */
#define FOLLOWERS_MAX 32u
#define DLE           144

struct reduce {
	struct bits bits;
	struct lz lz;
	bool has_sets; /* they were read */
	unsigned factor;
	uint8_t last; /* byte of the first stage */
	uint8_t count[256];
	uint8_t follower[256][FOLLOWERS_MAX];
	uint8_t ring[WINDOW];
};

static bool
reduce_fail(struct codec *c)
{
	struct reduce *s = c->state;

	c->end = s->bits.dry ? CODEC_TRUNCATED : CODEC_CORRUPT;
	return false;
}

static bool
reduce_read_sets(struct codec *c)
{
	struct reduce *s = c->state;
	unsigned byte = 256, i;

	s->has_sets = true;
	while (byte-- > 0) {
		uint32_t count = bits_get(&s->bits, 6);

		if (s->bits.dry || count > FOLLOWERS_MAX)
			return reduce_fail(c);
		s->count[byte] = (uint8_t)count;
		for (i = 0; i < count; i++)
			s->follower[byte][i] = (uint8_t)bits_get(&s->bits, 8);
	}
	return !s->bits.dry || reduce_fail(c);
}

/* Take one byte out of the first stage; -1 at the end. */
static int
reduce_next(struct codec *c)
{
	struct reduce *s = c->state;
	uint32_t count = s->count[s->last];
	uint32_t index, width = 1;

	if (count == 0 || bits_get(&s->bits, 1) != 0) {
		s->last = (uint8_t)bits_get(&s->bits, 8);
	} else {
		while (1u << width < count)
			width++;
		index = bits_get(&s->bits, width);
		if (index >= count) {
			(void)reduce_fail(c);
			return -1;
		}
		s->last = s->follower[s->last][index];
	}
	if (s->bits.dry) {
		(void)reduce_fail(c);
		return -1;
	}
	return s->last;
}

/* Read the rest of a match; its first byte is given.        [APPNOTE 5.2.5] */
static bool
reduce_read_match(struct codec *c, int split)
{
	struct reduce *s = c->state;
	unsigned length_bits = 8 - s->factor;
	int longest = (1 << length_bits) - 1;
	int length = split & longest;
	int more, low;

	if (length == longest) {
		more = reduce_next(c);
		if (more < 0)
			return false;
		length += more;
	}
	low = reduce_next(c);
	if (low < 0)
		return false;
	s->lz.distance =
	    (uint32_t)(split >> length_bits) * 256 + (uint32_t)low + 1;
	s->lz.length = (uint32_t)length + 3;
	return true;
}

static bool
reduce_step(struct codec *c, uint8_t *buf, size_t *done)
{
	struct reduce *s = c->state;
	int byte = reduce_next(c);
	int split;

	if (byte < 0)
		return false;
	if (byte == DLE) {
		split = reduce_next(c);
		if (split < 0)
			return false;
		if (split != 0)
			return reduce_read_match(c, split);
	}
	lz_put(&s->lz, (uint8_t)byte, buf + *done);
	(*done)++;
	return true;
}

static size_t
reduce_read(struct codec *c, uint8_t *buf, size_t size)
{
	struct reduce *s = c->state;
	size_t done = 0;

	if (!s->has_sets && !reduce_read_sets(c))
		return 0;
	while (done < size) {
		if (s->lz.length > 0)
			done += lz_copy(&s->lz, buf + done, size - done);
		else if (!reduce_step(c, buf, &done))
			break;
	}
	return done;
}

bool
codec_open_reduce(struct codec *c, struct arena *a, struct feed *in,
    unsigned factor)
{
	static const struct codec_kind kind = { reduce_read, NULL };
	struct reduce *s = arena_alloc(a, 1, sizeof(*s));

	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (s == NULL)
		return false;
	if (factor < 1 || factor > 4) {
		c->end = CODEC_CORRUPT;
		return false;
	}
	s->bits.in = in;
	s->factor = factor;
	s->lz.ring = s->ring;
	s->lz.mask = WINDOW - 1;
	*c = (struct codec){ .kind = &kind, .in = in, .state = s };
	return true;
}
