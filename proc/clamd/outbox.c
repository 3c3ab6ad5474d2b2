/*
 * outbox.c - bytes that wait until a client takes them.  See outbox.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/clamd/outbox.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* An empty box keeps no more than this. */
#define OUTBOX_KEEP 4096u

size_t
outbox_waiting(const struct outbox *o)
{
	return o->size - o->sent;
}

uint8_t *
outbox_room(struct outbox *o, size_t size)
{
	size_t want;
	uint8_t *bytes;

	if (o->sent > 0) {
		memmove(o->bytes, o->bytes + o->sent, o->size - o->sent);
		o->size -= o->sent;
		o->sent = 0;
	}
	if (o->room - o->size < size) {
		want = o->size + size + 256;
		bytes = realloc(o->bytes, want + want / 2);
		if (bytes == NULL)
			return NULL;
		o->bytes = bytes;
		o->room = want + want / 2;
	}
	return o->bytes + o->size;
}

void
outbox_add(struct outbox *o, size_t size)
{
	o->size += size;
}

bool
outbox_send(struct outbox *o, int fd, bool *progress)
{
	ssize_t n;

	*progress = false;
	while (o->sent < o->size) {
		n = send(fd, o->bytes + o->sent, o->size - o->sent,
		    MSG_DONTWAIT | MSG_NOSIGNAL);
		if (n == -1 && errno == EINTR)
			continue;
		if (n == -1)
			return errno == EAGAIN;
		o->sent += (size_t)n;
		*progress = true;
	}
	o->sent = o->size = 0;
	if (o->room > OUTBOX_KEEP)
		outbox_close(o);
	return true;
}

void
outbox_close(struct outbox *o)
{
	free(o->bytes);
	memset(o, 0, sizeof(*o));
}
