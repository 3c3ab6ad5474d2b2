/*
 * xar.c - open XAR archives (macOS packages).
 *
 * Spec:    "xar format", github.com/mackyle/xar/wiki/xarformat (2008).
 * Input:   hostile; read through struct window and struct cur only.
 * Emits:   one child per file with data; FACT_MEMBERS.  Data stored as it is
 *          is a range.
 * Limits:  the packed table of contents is held (in memory already, or in the
 *          arena); it is decoded and read once, as members are asked for.
 *          Elements may nest XAR_DEPTH deep.
 *
 *   offset  size  field                                    big-endian
 *        0     4  magic      "xar!"
 *        4     2  size       of this header, at least 28
 *        6     2  version    1
 *        8     8  packed     bytes of the table of contents
 *       16     8  size       of it, decoded
 *       24     4  checksum   kind of it
 *     size        table of contents, XML, in a zlib stream
 *                 heap; offsets in the table count from here
 *
 * Of the table we want, for every <file>, however deep in folders:
 *
 *   <file><name>TEXT</name>
 *         <data><offset>N</offset><length>N</length><size>N</size>
 *               <encoding style="application/x-gzip"/></data></file>
 *
 * length counts packed bytes, size those they decode to.  This is no reader
 * of XML: tags are told apart by their names and everything else is passed
 * over, so there is nothing to expand and nothing to load.  (libarchive's
 * reader would convert character sets, for which it opens files.)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/ckd.h"
#include "lib/codec/whole.h"
#include "lib/formats/openers.h"
#include "lib/formats/window.h"

#include <string.h>

#define XAR_HEADER   28u
#define XAR_DEPTH    64u
#define XAR_TEXT_MAX FORMAT_NAME_MAX
#define XAR_TAG_MAX  15u
#define ZLIB_HEADER  2u
#define TOC_PIECE    4096u

enum xar_tag {
	TAG_OTHER,
	TAG_FILE,
	TAG_NAME,
	TAG_DATA,
	TAG_OFFSET,
	TAG_LENGTH,
	TAG_SIZE,
	TAG_ENCODING,
	TAG_COUNT
};

static const char *const tag_names[TAG_COUNT] = { "", "file", "name", "data",
	"offset", "length", "size", "encoding" };

enum xar_encoding {
	ENCODING_STORED,
	ENCODING_ZLIB,
	ENCODING_BZIP2,
	ENCODING_LZMA, /* .lzma or xz: the first byte says which */
	ENCODING_OTHER
};

/* What the table says of one file. */
struct xar_file {
	uint8_t name[FORMAT_NAME_MAX];
	uint8_t name_size;
	uint64_t offset, length, size;
	enum xar_encoding encoding;
	bool has_offset, has_length;
};

/* The table of contents, as it comes out of its decoder. */
struct xar_toc {
	struct feed feed;
	struct codec codec;
	uint8_t piece[TOC_PIECE];
	size_t have, pos;
};

struct xar {
	struct facts *facts;
	struct arena *arena;
	uint64_t max_memory;
	struct window window;
	uint64_t heap; /* where it begins */

	struct xar_toc toc;
	enum xar_tag stack[XAR_DEPTH];
	uint32_t depth;
	uint8_t text[XAR_TEXT_MAX]; /* since the last tag; cut */
	uint8_t text_size;
	char tag[XAR_TAG_MAX + 1];
	uint8_t attributes[XAR_TEXT_MAX]; /* of the last tag; cut */
	uint8_t attributes_size;
	bool is_end, is_empty; /* </tag>, <tag/> */

	struct xar_file file; /* being read */
	struct window_feed feed;
	struct codec codec;
	size_t mark;         /* arena before codec's own */
	uint64_t size, pos;  /* of the member: declared, given */
	uint64_t input_end;  /* where its packed bytes end */
	enum format_end end; /* of the member; FORMAT_CHILD: not at it yet */
	uint64_t members;
};

/* --- the table of contents ----------------------------------------------- */

/* The next byte of the table, or -1. */
static int
toc_byte(struct xar_toc *t)
{
	if (t->pos == t->have) {
		t->pos = 0;
		t->have = codec_read(&t->codec, t->piece, sizeof(t->piece));
		if (t->have == 0)
			return -1;
	}
	return t->piece[t->pos++];
}

