/*
 * szdd.c - open files made by Microsoft's compress.exe (SZDD).
 *
 * Spec:    none by its maker; libmspack's documentation, "SZDD and KWAJ file
 *          formats", 1. and 2.
 * Input:   hostile.
 * Emits:   one child; FACT_MEMBERS.
 * Limits:  a block of input and a window of 4 KiB.
 *
 *   offset  size  field
 *        0     8  magic   "SZDD" 88 f0 27 33
 *        8     1  mode    'A'
 *        9     1  the last letter of the file's name, or zero
 *       10     4  size    bytes of data, little-endian
 *       14        data
 *
 * The older kind, of QuickBASIC:
 *
 *        0     8  magic   "SZ " 88 f0 27 33 d1
 *        8     4  size
 *       12        data
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/codec/whole.h"
#include "lib/formats/openers.h"
#include "lib/formats/window.h"

#define SZDD_HEADER 14u
#define SZDD_START  4080u
#define OLD_HEADER  12u
#define OLD_START   4078u

struct szdd {
	struct facts *facts;
	struct window window;
	struct window_feed feed;
	struct codec codec;
	uint64_t size; /* as declared */
	uint64_t pos;  /* given */
	bool is_described;
};

/* Read the header; false if it is neither. */
static bool
szdd_read_header(struct szdd *s, uint32_t *header, uint32_t *start)
{
	struct cur c;

	if (window_cur(&s->window, 0, SZDD_HEADER, &c) &&
	    cur_match(&c, "SZDD\x88\xf0\x27\x33\x41", 9) && cur_skip(&c, 1)) {
		*header = SZDD_HEADER;
		*start = SZDD_START;
	} else if (window_cur(&s->window, 0, OLD_HEADER, &c) &&
	    cur_match(&c, "SZ \x88\xf0\x27\x33\xd1", 8)) {
		*header = OLD_HEADER;
		*start = OLD_START;
	} else {
		return false;
	}
	s->size = cur_u32le(&c);
	return cur_ok(&c);
}

static enum format_end
szdd_open(struct opening *in, void **state)
{
	struct szdd *s = arena_alloc(in->arena, 1, sizeof(*s));
	uint32_t header, start;

	if (s == NULL || !window_init(&s->window, in->source, in->arena))
		return FORMAT_LIMIT;
	s->facts = in->facts;
	if (!szdd_read_header(s, &header, &start))
		return source_has(in->source, SZDD_HEADER) ? FORMAT_MALFORMED
							   : FORMAT_TRUNCATED;
	window_feed_init(&s->feed, &s->window, header, SOURCE_SIZE_UNKNOWN);
	if (!codec_open_szdd(&s->codec, in->arena, &s->feed.feed, start))
		return FORMAT_LIMIT;
	*state = s;
	return FORMAT_WHOLE;
}

static enum format_end
szdd_next(void *state, struct child *out)
{
	struct szdd *s = state;

	if (s->is_described)
		return FORMAT_WHOLE;
	s->is_described = true;
	*out = (struct child){
		.role = CHILD_MEMBER, .size = s->size, .obstacle = FORMAT_WHOLE
	};
	facts_set(s->facts, FACT_MEMBERS, 1);
	return FORMAT_CHILD;
}

/* Decode to the end of the input: what lies behind the declared size too. */
static size_t
szdd_read(void *state, void *buf, size_t size, enum format_end *end)
{
	struct szdd *s = state;
	size_t got = codec_read(&s->codec, buf, size);

	s->pos += got;
	if (got == 0)
		*end = s->pos < s->size || s->codec.end == CODEC_TRUNCATED
		    ? FORMAT_TRUNCATED
		    : FORMAT_WHOLE;
	return got;
}

static void
szdd_close(void *state)
{
	struct szdd *s = state;

	codec_close(&s->codec);
}

const struct format szdd_opener = {
	.name = "szdd",
	.open = szdd_open,
	.next = szdd_next,
	.read = szdd_read,
	.close = szdd_close,
};
