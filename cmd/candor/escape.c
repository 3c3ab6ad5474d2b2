/*
 * escape.c - write hostile names harmlessly.  The contract is in escape.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/escape.h"

#include "lib/base/base64.h"
#include "lib/base/utf.h"

#include <string.h>

/*
 * Decode the character at bytes[0 .. size), size > 0: its bytes, or 0 if they
 * are not UTF-8.  [RFC 3629 section 4]
 */
static size_t
read_utf8(const uint8_t *bytes, size_t size, uint32_t *out)
{
	struct cur c = cur_from(bytes, size);

	return utf8_read(&c, out) ? c.pos : 0;
}

bool
escape_is_utf8(const void *bytes, size_t size)
{
	const uint8_t *p = bytes;
	uint32_t c;
	size_t n;

	for (; size > 0; p += n, size -= n) {
		n = read_utf8(p, size, &c);
		if (n == 0)
			return false;
	}
	return true;
}

/* Does it show as nothing, or change how its neighbours show? */
static bool
is_invisible(uint32_t c)
{
	static const uint32_t range[][2] = {
		{ 0x80, 0x9f },       /* C1 controls */
		{ 0xad, 0xad },       /* soft hyphen */
		{ 0x61c, 0x61c },     /* Arabic letter mark */
		{ 0x180e, 0x180e },   /* Mongolian vowel separator */
		{ 0x200b, 0x200f },   /* zero width, direction marks */
		{ 0x2028, 0x202e },   /* separators, embeddings, overrides */
		{ 0x2060, 0x206f },   /* joiners, isolates */
		{ 0xfeff, 0xfeff },   /* byte order mark */
		{ 0xfff9, 0xfffb },   /* interlinear annotation */
		{ 0xe0000, 0xe0fff }, /* tags */
	};
	size_t i;

	for (i = 0; i < sizeof(range) / sizeof(range[0]); i++)
		if (c >= range[i][0] && c <= range[i][1])
			return true;
	return false;
}

/* Write one ASCII byte for a person. */
static void
escape_ascii(FILE *to, uint8_t byte)
{
	if (byte == '\n')
		fputs("\\n", to);
	else if (byte == '\r')
		fputs("\\r", to);
	else if (byte == '\t')
		fputs("\\t", to);
	else if (byte == '\\')
		fputs("\\\\", to);
	else if (byte < 0x20 || byte == 0x7f)
		fprintf(to, "\\x%02x", byte);
	else
		putc_unlocked(byte, to);
}

/* Write the character at p for a person; how many bytes it took. */
static size_t
escape_one(FILE *to, const uint8_t *p, size_t size)
{
	uint32_t c = 0;
	size_t n = read_utf8(p, size, &c);

	if (n == 1)
		escape_ascii(to, p[0]);
	else if (n == 0)
		fprintf(to, "\\x%02x", p[0]);
	else if (is_invisible(c))
		fprintf(to, "\\u{%x}", c);
	else
		fwrite(p, 1, n, to);
	return n == 0 ? 1 : n;
}

void
escape_text(FILE *to, const void *bytes, size_t size)
{
	const uint8_t *p = bytes;
	size_t n;

	for (; size > 0; p += n, size -= n)
		n = escape_one(to, p, size);
}

/* The entity of a byte that HTML reads, or NULL. */
static const char *
find_entity(uint8_t byte)
{
	switch (byte) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&#39;";
	default:
		return NULL;
	}
}

void
escape_html(FILE *to, const void *bytes, size_t size)
{
	const uint8_t *p = bytes;
	size_t n;

	for (; size > 0; p += n, size -= n) {
		const char *entity = find_entity(p[0]);

		n = 1;
		if (entity != NULL)
			fputs(entity, to);
		else
			n = escape_one(to, p, size);
	}
}

/* Write one ASCII byte inside a JSON string. */
static void
escape_json_ascii(FILE *to, uint8_t byte)
{
	if (byte == '"' || byte == '\\')
		fprintf(to, "\\%c", byte);
	else if (byte == '\n')
		fputs("\\n", to);
	else if (byte == '\t')
		fputs("\\t", to);
	else if (byte < 0x20 || byte == 0x7f)
		fprintf(to, "\\u%04x", byte);
	else
		putc_unlocked(byte, to);
}

void
escape_json(FILE *to, const void *bytes, size_t size)
{
	const uint8_t *p = bytes;
	size_t n;

	for (; size > 0; p += n, size -= n) {
		uint32_t c = 0;

		n = read_utf8(p, size, &c);
		if (n == 1) {
			escape_json_ascii(to, p[0]);
		} else if (n == 0) {
			fputs("\\ufffd", to);
			n = 1;
		} else if (c <= 0xffff && is_invisible(c)) {
			/* JSON Lines read on a terminal must not act on it. */
			fprintf(to, "\\u%04x", c);
		} else {
			fwrite(p, 1, n, to);
		}
	}
}

void
escape_json_string(FILE *to, const void *bytes, size_t size)
{
	putc_unlocked('"', to);
	escape_json(to, bytes, size);
	putc_unlocked('"', to);
}

void
escape_base64(FILE *to, const void *bytes, size_t size)
{
	char text[BASE64_SIZE(3) + 1];
	const uint8_t *p = bytes;
	size_t i;

	for (i = 0; i < size; i += 3) {
		base64_write(p + i, size - i < 3 ? size - i : 3, text);
		fputs(text, to);
	}
}

void
escape_uri(FILE *to, const void *bytes, size_t size)
{
	static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "abcdefghijklmnopqrstuvwxyz0123456789-._~/";
	const uint8_t *p = bytes;
	size_t i;

	for (i = 0; i < size; i++) {
		if (p[i] != 0 && strchr(plain, p[i]) != NULL)
			putc_unlocked(p[i], to);
		else
			fprintf(to, "%%%02X", p[i]);
	}
}

void
escape_hex(FILE *to, const void *bytes, size_t size)
{
	static const char digit[] = "0123456789abcdef";
	const uint8_t *p = bytes;
	size_t i;

	for (i = 0; i < size; i++) {
		putc_unlocked(digit[p[i] >> 4], to);
		putc_unlocked(digit[p[i] & 15], to);
	}
}
