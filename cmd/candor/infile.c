/*
 * infile.c - a small file, whole.  See infile.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/infile.h"

#include "sys/whole.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#define PIECE ((size_t)65536)

bool
infile_read(int folder, const char *path, size_t most, struct buf *out,
    struct why *why)
{
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	size_t before = out->size;
	char *piece = buf_alloc(1, PIECE);
	ssize_t n = fd == -1 ? -1 : 1;

	while (n > 0 && out->size - before <= most &&
	    (n = whole_read(fd, piece, PIECE)) > 0)
		buf_add(out, piece, (size_t)n);
	free(piece);
	if (n == -1)
		(void)why_not(why, WHY_SYSTEM, "%s", path);
	if (fd != -1)
		close(fd);
	if (n > 0)
		return why_not(why, WHY_LIMIT, "%s: too long", path);
	return n == 0;
}
