/*
 * subject.c - open the file that is to be scanned.  See subject.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/subject.h"

#include "sys/place.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <string.h>
#include <unistd.h>

#define SUBJECT_FLAGS (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
#define FOLDER_FLAGS  (O_RDONLY | O_CLOEXEC | O_DIRECTORY)
#define NO_LINKS      (RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS)

void
subject_stamp_from(const struct stat *st, struct subject_stamp *out)
{
	out->device = st->st_dev;
	out->inode = st->st_ino;
	out->size = st->st_size < 0 ? 0 : (uint64_t)st->st_size;
	out->mtime_s = st->st_mtim.tv_sec;
	out->ctime_s = st->st_ctim.tv_sec;
	out->mtime_ns = (uint32_t)st->st_mtim.tv_nsec;
	out->ctime_ns = (uint32_t)st->st_ctim.tv_nsec;
}

enum subject_kind
subject_kind_of(uint32_t mode)
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
	subject_stamp_from(&st, out);
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

	if (fd == -1 && (errno == ELOOP || errno == EXDEV)) {
		out->kind = errno == ELOOP ? SUBJECT_LINK : SUBJECT_BEYOND;
		return true;
	}
	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "%s: cannot open", name);
	if (fstat(fd, &st) == -1) {
		(void)why_not(why, WHY_SYSTEM, "%s: cannot stat", name);
		(void)close(fd);
		return false;
	}
	subject_stamp_from(&st, &out->stamp);
	out->kind = subject_kind_of(st.st_mode);
	if (out->kind == SUBJECT_FILE)
		out->fd = fd;
	else
		(void)close(fd);
	return true;
}

static void
begin(struct subject *out)
{
	memset(out, 0, sizeof(*out));
	out->fd = -1;
}

static void
looked(const struct stat *st, struct subject *out)
{
	subject_stamp_from(st, &out->stamp);
	out->kind = subject_kind_of(st->st_mode);
}

static int
open_how(int dir, const char *name, int flags, uint64_t resolve)
{
	struct open_how how = {
		.flags = (unsigned)flags,
		.resolve = resolve,
	};

	return (int)syscall(SYS_openat2, dir, name, &how, sizeof(how));
}

/* Some containers refuse what they do not know. */
static bool
is_refused(int fd)
{
	return fd == -1 && (errno == ENOSYS || errno == EPERM);
}

/*
 * Where openat2() is refused: for a single component O_NOFOLLOW says as much,
 * and what was opened with O_PATH can be asked for its mount.
 */
static int
open_as_before(int dir, const char *name, int flags)
{
	int fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct place place, above;
	bool is_beyond;

	if (fd == -1)
		return -1;
	is_beyond = !place_get(fd, "", &place, NULL) ||
	    !place_get(dir, "", &above, NULL) || place.mount != above.mount;
	(void)close(fd);
	if (!is_beyond)
		return openat(dir, name, flags | O_NOFOLLOW);
	errno = EXDEV;
	return -1;
}

int
subject_open_folder(int dir, const char *name)
{
	int fd = open_how(dir, name, FOLDER_FLAGS | O_NOFOLLOW,
	    NO_LINKS | RESOLVE_NO_XDEV);

	return is_refused(fd) ? open_as_before(dir, name, FOLDER_FLAGS) : fd;
}

bool
subject_open_below(int dir, const char *name, struct subject *out,
    struct why *why)
{
	struct place place;
	struct stat st;
	int fd;

	begin(out);
	if (strchr(name, '/') != NULL || strcmp(name, "..") == 0)
		return why_not(why, WHY_BUG, "%s: not one name", name);
	if (!place_get(dir, name, &place, &st))
		return why_not(why, WHY_SYSTEM, "%s: cannot stat", name);
	looked(&st, out);
	if (out->kind != SUBJECT_FILE)
		return true;
	fd = open_how(dir, name, SUBJECT_FLAGS | O_NOFOLLOW,
	    NO_LINKS | RESOLVE_NO_XDEV | RESOLVE_BENEATH);
	if (is_refused(fd))
		fd = open_as_before(dir, name, SUBJECT_FLAGS);
	return open_file(fd, name, out, why);
}

bool
subject_open_named(const char *path, struct subject *out, struct why *why)
{
	struct stat st;

	begin(out);
	if (stat(path, &st) == -1)
		return why_not(why, WHY_SYSTEM, "%s: cannot stat", path);
	looked(&st, out);
	if (out->kind != SUBJECT_FILE)
		return true;
	return open_file(open(path, SUBJECT_FLAGS), path, out, why);
}

/* Open a folder or a file that is at path, which is open with O_PATH. */
static bool
open_found(int fd, const char *path, struct subject *out, struct why *why)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return why_not(why, WHY_SYSTEM, "%s: cannot stat", path);
	looked(&st, out);
	if (out->kind == SUBJECT_FILE)
		return open_file(open_how(AT_FDCWD, path, SUBJECT_FLAGS,
				     RESOLVE_NO_XDEV),
		    path, out, why);
	if (out->kind == SUBJECT_FOLDER)
		out->fd = openat(fd, ".", FOLDER_FLAGS);
	return out->kind != SUBJECT_FOLDER || out->fd != -1 ||
	    why_not(why, WHY_SYSTEM, "%s: cannot open", path);
}

bool
subject_open_inside(const char *path, struct subject *out, struct why *why)
{
	int fd = open_how(AT_FDCWD, path, O_PATH | O_CLOEXEC, RESOLVE_NO_XDEV);
	bool is_open;

	begin(out);
	if (is_refused(fd) || (fd == -1 && errno == EXDEV)) {
		out->kind = SUBJECT_BEYOND;
		return true;
	}
	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "%s: cannot open", path);
	is_open = open_found(fd, path, out, why);
	(void)close(fd);
	return is_open;
}

int
subject_find_inside(const char *path)
{
	return open_how(AT_FDCWD, path, O_PATH | O_NOFOLLOW | O_CLOEXEC,
	    NO_LINKS | RESOLVE_NO_XDEV);
}

void
subject_close(struct subject *s)
{
	if (s->fd != -1)
		(void)close(s->fd);
	s->fd = -1;
}
