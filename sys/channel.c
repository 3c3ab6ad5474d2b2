/*
 * channel.c - records between two processes.  See channel.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/channel.h"

#include <sys/socket.h>

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

/* Room for the control message that carries descriptors. */
union control {
	alignas(struct cmsghdr) char bytes[CMSG_SPACE(CHANNEL_FDS_MAX *
	    sizeof(int))];
};

static enum channel_end
end_of_errno(void)
{
	/* ETOOMANYREFS: many descriptors are on their way to others.  That
	   and a lack of memory pass; the channel is still good. */
	if (errno == EAGAIN || errno == ETOOMANYREFS || errno == ENOBUFS ||
	    errno == ENOMEM)
		return CHANNEL_WAIT;
	return CHANNEL_GONE;
}

static enum channel_end
send_record(int channel, struct iovec part, const int *fd, size_t count,
    int flags)
{
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	size_t size = count * sizeof(int);
	union control control;
	ssize_t n;

	if (count > 0) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_SPACE(size);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(size);
		memcpy(CMSG_DATA(c), fd, size);
	}
	do
		n = sendmsg(channel, &m, flags | MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == (ssize_t)part.iov_len ? CHANNEL_DONE : end_of_errno();
}

static struct iovec
part_from(const void *record, size_t size)
{
	return (struct iovec){ (void *)(uintptr_t)record, size };
}

enum channel_end
channel_send(int channel, const void *record, size_t size, int fd)
{
	return send_record(channel, part_from(record, size), &fd, fd != -1, 0);
}

enum channel_end
channel_offer(int channel, const void *record, size_t size, int fd)
{
	return channel_offer_with(channel, record, size, &fd, fd != -1);
}

enum channel_end
channel_offer_with(int channel, const void *record, size_t size, const int *fd,
    size_t count)
{
	if (count > CHANNEL_FDS_MAX)
		return CHANNEL_ODD;
	return send_record(channel, part_from(record, size), fd, count,
	    MSG_DONTWAIT);
}

/*
 * Read one record as m says; the kernel's answer put into our words.
 *
 * Of somebody who died with records unread, the kernel says so once, as
 * ECONNRESET, and only then gives out what he had sent before.
 */
static enum channel_end
receive_record(int channel, struct msghdr *m, int flags, size_t *size)
{
	ssize_t n;

	*size = 0;
	do
		n = recvmsg(channel, m, flags | MSG_CMSG_CLOEXEC);
	while (n == -1 && (errno == EINTR || errno == ECONNRESET));
	if (n == -1) {
		m->msg_controllen = 0;
		return end_of_errno();
	}
	*size = (size_t)n;
	if ((m->msg_flags & (MSG_TRUNC | MSG_CTRUNC)) != 0)
		return CHANNEL_ODD;

	/* An empty record and the end of the connection look the same. */
	return n == 0 ? CHANNEL_GONE : CHANNEL_DONE;
}

enum channel_end
channel_read(int channel, void *record, size_t room, size_t *size)
{
	struct iovec part = { record, room };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };

	return receive_record(channel, &m, MSG_DONTWAIT, size);
}

/* Descriptors that came along. */
struct given {
	int *fd;
	size_t room, count;
	int flags; /* the kernel's: MSG_CTRUNC if there was no room for some */
};

/* Take them out of the control message; if they are not to be kept, close
   them. */
static void
take_given(struct msghdr *m, bool is_kept, struct given *g)
{
	struct cmsghdr *c = CMSG_FIRSTHDR(m);
	size_t i;

	if (c == NULL || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS || c->cmsg_len < CMSG_LEN(0))
		return;
	g->count = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
	if (g->count > g->room)
		g->count = g->room;
	memcpy(g->fd, CMSG_DATA(c), g->count * sizeof(int));
	if (is_kept)
		return;
	for (i = 0; i < g->count; i++)
		(void)close(g->fd[i]);
	g->count = 0;
}

/* Read one record and up to g->room descriptors. */
static enum channel_end
receive_given(int channel, struct iovec part, int flags, size_t *size,
    struct given *g)
{
	union control control;
	struct msghdr m = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		/* Without the padding, or one more would fit. */
		.msg_controllen = CMSG_LEN(g->room * sizeof(int)) };
	enum channel_end end = receive_record(channel, &m, flags, size);

	g->count = 0;
	g->flags = m.msg_flags;
	/* An empty record may have some, too. */
	take_given(&m, end == CHANNEL_DONE, g);
	return end;
}

/* The same for one descriptor, -1 if there is none. */
static enum channel_end
receive_one(int channel, struct iovec part, int flags, size_t *size, int *fd,
    int *told)
{
	struct given g = { .fd = fd, .room = 1 };
	enum channel_end end = receive_given(channel, part, flags, size, &g);

	if (g.count == 0)
		*fd = -1;
	*told = g.flags;
	return end;
}

enum channel_end
channel_receive(int channel, void *record, size_t room, size_t *size, int *fd)
{
	int told;

	return receive_one(channel, (struct iovec){ record, room }, 0, size, fd,
	    &told);
}

enum channel_end
channel_receive_with(int channel, void *record, size_t room, size_t *size,
    int fd[CHANNEL_FDS_MAX], size_t *count)
{
	struct given g = { .fd = fd, .room = CHANNEL_FDS_MAX };
	enum channel_end end =
	    receive_given(channel, (struct iovec){ record, room }, 0, size, &g);

	*count = g.count;
	return end;
}

enum channel_end
channel_take(int channel, void *record, size_t room, size_t *size, int *fd,
    bool *is_lost)
{
	int told;
	enum channel_end end = receive_one(channel,
	    (struct iovec){ record, room }, MSG_DONTWAIT, size, fd, &told);

	*is_lost = end == CHANNEL_ODD && (told & MSG_CTRUNC) != 0;
	if (*is_lost && (told & MSG_TRUNC) == 0 && *size > 0)
		return CHANNEL_DONE;
	return end;
}

enum channel_end
channel_peek(int channel, void *record, size_t room, size_t *size)
{
	ssize_t n;

	do
		n = recv(channel, record, room,
		    MSG_PEEK | MSG_DONTWAIT | MSG_TRUNC);
	while (n == -1 && errno == EINTR);
	if (n == -1 && errno == EAGAIN)
		return CHANNEL_WAIT;
	if (n <= 0)
		return CHANNEL_GONE;
	if ((size_t)n > room)
		return CHANNEL_ODD;
	*size = (size_t)n;
	return CHANNEL_DONE;
}
