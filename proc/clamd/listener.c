/*
 * listener.c - where clients come from.  See listener.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/clamd/listener.h"

#include "proc/clamd/client.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <errno.h>
#include <unistd.h>

/* Accepted before others have their turn. */
#define ACCEPT_AT_ONCE 64

static bool
has_room(const struct front *f)
{
	return f->clients < f->settings.clients_max &&
	    f->clients < f->clients_most && f->files < f->files_max;
}

static void
listener_turn(struct ready_watch *w, unsigned what)
{
	struct listener *l = (struct listener *)(void *)w;
	struct front *f = l->all->front;
	const int on = 1;
	int i, fd;

	(void)what;
	for (i = 0; i < ACCEPT_AT_ONCE && has_room(f); i++) {
		fd = listen_accept(w->fd);
		if (fd == -1 && errno != EAGAIN)
			f->is_exhausted = true; /* until the next sweep */
		if (fd == -1)
			return;
		if (!l->is_local)
			(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on,
			    sizeof(on));
		(void)client_open(f, fd, l->is_local);
	}
}

void
listeners_open(struct listeners *l, struct front *f)
{
	l->front = f;
	l->count = 0;
}

bool
listeners_add(struct listeners *l, int fd, bool is_local)
{
	struct listener *one = &l->one[l->count];

	if (l->count == LISTENERS_MAX) {
		(void)close(fd);
		return false;
	}
	one->watch = (struct ready_watch){ .fd = fd, .turn = listener_turn };
	one->all = l;
	one->is_local = is_local;
	l->count++;
	return true;
}

void
listeners_set(struct listeners *l, bool accept)
{
	bool wanted = accept && has_room(l->front) && !l->front->is_exhausted;
	size_t i;

	for (i = 0; i < l->count; i++)
		(void)ready_set(&l->front->ready, &l->one[i].watch,
		    wanted ? READY_READ : 0);
}

void
listeners_close(struct listeners *l)
{
	size_t i;

	for (i = 0; i < l->count; i++) {
		ready_forget(&l->front->ready, &l->one[i].watch);
		(void)close(l->one[i].watch.fd);
	}
	l->count = 0;
}
