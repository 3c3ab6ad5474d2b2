/*
 * sandbox_landlock.c - no path and no connection, by Landlock.
 *
 * Landlock silently allows what a ruleset does not list, so everything the
 * running kernel can be asked to handle is listed, and no rule allows any of
 * it.  Numbers are from Documentation/userspace-api/landlock.rst; the header
 * of Debian 12 knows the first version only.
 *
 *   version   adds                                     handled here
 *         1   13 rights over files, bits 0-12          yes
 *         2   refer (13)                               yes
 *         3   truncate (14)                            yes
 *         4   TCP bind and connect                     yes
 *         5   ioctl on devices (15)                    yes
 *         6   scopes: abstract sockets, signals        yes
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/sandbox_parts.h"

#include <sys/syscall.h>

#include <unistd.h>

#define LANDLOCK_VERSION_QUESTION 1u

/* landlock_ruleset_attr as of version 6. */
struct ruleset {
	uint64_t files;
	uint64_t network;
	uint64_t scopes;
};

/* The kernel wants the size it knows, or zeros beyond it. */
static size_t
ruleset_make(long version, bool refuses_network, struct ruleset *r)
{
	unsigned rights = version >= 5 ? 16
	    : version >= 3             ? 15
	    : version >= 2             ? 14
				       : 13;

	r->files = (1u << rights) - 1;
	r->network = version >= 4 && refuses_network ? 3 : 0;
	r->scopes = version >= 6 ? 3 : 0;
	if (version >= 6)
		return 3 * sizeof(uint64_t);
	return version >= 4 ? 2 * sizeof(uint64_t) : sizeof(uint64_t);
}

int
sandbox_landlock_ruleset(bool refuses_network, bool *has_network)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, (size_t)0,
	    LANDLOCK_VERSION_QUESTION);
	struct ruleset r;
	size_t size;

	*has_network = version >= 4 && refuses_network;
	if (version < 1)
		return -1;
	size = ruleset_make(version, refuses_network, &r);
	return (int)syscall(SYS_landlock_create_ruleset, &r, size, 0u);
}

void
sandbox_landlock(uint32_t *layers)
{
	bool has_network;
	int fd = sandbox_landlock_ruleset(true, &has_network);

	if (fd == -1)
		return;
	if (syscall(SYS_landlock_restrict_self, fd, 0u) == 0) {
		*layers |= SANDBOX_LANDLOCK;
		if (has_network)
			*layers |= SANDBOX_LANDLOCK_NETWORK;
	}
	(void)close(fd);
}
