/*
 * html_page.c - a page as signatures for target 3 see it.
 *
 * Spec:    what ClamAV 1.4.6 was observed to write ("sigtool
 *          --html-normalise"): nocomment.html is HTML_PAGE, notags.html is
 *          HTML_WORDS.
 *
 * A page:
 *   - letters become small, white space one space; none follows a tag;
 *   - "<!" and everything to the next ">" is left out;
 *   - in a tag, white space stands only between names, and not around "=";
 *     a value's quotes become double quotes; ">" ends the tag even in quotes;
 *   - in a script or style there is no white space, and a single quote
 *     becomes a double one, until the tag that ends one of the two;
 *   - a character reference becomes its byte, from 255 on "&#x" and at least
 *     four hexadecimal digits.
 *
 * Words: a space for each tag and reference; no scripts and styles.  (ClamAV
 * also gives the addresses of links there; we do not: they are in the page.)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/html.h"

#include <stdio.h>
#include <string.h>

static bool
page_is_words(const struct html_page *p)
{
	return p->part == HTML_WORDS;
}

/* Put a byte of the page as it is. */
static void
page_put(const struct html_page *p, struct html_queue *out, uint8_t c)
{
	if (!page_is_words(p))
		html_put(out, c);
}

/* Words: one space, unless there is one. */
static void
page_put_gap(struct html_page *p, struct html_queue *out)
{
	if (page_is_words(p) && !p->in_space)
		html_put(out, ' ');
	p->in_space = true;
}

/* Give the space that was due in text: one at the very end is left out. */
static void
page_settle(struct html_page *p, struct html_queue *out)
{
	if (p->space_is_due && (p->state == HTML_TEXT || p->state == HTML_OPEN))
		html_put(out, ' ');
	if (p->state == HTML_TEXT || p->state == HTML_OPEN)
		p->space_is_due = false;
}

/* A byte of text, of either part. */
static void
page_put_text(struct html_page *p, struct html_queue *out, uint8_t c)
{
	if (html_is_space(c) || (page_is_words(p) && c < 0x20)) {
		p->space_is_due = p->space_is_due || !p->in_space;
		p->in_space = true;
		return;
	}
	page_settle(p, out);
	/* ClamAV loses what is beyond ASCII from the words. */
	html_put(out, page_is_words(p) && c >= 0x80 ? 0 : html_small(c));
	p->in_space = false;
}

static void
page_note_tag(struct html_page *p, uint8_t c)
{
	if (p->tag_size < sizeof(p->tag) - 1)
		p->tag[p->tag_size] = (char)html_small(c);
	p->tag_size++;
}

static bool
page_tag_is(const struct html_page *p, const char *name)
{
	return p->tag_size == strlen(name) &&
	    memcmp(p->tag, name, p->tag_size) == 0;
}

/* ">": the tag is over. */
static void
page_close_tag(struct html_page *p, struct html_queue *out)
{
	bool is_script = page_tag_is(p, "script");

	page_put(p, out, '>');
	p->state = HTML_TEXT;
	p->space_is_due = false;
	p->in_space = !page_is_words(p) || p->in_space;
	page_put_gap(p, out);
	if (is_script || page_tag_is(p, "style"))
		p->state = HTML_CODE;
	if (is_script)
		p->has_script = true;
}

static void
page_open_tag(struct html_page *p, struct html_queue *out, uint8_t c)
{
	if (html_is_space(c))
		return;
	if (c == '!') {
		p->state = HTML_DROP;
		return;
	}
	page_put(p, out, '<');
	p->tag_size = 0;
	p->space_is_due = false;
	p->is_value_due = false;
	p->quote = 0;
	p->state = HTML_TAG;
	if (c == '>') {
		page_close_tag(p, out);
		return;
	}
	page_note_tag(p, c);
	page_put(p, out, html_small(c));
}

