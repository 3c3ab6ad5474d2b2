/*
 * arj.c - walk the members of an ARJ archive.
 *
 * Spec:    ARJ technical information, TECHNOTE.TXT of ARJ 2.8 and later.
 *          Little-endian.                                          [ARJ]
 * Input:   hostile; read through struct window and struct cur only.
 * Emits:   FACT_MEMBERS, FACT_ENCRYPTED, FACT_RECOVERED; a child per member,
 *          directories and labels without data left out.  Stored members that
 *          are not encrypted are ranges.
 * Limits:  TRIES_MAX false headers are looked at.
 *
 * A header is                                                      [ARJ]
 *
 *   offset  size  field
 *        0     2  0x60 0xea
 *        2     2  bytes from here to the CRC, at most 2600; 0: end of archive
 *        4     1  bytes up to the name
 *        5     3  version, version needed, system
 *        8     1  flags: 1 encrypted, 4 goes on in the next volume
 *        9     1  method (member)
 *       10     1  type: 0, 1 file; 2 archive; 3 directory; 4, 5 labels
 *       11     1  password modifier (member)
 *       12     4  time
 *       16     4  packed bytes (member)
 *       20     4  bytes (member)
 *       24     4  CRC-32 of them (member)
 *       28     6  where the name begins, mode, chapters
 *                 name, 0, comment, 0
 *             4   CRC-32 of the header
 *             2   bytes of extended header; if not 0, that and a CRC, again
 *
 * The first header is the archive's, the others are members', each followed
 * by its packed bytes.  Where a header is not where it should be, the next
 * one that has a right CRC goes on; so after the end, where members that no
 * ARJ program would show may stand.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/ckd.h"
#include "lib/formats/end.h"
#include "lib/formats/openers.h"
#include "lib/formats/window.h"

#include <string.h>

#define HEADER_MIN   30u
#define HEADER_MAX   2600u
#define EXTENDED_MAX 16u /* extended headers of one member */
#define TRIES_MAX    16384u

#define FLAG_ENCRYPTED 0x01u
#define FLAG_GOES_ON   0x04u /* in the next volume */
#define FLAG_GONE_ON   0x08u /* from the volume before */

#define METHOD_STORED  0u
#define METHOD_CODED   3u /* 1 to 3 */
#define METHOD_FASTEST 4u

#define TYPE_ARCHIVE 2u

/* Input that a decoder may leave, or look ahead, at its very end. */
#define SLACK        ((uint64_t)16)
#define PROBE_OUTPUT ((uint64_t)1 << 20)

struct entry {
	uint64_t data;   /* offset of the packed bytes */
	uint64_t packed; /* bytes */
	uint64_t size;   /* bytes */
	uint32_t crc;
	uint8_t flags, method, type, modifier;
	uint8_t name[FORMAT_NAME_MAX];
	uint8_t name_size;
};

/* "Garbling": every byte xor password and modifier. */
struct garble {
	struct feed *in;
	struct feed out;
	const struct cur *word; /* borrowed */
	size_t at;              /* in word */
	uint8_t modifier;
	uint8_t buf[4096];
};

struct arj {
	struct window window;
	struct arena *arena;
	struct facts *facts;
	const struct passwords *passwords;
	uint64_t at;  /* of the next header */
	bool is_over; /* the end of the archive was met */
	bool was_end_met;
	enum format_end end; /* of the walk, the worst so far */
	unsigned tries;
	bool is_lost; /* at is not where a header has to be */

	size_t mark;
	struct entry entry;
	struct garble *garble;  /* NULL: not encrypted */
	const struct cur *word; /* the password that fits */
	bool is_open;
	struct window_feed raw;
	struct codec codec;
	uint32_t crc;
	uint64_t done;
	enum format_end member_end; /* FORMAT_CHILD: not at the end */
	uint64_t members, encrypted, recovered;
};

static void
trouble(struct arj *z, enum format_end end)
{
	if (z->end == FORMAT_WHOLE)
		z->end = end;
}

/* --- headers -------------------------------------------------------------- */

enum found {
	FOUND_NOTHING,
	FOUND_END,
	FOUND_HEADER
};

static void
read_fields(struct cur *c, struct entry *out)
{
	uint8_t first = cur_u8(c);
	struct cur name;

	*out = (struct entry){ 0 };
	(void)cur_u16le(c); /* versions */
	(void)cur_u8(c);    /* system */
	out->flags = cur_u8(c);
	out->method = cur_u8(c);
	out->type = cur_u8(c);
	out->modifier = cur_u8(c);
	(void)cur_u32le(c); /* time */
	out->packed = cur_u32le(c);
	out->size = cur_u32le(c);
	out->crc = cur_u32le(c);
	if (!cur_seek(c, first) || !cur_until(c, 0, &name))
		return;
	out->name_size =
	    (uint8_t)(name.size < FORMAT_NAME_MAX ? name.size
						  : FORMAT_NAME_MAX);
	memcpy(out->name, name.base, out->name_size);
}

