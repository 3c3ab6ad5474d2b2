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
#include <stdlib.h>
#include <unistd.h>

#define COPY_SIZE 65536u

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

static bool
write_all(int fd, const char *bytes, size_t size, struct why *why)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = write(fd, bytes + done, size - done);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return why_not(why, WHY_SYSTEM,
			    "cannot write to a memory file");
		done += (size_t)n;
	}
	return true;
}

static bool
copy(int in, uint64_t budget, int out, char *room, uint64_t *size,
    struct why *why)
{
	for (;;) {
		ssize_t n = read(in, room, COPY_SIZE);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return why_not(why, WHY_SYSTEM, "cannot read a stream");
		if (n == 0)
			return true;
		if ((uint64_t)n > budget - *size)
			return why_not(why, WHY_LIMIT,
			    "a stream is longer than %ju bytes",
			    (uintmax_t)budget);
		if (!write_all(out, room, (size_t)n, why))
			return false;
		*size += (uint64_t)n;
	}
}

bool
memfd_from_stream(int in, uint64_t budget, int *fd, uint64_t *size,
    struct why *why)
{
	char *room = malloc(COPY_SIZE);
	bool is_done;

	*size = 0;
	*fd = -1;
	if (room == NULL)
		return why_not(why, WHY_SYSTEM, "no memory to read a stream");
	is_done = memfd_open(fd, why) &&
	    copy(in, budget, *fd, room, size, why) && memfd_seal(fd, why);
	free(room);
	if (is_done)
		return true;
	if (*fd != -1)
		(void)close(*fd);
	*fd = -1;
	return false;
}
