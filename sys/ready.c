/*
 * ready.c - wait for many descriptors.  See ready.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/ready.h"

#include <sys/epoll.h>

#include <errno.h>
#include <stdint.h>
#include <unistd.h>

/* Told in one turn; the rest waits for the next. */
#define READY_AT_ONCE 256

bool
ready_open(struct ready *r, struct why *why)
{
	r->epoll = epoll_create1(EPOLL_CLOEXEC);
	if (r->epoll == -1)
		return why_not(why, WHY_SYSTEM, "cannot wait for descriptors");
	return true;
}

void
ready_close(struct ready *r)
{
	if (r->epoll != -1)
		(void)close(r->epoll);
	r->epoll = -1;
}

bool
ready_set(struct ready *r, struct ready_watch *w, unsigned what)
{
	struct epoll_event e = { .data.ptr = w };
	int how = EPOLL_CTL_MOD;

	if (what == w->what)
		return true;
	if (what == 0) {
		ready_forget(r, w);
		return true;
	}
	if (w->what == 0)
		how = EPOLL_CTL_ADD;
	if ((what & READY_READ) != 0)
		e.events |= EPOLLIN;
	if ((what & READY_WRITE) != 0)
		e.events |= EPOLLOUT;
	if (epoll_ctl(r->epoll, how, w->fd, &e) == -1)
		return false;
	w->what = what;
	return true;
}

void
ready_forget(struct ready *r, struct ready_watch *w)
{
	if (w->what != 0)
		(void)epoll_ctl(r->epoll, EPOLL_CTL_DEL, w->fd, NULL);
	w->what = 0;
}

static unsigned
what_of(uint32_t events)
{
	unsigned what = 0;

	if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) != 0)
		what |= READY_READ;
	if ((events & (EPOLLOUT | EPOLLHUP | EPOLLERR)) != 0)
		what |= READY_WRITE;
	return what;
}

bool
ready_turn(struct ready *r, int timeout_ms, struct why *why)
{
	struct epoll_event event[READY_AT_ONCE];
	int i, count;

	do
		count = epoll_wait(r->epoll, event, READY_AT_ONCE, timeout_ms);
	while (count == -1 && errno == EINTR);
	if (count == -1)
		return why_not(why, WHY_SYSTEM, "cannot wait for descriptors");
	for (i = 0; i < count; i++) {
		struct ready_watch *w = event[i].data.ptr;
		unsigned what = what_of(event[i].events) & w->what;

		/* One called before may have forgotten it. */
		if (what != 0)
			w->turn(w, what);
	}
	return true;
}
