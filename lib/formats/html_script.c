/*
 * html_script.c - the scripts of a page.
 *
 * Spec:    what ClamAV 1.4.6 was observed to write as "javascript" ("sigtool
 *          --html-normalise"): for each script "<script>", its code,
 *          "</script>"; in code, letters become small, white space stays only
 *          between two names, block comments and the marks of line comments
 *          go, quotes become double quotes, \\xNN and \\uNNNN in strings
 *          become characters, and strings that are added become one.
 *
 * What ClamAV does beyond this is not done here: it renames variables (to
 * n000, n001, ...) and evaluates unescape(), eval() and packed functions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/html.h"

#include <string.h>

static bool
script_is_name(uint8_t c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') ||
	    (c >= 'a' && c <= 'z') || c == '_' || c == '$';
}

static void
script_put(struct html_script *s, struct html_queue *out, uint8_t c)
{
	html_put(out, html_small(c));
	s->last = c;
	s->in_space = false;
}

/* Give what was held back because a string may go on behind it. */
static void
script_settle(struct html_script *s, struct html_queue *out)
{
	if (s->joint == 0)
		return;
	script_put(s, out, '"');
	if (s->joint == '+')
		script_put(s, out, '+');
	s->joint = 0;
}

static void
script_open(struct html_script *s, struct html_queue *out)
{
	if (s->is_second)
		html_put(out, '\n');
	s->is_second = true;
	html_put_text(out, "<script>");
	s->state = SCRIPT_IN;
	s->last = '>';
	s->in_space = false;
	s->joint = 0;
	s->held = 0;
	s->tag_size = 0;
}

static void
script_close(struct html_script *s, struct html_queue *out)
{
	script_settle(s, out);
	html_put_text(out, "</script>");
	s->state = SCRIPT_OUT;
}

/* Outside: wait for "<script" and the ">" behind it. */
static void
script_add_out(struct html_script *s, struct html_queue *out, uint8_t c)
{
	if (c == '<') {
		s->in_tag = true;
		s->tag_size = 0;
	} else if (c == '>' && s->in_tag) {
		s->in_tag = false;
		if (s->tag_size >= 6 && memcmp(s->tag, "script", 6) == 0 &&
		    (s->tag_size == 6 || html_is_space((uint8_t)s->tag[6])))
			script_open(s, out);
	} else if (s->in_tag && !(s->tag_size == 0 && html_is_space(c)) &&
	    s->tag_size < sizeof(s->tag)) {
		s->tag[s->tag_size++] = (char)html_small(c);
	}
}

/* The character an escape in a string stands for. */
static void
script_add_escape(struct html_script *s, struct html_queue *out, uint8_t c)
{
	uint8_t digit = html_small(c);

	if (s->escape == '\\' && (c == 'x' || c == 'u')) {
		s->escape = c;
		s->digits = c == 'x' ? 2 : 4;
		s->number = 0;
		return;
	}
	if (s->escape == '\\') {
		s->escape = 0;
		script_put(s, out, '\\');
		script_put(s, out, c);
		return;
	}
	digit = (uint8_t)(digit >= 'a' ? digit - 'a' + 10 : digit - '0');
	s->number = s->number << 4 | (digit & 0xf);
	if (--s->digits > 0)
		return;
	s->escape = 0;
	script_put(s, out, (uint8_t)s->number);
}

static void
script_add_string(struct html_script *s, struct html_queue *out, uint8_t c)
{
	if (s->escape != 0) {
		script_add_escape(s, out, c);
	} else if (c == '\\') {
		s->escape = '\\';
	} else if (c == s->quote) {
		s->state = SCRIPT_IN;
		s->joint = '"';
		s->in_space = false;
	} else {
		script_put(s, out, c);
	}
}

/* A string begins: a new one, or more of the one before it. */
static void
script_open_string(struct html_script *s, struct html_queue *out, uint8_t c)
{
	if (s->joint == '+') {
		s->joint = 0;
	} else {
		script_settle(s, out);
		script_put(s, out, '"');
	}
	s->state = SCRIPT_STRING;
	s->quote = c;
}

/* A byte of code that is neither space nor quote nor "/". */
static void
script_add_word(struct html_script *s, struct html_queue *out, uint8_t c)
{
	if (c == '+' && s->joint == '"') {
		s->joint = '+';
		return;
	}
	if (c < 0x20 || c > 0x7e || c == '#')
		return;
	script_settle(s, out);
	if (s->in_space && script_is_name(s->last) && script_is_name(c))
		html_put(out, ' ');
	script_put(s, out, c);
}

/* A byte of code behind a "/" that was held back. */
static bool
script_add_held(struct html_script *s, struct html_queue *out, uint8_t c)
{
	s->held = 0;
	if (c == '*') {
		s->state = SCRIPT_COMMENT;
		return true;
	}
	if (c == '/') {
		s->in_space = true;
		return true;
	}
	script_add_word(s, out, '/');
	return false;
}

static void
script_add_in(struct html_script *s, struct html_queue *out, uint8_t c)
{
	if (s->held == '/' && script_add_held(s, out, c))
		return;
	if (c == '/')
		s->held = c;
	else if (html_is_space(c))
		s->in_space = true;
	else if (c == '"' || c == '\'')
		script_open_string(s, out, c);
	else
		script_add_word(s, out, c);
}

static void
script_add_code(struct html_script *s, struct html_queue *out, uint8_t c)
{
	switch (s->state) {
	case SCRIPT_OUT:
		break;
	case SCRIPT_IN:
		script_add_in(s, out, c);
		break;
	case SCRIPT_STRING:
		script_add_string(s, out, c);
		break;
	case SCRIPT_COMMENT:
		if (c == '/' && s->held == '*') {
			s->state = SCRIPT_IN;
			s->in_space = true;
			s->held = 0;
		} else {
			s->held = c;
		}
		break;
	}
}

void
html_script_add(struct html_script *s, struct html_queue *out, uint8_t c)
{
	static const char mark[] = "</script";
	size_t seen = s->tag_size, i;

	if (s->state == SCRIPT_OUT) {
		script_add_out(s, out, c);
		return;
	}
	if (html_small(c) == (uint8_t)mark[seen]) {
		s->tag_size++;
		if (mark[s->tag_size] != '\0')
			return;
		s->tag_size = 0;
		script_close(s, out);
		return;
	}
	/* What looked like the end of the script was code after all. */
	s->tag_size = 0;
	for (i = 0; i < seen; i++)
		script_add_code(s, out, (uint8_t)mark[i]);
	if (c == '<')
		s->tag_size = 1;
	else
		script_add_code(s, out, c);
}

void
html_script_end(struct html_script *s, struct html_queue *out)
{
	if (s->state != SCRIPT_OUT)
		script_close(s, out);
}

/* Outside and not in a tag: step over what is none. */
static size_t
script_step(const struct html_script *s, const uint8_t *bytes, size_t size)
{
	const uint8_t *tag;

	if (s->state != SCRIPT_OUT || s->in_tag)
		return 0;
	tag = memchr(bytes, '<', size);
	return tag == NULL ? size : (size_t)(tag - bytes);
}

size_t
html_script_feed(struct html_script *s, struct html_queue *out,
    const uint8_t *bytes, size_t size)
{
	size_t i = 0;

	while (i < size && html_has_room(out)) {
		i += script_step(s, bytes + i, size - i);
		if (i < size && !html_is_nothing(bytes[i]))
			html_script_add(s, out, bytes[i]);
		i += i < size;
	}
	return i;
}
