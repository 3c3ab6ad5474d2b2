/*
 * html.c - HTML as signatures for it see it.
 *
 * Spec:    html_page.c and html_script.c say what is made of a page; UTF-16LE
 *          with a mark is narrowed as ClamAV was observed to do it (low byte
 *          plus sixteen times the high one), UTF-16BE loses its zero bytes as
 *          any text does.
 * Input:   hostile; read through struct window and struct cur only.
 * Emits:   the page and its words as CHILD_HTML_VIEW; its scripts, if there
 *          are any, as CHILD_HTML_VIEW and again as CHILD_TEXT_VIEW; what
 *          "data:" addresses hold (html_data.c) as members.
 * Limits:  none: one pass for each view and one for all addresses, a fixed
 *          state.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/html.h"
#include "lib/formats/html_data.h"
#include "lib/formats/openers.h"
#include "lib/formats/view.h"
#include "lib/formats/window.h"

#include <string.h>

#define HTML_PIECE ((size_t)32 << 10)

struct html {
	struct window window;
	struct cur in; /* what is left of the piece that was read last */
	uint64_t off;  /* of the next piece */
	bool is_wide;  /* UTF-16LE */
	bool has_low;  /* low waits for its high byte */
	uint8_t low;
	bool is_over;         /* the end was told */
	bool was_page_read;   /* to its end: the next two are known */
	bool has_script;      /* of the page */
	bool has_data;        /* "data:" was seen */
	enum html_part part;  /* that is being read */
	enum html_part after; /* the next to describe */
	struct html_page page;
	struct html_script script;
	struct html_data data;
	struct html_spot spot;
	struct html_queue queue;
};

static enum format_end
html_open(struct opening *in, void **state)
{
	struct html *h = arena_alloc(in->arena, 1, sizeof(*h));
	struct cur mark;

	if (h == NULL || !window_init(&h->window, in->source, in->arena))
		return FORMAT_LIMIT;
	*state = h;
	h->is_wide =
	    window_cur(&h->window, 0, 2, &mark) && cur_u16le(&mark) == 0xfeff;
	return FORMAT_WHOLE;
}

/* Start a view from the beginning of the source. */
static void
html_start(struct html *h, enum html_part part)
{
	h->part = part;
	h->in = cur_from(NULL, 0);
	h->off = 0;
	h->has_low = false;
	h->is_over = false;
	h->page =
	    (struct html_page){ .part = part, .in_space = part == HTML_PAGE };
	h->script = (struct html_script){ .state = SCRIPT_OUT };
	h->data = (struct html_data){ .state = DATA_OUT };
	h->spot = (struct html_spot){ { 0 } };
	h->queue.size = 0;
	h->queue.at = 0;
}

/* Have bytes of the source at hand; false at its end. */
static bool
html_load(struct html *h)
{
	if (cur_left(&h->in) > 0)
		return true;
	window_view(&h->window, h->off, HTML_PIECE, &h->in);
	h->off += h->in.size;
	return h->in.size > 0;
}

/* The next byte of the page; false at its end. */
static bool
html_next_byte(struct html *h, uint8_t *out)
{
	while (html_load(h)) {
		*out = cur_u8(&h->in);
		if (h->is_wide) {
			h->has_low = !h->has_low;
			if (h->has_low) {
				h->low = *out;
				continue;
			}
			*out = (uint8_t)(h->low + (*out << 4));
		}
		if (!html_is_nothing(*out))
			return true;
	}
	return false;
}

/* What the next bytes bring, as far as there is room; false at the end. */
static bool
html_feed(struct html *h)
{
	bool is_script = h->part >= HTML_SCRIPT;
	const uint8_t *bytes;
	size_t size = 1;
	uint8_t c;

	if (h->is_wide) {
		if (!html_next_byte(h, &c))
			return false;
		bytes = &c;
	} else {
		if (!html_load(h))
			return false;
		/* Every page goes this way: they are looked at where they
		   lie, below size. */
		bytes = h->in.base + h->in.pos;
		size = cur_left(&h->in);
	}
	size = is_script ? html_script_feed(&h->script, &h->queue, bytes, size)
			 : html_page_feed(&h->page, &h->queue, bytes, size);
	if (!is_script && !h->has_data)
		h->has_data = html_spot_data(&h->spot, bytes, size);
	return h->is_wide || cur_skip(&h->in, size);
}

