/*
 * packed.c - files that are one compressed file: gzip, bzip2, xz, lzma,
 *            lzip, zstd, lz4, compress.
 *
 * Specs:   RFC 1952 [GZIP]; the others are named where they are decoded, in
 *          lib/codec.
 * Input:   hostile; read as a feed of blocks, forward only.
 * Emits:   one child, the decoded bytes; FACT_MEMBERS.  Bytes that follow and
 *          are no part of the format are a second child, "trailing".
 * Limits:  a block of input; the decoder's own memory within max_memory.
 *
 * A file is a row of members (streams, frames), which decode as one, as the
 * tools do.  Zeros between and behind them are padding.  What breaks late
 * still gave what came before.
 *
 * A gzip member:                                              [GZIP 2.3]
 *
 *   offset  size  field
 *        0     2  magic     1f 8b
 *        2     1  method    8
 *        3     1  flags     4 extra field, 8 name, 16 comment, 2 header CRC
 *        4     6  time, how hard was tried, system
 *                 extra     2 bytes of size (little-endian), then that many
 *                 name      up to a zero
 *                 comment   up to a zero
 *              2  header CRC
 *                 deflated data
 *              4  CRC-32 of the data
 *              4  size of the data, modulo 2^32
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/whole.h"
#include "lib/formats/end.h"
#include "lib/formats/openers.h"

#include <string.h>

#define PACKED_BLOCK ((size_t)16 << 10)

/* Members in a row that give nothing: each costs an allocation or two. */
#define PACKED_EMPTY 10000u

#define GZIP_EXTRA   4u
#define GZIP_NAME    8u
#define GZIP_COMMENT 16u
#define GZIP_CRC     2u
#define GZIP_UNKNOWN 0xe0u /* "must be zero" [GZIP 2.3.1.2] */

struct packed {
	struct source *source;
	struct arena *arena;
	struct facts *facts;
	enum kind kind;
	uint64_t max_memory;

	struct feed feed;
	uint64_t off; /* of the next byte the feed takes from the source */
	uint8_t *buf; /* PACKED_BLOCK bytes, for a source not in memory */

	struct codec codec;
	size_t mark;         /* arena before codec's own */
	uint32_t crc;        /* gzip: of what the member gave so far */
	uint32_t size;       /* gzip: bytes it gave, modulo 2^32 */
	uint32_t empty;      /* members in a row that gave nothing */
	bool gave;           /* this member gave something */
	uint64_t rest;       /* where what follows the last member begins */
	uint8_t children;    /* described so far */
	enum format_end end; /* of the child; FORMAT_CHILD: not yet */
	uint8_t name[FORMAT_NAME_MAX];
	uint8_t name_size;
};

static bool
packed_more(struct feed *f)
{
	struct packed *p = f->ctx;

	if (p->source->mem != NULL) {
		f->at = p->source->mem + p->off;
		f->left = (size_t)(p->source->size - p->off);
	} else {
		f->at = p->buf;
		f->left = source_read(p->source, p->off, p->buf, PACKED_BLOCK);
	}
	p->off += f->left;
	return f->left > 0;
}

/* --- gzip's frame ------------------------------------------------------- */

/* Step over a text that ends with a zero; keep the first one, a name. */
static void
gzip_read_text(struct packed *p, bool is_name)
{
	bool keep = is_name && p->children == 0 && p->name_size == 0;
	int byte = feed_byte(&p->feed);

	for (; byte > 0; byte = feed_byte(&p->feed))
		if (keep && p->name_size < FORMAT_NAME_MAX)
			p->name[p->name_size++] = (uint8_t)byte;
}

static void
gzip_skip(struct packed *p, uint32_t size)
{
	while (size > 0 && feed_byte(&p->feed) >= 0)
		size--;
}

static enum format_end
gzip_read_header(struct packed *p)
{
	uint8_t head[10], size[2];

	if (feed_read(&p->feed, head, sizeof(head)) < sizeof(head))
		return FORMAT_TRUNCATED;
	if (head[0] != 0x1f || head[1] != 0x8b)
		return FORMAT_MALFORMED;
	if (head[2] != 8 || (head[3] & GZIP_UNKNOWN) != 0)
		return FORMAT_UNSUPPORTED;
	if ((head[3] & GZIP_EXTRA) != 0) {
		if (feed_read(&p->feed, size, sizeof(size)) < sizeof(size))
			return FORMAT_TRUNCATED;
		gzip_skip(p, (uint32_t)size[1] << 8 | size[0]);
	}
	if ((head[3] & GZIP_NAME) != 0)
		gzip_read_text(p, true);
	if ((head[3] & GZIP_COMMENT) != 0)
		gzip_read_text(p, false);
	if ((head[3] & GZIP_CRC) != 0)
		gzip_skip(p, 2);
	p->crc = 0;
	p->size = 0;
	return feed_has(&p->feed) ? FORMAT_WHOLE : FORMAT_TRUNCATED;
}

