/*
 * memfd.c - bytes without a name.  See memfd.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/memfd.h"

#include <sys/mman.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

/* Linux 6.3; older headers do not have it. */
#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 8u
#endif

bool
memfd_open(int *fd, struct why *why)
{
	unsigned flags = MFD_CLOEXEC | MFD_ALLOW_SEALING;

	*fd = memfd_create("candor", flags | MFD_NOEXEC_SEAL);
	if (*fd == -1 && errno == EINVAL)
		*fd = memfd_create("candor", flags);
	if (*fd == -1)
		return why_not(why, WHY_SYSTEM, "cannot make a memory file");
	return true;
}

bool
memfd_seal(int *fd, struct why *why)
{
	char path[32];
	int reader;

	if (fcntl(*fd, F_ADD_SEALS,
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) == -1)
		return why_not(why, WHY_SYSTEM, "cannot seal a memory file");

	/* Without /proc the sealed one serves: it cannot be written either. */
	(void)snprintf(path, sizeof(path), "/proc/self/fd/%d", *fd);
	reader = open(path, O_RDONLY | O_CLOEXEC);
	if (reader != -1) {
		(void)close(*fd);
		*fd = reader;
	}
	return true;
}
