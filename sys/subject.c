/*
 * subject.c - open the file that is to be scanned.  See subject.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/subject.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <unistd.h>

#define SUBJECT_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)

static void
stamp_from(const struct stat *st, struct subject_stamp *out)
{
	out->device = st->st_dev;
	out->inode = st->st_ino;
	out->size = st->st_size < 0 ? 0 : (uint64_t)st->st_size;
	out->mtime_s = st->st_mtim.tv_sec;
	out->ctime_s = st->st_ctim.tv_sec;
	out->mtime_ns = (uint32_t)st->st_mtim.tv_nsec;
	out->ctime_ns = (uint32_t)st->st_ctim.tv_nsec;
}

static enum subject_kind
kind_from(mode_t mode)
{
	if (S_ISREG(mode))
		return SUBJECT_FILE;
	if (S_ISDIR(mode))
		return SUBJECT_FOLDER;
	return S_ISLNK(mode) ? SUBJECT_LINK : SUBJECT_OTHER;
}

bool
subject_stamp(int fd, struct subject_stamp *out, struct why *why)
{
	struct stat st;

	memset(out, 0, sizeof(*out));
	if (fstat(fd, &st) == -1)
		return why_not(why, WHY_SYSTEM, "cannot stat an open file");
	stamp_from(&st, out);
	return true;
}

bool
subject_is_same(const struct subject_stamp *a, const struct subject_stamp *b)
{
	return a->device == b->device && a->inode == b->inode &&
	    a->size == b->size && a->mtime_s == b->mtime_s &&
	    a->mtime_ns == b->mtime_ns && a->ctime_s == b->ctime_s &&
	    a->ctime_ns == b->ctime_ns;
}

/* Open a file that was a regular one a moment ago, and look again. */
static bool
open_file(int fd, const char *name, struct subject *out, struct why *why)
{
	struct stat st;

	if (fd == -1 && errno == ELOOP) {
		out->kind = SUBJECT_LINK;
		return true;
	}
	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "%s: cannot open", name);
	if (fstat(fd, &st) == -1) {
		(void)why_not(why, WHY_SYSTEM, "%s: cannot stat", name);
		(void)close(fd);
		return false;
	}
	stamp_from(&st, &out->stamp);
	out->kind = kind_from(st.st_mode);
	if (out->kind == SUBJECT_FILE)
		out->fd = fd;
	else
		(void)close(fd);
	return true;
}

/* Look at a name without opening it. */
static bool
look(int dir, const char *name, int flags, struct subject *out, struct why *why)
{
	struct stat st;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	if (fstatat(dir, name, &st, flags) == -1)
		return why_not(why, WHY_SYSTEM, "%s: cannot stat", name);
	stamp_from(&st, &out->stamp);
	out->kind = kind_from(st.st_mode);
	return true;
}

static int
open_no_links(int dir, const char *name)
{
	struct open_how how = {
		.flags = SUBJECT_FLAGS | O_NOFOLLOW,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
		    RESOLVE_NO_MAGICLINKS,
	};
	int fd = (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));

	/*
	 * Some containers refuse what they do not know.  For a single
	 * component O_NOFOLLOW says the same.
	 */
	if (fd == -1 && (errno == ENOSYS || errno == EPERM))
		fd = openat(dir, name, SUBJECT_FLAGS | O_NOFOLLOW);
	return fd;
}

bool
subject_open_below(int dir, const char *name, struct subject *out,
    struct why *why)
{
	if (strchr(name, '/') != NULL || strcmp(name, "..") == 0) {
		memset(out, 0, sizeof(*out));
		out->fd = -1;
		return why_not(why, WHY_BUG, "%s: not one name", name);
	}
	if (!look(dir, name, AT_SYMLINK_NOFOLLOW, out, why))
		return false;
	if (out->kind != SUBJECT_FILE)
		return true;
	return open_file(open_no_links(dir, name), name, out, why);
}

bool
subject_open_named(const char *path, struct subject *out, struct why *why)
{
	if (!look(AT_FDCWD, path, 0, out, why))
		return false;
	if (out->kind != SUBJECT_FILE)
		return true;
	return open_file(open(path, SUBJECT_FLAGS), path, out, why);
}

void
subject_close(struct subject *s)
{
	if (s->fd != -1)
		(void)close(s->fd);
	s->fd = -1;
}
