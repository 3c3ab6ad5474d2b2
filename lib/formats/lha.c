/*
 * lha.c - open LHA archives (.lzh, .lha).
 *
 * Spec:    T. Okamoto and others, "LHa for UNIX" 1.14i, header.doc   [LHA].
 * Input:   hostile; read through struct window and struct cur only.
 * Emits:   one child per file; FACT_MEMBERS.  Stored files are ranges.
 * Limits:  an extended header is at most one view of the window (80 KiB);
 *          one decoder at a time.  The walk is linear: a header costs at least
 *          21 bytes.
 *
 * Methods: lh0, lz4, pm0 (stored), lh4 to lh7.  The others (lh1 to lh3, lzs,
 * lz5, pm1, pm2) are of the eighties; they are FORMAT_UNSUPPORTED.
 *
 * A header, little-endian throughout:                           [LHA]
 *
 *   offset  level 0 and 1           level 2          level 3
 *        0  u8 size, from 2 on      u16 size, all    u16 4
 *        1  u8 sum of bytes from 2
 *        2  method, 5 characters    the same         the same
 *        7  u32 packed size         the same         the same
 *       11  u32 size                the same         the same
 *       15  u32 time                u32 time         u32 time
 *       19  u8 attribute            u8 0x20          u8 0x20
 *       20  u8 level                u8 level         u8 level
 *       21  u8 size of name         u16 CRC          u16 CRC
 *       22  name; u16 CRC           u8 system        u8 system
 *       24                          u16 next         u32 size, all
 *       28                                           u32 next
 *
 * At the end of a level 1 header stand u8 system and u16 next.  next is the
 * size of the extended header that follows, 0 for none:
 *
 *        0  u8 type   1 name, 2 folder (parts end with 0xff), 0x42 sizes
 *        1  data
 *           next      of the size it has in this level
 *
 * In level 1 the packed size counts the extended headers too.  A zero where a
 * header would begin is the end; so is the end of the file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/ckd.h"
#include "lib/codec/whole.h"
#include "lib/formats/openers.h"
#include "lib/formats/window.h"

#include <string.h>

#define EXTENDED_NAME  0x01u
#define EXTENDED_PATH  0x02u
#define EXTENDED_SIZES 0x42u

struct name {
	uint8_t byte[FORMAT_NAME_MAX];
	uint8_t size;
};

struct lha_header {
	uint8_t method[5];
	uint8_t level;
	uint16_t crc; /* of the data, decoded */
	bool has_crc;
	uint64_t packed;   /* bytes of data */
	uint64_t size;     /* of them decoded */
	uint64_t data;     /* where it begins */
	uint64_t next;     /* where the extended headers begin */
	uint32_t extended; /* bytes of the first */
	struct name name, path;
};

struct lha {
	struct facts *facts;
	struct arena *arena;
	struct window window;
	uint64_t at; /* of the next header */
	struct lha_header header;
	struct window_feed feed;
	struct codec codec;
	size_t mark;         /* arena before codec's own */
	uint64_t pos;        /* bytes of the member given */
	uint16_t crc;        /* of them */
	enum format_end end; /* of the member; FORMAT_CHILD: not at it yet */
	uint64_t members;
};

/* CRC-16 of polynomial x^16 + x^15 + x^2 + 1, reflected, four bits a step. */
static uint16_t
lha_crc(uint16_t crc, const uint8_t *bytes, size_t size)
{
	static const uint16_t table[16] = { 0x0000, 0xcc01, 0xd801, 0x1400,
		0xf001, 0x3c00, 0x2800, 0xe401, 0xa001, 0x6c00, 0x7800, 0xb401,
		0x5000, 0x9c01, 0x8801, 0x4400 };
	unsigned int c = crc;
	size_t i;

	for (i = 0; i < size; i++) {
		c ^= bytes[i];
		c = c >> 4 ^ table[c & 15];
		c = c >> 4 ^ table[c & 15];
	}
	return (uint16_t)c;
}

/* --- headers ------------------------------------------------------------- */

static void
name_take(struct name *out, const uint8_t *bytes, size_t size)
{
	if (size > FORMAT_NAME_MAX)
		size = FORMAT_NAME_MAX;
	if (size > 0)
		memcpy(out->byte, bytes, size);
	out->size = (uint8_t)size;
}

/* Does a method look like one: "-lh5-", "-pm0-"? */
static bool
lha_is_method(const uint8_t m[5])
{
	return m[0] == '-' && m[4] == '-' && (m[1] == 'l' || m[1] == 'p');
}