static enum format_end
gzip_check_trailer(struct packed *p)
{
	uint8_t bytes[8];
	struct cur c;

	if (feed_read(&p->feed, bytes, sizeof(bytes)) < sizeof(bytes))
		return FORMAT_TRUNCATED;
	c = cur_from(bytes, sizeof(bytes));
	if (cur_u32le(&c) != p->crc || cur_u32le(&c) != p->size)
		return FORMAT_MALFORMED;
	return FORMAT_WHOLE;
}

/* --- members ------------------------------------------------------------ */

/* How one kind of member begins, and who decodes it. */
struct member {
	enum kind kind;
	uint8_t size; /* bytes of magic */
	const char *magic;
	bool (*open)(struct codec *c, struct arena *a, struct feed *in);
	bool (*open_limited)(struct codec *c, struct arena *a, struct feed *in,
	    uint64_t max_memory);
};

static bool
open_zstd(struct codec *c, struct arena *a, struct feed *in,
    uint64_t max_memory)
{
	(void)a;
	return codec_open_zstd(c, in, max_memory);
}

static const struct member members[] = {
	{ KIND_GZIP, 2, "\x1f\x8b", codec_open_inflate, NULL },
	{ KIND_BZIP2, 3, "BZh", codec_open_bzip2, NULL },
	{ KIND_XZ, 6, "\xfd\x37zXZ\x00", NULL, codec_open_xz_stream },
	{ KIND_LZMA, 0, "", NULL, codec_open_lzma_alone },
	{ KIND_LZIP, 4, "LZIP", NULL, codec_open_lzip },
	{ KIND_ZSTD, 4, "\x28\xb5\x2f\xfd", NULL, open_zstd },
	{ KIND_LZ4, 4, "\x04\x22\x4d\x18", codec_open_lz4, NULL },
	{ KIND_LZ4, 4, "\x02\x21\x4c\x18", codec_open_lz4_old, NULL },
	{ KIND_COMPRESS, 2, "\x1f\x9d", codec_open_compress, NULL },
};

#define MAGIC_MAX 6u

/* A skippable frame of zstd or lz4, whatever its low half byte says. */
static bool
is_skippable(const uint8_t magic[MAGIC_MAX])
{
	return magic[0] >> 4 == 5 && memcmp(magic + 1, "\x2a\x4d\x18", 3) == 0;
}

/* The member that begins at off, or NULL. */
static const struct member *
packed_find(struct packed *p, uint64_t off)
{
	uint8_t magic[MAGIC_MAX] = { 0 };
	size_t got = source_read(p->source, off, magic, sizeof(magic)), i;

	for (i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
		const struct member *m = &members[i];

		if (m->kind != p->kind)
			continue;
		if (got >= m->size && memcmp(magic, m->magic, m->size) == 0)
			return m;
		if ((m->kind == KIND_ZSTD || m->kind == KIND_LZ4) &&
		    is_skippable(magic))
			return m;
	}
	return NULL;
}

/* Let the feed go on at off. */
static void
packed_seek(struct packed *p, uint64_t off)
{
	p->feed = (struct feed){ .lent = off, .more = packed_more, .ctx = p };
	p->off = off;
}

/* Begin the member m, whose first byte is next in the feed. */
static enum format_end
packed_begin(struct packed *p, const struct member *m)
{
	enum format_end end = FORMAT_WHOLE;
	bool fine;

	p->mark = arena_mark(p->arena);
	p->gave = false;
	if (p->kind == KIND_GZIP)
		end = gzip_read_header(p);
	if (end != FORMAT_WHOLE)
		return end;
	if (m->open != NULL)
		fine = m->open(&p->codec, p->arena, &p->feed);
	else
		fine = m->open_limited(&p->codec, p->arena, &p->feed,
		    p->max_memory);
	return fine ? FORMAT_WHOLE : end_of_codec(p->codec.end);
}

