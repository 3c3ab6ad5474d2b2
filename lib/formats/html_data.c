/*
 * html_data.c - find "data:" addresses in a page, a byte at a time.
 *
 * Spec:    RFC 2397, and what browsers make of it (Fetch, "data: URL
 *          processor"): letters of either case, spaces around parameters,
 *          white space and percent signs in the body.
 * Input:   hostile; any byte.
 * Limits:  Base64 only.  Other bodies stand in the page as they are, but for
 *          percent signs.  A character reference ends a body.
 *
 *   data:[<media type>][;<parameter>]...;base64,<body>
 *
 * The address can stand anywhere: in an attribute, a style or a script.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/html_data.h"

#include "lib/formats/html.h"

#include <string.h>

static const char data_scheme[] = "data:";
static const char data_coding[] = ";base64";

/* Outside: is "data:" complete? */
static void
data_add_out(struct html_data *d, uint8_t c)
{
	if (html_small(c) != (uint8_t)data_scheme[d->matched])
		d->matched = html_small(c) == 'd';
	else if (++d->matched == sizeof(data_scheme) - 1) {
		d->matched = 0;
		d->type_size = 0;
		d->state = DATA_TYPE;
	}
}

static bool
data_type_ends(const struct html_data *d, const char *text)
{
	size_t size = strlen(text);

	return d->type_size >= size &&
	    memcmp(d->type + d->type_size - size, text, size) == 0;
}

/* The body begins if the media type says that it is Base64. */
static enum html_data_step
data_end_type(struct html_data *d)
{
	d->state = DATA_OUT;
	if (!data_type_ends(d, data_coding))
		return DATA_NOTHING;
	d->type_size -= sizeof(data_coding) - 1;
	d->state = DATA_BODY;
	d->bits = (struct base64){ 0 };
	return DATA_BEGIN;
}

static bool
data_is_type(uint8_t c)
{
	return c > ' ' && c < 0x7f && strchr("\"'<>()\\", c) == NULL;
}

static enum html_data_step
data_add_type(struct html_data *d, uint8_t c)
{
	if (c == ',')
		return data_end_type(d);
	if (c == ' ')
		return DATA_NOTHING;
	if (c == ':' && data_type_ends(d, "data")) {
		d->type_size = 0; /* this is where it begins */
		return DATA_NOTHING;
	}
	if (!data_is_type(c) || d->type_size == sizeof(d->type)) {
		d->state = DATA_OUT;
		data_add_out(d, c);
		return DATA_NOTHING;
	}
	d->type[d->type_size++] = (char)html_small(c);
	return DATA_NOTHING;
}

static enum html_data_step
data_add_body(struct html_data *d, uint8_t c, uint8_t *out)
{
	uint8_t value;

	if (html_is_space(c))
		return DATA_NOTHING;
	if (c == '%') {
		d->state = DATA_PERCENT;
		return DATA_NOTHING;
	}
	d->state = DATA_BODY;
	value = base64_value(c);
	if (value < 64)
		return base64_add(&d->bits, value, out) ? DATA_BYTE
							: DATA_NOTHING;
	d->state = DATA_OUT;
	return DATA_END;
}

/* The value of a hexadecimal digit, or 16. */
static uint8_t
data_digit(uint8_t c)
{
	if (c >= '0' && c <= '9')
		return (uint8_t)(c - '0');
	c = html_small(c);
	return c >= 'a' && c <= 'f' ? (uint8_t)(c - 'a' + 10) : 16;
}

static enum html_data_step
data_add_digit(struct html_data *d, uint8_t c, uint8_t *out)
{
	uint8_t digit = data_digit(c);

	if (digit == 16) {
		d->state = DATA_OUT;
		return DATA_END;
	}
	if (d->state == DATA_PERCENT) {
		d->digit = digit;
		d->state = DATA_HEX;
		return DATA_NOTHING;
	}
	c = (uint8_t)(d->digit * 16 + digit);
	d->state = DATA_BODY;
	/* "%25" would be a percent sign, which is not Base64. */
	return data_add_body(d, c == '%' ? '=' : c, out);
}

enum html_data_step
html_data_add(struct html_data *d, uint8_t c, uint8_t *out)
{
	switch (d->state) {
	case DATA_OUT:
		data_add_out(d, c);
		break;
	case DATA_TYPE:
		return data_add_type(d, c);
	case DATA_BODY:
		return data_add_body(d, c, out);
	case DATA_PERCENT:
	case DATA_HEX:
		return data_add_digit(d, c, out);
	}
	return DATA_NOTHING;
}

/* --- is there one at all? ------------------------------------------------- */

/* The significant byte before *at, which goes there; those before all bytes
   are the last ones. */
static uint8_t
spot_back(const struct html_spot *s, const uint8_t *bytes, size_t *at,
    size_t *before)
{
	while (*at > 0)
		if (!html_is_nothing(bytes[--*at]))
			return html_small(bytes[*at]);
	return *before > 0 ? s->last[--*before] : 0;
}

/* Does "data" stand before the colon at at? */
static bool
spot_is_data(const struct html_spot *s, const uint8_t *bytes, size_t at)
{
	size_t before = sizeof(s->last), i = sizeof(s->last);

	while (i > 0 &&
	    spot_back(s, bytes, &at, &before) == (uint8_t)data_scheme[i - 1])
		i--;
	return i == 0;
}

bool
html_spot_data(struct html_spot *s, const uint8_t *bytes, size_t size)
{
	const uint8_t *at = bytes, *end = bytes + size;
	size_t before = sizeof(s->last), i = sizeof(s->last);
	uint8_t last[sizeof(s->last)];

	while ((at = memchr(at, ':', (size_t)(end - at))) != NULL) {
		if (spot_is_data(s, bytes, (size_t)(at - bytes)))
			return true;
		at++;
	}
	while (i > 0)
		last[--i] = spot_back(s, bytes, &size, &before);
	memcpy(s->last, last, sizeof(last));
	return false;
}
