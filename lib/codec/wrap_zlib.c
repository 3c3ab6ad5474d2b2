/*
 * wrap_zlib.c - deflate (RFC 1951) and CRC-32, by zlib.
 *
 * zlib allocates about 40 KiB per decoder, whatever the input says.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/codec.h"

/* Its input is const with this. */
#define ZLIB_CONST
#include <zlib.h>

#define PIECE_MAX ((size_t)1 << 30) /* avail_in is an unsigned int */

uint32_t
codec_crc32(uint32_t crc, const void *bytes, size_t size)
{
	return (uint32_t)crc32_z(crc, bytes, size);
}

/* Note what zlib took of the piece it was lent. */
static void
inflate_sync(struct codec *c, const z_stream *z, size_t lent)
{
	feed_step(c->in, lent - z->avail_in);
}

static size_t
inflate_read(struct codec *c, uint8_t *buf, size_t size)
{
	z_stream *z = c->state;
	int r;

	if (size > PIECE_MAX)
		size = PIECE_MAX;
	z->next_out = buf;
	z->avail_out = (unsigned)size;
	do {
		bool has = feed_has(c->in);
		size_t lent =
		    has && c->in->left > PIECE_MAX ? PIECE_MAX : c->in->left;

		z->next_in = c->in->at;
		z->avail_in = (unsigned)lent;
		r = inflate(z, Z_NO_FLUSH);
		inflate_sync(c, z, lent);
		if (r == Z_STREAM_END)
			c->end = CODEC_WHOLE;
		else if (r == Z_MEM_ERROR)
			c->end = CODEC_LIMIT;
		else if (r == Z_BUF_ERROR && !has)
			c->end = CODEC_TRUNCATED;
		else if (r != Z_OK && r != Z_BUF_ERROR)
			c->end = CODEC_CORRUPT;
	} while (c->end == CODEC_MORE && z->avail_out == size);
	return size - z->avail_out;
}

static void
inflate_close(struct codec *c)
{
	(void)inflateEnd(c->state);
}

bool
codec_open_inflate(struct codec *c, struct arena *a, struct feed *in)
{
	static const struct codec_kind kind = { inflate_read, inflate_close };
	z_stream *z = arena_alloc(a, 1, sizeof(*z));

	*c = (struct codec){ .in = in, .end = CODEC_LIMIT };
	if (z == NULL || inflateInit2(z, -MAX_WBITS) != Z_OK)
		return false;
	*c = (struct codec){ .kind = &kind, .in = in, .state = z };
	return true;
}