/* Make more of the view; false when there is no more. */
static bool
html_fill(struct html *h)
{
	h->queue.size = 0;
	h->queue.at = 0;
	while (html_has_room(&h->queue) && html_feed(h))
		continue;
	if (h->queue.size > 0)
		return true;
	if (h->is_over)
		return false;
	h->is_over = true;
	if (h->part >= HTML_SCRIPT)
		html_script_end(&h->script, &h->queue);
	else
		html_page_end(&h->page, &h->queue);
	if (h->part == HTML_PAGE) {
		h->was_page_read = true;
		h->has_script = h->page.has_script;
	}
	return h->queue.size > 0;
}

/* Find out what else there is, where nobody read the page to its end. */
static void
html_look_through(struct html *h)
{
	if (h->was_page_read)
		return;
	html_start(h, HTML_PAGE);
	while (html_fill(h))
		continue; /* html_fill() notes it at the end */
}

/* Skip the parts that this page does not have. */
static void
html_choose(struct html *h)
{
	if (h->after >= HTML_SCRIPT)
		html_look_through(h);
	if (h->after == HTML_SCRIPT && !h->has_script)
		h->after = HTML_DATA;
	if (h->after == HTML_DATA && !h->has_data)
		h->after = HTML_PARTS;
}

static void
html_describe_data(const struct html_data *d, struct child *out)
{
	static const char scheme[] = "data:";

	view_describe(out, CHILD_MEMBER, scheme);
	memcpy(out->name + out->name_size, d->type, d->type_size);
	out->name_size = (uint8_t)(out->name_size + d->type_size);
}

/* Go on to the next "data:" address. */
static enum format_end
html_next_data(struct html *h, struct child *out)
{
	uint8_t c, ignored;

	if (h->part != HTML_DATA)
		html_start(h, HTML_DATA);
	while (html_next_byte(h, &c)) {
		if (html_data_add(&h->data, c, &ignored) != DATA_BEGIN)
			continue;
		html_describe_data(&h->data, out);
		return FORMAT_CHILD;
	}
	h->after = HTML_PARTS;
	return FORMAT_WHOLE;
}

static enum format_end
html_next(void *state, struct child *out)
{
	static const char *const names[] = { "page", "words", "script",
		"script" };
	struct html *h = state;

	html_choose(h);
	if (h->after == HTML_PARTS)
		return FORMAT_WHOLE;
	if (h->after == HTML_DATA)
		return html_next_data(h, out);
	html_start(h, h->after);
	view_describe(out,
	    h->after == HTML_SCRIPT_TEXT ? CHILD_TEXT_VIEW : CHILD_HTML_VIEW,
	    names[h->after]);
	h->after++;
	return FORMAT_CHILD;
}

/* Decode more of the body that html_next_data() found; 0 at its end. */
static size_t
html_read_data(struct html *h, uint8_t *out, size_t size)
{
	enum html_data_step step;
	size_t n = 0;
	uint8_t c;

	while (n < size && h->data.state >= DATA_BODY &&
	    html_next_byte(h, &c)) {
		step = html_data_add(&h->data, c, &out[n]);
		if (step == DATA_BYTE)
			n++;
	}
	return n;
}

/* Hand out what stands in the queue, at most size bytes. */
static size_t
html_take(struct html_queue *q, uint8_t *out, size_t size)
{
	if (size > q->size - q->at)
		size = q->size - q->at;
	memcpy(out, q->byte + q->at, size);
	q->at += size;
	return size;
}

static size_t
html_read(void *state, void *buf, size_t size, enum format_end *end)
{
	struct html *h = state;
	uint8_t *out = buf;
	size_t n = 0;

	if (h->part == HTML_DATA)
		n = html_read_data(h, out, size);
	while (n < size && h->part != HTML_DATA) {
		if (h->queue.at == h->queue.size && !html_fill(h))
			break;
		n += html_take(&h->queue, out + n, size - n);
	}
	if (n == 0 && size > 0)
		*end = view_end(h->window.source);
	return n;
}

const struct format html_opener = {
	.name = "html",
	.open = html_open,
	.next = html_next,
	.read = html_read,
};
