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
 * Limits:  none: one pass, a fixed buffer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/ascii.h"
#include "lib/formats/openers.h"
#include "lib/formats/view.h"
#include "lib/formats/window.h"

#define TEXT_PIECE ((size_t)32 << 10)

struct text {
	struct window window;
	struct cur in;   /* what is left of the piece that was read last */
	uint64_t off;    /* of the next piece */
	bool in_space;   /* the last byte given was a space made of a run */
	bool is_offered; /* next() described the view */
};

static enum format_end
text_open(struct opening *in, void **state)
{
	struct text *t = arena_alloc(in->arena, 1, sizeof(*t));

	if (t == NULL || !window_init(&t->window, in->source, in->arena))
		return FORMAT_LIMIT;
	*state = t;
	t->in = cur_from(NULL, 0);
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

static bool
text_is_space(uint8_t c)
{
	return c == ' ' || (c >= '\t' && c <= '\r');
}

/* Put what c becomes at out, if anything; say how many bytes. */
static size_t
text_put(struct text *t, uint8_t c, uint8_t *out)
{
	if (text_is_space(c)) {
		if (t->in_space)
			return 0;
		t->in_space = true;
		*out = ' ';
		return 1;
	}
	if (c < 0x20 || c > 0x7f)
		return 0;
	t->in_space = false;
	*out = ascii_lower(c);
	return 1;
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
	size_t n = 0;

	while (n < size && text_fill(t))
		while (n < size && cur_left(&t->in) > 0)
			n += text_put(t, cur_u8(&t->in), out + n);
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
