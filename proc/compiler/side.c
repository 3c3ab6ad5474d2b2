/*
 * side.c - write the side file.  The contract is in side.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/compiler/side.h"

#include "lib/db/veil.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

_Static_assert(DB_TEXTS_HEADER_SIZE <= SIDE_ALIGN, "it is in the first piece");
_Static_assert(SIDE_BLOCK % SIDE_ALIGN == 0, "every block ends aligned");

static bool
write_at(const struct side *s, const uint8_t *bytes, size_t size, uint64_t off,
    struct why *why)
{
	size_t at = 0;
	ssize_t n;

	while (at < size) {
		n = pwrite(s->fd, bytes + at, size - at, (off_t)(off + at));
		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0)
			return why_not(why, WHY_SYSTEM,
			    "write the source texts");
		at += (size_t)n;
	}
	return true;
}

/* Write the block, size bytes of it. */
static bool
write_block(struct side *s, size_t size, struct why *why)
{
	uint64_t off = s->size - s->have;

	if (off == 0)
		memcpy(s->first, s->block, sizeof(s->first));
	s->have = 0;
	return write_at(s, s->block, size, off, why);
}

void
side_init(struct side *s, int fd)
{
	s->fd = fd;
	s->size = s->have = DB_TEXTS_HEADER_SIZE;
	memset(s->block, 0, DB_TEXTS_HEADER_SIZE);
}

bool
side_add(struct side *s, const uint8_t *bytes, size_t size, bool is_veiled,
    struct why *why)
{
	size_t n;

	for (; size > 0; bytes += n, size -= n) {
		n = SIDE_BLOCK - s->have < size ? SIDE_BLOCK - s->have : size;
		if (is_veiled)
			veil_copy(s->block + s->have, bytes, s->size, n);
		else
			memcpy(s->block + s->have, bytes, n);
		s->have += n;
		s->size += n;
		if (s->have == SIDE_BLOCK && !write_block(s, SIDE_BLOCK, why))
			return false;
	}
	return true;
}

bool
side_end(struct side *s, const uint8_t *header, struct why *why)
{
	size_t size = (s->have + SIDE_ALIGN - 1) / SIDE_ALIGN * SIDE_ALIGN;

	memset(s->block + s->have, 0, size - s->have);
	if (size > 0 && !write_block(s, size, why))
		return false;
	memcpy(s->first, header, DB_TEXTS_HEADER_SIZE);
	if (!write_at(s, s->first, SIDE_ALIGN, 0, why))
		return false;
	/* The last piece was filled up. */
	if (ftruncate(s->fd, (off_t)s->size) == -1)
		return why_not(why, WHY_SYSTEM, "write the source texts");
	return true;
}
