/*
 * below.c - bytes from a folder, or from a tar archive of one.
 *
 * A name is one below the folder, without "." or "..", and no link is
 * followed.  An archive is looked through from its start for each name: a
 * bundle has a handful of them.
 *
 * Spec:  POSIX.1-2017 pax, ustar interchange format: blocks of 512 bytes, a
 *        header before each file; names of up to 255 bytes in two fields.
 *        Links and long names of other kinds are passed by.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/fetch/fetch.h"

#include "lib/base/ckd.h"
#include "sys/clock.h"
#include "sys/whole.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BLOCK    512u
#define PIECE    65536u
#define TAR_MOST 65536u /* files of an archive that are looked at */

/* --- a folder ------------------------------------------------------------- */

/* Without openat2() (a filter may refuse it): a component at a time. */
static int
open_slowly(int at, const char *name)
{
	int here = fcntl(at, F_DUPFD_CLOEXEC, 3), next;
	char part[256];
	size_t len;

	for (; here != -1; name += len + 1) {
		len = strcspn(name, "/");
		if (len >= sizeof(part))
			break;
		memcpy(part, name, len);
		part[len] = '\0';
		next = openat(here, part,
		    O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK |
			(name[len] == '/' ? O_DIRECTORY : 0));
		(void)close(here);
		here = next;
		if (name[len] == '\0')
			return here;
	}
	if (here != -1)
		(void)close(here);
	return -1;
}

static int
open_below(int at, const char *name)
{
	struct open_how how = {
		.flags = O_RDONLY | O_CLOEXEC | O_NONBLOCK,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, at, name, &how, sizeof(how));

	if (fd == -1 && (errno == ENOSYS || errno == EPERM))
		return open_slowly(at, name);
	return fd;
}

/* Hand on size bytes of fd from offset at on. */
static enum order_end
copy(struct fetch *f, int fd, uint64_t at, uint64_t size, struct why *why)
{
	static uint8_t piece[PIECE];
	uint64_t end = clock_milliseconds() + f->total_ms;
	ssize_t n;

	if (size > f->most) {
		(void)why_not(why, WHY_LIMIT, "%s: more than %llu bytes",
		    f->url, (unsigned long long)f->most);
		return ORDER_LIMIT;
	}
	for (; size > 0; size -= (uint64_t)n, at += (uint64_t)n) {
		n = whole_pread(fd, piece, size < PIECE ? (size_t)size : PIECE,
		    at);
		if (n <= 0) {
			(void)why_not(why, WHY_SYSTEM, "%s: cut off", f->url);
			return ORDER_FAILED;
		}
		if (!fetch_put(f, piece, (size_t)n)) {
			(void)why_not(why, WHY_BROKEN, "nobody listens");
			return ORDER_FAILED;
		}
		if (clock_milliseconds() > end) {
			(void)why_not(why, WHY_LIMIT, "%s: too slow", f->url);
			return ORDER_LIMIT;
		}
	}
	return ORDER_DONE;
}

static enum order_end
folder_get(int at, struct fetch *f, struct why *why)
{
	int fd = open_below(at, f->url);
	enum order_end end = ORDER_FAILED;
	bool is_absent = fd == -1 && errno == ENOENT;
	struct stat s;

	if (fd == -1)
		(void)why_not(why, WHY_SYSTEM, "%.150s: %s", f->url,
		    strerror(errno));
	else if (fstat(fd, &s) == -1 || !S_ISREG(s.st_mode))
		(void)why_not(why, WHY_BROKEN, "%.150s: not a file", f->url);
	else
		end = copy(f, fd, 0, (uint64_t)s.st_size, why);
	if (fd != -1)
		(void)close(fd);
	return is_absent ? ORDER_ABSENT : end;
}

/* --- an archive ----------------------------------------------------------- */

/* An octal number, blanks and a zero around it. */
static bool
octal(const uint8_t *text, size_t size, uint64_t *out)
{
	bool is_any = false;
	size_t i = 0;

	*out = 0;
	while (i < size && text[i] == ' ')
		i++;
	for (; i < size && text[i] >= '0' && text[i] <= '7'; i++) {
		*out = *out * 8 + (uint64_t)(text[i] - '0');
		is_any = true;
	}
	return is_any && (i == size || text[i] == '\0' || text[i] == ' ');
}

/* PREFIX/NAME, without "./" before it. */
static void
member_name(const uint8_t *b, char out[260])
{
	bool has_prefix = memcmp(b + 257, "ustar", 5) == 0 && b[345] != 0;

	(void)snprintf(out, 260, "%.155s%s%.100s",
	    has_prefix ? (const char *)b + 345 : "", has_prefix ? "/" : "",
	    (const char *)b);
	if (strncmp(out, "./", 2) == 0)
		memmove(out, out + 2, strlen(out + 2) + 1);
}

static enum order_end
archive_get(int fd, struct fetch *f, struct why *why)
{
	uint8_t b[BLOCK];
	uint64_t at = 0, size;
	unsigned count;
	char name[260];

	for (count = 0; count < TAR_MOST; count++) {
		if (whole_pread(fd, b, BLOCK, at) != BLOCK || b[0] == 0)
			break; /* the end, or what is cut off */
		if (!octal(b + 124, 12, &size) ||
		    ckd_add(&at, at, (uint64_t)BLOCK)) {
			(void)why_not(why, WHY_BROKEN,
			    "not a folder, and not a tar archive");
			return ORDER_FAILED;
		}
		member_name(b, name);
		if ((b[156] == '0' || b[156] == 0) && strcmp(name, f->url) == 0)
			return copy(f, fd, at, size, why);
		if (size > INT64_MAX - at - BLOCK)
			break;
		at += (size + BLOCK - 1) / BLOCK * BLOCK;
	}
	(void)why_not(why, WHY_BROKEN, "%.150s: not in the archive", f->url);
	return ORDER_ABSENT;
}

/* --- either --------------------------------------------------------------- */

/* No part of a name leads elsewhere. */
static bool
is_plain(const char *name)
{
	size_t len;

	for (;; name += len + 1) {
		len = strcspn(name, "/");
		if (len == 0 || strncmp(name, "..", len) == 0)
			return false; /* "", "." and ".." */
		if (name[len] == '\0')
			return true;
	}
}

enum order_end
below_get(int at, struct fetch *f, struct why *why)
{
	struct stat s;

	if (!is_plain(f->url)) {
		(void)why_not(why, WHY_BROKEN, "%.150s: not a name", f->url);
		return ORDER_REFUSED;
	}
	if (fstat(at, &s) == -1) {
		(void)why_not(why, WHY_SYSTEM, "fstat");
		return ORDER_FAILED;
	}
	return S_ISDIR(s.st_mode) ? folder_get(at, f, why)
				  : archive_get(at, f, why);
}
