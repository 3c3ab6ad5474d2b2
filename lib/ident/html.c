/*
 * html.c - does text hold tags that make it HTML.  Contract in html.h.
 *
 * Spec:    what ClamAV 1.4.6 was observed to take for HTML: any of the tags
 *          below, in small letters, in capitals, or with only the first letter
 *          a capital (mixed case otherwise does not count); or "<a " with
 *          "href" anywhere after it, in the same three forms.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ident/html.h"

#include <string.h>

/* What may follow "<". */
static const char *const html_tags[] = { "html>", "head>", "script", "img",
	"table", "iframe", "object" };

static uint8_t
html_capital(char c)
{
	return (uint8_t)(c >= 'a' && c <= 'z' ? c - 0x20 : c);
}

/* Does in start with word: all small, all capitals, or only its first? */
static bool
html_starts(struct cur in, const char *word)
{
	bool small = true, capitals = true, capital = true;
	size_t i;
	uint8_t c;

	for (i = 0; word[i] != '\0'; i++) {
		c = cur_u8(&in);
		small = small && c == (uint8_t)word[i];
		capitals = capitals && c == html_capital(word[i]);
		capital = capital &&
		    c == (i == 0 ? html_capital(word[i]) : (uint8_t)word[i]);
	}
	return cur_ok(&in) && (small || capitals || capital);
}

static bool
html_is_tag(struct cur in)
{
	size_t i;

	for (i = 0; i < sizeof(html_tags) / sizeof(html_tags[0]); i++)
		if (html_starts(in, html_tags[i]))
			return true;
	return false;
}

static bool
html_has(struct cur in, uint8_t first, const char *rest)
{
	struct cur before;

	while (cur_until(&in, first, &before))
		if (cur_match(&in, rest, 3))
			return true;
	return false;
}

static bool
html_has_href(struct cur in)
{
	return html_has(in, 'h', "ref") || html_has(in, 'H', "REF") ||
	    html_has(in, 'H', "ref");
}

/* Look at bytes that hang together. */
static bool
html_find_in(struct html_finder *f, struct cur in)
{
	struct cur link = in, before;

	while (cur_until(&in, '<', &before)) {
		if (html_is_tag(in))
			return true;
		if (!f->in_link && html_starts(in, "a ")) {
			f->in_link = true;
			link = in;
		}
	}
	return f->in_link && html_has_href(link);
}

bool
html_find(struct html_finder *f, struct cur piece)
{
	uint8_t seam[2 * HTML_TAIL];
	size_t size = f->tail_size;
	struct cur in = piece;

	memcpy(seam, f->tail, size);
	while (size < sizeof(seam) && cur_left(&in) > 0)
		seam[size++] = cur_u8(&in);
	if (f->tail_size > 0 && html_find_in(f, cur_from(seam, size)))
		return true;
	if (html_find_in(f, piece))
		return true;

	/* Keep the last bytes; short pieces keep some of the old tail. */
	in = piece;
	if (cur_left(&in) > HTML_TAIL &&
	    !cur_skip(&in, cur_left(&in) - HTML_TAIL))
		return false;
	while (cur_left(&in) > 0) {
		if (f->tail_size == HTML_TAIL)
			memmove(f->tail, f->tail + 1, --f->tail_size);
		f->tail[f->tail_size++] = cur_u8(&in);
	}
	return false;
}
