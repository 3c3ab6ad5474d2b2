/*
 * wrap_bzip2.c - bzip2, by libbz2.
 *
 * Spec:    none but its source, bzip2 1.0.8.
 * Input:   hostile.
 *
 * libbz2 allocates up to 3.7 MB, as the first bytes ask for (100 to 900 KB
 * blocks), and nothing that a file could make bigger.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/codec.h"

#include <bzlib.h>

#define PIECE_MAX ((size_t)1 << 30)

static size_t
bunzip_read(struct codec *c, uint8_t *buf, size_t size)
{
	bz_stream *z = c->state;
	int r;

	if (size > PIECE_MAX)
		size = PIECE_MAX;
	z->next_out = (char *)buf;
	z->avail_out = (unsigned)size;
	do {
		bool has = feed_has(c->in);
		size_t lent =
		    has && c->in->left > PIECE_MAX ? PIECE_MAX : c->in->left;

		/* libbz2 does not write there; its interface is old. */
		z->next_in = (char *)(uintptr_t)c->in->at;
		z->avail_in = (unsigned)lent;
		r = BZ2_bzDecompress(z);
		feed_step(c->in, lent - z->avail_in);
		if (r == BZ_STREAM_END)
			c->end = CODEC_WHOLE;
		else if (r == BZ_MEM_ERROR)
			c->end = CODEC_LIMIT;
		else if (r != BZ_OK)
			c->end = CODEC_CORRUPT;
		else if (!has && z->avail_out == size)
			c->end = CODEC_TRUNCATED;
	} while (c->end == CODEC_MORE && z->avail_out == size);
	return size - z->avail_out;
}

static void
bunzip_close(struct codec *c)
{
	(void)BZ2_bzDecompressEnd(c->state);
}

bool
codec_open_bzip2(struct codec *c, struct arena *a, struct feed *in)
{
	static const struct codec_kind kind = { bunzip_read, bunzip_close };
	bz_stream *z = arena_alloc(a, 1, sizeof(*z));

	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (z == NULL || BZ2_bzDecompressInit(z, 0, 0) != BZ_OK)
		return false;
	*c = (struct codec){ .kind = &kind, .in = in, .state = z };
	return true;
}
