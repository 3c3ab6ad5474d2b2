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

/* Linux 5.1. */
#ifndef F_SEAL_FUTURE_WRITE
#define F_SEAL_FUTURE_WRITE 0x0010
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

/*
 * No more writing, from now on.  The older F_SEAL_WRITE promises that nobody
 * has a page of it at hand to write to, either, and fails (after a wait of a
 * sixth of a second) while the kernel has one for purposes of its own, as it
 * does on a busy machine.  Ours are never mapped for writing, so there is
 * nothing to wait for.
 */
static bool
seal(int fd)
{
	const int all = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

	return fcntl(fd, F_ADD_SEALS, all | F_SEAL_FUTURE_WRITE) == 0 ||
	    (errno == EINVAL &&
		fcntl(fd, F_ADD_SEALS, all | F_SEAL_WRITE) == 0);
}

bool
memfd_seal(int *fd, struct why *why)
{
	char path[32];
	int reader;

	if (!seal(*fd))
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
