/*
 * whole_lzma.c - one xz stream, .lzma file or lzip member, by liblzma.
 *
 * Specs:   The .xz File Format 1.1.0; The .lzma File Format (XZ Utils);
 *          Lzip 1.23 manual, "File format".
 *
 * Each names its dictionary in its header; one that needs more memory than
 * may be had is refused before anything is allocated.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/whole.h"

#include <lzma.h>

static enum codec_end
end_of(lzma_ret r, bool has)
{
	switch ((int)r) {
	case LZMA_STREAM_END:
		return CODEC_WHOLE;
	case LZMA_MEM_ERROR:
	case LZMA_MEMLIMIT_ERROR:
		return CODEC_LIMIT;
	case LZMA_OPTIONS_ERROR:
		return CODEC_UNSUPPORTED;
	case LZMA_FORMAT_ERROR:
	case LZMA_DATA_ERROR:
	case LZMA_PROG_ERROR:
		return CODEC_CORRUPT;
	case LZMA_BUF_ERROR:
		/* With input at hand, no progress is only a first warning. */
		return has ? CODEC_MORE : CODEC_TRUNCATED;
	default:
		return CODEC_MORE;
	}
}

static size_t
whole_read(struct codec *c, uint8_t *buf, size_t size)
{
	lzma_stream *z = c->state;

	z->next_out = buf;
	z->avail_out = size;
	do {
		bool has = feed_has(c->in);

		z->next_in = c->in->at;
		z->avail_in = c->in->left;
		c->end =
		    end_of(lzma_code(z, has ? LZMA_RUN : LZMA_FINISH), has);
		feed_step(c->in, c->in->left - z->avail_in);
	} while (c->end == CODEC_MORE && z->avail_out == size);
	return size - z->avail_out;
}

static void
whole_close(struct codec *c)
{
	lzma_end(c->state);
}

/* Give liblzma room for its handle. */
static lzma_stream *
whole_begin(struct codec *c, struct arena *a, struct feed *in)
{
	static const struct codec_kind kind = { whole_read, whole_close };
	lzma_stream *z = arena_alloc(a, 1, sizeof(*z));

	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (z == NULL)
		return NULL;
	*z = (lzma_stream)LZMA_STREAM_INIT;
	*c = (struct codec){ .kind = &kind, .in = in, .state = z };
	return z;
}

static bool
whole_begun(struct codec *c, lzma_ret r)
{
	c->end = end_of(r, true);
	return r == LZMA_OK;
}

bool
codec_open_xz_stream(struct codec *c, struct arena *a, struct feed *in,
    uint64_t max_memory)
{
	lzma_stream *z = whole_begin(c, a, in);

	return z != NULL &&
	    whole_begun(c, lzma_stream_decoder(z, max_memory, 0));
}

bool
codec_open_lzma_alone(struct codec *c, struct arena *a, struct feed *in,
    uint64_t max_memory)
{
	lzma_stream *z = whole_begin(c, a, in);

	return z != NULL && whole_begun(c, lzma_alone_decoder(z, max_memory));
}

bool
codec_open_lzip(struct codec *c, struct arena *a, struct feed *in,
    uint64_t max_memory)
{
	lzma_stream *z = whole_begin(c, a, in);

	return z != NULL && whole_begun(c, lzma_lzip_decoder(z, max_memory, 0));
}
