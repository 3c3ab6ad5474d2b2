/*
 * iconv.c - one character set in the cage: UTF-8.  For workers and readers.
 *
 * libarchive converts member names with iconv(), and the C library's opens a
 * file for every character set the first time it is asked for: a call that
 * kills a worker.  The definitions here come before the C library's.  They
 * know how UTF-16 and Latin 1 (as libhivex calls it) become UTF-8, whatever the
 * locale is called, pass UTF-8 on as it is, and say of every other set that
 * there is none; libarchive then leaves the bytes of a name as they are stored.
 *
 * What is no UTF-16 becomes U+FFFD: a name is for showing, and better odd
 * than missing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/cur.h"
#include "lib/base/utf.h"

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
	UTF8,
	LATIN1
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
	else if (strcasecmp(from, "LATIN1") == 0)
		set = LATIN1;
	if (set == CHARSET_NONE || strcasecmp(to, "LATIN1") == 0 ||
	    strncasecmp(to, "UTF-16", 6) == 0) {
		errno = EINVAL;
		return (iconv_t)-1;
	}
	return (iconv_t)(uintptr_t)set;
}

/* The next character of in, as UTF-8. */
static size_t
convert_one(struct cur *in, enum charset set, uint8_t out[UTF8_MAX])
{
	uint32_t character;

	if (set == UTF8) {
		out[0] = cur_u8(in);
		return 1;
	}
	if (set == LATIN1)
		return utf8_write(cur_u8(in), out);
	character = utf16_read(in, set == UTF16_BE);
	return utf8_write(utf16_is_half(character) ? REPLACEMENT : character,
	    out);
}

EXPORT size_t
iconv(iconv_t cd, char **in, size_t *in_left, char **out, size_t *out_left)
{
	enum charset set = (enum charset)(uintptr_t)cd;
	size_t least = set == UTF8 || set == LATIN1 ? 1 : 2;
	struct cur c;

	/* There is no state to reset. */
	if (in == NULL || *in == NULL)
		return 0;
	c = cur_from(*in, *in_left);
	while (cur_left(&c) >= least) {
		uint8_t utf8[UTF8_MAX];
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
