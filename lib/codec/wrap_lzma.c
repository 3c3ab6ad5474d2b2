/*
 * wrap_lzma.c - LZMA and xz, by liblzma.
 *
 * Specs:   The .xz File Format 1.1.0; LZMA specification (LZMA SDK 9.20,
 *          lzma-specification.txt).
 * Input:   hostile.
 *
 * The dictionary's size comes from the input and is all that liblzma
 * allocates in proportion to; it is told how much it may have.  An LZMA stream
 * may ask for gigabytes and need none of them, so a dictionary that is too
 * big is made smaller; only when the stream then reaches beyond it is that a
 * limit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/codec.h"

#include <lzma.h>
#include <string.h>

#define PROPERTIES_SIZE 5u
#define REST_MEMORY     ((uint64_t)1 << 20) /* all but the dictionary */

static enum codec_end
end_of(lzma_ret r)
{
	if (r == LZMA_OK || r == LZMA_NO_CHECK || r == LZMA_GET_CHECK ||
	    r == LZMA_UNSUPPORTED_CHECK)
		return CODEC_MORE;
	if (r == LZMA_STREAM_END)
		return CODEC_WHOLE;
	if (r == LZMA_MEM_ERROR || r == LZMA_MEMLIMIT_ERROR)
		return CODEC_LIMIT;
	if (r == LZMA_OPTIONS_ERROR)
		return CODEC_UNSUPPORTED;
	if (r == LZMA_BUF_ERROR)
		return CODEC_TRUNCATED;
	return CODEC_CORRUPT;
}

struct lzma {
	lzma_stream stream;
	bool is_cut; /* the dictionary is smaller than asked for */
};

static size_t
lzma_read(struct codec *c, uint8_t *buf, size_t size)
{
	struct lzma *s = c->state;
	lzma_stream *z = &s->stream;

	z->next_out = buf;
	z->avail_out = size;
	do {
		bool has = feed_has(c->in);
		lzma_ret r;

		z->next_in = c->in->at;
		z->avail_in = c->in->left;
		r = lzma_code(z, has ? LZMA_RUN : LZMA_FINISH);
		feed_step(c->in, c->in->left - z->avail_in);

		/* With input at hand, no progress is only a first warning. */
		if (!(r == LZMA_BUF_ERROR && has))
			c->end = end_of(r);
	} while (c->end == CODEC_MORE && z->avail_out == size);
	if (c->end == CODEC_CORRUPT && s->is_cut)
		c->end = CODEC_LIMIT;
	return size - z->avail_out;
}

static void
lzma_close(struct codec *c)
{
	struct lzma *s = c->state;

	lzma_end(&s->stream);
}

/* Give liblzma room for its handle. */
static struct lzma *
lzma_begin(struct codec *c, struct arena *a, struct feed *in)
{
	struct lzma *s = arena_alloc(a, 1, sizeof(*s));

	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (s != NULL)
		s->stream = (lzma_stream)LZMA_STREAM_INIT;
	return s;
}

static bool
lzma_started(struct codec *c, struct lzma *s, lzma_ret r)
{
	static const struct codec_kind kind = { lzma_read, lzma_close };

	if (r != LZMA_OK) {
		c->end = end_of(r);
		lzma_end(&s->stream);
		return false;
	}
	*c = (struct codec){ .kind = &kind, .in = c->in, .state = s };
	return true;
}

bool
codec_open_xz(struct codec *c, struct arena *a, struct feed *in,
    uint64_t max_memory)
{
	struct lzma *s = lzma_begin(c, a, in);

	return s != NULL &&
	    lzma_started(c, s, lzma_stream_decoder(&s->stream, max_memory, 0));
}

/* Cut the dictionary down to what fits; was it too big? */
static bool
lzma_cut_dictionary(uint8_t *size, uint64_t max_memory)
{
	uint64_t asked = (uint64_t)size[0] | (uint64_t)size[1] << 8 |
	    (uint64_t)size[2] << 16 | (uint64_t)size[3] << 24;
	uint64_t most = max_memory > 2 * REST_MEMORY ? max_memory - REST_MEMORY
						     : REST_MEMORY;
	int i;

	if (asked <= most)
		return false;
	for (i = 0; i < 4; i++)
		size[i] = (uint8_t)(most >> (8 * i));
	return true;
}

bool
codec_open_lzma(struct codec *c, struct arena *a, struct feed *in,
    uint64_t max_memory)
{
	/* What a .lzma file has, with the size said to be unknown. */
	uint8_t header[PROPERTIES_SIZE + 8];
	struct lzma *s = lzma_begin(c, a, in);
	uint8_t none[1];

	if (s == NULL)
		return false;
	memset(header, 0xff, sizeof(header));
	if (feed_read(in, header, PROPERTIES_SIZE) < PROPERTIES_SIZE) {
		c->end = CODEC_TRUNCATED;
		return false;
	}
	s->is_cut = lzma_cut_dictionary(header + 1, max_memory);
	if (!lzma_started(c, s, lzma_alone_decoder(&s->stream, max_memory)))
		return false;

	/* It wants room for output, though there cannot be any yet. */
	s->stream.next_in = header;
	s->stream.avail_in = sizeof(header);
	s->stream.next_out = none;
	s->stream.avail_out = sizeof(none);
	c->end = end_of(lzma_code(&s->stream, LZMA_RUN));
	return c->end == CODEC_MORE;
}