/* A member ended.  Begin the next: FORMAT_CHILD; else how it all ended. */
static enum format_end
packed_turn(struct packed *p)
{
	const struct member *m = NULL;
	enum format_end end = FORMAT_WHOLE;

	packed_seek(p, codec_used(&p->codec));
	codec_close(&p->codec);
	arena_reset(p->arena, p->mark);
	if (p->kind == KIND_GZIP)
		end = gzip_check_trailer(p);
	if (end != FORMAT_WHOLE)
		return end;
	while (feed_has(&p->feed) && *p->feed.at == 0)
		feed_step(&p->feed, 1);
	p->rest = feed_taken(&p->feed);
	if (p->kind != KIND_LZMA)
		m = packed_find(p, p->rest);
	if (m == NULL)
		return FORMAT_WHOLE;
	p->empty = p->gave ? 0 : p->empty + 1;
	if (p->empty > PACKED_EMPTY)
		return FORMAT_LIMIT;
	end = packed_begin(p, m);
	return end == FORMAT_WHOLE ? FORMAT_CHILD : end;
}

/* --- the opener --------------------------------------------------------- */

static enum format_end
packed_open(struct opening *in, void **state)
{
	struct packed *p = arena_alloc(in->arena, 1, sizeof(*p));
	const struct member *m;
	enum format_end end;

	if (p == NULL)
		return FORMAT_LIMIT;
	p->source = in->source;
	p->arena = in->arena;
	p->facts = in->facts;
	p->kind = in->kind;
	p->max_memory = in->max_memory;
	p->end = FORMAT_CHILD;
	if (in->source->mem == NULL) {
		p->buf = arena_alloc(in->arena, 1, PACKED_BLOCK);
		if (p->buf == NULL)
			return FORMAT_LIMIT;
	}
	m = packed_find(p, 0);
	if (m == NULL)
		return source_has(in->source, MAGIC_MAX - 1) ? FORMAT_MALFORMED
							     : FORMAT_TRUNCATED;
	packed_seek(p, 0);
	end = packed_begin(p, m);
	if (end != FORMAT_WHOLE)
		codec_close(&p->codec);
	*state = p;
	return end;
}

/*
 * Describe what follows the stream, if anything does.  When the stream broke,
 * or nobody read it to its end, nobody knows where that would be.
 */
static enum format_end
packed_next_rest(struct packed *p, struct child *out)
{
	p->children = 2;
	if (p->end != FORMAT_WHOLE || !source_has(p->source, p->rest))
		return FORMAT_WHOLE;
	*out = (struct child){ .role = CHILD_MEMBER,
		.name = "trailing",
		.name_size = 8,
		.size = SOURCE_SIZE_UNKNOWN,
		.is_range = true,
		.is_rest = true,
		.off = p->rest,
		.obstacle = FORMAT_WHOLE };
	if (p->source->size != SOURCE_SIZE_UNKNOWN)
		out->size = p->source->size - p->rest;
	return FORMAT_CHILD;
}

static enum format_end
packed_next(void *state, struct child *out)
{
	struct packed *p = state;

	if (p->children == 1)
		return packed_next_rest(p, out);
	if (p->children == 2)
		return FORMAT_WHOLE;
	p->children = 1;
	*out = (struct child){ .role = CHILD_MEMBER,
		.name_size = p->name_size,
		.size = SOURCE_SIZE_UNKNOWN,
		.obstacle = FORMAT_WHOLE };
	memcpy(out->name, p->name, p->name_size);
	facts_set(p->facts, FACT_MEMBERS, 1);
	return FORMAT_CHILD;
}

static size_t
packed_read(void *state, void *buf, size_t size, enum format_end *end)
{
	struct packed *p = state;
	size_t got = 0;

	while (got == 0 && p->end == FORMAT_CHILD) {
		got = codec_read(&p->codec, buf, size);
		if (got == 0 && p->codec.end == CODEC_WHOLE)
			p->end = packed_turn(p);
		else if (got == 0)
			p->end = end_of_codec(p->codec.end);
	}
	if (got == 0)
		*end = p->end;
	if (got > 0 && p->kind == KIND_GZIP) {
		p->crc = codec_crc32(p->crc, buf, got);
		p->size += (uint32_t)got;
	}
	p->gave = p->gave || got > 0;
	return got;
}

static void
packed_close(void *state)
{
	struct packed *p = state;

	codec_close(&p->codec);
}

const struct format packed_opener = {
	.name = "packed",
	.open = packed_open,
	.next = packed_next,
	.read = packed_read,
	.close = packed_close,
};