/* A tag's name, "=", or an attribute's name. */
static void
page_add_tag(struct html_page *p, struct html_queue *out, uint8_t c)
{
	bool was_name = !p->space_is_due && !p->is_value_due;

	if (html_is_space(c)) {
		p->space_is_due = p->space_is_due || !p->is_value_due;
		return;
	}
	if (c == '=') {
		page_put(p, out, c);
		p->space_is_due = false;
		p->is_value_due = true;
		return;
	}
	if (p->is_value_due) {
		p->is_value_due = false;
		p->quote = c == '"' || c == '\'' ? c : 0;
		p->state = p->quote != 0 ? HTML_QUOTED : HTML_VALUE;
		p->in_value_space = false;
		page_put(p, out, p->quote != 0 ? '"' : html_small(c));
		p->tag_size += p->tag_size == 0; /* no more a name */
		return;
	}
	if (p->space_is_due)
		page_put(p, out, ' ');
	p->space_is_due = false;
	if (was_name && p->quote == 0 && p->tag_size > 0)
		page_note_tag(p, c);
	else
		p->quote = 1; /* names that follow are attributes' */
	page_put(p, out, html_small(c));
}

static void
page_add_value(struct html_page *p, struct html_queue *out, uint8_t c)
{
	if (html_is_space(c)) {
		p->state = HTML_TAG;
		p->space_is_due = true;
		p->quote = 1;
		return;
	}
	page_put(p, out, c == '\'' ? '"' : html_small(c));
}

static void
page_add_quoted(struct html_page *p, struct html_queue *out, uint8_t c)
{
	if (html_is_space(c)) {
		if (!p->in_value_space)
			page_put(p, out, ' ');
		p->in_value_space = true;
		return;
	}
	p->in_value_space = false;
	page_put(p, out, c == '\'' ? '"' : html_small(c));
	if (c == p->quote) {
		p->state = HTML_TAG;
		p->space_is_due = true;
		p->quote = 1;
	}
}

/* Inside a script or style, where white space counts for nothing. */
static void
page_add_code(struct html_page *p, struct html_queue *out, uint8_t c)
{
	if (!html_is_space(c))
		page_put(p, out, c == '\'' ? '"' : html_small(c));
	if (c == '<') {
		p->state = HTML_CODE_TAG;
		p->tag_size = 0;
		p->space_is_due = false;
	} else if (p->state == HTML_CODE_TAG && c == '>') {
		p->state = HTML_CODE;
		if (!page_tag_is(p, "/script") && !page_tag_is(p, "/style"))
			return;
		p->state = HTML_TEXT;
		p->in_space = true;
		p->space_is_due = false;
	} else if (p->state == HTML_CODE_TAG) {
		if (html_is_space(c))
			p->space_is_due = p->tag_size > 0;
		else if (!p->space_is_due)
			page_note_tag(p, c);
	}
}

/* A byte that is no part of a character reference. */
static void
page_add_plain(struct html_page *p, struct html_queue *out, uint8_t c)
{
	if (c == '>' && p->state >= HTML_TAG && p->state <= HTML_QUOTED) {
		page_close_tag(p, out);
		return;
	}
	switch (p->state) {
	case HTML_TEXT:
		if (c != '<') {
			page_put_text(p, out, c);
			break;
		}
		page_settle(p, out);
		p->state = HTML_OPEN;
		break;
	case HTML_OPEN:
		page_open_tag(p, out, c);
		break;
	case HTML_TAG:
		page_add_tag(p, out, c);
		break;
	case HTML_VALUE:
		page_add_value(p, out, c);
		break;
	case HTML_QUOTED:
		page_add_quoted(p, out, c);
		break;
	case HTML_DROP:
		if (c != '>')
			break;
		p->state = HTML_TEXT;
		p->in_space = !page_is_words(p) || p->in_space;
		page_put_gap(p, out);
		break;
	case HTML_CODE:
	case HTML_CODE_TAG:
		page_add_code(p, out, c);
		break;
	}
}

/* A value that begins with a reference. */
static void
page_begin_value(struct html_page *p)
{
	if (p->state != HTML_TAG || !p->is_value_due)
		return;
	p->is_value_due = false;
	p->in_value_space = false;
	p->quote = 0;
	p->state = HTML_VALUE;
	p->tag_size += p->tag_size == 0; /* no more a name */
}

