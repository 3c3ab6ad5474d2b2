/*
 * codec.c - what all decoders share.  The contract is in codec.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/codec.h"

#include <string.h>

size_t
codec_read(struct codec *c, void *buf, size_t size)
{
	if (c->end != CODEC_MORE || size == 0)
		return 0;
	return c->kind->read(c, buf, size);
}

void
codec_close(struct codec *c)
{
	if (c->kind != NULL && c->kind->close != NULL)
		c->kind->close(c);
	c->kind = NULL;
	c->state = NULL;
}

uint64_t
codec_used(const struct codec *c)
{
	return feed_taken(c->in) - c->held;
}

size_t
feed_read(struct feed *f, void *buf, size_t size)
{
	size_t done = 0;

	while (done < size && feed_has(f)) {
		size_t n = f->left < size - done ? f->left : size - done;

		memcpy((uint8_t *)buf + done, f->at, n);
		feed_step(f, n);
		done += n;
	}
	return done;
}

static bool
feed_no_more(struct feed *f)
{
	f->left = 0;
	return false;
}

struct feed
feed_from(const void *bytes, size_t size)
{
	return (struct feed){
		.at = bytes, .left = size, .lent = size, .more = feed_no_more
	};
}

/* Give the input as it is: the stored method under encryption. */
static size_t
copy_read(struct codec *c, uint8_t *buf, size_t size)
{
	size_t got = feed_read(c->in, buf, size);

	if (got == 0)
		c->end = CODEC_WHOLE;
	return got;
}

bool
codec_open_copy(struct codec *c, struct feed *in)
{
	static const struct codec_kind kind = { copy_read, NULL };

	*c = (struct codec){ .kind = &kind, .in = in };
	return true;
}
