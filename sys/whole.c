/*
 * whole.c - read and write all of it.  See whole.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdalign.h>
#include <unistd.h>

bool
whole_write(int fd, const void *bytes, size_t size)
{
	const uint8_t *from = bytes;

	while (size > 0) {
		ssize_t n = write(fd, from, size);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return false;
		from += n;
		size -= (size_t)n;
	}
	return true;
}

ssize_t
whole_read(int fd, void *bytes, size_t size)
{
	uint8_t *to = bytes;
	size_t have = 0;

	while (have < size) {
		ssize_t n = read(fd, to + have, size - have);

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

ssize_t
whole_pread(int fd, void *bytes, size_t size, uint64_t at)
{
	uint8_t *to = bytes;
	size_t have = 0;

	while (have < size) {
		ssize_t n =
		    pread(fd, to + have, size - have, (off_t)(at + have));

		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return -1;
		if (n == 0)
			break;
		have += (size_t)n;
	}
	return (ssize_t)have;
}

void
whole_ordinary(int fd)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags != -1)
		(void)fcntl(fd, F_SETFL, flags & ~O_DIRECT);
}

bool
whole_direct(int fd)
{
	static alignas(WHOLE_DIRECT) const uint8_t nothing[WHOLE_DIRECT];
	int flags = fcntl(fd, F_GETFL);

	/* A file system may know the flag and a disk want larger pieces. */
	if (flags != -1 && fcntl(fd, F_SETFL, flags | O_DIRECT) == 0 &&
	    pwrite(fd, nothing, sizeof(nothing), 0) == sizeof(nothing))
		return true;
	whole_ordinary(fd);
	return false;
}

void
whole_hurry(int fd)
{
	(void)sync_file_range(fd, 0, 0, SYNC_FILE_RANGE_WRITE);
}

void
whole_sync(int fd)
{
	(void)fdatasync(fd);
}