/* Put what a reference stands for. */
static void
page_put_code(struct html_page *p, struct html_queue *out, uint32_t code,
    bool is_ended)
{
	char text[12];

	page_begin_value(p);
	page_settle(p, out);
	if (page_is_words(p)) {
		if (p->state == HTML_TEXT)
			page_put_gap(p, out);
		return;
	}
	p->in_space = false;
	if (code < 0xff) {
		html_put(out,
		    is_ended ? html_small((uint8_t)code) : (uint8_t)code);
		return;
	}
	if ((code & 0xffff) == 0)
		return;
	(void)snprintf(text, sizeof(text), "&#x%04x;", code & 0xffff);
	html_put_text(out, text);
}

/* Put a reference that is none as it was written. */
static void
page_put_name(struct html_page *p, struct html_queue *out)
{
	size_t i;

	p->entity = ENTITY_NONE;
	page_begin_value(p);
	page_settle(p, out);
	if (page_is_words(p)) {
		if (p->state == HTML_TEXT)
			page_put_gap(p, out);
		return;
	}
	html_put(out, '&');
	for (i = 0; i < p->name_size; i++)
		html_put(out, html_small((uint8_t)p->name[i]));
	p->in_space = false;
}

/* The end of a name, at c. */
static void
page_end_name(struct html_page *p, struct html_queue *out, uint8_t c)
{
	uint32_t code;

	p->name[p->name_size] = '\0';
	code = c == ';' ? html_entity_code(p->name) : 0;
	if (code != 0) {
		p->entity = ENTITY_NONE;
		page_put_code(p, out, code, true);
		return;
	}
	page_put_name(p, out);
	if (c != ';' || !page_is_words(p))
		html_page_add(p, out, c);
}

static bool
page_is_letter(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z');
}

static void
page_add_name(struct html_page *p, struct html_queue *out, uint8_t c)
{
	if (c == '#' && p->name_size == 0) {
		p->entity = ENTITY_NUMBER;
		p->number = 0;
	} else if (page_is_letter(c) && p->name_size < HTML_NAME - 1) {
		p->name[p->name_size++] = (char)c;
	} else {
		page_end_name(p, out, c);
	}
}

/* The value of a digit, or 16. */
static uint32_t
page_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return (uint32_t)(c - '0');
	c = html_small(c);
	return c >= 'a' && c <= 'f' ? (uint32_t)(c - 'a' + 10) : 16;
}

static void
page_add_number(struct html_page *p, struct html_queue *out, uint8_t c)
{
	uint32_t base = p->entity == ENTITY_HEX ? 16 : 10;

	if ((c == 'x' || c == 'X') && p->entity == ENTITY_NUMBER &&
	    p->number == 0) {
		p->entity = ENTITY_HEX;
		return;
	}
	if (page_digit(c) < base) {
		p->number = p->number * base + page_digit(c);
		return;
	}
	p->entity = ENTITY_NONE;
	page_put_code(p, out, p->number, c == ';');
	if (c != ';')
		html_page_add(p, out, c);
}

/* References count in text and in values, not among the names of a tag. */
static bool
page_has_references(const struct html_page *p)
{
	return p->state != HTML_DROP && p->state != HTML_OPEN &&
	    (p->state != HTML_TAG || p->is_value_due);
}

void
html_page_add(struct html_page *p, struct html_queue *out, uint8_t c)
{
	switch (p->entity) {
	case ENTITY_NAME:
		page_add_name(p, out, c);
		return;
	case ENTITY_NUMBER:
	case ENTITY_HEX:
		page_add_number(p, out, c);
		return;
	case ENTITY_NONE:
		break;
	}
	if (c == '&' && page_has_references(p)) {
		p->entity = ENTITY_NAME;
		p->name_size = 0;
		return;
	}
	page_add_plain(p, out, c);
}

void
html_page_end(struct html_page *p, struct html_queue *out)
{
	uint32_t code;

	p->name[p->name_size] = '\0';
	if (p->entity == ENTITY_NAME) {
		code = html_entity_code(p->name);
		if (code != 0)
			page_put_code(p, out, code, true);
		else
			page_put_name(p, out);
	}
	if (p->state == HTML_OPEN)
		page_put(p, out, '<');
}

/* --- many bytes ----------------------------------------------------------- */

/* Bytes that change nothing but what is put, for each place they may stand. */
enum {
	RUN_TEXT = 1,
	RUN_WORDS = 2, /* text, of which words are made */
	RUN_QUOTED = 4,
	RUN_VALUE = 8,
	RUN_CODE = 16
};