/* Read the rest of a header of level 0 or 1 of size bytes from byte 2 on. */
static bool
lha_read_old(struct cur *c, uint8_t size, struct lha_header *h)
{
	uint8_t name_size = cur_u8(c);
	struct cur name;

	if (!cur_take(c, name_size, &name))
		return false;
	name_take(&h->name, name.base, name.size);
	h->has_crc = cur_left(c) >= 2;
	if (h->has_crc)
		h->crc = cur_u16le(c);
	h->data = h->next = c->origin + 2 + size;
	if (h->level == 0)
		return true;
	/* The last two bytes of the header, whatever stands before them. */
	if (!cur_seek(c, size))
		return false;
	h->extended = cur_u16le(c);
	return cur_ok(c);
}

/* Read the rest of a header of level 2 or 3. */
static bool
lha_read_new(struct cur *c, uint32_t size, struct lha_header *h)
{
	h->crc = cur_u16le(c);
	h->has_crc = true;
	(void)cur_u8(c); /* system */
	if (h->level == 3)
		size = cur_u32le(c);
	h->extended = h->level == 3 ? cur_u32le(c) : cur_u16le(c);
	h->next = c->origin + c->pos;
	h->data = c->origin + size;
	return cur_ok(c) && h->data >= h->next;
}

/* Read the header at l->at, without what it is extended by. */
static enum format_end
lha_read_header(struct lha *l)
{
	struct lha_header *h = &l->header;
	struct cur c;
	uint16_t size;
	size_t i;
	bool fine;

	*h = (struct lha_header){ 0 };
	window_view(&l->window, l->at, 2 + 255, &c);
	if (c.size == 0 || c.base[0] == 0)
		return FORMAT_WHOLE;
	size = cur_u16le(&c);
	for (i = 0; i < sizeof(h->method); i++)
		h->method[i] = cur_u8(&c);
	h->packed = cur_u32le(&c);
	h->size = cur_u32le(&c);
	(void)cur_u32le(&c); /* time */
	(void)cur_u8(&c);    /* attribute */
	h->level = cur_u8(&c);
	if (!cur_ok(&c))
		return FORMAT_TRUNCATED;
	if (!lha_is_method(h->method) || h->level > 3)
		return FORMAT_MALFORMED;
	fine = h->level <= 1 ? lha_read_old(&c, (uint8_t)size, h)
			     : lha_read_new(&c, size, h);
	if (fine)
		return FORMAT_CHILD;
	return c.size < 2 + 255 ? FORMAT_TRUNCATED : FORMAT_MALFORMED;
}

/* Take what one extended header says. */
static void
lha_take_extended(struct lha_header *h, struct cur *c)
{
	uint8_t type = cur_u8(c);

	if (type == EXTENDED_NAME)
		name_take(&h->name, c->base + c->pos, cur_left(c));
	else if (type == EXTENDED_PATH)
		name_take(&h->path, c->base + c->pos, cur_left(c));
	else if (type == EXTENDED_SIZES && cur_left(c) >= 16) {
		h->packed = cur_u64le(c);
		h->size = cur_u64le(c);
	}
}

/* Read the extended headers.  Level 1 counts them as data. */
static enum format_end
lha_read_extended(struct lha *l)
{
	struct lha_header *h = &l->header;
	uint32_t width = h->level == 3 ? 4 : 2;
	uint64_t end = h->data;
	struct cur c, body;

	while (h->extended > 0) {
		if (h->extended < width + 1 || h->extended > WINDOW_VIEW_MAX ||
		    (h->level > 1 && h->extended > end - h->next))
			return FORMAT_MALFORMED;
		if (!window_cur(&l->window, h->next, h->extended, &c) ||
		    !cur_take(&c, h->extended - width, &body))
			return FORMAT_TRUNCATED;
		h->next += h->extended;
		if (h->level == 1 &&
		    ckd_sub(&h->packed, h->packed, h->extended))
			return FORMAT_MALFORMED;
		h->extended = width == 4 ? cur_u32le(&c) : cur_u16le(&c);
		lha_take_extended(h, &body);
	}
	if (h->level == 1)
		h->data = h->next;
	return FORMAT_CHILD;
}

/* --- the opener ---------------------------------------------------------- */

