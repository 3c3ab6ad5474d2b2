/*
 * sandbox_users.c - stay who we are.  See sandbox_users.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/sandbox_users.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

void
sandbox_users_init(struct sandbox_users *u)
{
	unsigned uid = geteuid(), gid = getegid();

	(void)snprintf(u->uid, sizeof(u->uid), "%u %u 1", uid, uid);
	(void)snprintf(u->gid, sizeof(u->gid), "%u %u 1", gid, gid);
}

static void
write_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CLOEXEC);

	if (fd == -1)
		return;
	(void)!write(fd, text, strlen(text));
	(void)close(fd);
}

/* The kernel takes a gid_map only once setgroups() is given up. */
void
sandbox_users_keep(const struct sandbox_users *u)
{
	write_file("/proc/self/setgroups", "deny");
	write_file("/proc/self/uid_map", u->uid);
	write_file("/proc/self/gid_map", u->gid);
}