#define IS_SPACE(c)   ((c) == ' ' || ((c) >= '\t' && (c) <= '\r'))
#define IS_SPECIAL(c) (IS_SPACE(c) || (c) == 0 || (c) == '&')
#define RUNS(c)                                                           \
	(IS_SPECIAL(c) ? 0                                                \
		       : ((c) != '<' ? RUN_TEXT : 0) |                    \
		    ((c) != '<' && (c) >= 0x20 && (c) < 0x80 ? RUN_WORDS  \
							     : 0) |       \
		    ((c) != '\'' && (c) != '"' && (c) != '>' ? RUN_QUOTED \
							     : 0) |       \
		    ((c) != '\'' && (c) != '>' ? RUN_VALUE : 0) |         \
		    ((c) != '\'' && (c) != '<' ? RUN_CODE : 0))
#define RUNS_4(c)  RUNS(c), RUNS((c) + 1), RUNS((c) + 2), RUNS((c) + 3)
#define RUNS_16(c) RUNS_4(c), RUNS_4((c) + 4), RUNS_4((c) + 8), RUNS_4((c) + 12)
#define RUNS_64(c) \
	RUNS_16(c), RUNS_16((c) + 16), RUNS_16((c) + 32), RUNS_16((c) + 48)

static const uint8_t page_runs[256] = { RUNS_64(0), RUNS_64(64), RUNS_64(128),
	RUNS_64(192) };

/* What may run here; 0: nothing. */
static uint8_t
page_run_of(const struct html_page *p)
{
	if (p->entity != ENTITY_NONE)
		return 0;
	switch (p->state) {
	case HTML_TEXT:
		return page_is_words(p) ? RUN_WORDS : RUN_TEXT;
	case HTML_QUOTED:
		return RUN_QUOTED;
	case HTML_VALUE:
		return RUN_VALUE;
	case HTML_CODE:
		return RUN_CODE;
	case HTML_OPEN:
	case HTML_TAG:
	case HTML_DROP:
	case HTML_CODE_TAG:
		break;
	}
	return 0;
}

/* Take bytes that run, which does what html_page_add() does for each. */
static size_t
page_add_run(struct html_page *p, struct html_queue *out, const uint8_t *bytes,
    size_t size)
{
	uint8_t runs = page_run_of(p);
	bool is_put = p->state == HTML_TEXT || !page_is_words(p);
	bool has_gaps = p->state == HTML_TEXT || p->state == HTML_QUOTED;
	uint8_t *to;
	size_t n;

	if (size == 0 || (page_runs[bytes[0]] & runs) == 0)
		return 0;
	page_settle(p, out);
	if (p->state == HTML_TEXT)
		p->in_space = false;
	else if (p->state == HTML_QUOTED)
		p->in_value_space = false;
	to = out->byte + out->size;
	if (size > HTML_QUEUE - out->size)
		size = HTML_QUEUE - out->size;
	for (n = 0; n < size; n++) {
		/* A single space between two that run is one, too. */
		if ((page_runs[bytes[n]] & runs) == 0 &&
		    !(has_gaps && bytes[n] == ' ' && n + 1 < size &&
			(page_runs[bytes[n + 1]] & runs) != 0))
			break;
		to[n] = html_small(bytes[n]);
	}
	out->size += is_put ? n : 0;
	return n;
}

/* Step over what a "<!" leaves out. */
static size_t
page_drop(const uint8_t *bytes, size_t size)
{
	const uint8_t *end = memchr(bytes, '>', size);

	return end == NULL ? size : (size_t)(end - bytes);
}

size_t
html_page_feed(struct html_page *p, struct html_queue *out,
    const uint8_t *bytes, size_t size)
{
	size_t i = 0;

	while (i < size && html_has_room(out)) {
		size_t run = p->state == HTML_DROP && p->entity == ENTITY_NONE
		    ? page_drop(bytes + i, size - i)
		    : page_add_run(p, out, bytes + i, size - i);

		i += run;
		if (run > 0)
			continue;
		if (!html_is_nothing(bytes[i]))
			html_page_add(p, out, bytes[i]);
		i++;
	}
	return i;
}