/* Step over a comment, whose "<!--" was read. */
static bool
toc_skip_comment(struct xar_toc *t)
{
	unsigned int dashes = 0;
	int byte;

	while ((byte = toc_byte(t)) >= 0) {
		if (byte == '>' && dashes >= 2)
			return true;
		dashes = byte == '-' ? dashes + 1 : 0;
	}
	return false;
}

/*
 * Read the inside of a tag up to its '>', which may stand in quotes.  Its name
 * goes to x->tag, the rest to x->attributes.
 */
static bool
xar_read_tag(struct xar *x)
{
	int byte = toc_byte(&x->toc), quote = 0, last = 0;
	size_t size = 0;

	x->attributes_size = 0;
	x->is_end = byte == '/';
	if (x->is_end)
		byte = toc_byte(&x->toc);
	for (; byte >= 0 && byte > ' ' && byte != '>' && byte != '/';
	     byte = toc_byte(&x->toc)) {
		if (size < XAR_TAG_MAX)
			x->tag[size++] = (char)byte;
		if (size == 3 && memcmp(x->tag, "!--", 3) == 0) {
			x->tag[size] = 0;
			return toc_skip_comment(&x->toc);
		}
	}
	x->tag[size] = 0;
	for (; byte >= 0 && (byte != '>' || quote != 0);
	     byte = toc_byte(&x->toc)) {
		if (quote == 0 && (byte == '"' || byte == '\''))
			quote = byte;
		else if (byte == quote)
			quote = 0;
		if (x->attributes_size < XAR_TEXT_MAX)
			x->attributes[x->attributes_size++] = (uint8_t)byte;
		last = byte;
	}
	x->is_empty = last == '/';
	return byte == '>';
}

/* Read text up to the next tag, and the tag.  False at the end. */
static bool
xar_read_token(struct xar *x)
{
	int byte;

	x->text_size = 0;
	while ((byte = toc_byte(&x->toc)) >= 0 && byte != '<')
		if (x->text_size < XAR_TEXT_MAX)
			x->text[x->text_size++] = (uint8_t)byte;
	return byte == '<' && xar_read_tag(x);
}

static enum xar_tag
xar_tag_of(const char *name)
{
	int i;

	for (i = TAG_FILE; i < TAG_COUNT; i++)
		if (strcmp(name, tag_names[i]) == 0)
			return (enum xar_tag)i;
	return TAG_OTHER;
}

/* The number in the text; what is none counts as not there. */
static bool
xar_number(const struct xar *x, uint64_t *out)
{
	uint64_t v = 0;
	uint8_t i;

	for (i = 0; i < x->text_size; i++) {
		if (x->text[i] < '0' || x->text[i] > '9')
			return false;
		if (ckd_mul(&v, v, (uint64_t)10) ||
		    ckd_add(&v, v, (uint64_t)(x->text[i] - '0')))
			return false;
	}
	*out = v;
	return x->text_size > 0;
}

/* Does the last tag have this among its attributes? */
static bool
xar_says(const struct xar *x, const char *what)
{
	return memmem(x->attributes, x->attributes_size, what, strlen(what)) !=
	    NULL;
}

static enum xar_encoding
xar_encoding_of(const struct xar *x)
{
	if (xar_says(x, "application/octet-stream"))
		return ENCODING_STORED;
	if (xar_says(x, "application/x-gzip"))
		return ENCODING_ZLIB;
	if (xar_says(x, "application/x-bzip2"))
		return ENCODING_BZIP2;
	if (xar_says(x, "application/x-lzma") ||
	    xar_says(x, "application/x-xz"))
		return ENCODING_LZMA;
	return ENCODING_OTHER;
}

/* What stands around the current tag, up levels above it. */
static enum xar_tag
xar_around(const struct xar *x, uint32_t up)
{
	return x->depth > up ? x->stack[x->depth - 1 - up] : TAG_OTHER;
}