/* Step over extended headers; *at is behind the CRC of the first. */
static bool
skip_extended(struct window *w, uint64_t *at)
{
	unsigned i;

	for (i = 0; i < EXTENDED_MAX; i++) {
		struct cur c;
		uint16_t size;

		if (!window_cur(w, *at, 2, &c))
			return false;
		size = cur_u16le(&c);
		*at += 2;
		if (size == 0)
			return true;
		*at += (uint64_t)size + 4;
	}
	return false;
}

/* Read the header at at, if one is there whose CRC is right. */
static enum found
read_header(struct arj *z, uint64_t at, struct entry *out)
{
	struct cur c, body;
	uint16_t size;

	window_view(&z->window, at, 4 + HEADER_MAX + 4, &c);
	if (!cur_match(&c, "\x60\xea", 2))
		return FOUND_NOTHING;
	size = cur_u16le(&c);
	if (cur_ok(&c) && size == 0)
		return FOUND_END;
	if (size < HEADER_MIN || size > HEADER_MAX ||
	    !cur_take(&c, size, &body))
		return FOUND_NOTHING;
	if (cur_u32le(&c) != codec_crc32(0, body.base, body.size) ||
	    !cur_ok(&c)) {
		z->tries++;
		return FOUND_NOTHING;
	}
	read_fields(&body, out);
	out->data = at + 4 + size + 4;
	return skip_extended(&z->window, &out->data) ? FOUND_HEADER
						     : FOUND_NOTHING;
}

/* Look for the next header from z->at on. */
static bool
recover(struct arj *z, struct entry *out)
{
	while (window_find(&z->window, z->at, SOURCE_SIZE_UNKNOWN, "\x60\xea",
	    2, &z->at)) {
		if (z->tries >= TRIES_MAX) {
			trouble(z, FORMAT_LIMIT);
			return false;
		}
		if (read_header(z, z->at, out) == FOUND_HEADER)
			return true;
		z->at += 2;
	}
	return false;
}

/*
 * Find the next header.  The end of the archive is where a header has to be;
 * two bytes of zero elsewhere mean nothing.
 */
static bool
next_header(struct arj *z, struct entry *out)
{
	struct cur c;

	if (!z->is_lost) {
		switch (read_header(z, z->at, out)) {
		case FOUND_HEADER:
			return true;
		case FOUND_END:
			z->was_end_met = true;
			z->at += 4;
			break;
		case FOUND_NOTHING:
			window_view(&z->window, z->at, 4, &c);
			trouble(z,
			    cur_left(&c) < 4 ? FORMAT_TRUNCATED
					     : FORMAT_MALFORMED);
			break;
		}
	}
	z->is_lost = true;
	return recover(z, out);
}

/* --- one member ----------------------------------------------------------- */

static bool
garble_more(struct feed *f)
{
	struct garble *g = f->ctx;
	size_t got = feed_read(g->in, g->buf, sizeof(g->buf));
	size_t i;

	for (i = 0; i < got; i++) {
		g->buf[i] ^= (uint8_t)(g->modifier + g->word->base[g->at]);
		g->at = g->at + 1 < g->word->size ? g->at + 1 : 0;
	}
	f->at = g->buf;
	f->left = got;
	return got > 0;
}

static struct feed *
plain_feed(struct arj *z)
{
	struct garble *g = z->garble;

	if (g == NULL)
		return &z->raw.feed;
	g->in = &z->raw.feed;
	g->word = z->word;
	g->at = 0;
	g->modifier = z->entry.modifier;
	g->out = (struct feed){ .at = g->buf, .more = garble_more, .ctx = g };
	return &g->out;
}

static void
member_close(struct arj *z)
{
	if (z->is_open)
		codec_close(&z->codec);
	z->is_open = false;
}

static void
member_open(struct arj *z)
{
	struct feed *in = plain_feed(z);
	bool opened;

	window_feed_init(&z->raw, &z->window, z->entry.data, z->entry.packed);
	z->is_open = true;
	z->crc = 0;
	z->done = 0;
	z->member_end = FORMAT_CHILD;
	if (z->entry.method == METHOD_STORED)
		opened = codec_open_copy(&z->codec, in);
	else if (z->entry.method <= METHOD_CODED)
		opened = codec_open_arj(&z->codec, z->arena, in);
	else
		opened = codec_open_arj_fastest(&z->codec, z->arena, in);
	if (!opened)
		z->member_end = end_of_codec(z->codec.end);
}

/* Has all of the input been taken that matters? */
static bool
is_used_up(const struct arj *z)
{
	uint64_t left = window_feed_left(&z->raw);

	if (z->garble != NULL)
		left += z->garble->out.left;
	return left <= SLACK;
}

static enum format_end
check(const struct arj *z)
{
	return z->done == z->entry.size && z->crc == z->entry.crc
	    ? FORMAT_WHOLE
	    : FORMAT_MALFORMED;
}

/*
 * Decode some more.  The format has no end mark: it ends at the declared
 * size, unless much input is left, which shows that the size is a lie.
 */
