/*
 * files.c - files of a feed.  See files.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/feed/files.h"

#include "cmd/candor/outfile.h"
#include "sys/whole.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

bool
files_open(const char *path, int *folder, struct why *why)
{
	(void)mkdir(path, 0755);
	*folder = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return *folder != -1 || why_not(why, WHY_SYSTEM, "%s", path);
}

bool
files_lock(int folder, int *lock, struct why *why)
{
	*lock = openat(folder, "lock", O_RDWR | O_CREAT | O_CLOEXEC, 0600);
	if (*lock != -1 && flock(*lock, LOCK_EX | LOCK_NB) == 0)
		return true;
	return why_not(why, WHY_SYSTEM, "another program works there");
}

bool
files_make_above(int folder, const char *path, struct why *why)
{
	char *copy = buf_copy(path), *slash = copy;
	bool good = true;

	while (good && (slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		if (mkdirat(folder, copy, 0755) == 0)
			good = files_settle(folder, copy, why);
		else if (errno != EEXIST)
			good = why_not(why, WHY_SYSTEM, "%s", copy);
		*slash = '/';
	}
	free(copy);
	return good;
}

bool
files_settle(int folder, const char *path, struct why *why)
{
	char *copy = buf_copy(path), *slash = strrchr(copy, '/');
	bool good;
	int fd;

	if (slash != NULL)
		*slash = '\0';
	fd = openat(folder, slash != NULL ? copy : ".",
	    O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	good = fd != -1 && fsync(fd) == 0;
	if (!good)
		(void)why_not(why, WHY_SYSTEM, "%s", path);
	if (fd != -1)
		(void)close(fd);
	free(copy);
	return good;
}

bool
files_write(int folder, const char *path, const void *bytes, size_t size,
    struct why *why)
{
	struct outfile o = { .fd = -1 };
	bool good = files_make_above(folder, path, why) &&
	    outfile_open(folder, path, 0644, &o, why);

	if (good && !whole_write(o.fd, bytes, size))
		good = why_not(why, WHY_SYSTEM, "%s", path);
	good = good && outfile_commit(&o, true, why) &&
	    files_settle(folder, path, why);
	outfile_close(&o);
	return good;
}

bool
files_exist(int folder, const char *path)
{
	return faccessat(folder, path, F_OK, 0) == 0;
}