/* Take what a closing tag ends. */
static void
xar_take(struct xar *x, enum xar_tag tag)
{
	struct xar_file *f = &x->file;

	if (tag == TAG_NAME && xar_around(x, 1) == TAG_FILE) {
		memcpy(f->name, x->text, x->text_size);
		f->name_size = x->text_size;
	}
	if (xar_around(x, 1) != TAG_DATA || xar_around(x, 2) != TAG_FILE)
		return;
	if (tag == TAG_OFFSET)
		f->has_offset = xar_number(x, &f->offset);
	else if (tag == TAG_LENGTH)
		f->has_length = xar_number(x, &f->length);
	else if (tag == TAG_SIZE && !xar_number(x, &f->size))
		f->size = SOURCE_SIZE_UNKNOWN;
}

static bool
xar_has_file(const struct xar *x)
{
	return x->file.has_offset && x->file.has_length;
}

static void
xar_new_file(struct xar *x)
{
	x->file = (struct xar_file){ .size = SOURCE_SIZE_UNKNOWN };
}

/*
 * Work on the tag that was read last: FORMAT_CHILD when x->file is complete,
 * FORMAT_WHOLE to go on.
 */
static enum format_end
xar_step(struct xar *x)
{
	enum xar_tag tag = xar_tag_of(x->tag);
	bool was_file = false;

	if (x->tag[0] == '?' || x->tag[0] == '!')
		return FORMAT_WHOLE;
	if (!x->is_end) {
		if (x->depth == XAR_DEPTH)
			return FORMAT_LIMIT;
		was_file = tag == TAG_FILE && xar_has_file(x);
		x->stack[x->depth++] = tag;
		if (tag == TAG_ENCODING && xar_around(x, 1) == TAG_DATA)
			x->file.encoding = xar_encoding_of(x);
	}
	if (x->is_end || x->is_empty) {
		if (x->depth == 0 || xar_around(x, 0) != tag)
			return FORMAT_MALFORMED;
		xar_take(x, tag);
		x->depth--;
		was_file = tag == TAG_FILE && xar_has_file(x);
	}
	if (tag == TAG_FILE && !was_file)
		xar_new_file(x);
	return was_file ? FORMAT_CHILD : FORMAT_WHOLE;
}

/* Read on until a file is complete. */
static enum format_end
xar_read_file(struct xar *x)
{
	enum format_end end = FORMAT_WHOLE;

	while (end == FORMAT_WHOLE) {
		if (xar_read_token(x)) {
			end = xar_step(x);
			continue;
		}
		if (x->toc.codec.end == CODEC_LIMIT)
			return FORMAT_LIMIT;
		return x->toc.codec.end == CODEC_WHOLE && x->depth == 0
		    ? FORMAT_WHOLE
		    : FORMAT_MALFORMED;
	}
	return end;
}

/* --- the opener ---------------------------------------------------------- */

/* Make the table of contents ready to be decoded. */
static enum format_end
xar_open_toc(struct xar *x, uint64_t at, uint64_t packed)
{
	struct cur toc;

	if (packed < ZLIB_HEADER)
		return FORMAT_MALFORMED;
	if (!window_has(&x->window, x->heap))
		return FORMAT_TRUNCATED;
	if (!source_cur(x->window.source, x->arena, at, packed, &toc))
		return FORMAT_LIMIT;
	x->toc.feed = feed_from(toc.base + ZLIB_HEADER, toc.size - ZLIB_HEADER);
	if (!codec_open_inflate(&x->toc.codec, x->arena, &x->toc.feed)) {
		codec_close(&x->toc.codec);
		return FORMAT_LIMIT;
	}
	x->mark = arena_mark(x->arena);
	return FORMAT_WHOLE;
}

static enum format_end
xar_open(struct opening *in, void **state)
{
	struct xar *x = arena_alloc(in->arena, 1, sizeof(*x));
	uint64_t size, packed;
	struct cur c;

	if (x == NULL || !window_init(&x->window, in->source, in->arena))
		return FORMAT_LIMIT;
	x->facts = in->facts;
	x->arena = in->arena;
	x->max_memory = in->max_memory;
	xar_new_file(x);
	if (!window_cur(&x->window, 0, XAR_HEADER, &c))
		return FORMAT_TRUNCATED;
	if (!cur_match(&c, "xar!", 4))
		return FORMAT_MALFORMED;
	size = cur_u16be(&c);
	(void)cur_u16be(&c); /* version */
	packed = cur_u64be(&c);
	if (!cur_ok(&c) || size < XAR_HEADER || ckd_add(&x->heap, size, packed))
		return FORMAT_MALFORMED;
	*state = x;
	return xar_open_toc(x, size, packed);
}