static size_t
member_read(struct arj *z, void *buf, size_t size)
{
	uint64_t left = z->entry.size > z->done ? z->entry.size - z->done : 0;
	size_t got;

	if (z->member_end != FORMAT_CHILD)
		return 0;
	if (left == 0 && is_used_up(z)) {
		z->member_end = check(z);
		return 0;
	}
	if (left > 0 && left < size)
		size = (size_t)left;
	got = codec_read(&z->codec, buf, size);
	z->crc = codec_crc32(z->crc, buf, got);
	z->done += got;
	if (got == 0)
		z->member_end = z->codec.end == CODEC_WHOLE
		    ? check(z)
		    : end_of_codec(z->codec.end);
	return got;
}

/* Does the password z->word give something that was packed? */
static bool
probe(struct arj *z)
{
	size_t mark = arena_mark(z->arena);
	uint8_t buf[2048];
	bool fits;

	member_open(z);
	while (z->done < PROBE_OUTPUT && member_read(z, buf, sizeof(buf)) > 0)
		;
	fits = z->member_end == FORMAT_WHOLE || z->member_end == FORMAT_CHILD;
	member_close(z);
	z->member_end = FORMAT_CHILD;
	arena_reset(z->arena, mark);
	return fits;
}

static enum format_end
find_password(struct arj *z)
{
	size_t i;

	z->garble = arena_alloc(z->arena, 1, sizeof(*z->garble));
	if (z->garble == NULL)
		return FORMAT_LIMIT;
	for (i = 0; i < z->passwords->count; i++) {
		z->word = &z->passwords->word[i];
		if (z->word->size > 0 && probe(z))
			return FORMAT_WHOLE;
	}
	return FORMAT_ENCRYPTED;
}

/* --- the walk ------------------------------------------------------------- */

static enum format_end
describe(struct arj *z, struct child *out)
{
	const struct entry *e = &z->entry;
	uint64_t end = e->data + e->packed;

	facts_set(z->facts, FACT_MEMBERS, ++z->members);
	if ((e->flags & FLAG_ENCRYPTED) != 0)
		facts_set(z->facts, FACT_ENCRYPTED, ++z->encrypted);
	if (z->is_lost)
		facts_set(z->facts, FACT_RECOVERED, ++z->recovered);
	*out = (struct child){ .role = CHILD_MEMBER,
		.name_size = e->name_size,
		.size = e->size,
		.obstacle = FORMAT_WHOLE };
	memcpy(out->name, e->name, e->name_size);
	z->garble = NULL;
	z->member_end = FORMAT_CHILD;
	if (e->method > METHOD_FASTEST)
		out->obstacle = FORMAT_UNSUPPORTED;
	else if ((e->flags & FLAG_ENCRYPTED) != 0)
		out->obstacle = find_password(z);
	else if (e->method == METHOD_STORED) {
		out->is_range = true;
		out->off = e->data;
		out->size = e->packed;
	}
	if ((e->flags & (FLAG_GOES_ON | FLAG_GONE_ON)) != 0 ||
	    (z->window.source->size != SOURCE_SIZE_UNKNOWN &&
		end > z->window.source->size))
		trouble(z, FORMAT_TRUNCATED);
	return FORMAT_CHILD;
}

/* Say how the walk ended. */
static enum format_end
finish(struct arj *z)
{
	if (!z->was_end_met)
		trouble(z, FORMAT_TRUNCATED);
	return z->end;
}

static enum format_end
arj_next(void *state, struct child *out)
{
	struct arj *z = state;

	member_close(z);
	arena_reset(z->arena, z->mark);
	while (!z->is_over && next_header(z, &z->entry)) {
		const struct entry *e = &z->entry;

		/* Another archive behind the first one begins with this. */
		z->at = e->type == TYPE_ARCHIVE ? e->data : e->data + e->packed;
		if (e->type == TYPE_ARCHIVE ||
		    (e->packed == 0 && e->size == 0 && e->type > 1))
			continue;
		return describe(z, out);
	}
	z->is_over = true;
	return finish(z);
}

static size_t
arj_read(void *state, void *buf, size_t size, enum format_end *end)
{
	struct arj *z = state;
	size_t got;

	if (!z->is_open)
		member_open(z);
	got = member_read(z, buf, size);
	if (got == 0)
		*end = z->member_end;
	return got;
}

static void
arj_close(void *state)
{
	member_close(state);
}

static enum format_end
arj_open(struct opening *in, void **state)
{
	struct arj *z = arena_alloc(in->arena, 1, sizeof(*z));

	if (z == NULL || !window_init(&z->window, in->source, in->arena))
		return FORMAT_LIMIT;
	z->arena = in->arena;
	z->facts = in->facts;
	z->passwords = in->passwords;
	z->end = FORMAT_WHOLE;
	facts_set(z->facts, FACT_MEMBERS, 0);
	facts_set(z->facts, FACT_ENCRYPTED, 0);
	facts_set(z->facts, FACT_RECOVERED, 0);
	z->mark = arena_mark(in->arena);
	*state = z;
	return FORMAT_WHOLE;
}

const struct format arj_opener = {
	.name = "arj",
	.open = arj_open,
	.next = arj_next,
	.read = arj_read,
	.close = arj_close,
};
