/*
 * access.h - may somebody else read a file?
 *
 * For processes that cannot become that user and ask the kernel.  Told by
 * owner, group and mode; where a file has an access list (ACL), only its owner
 * is believed to be allowed, since the list may take away what the mode gives.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_ACCESS_H
#define CANDOR_SYS_ACCESS_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

#define ACCESS_ENTER 1u /* go through a folder */
#define ACCESS_READ  4u

struct access_user {
	uid_t uid; /* not root */
	gid_t gid;
	const gid_t *group;
	size_t group_count;
};

/* May this user do all of want (ACCESS_*) with what is open at fd, be it with
   O_PATH?  False also if that cannot be found out. */
bool access_may(int fd, unsigned want, const struct access_user *user);

#endif
