/*
 * infile.c - a file, whole.  See infile.h.
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
infile_rest(int fd, size_t most, struct buf *out)
{
	size_t before = out->size;
	char *piece = buf_alloc(1, PIECE);
	ssize_t n = 1;

	while (n > 0 && out->size - before <= most &&
	    (n = whole_read(fd, piece, PIECE)) > 0)
		buf_add(out, piece, (size_t)n);
	free(piece);
	return n != -1;
}

bool
infile_read(int folder, const char *path, size_t most, struct buf *out,
    struct why *why)
{
	int fd = openat(folder, path, O_RDONLY | O_CLOEXEC);
	size_t before = out->size;
	bool is_good = fd != -1 && infile_rest(fd, most, out);

	if (!is_good)
		(void)why_not(why, WHY_SYSTEM, "%s", path);
	if (fd != -1)
		close(fd);
	if (is_good && out->size - before > most)
		return why_not(why, WHY_LIMIT, "%s: too long", path);
	return is_good;
}

bool
infile_hash(int fd, uint8_t sha256[DIGEST_SIZE_MAX], uint64_t *size)
{
	uint8_t piece[4096];
	struct digest d;
	ssize_t n;

	*size = 0;
	digest_init(&d, DIGEST_SHA256);
	while ((n = whole_pread(fd, piece, sizeof(piece), *size)) > 0) {
		digest_add(&d, piece, (size_t)n);
		*size += (uint64_t)n;
	}
	digest_end(&d, sha256);
	return n == 0;
}
