/*
 * ban_place.c - a folder, or a file system in an image.  The contract is in
 * ban_place.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_place.h"

#include "sys/memfd.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

#define FETCH_MAX ((uint64_t)512 << 20) /* bytes of a file in an image */

/* --- folders -------------------------------------------------------------- */

/* A link that leads elsewhere; those of macOS lead to /private. */
static bool
is_link(int folder, const char *name)
{
	char target[16];
	ssize_t n = readlinkat(folder, name, target, sizeof(target));

	return n >= 0 && (n < 8 || memcmp(target, "private/", 8) != 0);
}

/* Cut the first part off path, which has one more. */
static const char *
next_part(const char *path, char *part, size_t room)
{
	const char *slash = strchr(path, '/');
	size_t n = (size_t)(slash - path);

	if (n >= room)
		n = room - 1;
	memcpy(part, path, n);
	part[n] = '\0';
	return slash + 1;
}

static void
close_quietly(int fd)
{
	int err = errno;

	close(fd);
	errno = err;
}

/* The folder a path is in, a step at a time; name is what is left of it. */
static int
open_folder(int root, const char *path, const char **name)
{
	int at = dup(root), next;
	char part[256];

	while (at != -1 && strchr(path, '/') != NULL) {
		path = next_part(path, part, sizeof(part));
		next = openat(at, part,
		    O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (next == -1 && errno == ENOTDIR)
			errno = is_link(at, part) ? ELOOP : ENOTDIR;
		close_quietly(at);
		at = next;
	}
	*name = path;
	return at;
}

/* -1 with errno. */
static int
open_file(int root, const char *path)
{
	const char *name;
	int folder = open_folder(root, path, &name), fd;
	struct stat st;

	if (folder == -1)
		return -1;
	fd = openat(folder, name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	close_quietly(folder);
	if (fd != -1 && (fstat(fd, &st) != 0 || !S_ISREG(st.st_mode))) {
		close(fd);
		errno = EINVAL;
		return -1;
	}
	return fd;
}

static bool
tell_errno(struct why *why)
{
	if (errno == ENOTDIR)
		errno = ENOENT;
	(void)why_not(why, WHY_SYSTEM, "%s",
	    errno == EINVAL      ? "not a file"
		: errno == ELOOP ? "a link on the way is not followed"
				 : strerror(errno));
	why->err = errno;
	return false;
}

/* What something is called in folder, whatever the case of its letters; false
   if it is surely not there. */
static bool
find_name(int folder, char *name)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd != -1 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	bool is_there = false;

	if (d == NULL) {
		if (fd != -1)
			close(fd);
		return true; /* who knows */
	}
	while (!is_there && (e = readdir(d)) != NULL)
		if (strcasecmp(e->d_name, name) == 0) {
			is_there = true;
			memcpy(name, e->d_name, strlen(e->d_name) + 1);
		}
	closedir(d);
	return is_there;
}

static bool
folder_lacks(int root, const char *path)
{
	int at = dup(root), next;
	bool is_there = true;
	char part[256];

	while (at != -1 && is_there && path != NULL) {
		if (strchr(path, '/') != NULL)
			path = next_part(path, part, sizeof(part));
		else {
			part[0] = '\0';
			strncat(part, path, sizeof(part) - 1);
			path = NULL;
		}
		is_there = find_name(at, part);
		next = is_there && path != NULL
		    ? openat(at, part,
			  O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
		    : -1;
		close(at);
		at = next;
	}
	if (at != -1)
		close(at);
	return !is_there;
}

/* --- images --------------------------------------------------------------- */

/* Its path in the image; false if it has no room. */
static bool
path_in_image(const char *path, char *out, size_t room)
{
	if (strlen(path) + 2 > room)
		return false;
	out[0] = '/';
	memcpy(out + 1, path, strlen(path) + 1);
	return true;
}

static bool
fetch(const struct ban_place *p, const char *path, int *fd, struct why *why)
{
	char full[READER_TEXT + 1];

	if (!path_in_image(path, full, sizeof(full)))
		return why_not(why, WHY_LIMIT, "its path is too long");
	if (!memfd_open(fd, why))
		return false;
	if (reader_fetch(p->image, p->part, full, FETCH_MAX, *fd, why) &&
	    memfd_seal(fd, why))
		return true;
	close(*fd);
	return false;
}

static bool
image_lacks(const struct ban_place *p, const char *path)
{
	char full[READER_TEXT + 1];
	struct why why = { 0 };

	return path_in_image(path, full, sizeof(full)) &&
	    !reader_fetch(p->image, p->part, full, 0, -1, &why) &&
	    why.err == ENOENT;
}

/* --- both ----------------------------------------------------------------- */

bool
ban_place_open(const struct ban_place *p, const char *path, int *fd,
    struct why *why)
{
	if (p->root == -1)
		return fetch(p, path, fd, why);
	*fd = open_file(p->root, path);
	return *fd != -1 || tell_errno(why);
}

bool
ban_place_lacks(const struct ban_place *p, const char *path)
{
	return p->root == -1 ? image_lacks(p, path)
			     : folder_lacks(p->root, path);
}

void
ban_place_name(const struct ban_place *p, const char *path, struct buf *out)
{
	buf_text(out, p->in);
	buf_text(out, path);
}