/* Open the decoder of the member's encoding. */
static bool
xar_open_codec(struct xar *x, enum xar_encoding encoding)
{
	struct feed *in = &x->feed.feed;

	if (encoding == ENCODING_BZIP2)
		return codec_open_bzip2(&x->codec, x->arena, in);
	if (encoding == ENCODING_ZLIB) {
		uint8_t header[ZLIB_HEADER];

		(void)feed_read(in, header, sizeof(header));
		return codec_open_inflate(&x->codec, x->arena, in);
	}
	if (feed_has(in) && *in->at == 0xfd)
		return codec_open_xz_stream(&x->codec, x->arena, in,
		    x->max_memory);
	return codec_open_lzma_alone(&x->codec, x->arena, in, x->max_memory);
}

static void
xar_begin_member(struct xar *x, struct child *out)
{
	const struct xar_file *f = &x->file;
	uint64_t off;

	codec_close(&x->codec);
	arena_reset(x->arena, x->mark);
	x->pos = 0;
	x->size = f->size;
	x->end = FORMAT_CHILD;
	if (ckd_add(&off, x->heap, f->offset) ||
	    ckd_add(&x->input_end, off, f->length)) {
		out->obstacle = FORMAT_MALFORMED;
	} else if (f->encoding == ENCODING_STORED) {
		out->is_range = true;
		out->off = off;
		out->size = f->length;
	} else if (f->encoding == ENCODING_OTHER) {
		out->obstacle = FORMAT_UNSUPPORTED;
	} else {
		window_feed_init(&x->feed, &x->window, off, f->length);
		if (!xar_open_codec(x, f->encoding))
			out->obstacle = FORMAT_LIMIT;
	}
}

static enum format_end
xar_next(void *state, struct child *out)
{
	struct xar *x = state;
	enum format_end end = xar_read_file(x);

	if (end != FORMAT_CHILD)
		return end;
	*out = (struct child){ .role = CHILD_MEMBER,
		.name_size = x->file.name_size,
		.size = x->file.size,
		.obstacle = FORMAT_WHOLE };
	memcpy(out->name, x->file.name, x->file.name_size);
	xar_begin_member(x, out);
	xar_new_file(x);
	facts_set(x->facts, FACT_MEMBERS, ++x->members);
	return FORMAT_CHILD;
}

/* How a member's decoder ended. */
static enum format_end
xar_end_member(struct xar *x)
{
	bool has_input = window_has(&x->window, x->input_end);

	switch (x->codec.end) {
	case CODEC_WHOLE:
		if (!has_input)
			return FORMAT_TRUNCATED; /* a checksum is missing */
		return x->pos == x->size || x->size == SOURCE_SIZE_UNKNOWN
		    ? FORMAT_WHOLE
		    : FORMAT_MALFORMED;
	case CODEC_LIMIT:
		return FORMAT_LIMIT;
	case CODEC_UNSUPPORTED:
		return FORMAT_UNSUPPORTED;
	case CODEC_TRUNCATED:
		/* Is it the file that ended, or only the member? */
		return has_input ? FORMAT_MALFORMED : FORMAT_TRUNCATED;
	case CODEC_MORE:
	case CODEC_CORRUPT:
		break;
	}
	return FORMAT_MALFORMED;
}

static size_t
xar_read(void *state, void *buf, size_t size, enum format_end *end)
{
	struct xar *x = state;
	size_t got = 0;

	if (x->end == FORMAT_CHILD) {
		got = codec_read(&x->codec, buf, size);
		x->pos += got;
		if (got == 0)
			x->end = xar_end_member(x);
	}
	if (got == 0)
		*end = x->end;
	return got;
}

static void
xar_close(void *state)
{
	struct xar *x = state;

	codec_close(&x->codec);
	codec_close(&x->toc.codec);
}

const struct format xar_opener = {
	.name = "xar",
	.open = xar_open,
	.next = xar_next,
	.read = xar_read,
	.close = xar_close,
};
