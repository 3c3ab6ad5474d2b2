/*
 * look.c - what is at a path.  The contract is in look.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/opener/look.h"

#include "sys/filesystem.h"
#include "sys/place.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define OPEN_FILE   (O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY)
#define OPEN_FOLDER (O_RDONLY | O_DIRECTORY | O_CLOEXEC)

/* --- one step ------------------------------------------------------------ */

static void
note(struct look *l, uint64_t mount)
{
	if (mount == l->noted)
		return;
	l->noted = mount;
	l->note(l->ctx, mount);
}

/*
 * We stand on fd now.  What kind of file system is it?  From a local one
 * nothing is to be feared.
 */
static int
arrive(struct look *l, int fd, uint64_t *type)
{
	struct statfs s;
	struct place place;

	if (!place_get(fd, "", &place, NULL))
		return errno;
	l->at = place.mount;
	note(l, place.mount);
	if (fstatfs(fd, &s) == -1)
		return errno;
	*type = (uint64_t)s.f_type;
	if (filesystem_is_local(*type))
		note(l, 0);
	return 0;
}

/* Open name in dir with O_PATH, having said where that leads. */
static int
step(struct look *l, int dir, const char *name, int flags)
{
	struct place place;

	if (!place_get(dir, name, &place, NULL))
		return -1;
	if (place.mount != l->at)
		note(l, place.mount);
	return openat(dir, name, O_PATH | O_CLOEXEC | flags);
}

/* An automount point opens only to who insists on a folder. */
static int
open_automount(struct look *l, int dir, const char *name, int flags, int fd,
    uint64_t *type)
{
	int inside =
	    openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC | flags);
	int err;

	if (inside == -1)
		return errno;
	err = dup3(inside, fd, O_CLOEXEC) == -1 ? errno : arrive(l, fd, type);
	(void)close(inside);
	return err;
}

/* --- what is found ------------------------------------------------------- */

static void
found_from(const struct statx *s, struct look_found *out)
{
	out->mode = s->stx_mode;
	out->stamp = (struct subject_stamp){
		.device = makedev(s->stx_dev_major, s->stx_dev_minor),
		.inode = s->stx_ino,
		.size = s->stx_size,
		.mtime_s = s->stx_mtime.tv_sec,
		.ctime_s = s->stx_ctime.tv_sec,
		.mtime_ns = s->stx_mtime.tv_nsec,
		.ctime_ns = s->stx_ctime.tv_nsec,
	};
}

int
look_stamp(int fd, struct look_found *out)
{
	struct statx s;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	if (statx(fd, "", AT_EMPTY_PATH, STATX_BASIC_STATS, &s) == -1)
		return errno;
	found_from(&s, out);
	return 0;
}

int
look_reopen(int fd)
{
	char path[32];

	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return open(path, OPEN_FILE);
}

/* Open for reading what fd names; by its name again where /proc is missing,
   and then it has to be the same. */
static int
open_local(int fd, int dir, const char *name, int flags,
    const struct look_found *f)
{
	struct look_found again;
	int file;

	if (S_ISDIR(f->mode))
		return openat(fd, ".", OPEN_FOLDER);
	file = look_reopen(fd);
	if (file != -1 || errno != ENOENT)
		return file;
	file = openat(dir, name, OPEN_FILE | flags);
	if (file == -1)
		return -1;
	if (look_stamp(file, &again) == 0 &&
	    again.stamp.device == f->stamp.device &&
	    again.stamp.inode == f->stamp.inode)
		return file;
	(void)close(file);
	errno = ESTALE;
	return -1;
}

/* Find out about fd (taken), the last step of the way. */
static int
found(struct look *l, int fd, int dir, const char *name, int flags,
    struct look_found *out)
{
	uint64_t type = 0;
	int file, err = arrive(l, fd, &type);

	if (err == 0 && type == AUTOFS_SUPER_MAGIC)
		err = open_automount(l, dir, name, flags, fd, &type);
	if (err == 0)
		err = look_stamp(fd, out);
	if (err != 0) {
		(void)close(fd);
		return err;
	}
	out->mount = l->at;
	out->type = type;
	out->is_local = filesystem_is_local(type);
	out->fd = fd;
	if (out->is_local && (S_ISDIR(out->mode) || S_ISREG(out->mode))) {
		file = open_local(fd, dir, name, flags, out);
		err = file == -1 ? errno : 0;
		out->fd = file;
		(void)close(fd);
	} else if (!S_ISDIR(out->mode) && !S_ISREG(out->mode)) {
		out->fd = -1;
		(void)close(fd);
	}
	return err;
}

