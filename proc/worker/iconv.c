/*
 * iconv.c - no character sets in the cage.
 *
 * libarchive converts member names with iconv(), and the C library's opens a
 * file for every character set the first time it is asked for: a call that
 * kills a worker.  The definitions here come before the C library's, say that
 * there is no such set, and libarchive goes on with what it can convert by
 * itself (UTF-8, UTF-16) or with the bytes as they are stored.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include <errno.h>
#include <iconv.h>

#define EXPORT __attribute__((visibility("default")))

EXPORT iconv_t
iconv_open(const char *to, const char *from)
{
	(void)to;
	(void)from;
	errno = EINVAL;
	return (iconv_t)-1;
}

EXPORT size_t
iconv(iconv_t cd, char **in, size_t *in_left, char **out, size_t *out_left)
{
	(void)cd;
	(void)in;
	(void)in_left;
	(void)out;
	(void)out_left;
	errno = EBADF;
	return (size_t)-1;
}

EXPORT int
iconv_close(iconv_t cd)
{
	(void)cd;
	errno = EBADF;
	return -1;
}
