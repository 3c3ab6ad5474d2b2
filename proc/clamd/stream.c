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

bool
stream_add(struct streams *all, struct stream *s, struct cur bytes)
{
	uint64_t held;

	while (cur_left(&bytes) > 0) {
		ssize_t n =
		    write(s->fd, bytes.base + bytes.pos, cur_left(&bytes));

		if (n == -1 && errno == EINTR)
			continue;
		if (n <= 0 || !cur_skip(&bytes, (uint64_t)n))
			return false;
		s->size += (uint64_t)n;
	}
	held = (s->size / STREAM_PAGE + 2) * STREAM_PAGE;
	all->held += held - s->held;
	s->held = held;
	return true;
}

bool
stream_seal(struct streams *all, struct stream *s, int *fd, struct why *why)
{
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
