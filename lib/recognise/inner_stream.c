/*
 * inner_stream.c - what a decoder gives, read as a file, forward.
 *
 * Readers of archives that are packed as a whole (tar, cpio) go forward, and
 * back by less than what stays in the window; who goes back further meets
 * SOURCE_LIMIT.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/recognise/inner.h"

#define WINDOW ((size_t)512 << 10)
#define KEEP   ((size_t)128 << 10) /* of it stays when it slides */

size_t
inner_decode(struct level *l, void *bytes, size_t size)
{
	struct inner *in = l->in;
	enum format_end end = FORMAT_WHOLE;
	size_t got;

	if (in->is_over)
		return 0;
	got = l->format->read(l->state, bytes, size, &end);
	in->decoded += got;
	if (in->decoded > RECOGNISE_DECODED) {
		in->is_over = true;
		recognise_gap(in->to, "archive",
		    "it unpacks to more than 1 GiB");
	}
	return got <= size ? got : size;
}

/* Decode on until the window holds off, or nothing more comes. */
static void
fill_to(struct level *l, uint64_t off)
{
	while (!l->is_ended && off >= l->window_off + l->window_size) {
		size_t got;

		if (l->window_size == WINDOW) {
			memmove(l->window, l->window + WINDOW - KEEP, KEEP);
			l->window_off += WINDOW - KEEP;
			l->window_size = KEEP;
		}
		got = inner_decode(l->parent, l->window + l->window_size,
		    WINDOW - l->window_size);
		l->window_size += got;
		l->is_ended = got == 0;
	}
}

static size_t
read_stream(struct source *s, uint64_t off, void *buf, size_t size)
{
	struct level *l = s->ctx;
	uint8_t *to = buf;
	size_t done = 0, n;

	while (done < size) {
		if (off < l->window_off) {
			s->state = SOURCE_LIMIT;
			return done;
		}
		fill_to(l, off);
		if (off >= l->window_off + l->window_size)
			return done;
		n = (size_t)(l->window_off + l->window_size - off);
		n = n < size - done ? n : size - done;
		memcpy(to + done, l->window + (off - l->window_off), n);
		done += n;
		off += n;
	}
	return done;
}

bool
inner_stream(struct level *l)
{
	l->window = arena_alloc(l->in->to->arena, 1, WINDOW);
	l->source = (struct source){
		.size = SOURCE_SIZE_UNKNOWN, .read = read_stream, .ctx = l
	};
	return l->window != NULL;
}
