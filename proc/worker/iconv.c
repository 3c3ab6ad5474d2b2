/*
 * iconv.c - one character set in the cage: UTF-8.
 *
 * libarchive converts member names with iconv(), and the C library's opens a
 * file for every character set the first time it is asked for: a call that
 * kills a worker.  The definitions here come before the C library's.  They
 * know how UTF-16 becomes UTF-8, whatever the locale is called, pass UTF-8 on
 * as it is, and say of every other set that there is none; libarchive then
 * leaves the bytes of a name as they are stored.
 *
 * What is no UTF-16 becomes U+FFFD: a name is for showing, and better odd
 * than missing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/cur.h"

#include <errno.h>
#include <iconv.h>
#include <stdint.h>
#include <string.h>
#include <strings.h>

#define EXPORT __attribute__((visibility("default")))

#define REPLACEMENT 0xFFFDu

enum charset {
	CHARSET_NONE,
	UTF16_LE,
	UTF16_BE,
	UTF8
};

EXPORT iconv_t
iconv_open(const char *to, const char *from)
{
	enum charset set = CHARSET_NONE;

	if (strcasecmp(from, "UTF-16LE") == 0)
		set = UTF16_LE;
	else if (strcasecmp(from, "UTF-16BE") == 0)
		set = UTF16_BE;
	else if (strcasecmp(from, "UTF-8") == 0)
		set = UTF8;
	if (set == CHARSET_NONE || strncasecmp(to, "UTF-16", 6) == 0) {
		errno = EINVAL;
		return (iconv_t)-1;
	}
	return (iconv_t)(uintptr_t)set;
}

static uint32_t
read_unit(struct cur *c, enum charset set)
{
	return set == UTF16_LE ? cur_u16le(c) : cur_u16be(c);
}

/* One character of UTF-16; half a pair alone is none. */
static uint32_t
read_utf16(struct cur *c, enum charset set)
{
	uint32_t first = read_unit(c, set), second;
	struct cur ahead;

	if (first < 0xD800 || first > 0xDFFF)
		return first;
	ahead = *c;
	second = read_unit(&ahead, set);
	if (first > 0xDBFF || !cur_ok(&ahead) || second < 0xDC00 ||
	    second > 0xDFFF)
		return REPLACEMENT;
	*c = ahead;
	return 0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00);
}

/* Its bytes in UTF-8; how many. [RFC 3629 section 3] */
static size_t
make_utf8(uint32_t character, char out[4])
{
	static const uint8_t lead[] = { 0, 0x00, 0xC0, 0xE0, 0xF0 };
	size_t size = character < 0x80 ? 1
	    : character < 0x800        ? 2
	    : character < 0x10000      ? 3
				       : 4;
	size_t i;

	for (i = size - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (character & 0x3F));
		character >>= 6;
	}
	out[0] = (char)(lead[size] | character);
	return size;
}

/* The next character of in, as UTF-8. */
static size_t
convert_one(struct cur *in, enum charset set, char out[4])
{
	if (set == UTF8) {
		out[0] = (char)cur_u8(in);
		return 1;
	}
	return make_utf8(read_utf16(in, set), out);
}

EXPORT size_t
iconv(iconv_t cd, char **in, size_t *in_left, char **out, size_t *out_left)
{
	enum charset set = (enum charset)(uintptr_t)cd;
	size_t least = set == UTF8 ? 1 : 2;
	struct cur c;

	/* There is no state to reset. */
	if (in == NULL || *in == NULL)
		return 0;
	c = cur_from(*in, *in_left);
	while (cur_left(&c) >= least) {
		char utf8[4];
		size_t before = cur_left(&c);
		size_t size = convert_one(&c, set, utf8);

		if (size > *out_left) {
			errno = E2BIG;
			return (size_t)-1;
		}
		memcpy(*out, utf8, size);
		*out += size;
		*out_left -= size;
		*in += before - cur_left(&c);
		*in_left = cur_left(&c);
	}
	if (*in_left == 0)
		return 0;

	/* Half a unit at the end. */
	errno = EINVAL;
	return (size_t)-1;
}

EXPORT int
iconv_close(iconv_t cd)
{
	(void)cd;
	return 0;
}
