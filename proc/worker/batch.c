/*
 * batch.c - the files of one record.  See batch.h.
 *
 * The owner believes that a worker is at the first file it has not ended, so
 * whatever is done to others must not take long: reading a few kilobytes that
 * the kernel has in memory does not, waiting for a disk does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/worker/batch.h"

#include "sys/clock.h"

#include <string.h>
#include <unistd.h>

#define SMALL ((uint64_t)256 << 10) /* bytes of all together */

bool
batch_take(struct batch *b, struct cur record, const int *fd, size_t count)
{
	size_t i;

	b->count = 0;
	while (b->count < count && b->count < FRAME_BATCH &&
	    frame_take(&record, &b->order[b->count]) &&
	    b->order[b->count].kind == FRAME_SCAN) {
		b->fd[b->count] = fd[b->count];
		b->source[b->count] =
		    (struct source){ .size = b->order[b->count].request.size };
		b->count++;
	}
	if (b->count == count && count > 0 && cur_left(&record) == 0)
		return true;
	for (i = 0; i < count; i++)
		(void)close(fd[i]);
	return false;
}

/* Read size bytes of a file into room; false if that cannot be done. */
static bool
read_whole(int fd, uint8_t *room, size_t size)
{
	size_t done = 0;

	while (done < size) {
		ssize_t n = pread(fd, room + done, size - done, (off_t)done);

		if (n <= 0)
			return false;
		done += (size_t)n;
	}
	return true;
}

void
batch_read(struct batch *b, struct arena *a, uint64_t until_ns)
{
	uint64_t left = SMALL;
	size_t i;

	for (i = 0; i < b->count; i++) {
		uint64_t size = b->order[i].request.size;
		size_t rest;
		uint8_t *room = arena_rest(a, &rest);

		if (size > left || size > rest ||
		    (i > 0 && clock_nanoseconds() > until_ns) ||
		    !read_whole(b->fd[i], room, (size_t)size)) {
			arena_keep(a, 0);
			continue;
		}
		arena_keep(a, (size_t)size);
		left -= size;
		b->source[i] = source_from(room, (size_t)size);
	}
}
