/*
 * access.c - may somebody else read a file?  See access.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/access.h"

#include <sys/stat.h>
#include <sys/xattr.h>

#include <errno.h>
#include <stdio.h>

static bool
is_member(const struct access_user *user, gid_t gid)
{
	size_t i;

	for (i = 0; i < user->group_count; i++)
		if (user->group[i] == gid)
			return true;
	return user->gid == gid;
}

/* Or it cannot be found out. */
static bool
has_list(int fd)
{
	char path[32];

	/* A descriptor with O_PATH has no attributes; what it names has. */
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	return getxattr(path, "system.posix_acl_access", NULL, 0) != -1 ||
	    (errno != ENODATA && errno != ENOTSUP);
}

bool
access_may(int fd, unsigned want, const struct access_user *user)
{
	struct stat s;
	unsigned shift = 0;

	if (fstat(fd, &s) == -1)
		return false;
	if (s.st_uid == user->uid)
		shift = 6;
	else if (has_list(fd))
		return false;
	else if (is_member(user, s.st_gid))
		shift = 3;
	return (s.st_mode >> shift & want) == want;
}