/* --- the way ------------------------------------------------------------- */

int
look_below(struct look *l, int dir, uint64_t mount, const char *name,
    struct look_found *out)
{
	int fd;

	if (strchr(name, '/') != NULL || name[0] == '\0')
		return EINVAL;
	l->at = l->noted = mount;
	fd = step(l, dir, name, O_NOFOLLOW);
	return fd == -1 ? errno : found(l, fd, dir, name, O_NOFOLLOW, out);
}

/* Cut the next component off path, with the slashes behind it. */
static bool
next_name(const char **path, char name[NAME_MAX + 1], bool *is_last)
{
	size_t len = strcspn(*path, "/"), slashes;

	if (len > NAME_MAX)
		return false;
	memcpy(name, *path, len);
	name[len] = '\0';
	slashes = strspn(*path + len, "/");
	*path += len + slashes;
	*is_last = (*path)[0] == '\0';
	return true;
}

/* Begin at the root or in the working folder; -1 and *err. */
static int
begin(struct look *l, const char *path, int *err)
{
	int fd = open(path[0] == '/' ? "/" : ".", O_PATH | O_CLOEXEC);
	uint64_t type;

	*err = fd == -1 ? errno : arrive(l, fd, &type);
	if (*err == 0)
		return fd;
	if (fd != -1)
		(void)close(fd);
	return -1;
}

/* Go on from dir (taken) to name in it; -1 and *err. */
static int
go_on(struct look *l, int dir, const char *name, int flags, int *err)
{
	int fd = step(l, dir, name, flags);
	uint64_t type;

	*err = fd == -1 ? errno : arrive(l, fd, &type);
	(void)close(dir);
	if (*err == 0)
		return fd;
	if (fd != -1)
		(void)close(fd);
	return -1;
}

int
look_as_said(struct look *l, const char *path, struct look_found *out)
{
	char name[NAME_MAX + 1] = ".";
	size_t size = strlen(path);
	bool is_last = false;
	int dir, fd, flags, err = 0;

	if (size == 0)
		return ENOENT;
	if (size >= PATH_MAX)
		return ENAMETOOLONG;
	flags = path[size - 1] == '/' ? O_DIRECTORY : 0;
	dir = begin(l, path, &err);
	path += strspn(path, "/");
	while (dir != -1 && !is_last) {
		if (path[0] == '\0')
			break; /* "/" itself */
		if (!next_name(&path, name, &is_last)) {
			(void)close(dir);
			return ENAMETOOLONG;
		}
		if (!is_last)
			dir = go_on(l, dir, name, O_DIRECTORY, &err);
	}
	if (dir == -1)
		return err;
	fd = step(l, dir, name, flags);
	err = fd == -1 ? errno : found(l, fd, dir, name, flags, out);
	(void)close(dir);
	return err;
}

/* --- whose eyes ---------------------------------------------------------- */

/* Do both name the same file? */
static bool
is_same(int a, int b)
{
	struct stat one, two;

	return fstat(a, &one) == 0 && fstat(b, &two) == 0 &&
	    one.st_dev == two.st_dev && one.st_ino == two.st_ino;
}

/* Go along a path without links, through folders this user may enter, too; a
   descriptor of its end, or -1 and *err. */
static int
go_as(struct look *l, const char *path, const struct access_user *user,
    int *err)
{
	char name[NAME_MAX + 1];
	bool is_last = false;
	int at = begin(l, path, err);

	path++;
	while (at != -1 && path[0] != '\0' && !is_last) {
		*err = !access_may(at, ACCESS_ENTER, user) ? EACCES
		    : !next_name(&path, name, &is_last)    ? ENAMETOOLONG
							   : 0;
		if (*err != 0) {
			(void)close(at);
			return -1;
		}
		at = go_on(l, at, name, O_NOFOLLOW, err);
	}
	return at;
}

int
look_check_user(struct look *l, int fd, const struct access_user *user)
{
	char link[32], path[PATH_MAX];
	struct stat s;
	ssize_t size;
	int at, err = 0;

	/* Links have been followed: go the way they led. */
	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	size = readlink(link, path, sizeof(path) - 1);
	if (size <= 0 || path[0] != '/' || fstat(fd, &s) == -1)
		return EACCES;
	path[size] = '\0';
	at = go_as(l, path, user, &err);
	if (at == -1)
		return err;
	if (!is_same(at, fd) ||
	    !access_may(at,
		ACCESS_READ | (S_ISDIR(s.st_mode) ? ACCESS_ENTER : 0), user))
		err = EACCES;
	(void)close(at);
	return err;
}
