/*
 * cachedir.c - the user's folder for what can be made again.
 * The contract is in cachedir.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/cachedir.h"

#include "cmd/candor/buf.h"

#include <fcntl.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

/* The folder that ours is in. */
static bool
find_above(bool of_system, struct buf *out)
{
	const char *xdg = getenv("XDG_CACHE_HOME"), *home = getenv("HOME");

	if (xdg != NULL && xdg[0] == '/') {
		buf_text(out, xdg);
	} else if (of_system && geteuid() == 0) {
		buf_text(out, "/var/cache");
	} else if (home != NULL && home[0] == '/') {
		buf_text(out, home);
		buf_text(out, "/.cache");
	} else {
		return false;
	}
	return true;
}

int
cachedir_open(bool of_system)
{
	struct buf path = { 0 };
	struct stat s;
	int fd;

	if (!find_above(of_system, &path))
		return -1;
	(void)mkdir(path.bytes, 0700);
	buf_text(&path, "/candor");
	(void)mkdir(path.bytes, 0700);
	fd = open(path.bytes, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	buf_free(&path);
	if (fd != -1 &&
	    (fstat(fd, &s) == -1 || s.st_uid != geteuid() ||
		(s.st_mode & 077) != 0)) {
		close(fd);
		fd = -1;
	}
	return fd;
}
