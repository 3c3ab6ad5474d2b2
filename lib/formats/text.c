/*
 * text.c - text as signatures for target 7 see it.
 *
 * Spec:    what ClamAV 1.4.6 was observed to make of text ("sigtool
 *          --ascii-normalise" and what its scanner searches): letters become
 *          small, each run of white space becomes one space, and bytes that
 *          are neither white space nor 32 to 127 are left out.  UTF-16 is no
 *          exception: its zero bytes are left out like any others.
 * Input:   hostile; read through struct window and struct cur only.
 * Emits:   one child, the whole text as CHILD_TEXT_VIEW.
 * Limits:  none: one pass, a fixed buffer (text_put.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "lib/formats/text_put.h"
#include "lib/formats/view.h"
#include "lib/formats/window.h"

#define TEXT_PIECE ((size_t)32 << 10)

struct text {
	struct window window;
	struct cur in; /* what is left of the piece that was read last */
	uint64_t off;  /* of the next piece */
	text_put_fn put;
	bool in_space;   /* the last byte given was a space made of a run */
	bool is_offered; /* next() described the view */
};

static text_put_fn
text_choose(void)
{
	const struct text_putter *p = text_putters;

	while (!p->runs())
		p++;
	return p->put;
}

static enum format_end
text_open(struct opening *in, void **state)
{
	struct text *t = arena_alloc(in->arena, 1, sizeof(*t));

	if (t == NULL || !window_init(&t->window, in->source, in->arena))
		return FORMAT_LIMIT;
	*state = t;
	t->in = cur_from(NULL, 0);
	t->put = text_choose();
	return FORMAT_WHOLE;
}

static enum format_end
text_next(void *state, struct child *out)
{
	struct text *t = state;

	if (t->is_offered)
		return FORMAT_WHOLE;
	t->is_offered = true;
	view_describe(out, CHILD_TEXT_VIEW, "text");
	return FORMAT_CHILD;
}

/* Have the next piece at hand; false at the end. */
static bool
text_fill(struct text *t)
{
	if (cur_left(&t->in) > 0)
		return true;
	window_view(&t->window, t->off, TEXT_PIECE, &t->in);
	t->off += t->in.size;
	return t->in.size > 0;
}

static size_t
text_read(void *state, void *buf, size_t size, enum format_end *end)
{
	struct text *t = state;
	uint8_t *out = buf;
	struct cur piece;
	size_t n = 0;

	while (n < size && text_fill(t)) {
		size_t left = cur_left(&t->in);

		if (!cur_take(&t->in, left < size - n ? left : size - n,
			&piece))
			break;
		n += t->put(piece.base, piece.size, out + n, &t->in_space);
	}
	if (n == 0 && size > 0)
		*end = view_end(t->window.source);
	return n;
}

const struct format text_opener = {
	.name = "text",
	.open = text_open,
	.next = text_next,
	.read = text_read,
};
