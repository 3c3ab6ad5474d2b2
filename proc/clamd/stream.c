/*
 * stream.c - streams in memory.  See stream.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/clamd/stream.h"

#include "sys/memfd.h"

#include <errno.h>
#include <unistd.h>

/* A memory file uses whole pages, and some for itself. */
#define STREAM_PAGE 4096u

static void
unlink_stream(struct streams *all, struct stream *s)
{
	if (s->older != NULL)
		s->older->newer = s->newer;
	else if (all->oldest == s)
		all->oldest = s->newer;
	if (s->newer != NULL)
		s->newer->older = s->older;
	else if (all->newest == s)
		all->newest = s->older;
	s->older = s->newer = NULL;
}

bool
stream_begin(struct streams *all, struct stream *s, struct why *why)
{
	s->size = 0;
	s->held = STREAM_PAGE;
	if (!memfd_open(&s->fd, why))
		return false;
	all->held += s->held;
	s->newer = NULL;
	s->older = all->newest;
	if (all->newest != NULL)
		all->newest->newer = s;
	else
		all->oldest = s;
	all->newest = s;
	return true;
}

bool
stream_may_grow(const struct streams *all, const struct stream *s)
{
	return all->held < all->max || s == all->oldest;
}

/* So many bytes of the parts were written; forget them. */
static void
skip_parts(struct streams *all, size_t written)
{
	size_t at = 0, i;

	while (at < all->parts && written >= all->part[at].iov_len)
		written -= all->part[at++].iov_len;
	for (i = at; i < all->parts; i++)
		all->part[i - at] = all->part[i];
	all->parts -= at;
	if (all->parts > 0 && written > 0) {
		all->part[0].iov_base =
		    (uint8_t *)all->part[0].iov_base + written;
		all->part[0].iov_len -= written;
	}
}

bool
stream_write(struct streams *all, struct stream *s)
{
	while (all->parts > 0) {
		ssize_t n = writev(s->fd, all->part, (int)all->parts);

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0) {
			all->parts = 0;
			return false;
		}
		skip_parts(all, (size_t)n);
	}
	return true;
}

bool
stream_add(struct streams *all, struct stream *s, struct cur bytes)
{
	size_t size = cur_left(&bytes);
	uint64_t held;

	if (all->parts == STREAM_PARTS && !stream_write(all, s))
		return false;
	all->part[all->parts].iov_base =
	    (void *)((uintptr_t)bytes.base + bytes.pos);
	all->part[all->parts++].iov_len = size;
	s->size += size;
	held = (s->size / STREAM_PAGE + 2) * STREAM_PAGE;
	all->held += held - s->held;
	s->held = held;
	return true;
}

bool
stream_seal(struct streams *all, struct stream *s, int *fd, struct why *why)
{
	if (!stream_write(all, s))
		return why_not(why, WHY_SYSTEM, "cannot keep a stream");
	if (!memfd_seal(&s->fd, why))
		return false;
	*fd = s->fd;
	s->fd = -1;
	unlink_stream(all, s);
	return true;
}

void
stream_drop(struct streams *all, struct stream *s)
{
	if (s->fd == -1)
		return;
	all->parts = 0;
	(void)close(s->fd);
	s->fd = -1;
	unlink_stream(all, s);
	stream_release(all, s->held);
}

void
stream_release(struct streams *all, uint64_t held)
{
	all->held -= held;
}