static enum format_end
lha_open(struct opening *in, void **state)
{
	struct lha *l = arena_alloc(in->arena, 1, sizeof(*l));
	enum format_end end;

	if (l == NULL || !window_init(&l->window, in->source, in->arena))
		return FORMAT_LIMIT;
	l->facts = in->facts;
	l->arena = in->arena;
	l->mark = arena_mark(in->arena);
	end = lha_read_header(l);
	if (end != FORMAT_CHILD)
		return end == FORMAT_WHOLE ? FORMAT_MALFORMED : end;
	*state = l;
	return FORMAT_WHOLE;
}

/* Put the name together: folders' parts end with 0xff. */
static void
lha_name(const struct lha_header *h, struct child *out)
{
	size_t room = FORMAT_NAME_MAX - h->path.size, i;

	for (i = 0; i < h->path.size; i++)
		out->name[i] = h->path.byte[i] == 0xff ? '/' : h->path.byte[i];
	if (room > h->name.size)
		room = h->name.size;
	memcpy(out->name + h->path.size, h->name.byte, room);
	out->name_size = (uint8_t)(h->path.size + room);
}

/* Prepare what the member's method asks for. */
static void
lha_begin_member(struct lha *l, struct child *out)
{
	static const uint8_t window_bits[] = { 12, 13, 15, 16 };
	const uint8_t *m = l->header.method;
	const struct lha_header *h = &l->header;

	codec_close(&l->codec);
	arena_reset(l->arena, l->mark);
	l->pos = 0;
	l->crc = 0;
	l->end = FORMAT_CHILD;
	if (memcmp(m, "-lh0-", 5) == 0 || memcmp(m, "-lz4-", 5) == 0 ||
	    memcmp(m, "-pm0-", 5) == 0) {
		out->is_range = true;
		out->off = h->data;
		out->size = h->packed;
		return;
	}
	if (m[1] != 'l' || m[2] != 'h' || m[3] < '4' || m[3] > '7') {
		out->obstacle = FORMAT_UNSUPPORTED;
		return;
	}
	window_feed_init(&l->feed, &l->window, h->data, h->packed);
	if (!codec_open_lzh(&l->codec, l->arena, &l->feed.feed,
		window_bits[m[3] - '4']))
		out->obstacle = FORMAT_LIMIT;
}

static enum format_end
lha_next(void *state, struct child *out)
{
	struct lha *l = state;
	const struct lha_header *h = &l->header;
	enum format_end end;

	do {
		/* The data before it must be there, whoever read it. */
		if (!window_has(&l->window, l->at))
			return FORMAT_TRUNCATED;
		end = lha_read_header(l);
		if (end == FORMAT_CHILD)
			end = lha_read_extended(l);
		if (end == FORMAT_CHILD && ckd_add(&l->at, h->data, h->packed))
			end = FORMAT_MALFORMED;
		if (end != FORMAT_CHILD)
			return end;
	} while (memcmp(h->method, "-lhd-", 5) == 0);
	*out = (struct child){
		.role = CHILD_MEMBER, .size = h->size, .obstacle = FORMAT_WHOLE
	};
	lha_name(h, out);
	lha_begin_member(l, out);
	facts_set(l->facts, FACT_MEMBERS, ++l->members);
	return FORMAT_CHILD;
}

/* Why the decoder stopped before the declared size. */
static enum format_end
lha_why(struct lha *l)
{
	if (l->codec.end != CODEC_TRUNCATED)
		return FORMAT_MALFORMED;
	/* Is it the member's input that ended, or the archive? */
	return window_has(&l->window, l->at) ? FORMAT_MALFORMED
					     : FORMAT_TRUNCATED;
}

static size_t
lha_read(void *state, void *buf, size_t size, enum format_end *end)
{
	struct lha *l = state;
	uint64_t left = l->header.size - l->pos;
	size_t got = 0;

	if (size > left)
		size = (size_t)left;
	if (l->end == FORMAT_CHILD && left > 0) {
		got = codec_read(&l->codec, buf, size);
		if (got == 0)
			l->end = lha_why(l);
	} else if (l->end == FORMAT_CHILD) {
		l->end = l->header.has_crc && l->crc != l->header.crc
		    ? FORMAT_MALFORMED
		    : FORMAT_WHOLE;
	}
	l->crc = lha_crc(l->crc, buf, got);
	l->pos += got;
	if (got == 0)
		*end = l->end;
	return got;
}

static void
lha_close(void *state)
{
	struct lha *l = state;

	codec_close(&l->codec);
}

const struct format lha_opener = {
	.name = "lha",
	.open = lha_open,
	.next = lha_next,
	.read = lha_read,
	.close = lha_close,
};
