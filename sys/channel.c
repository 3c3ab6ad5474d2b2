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

/* Room for the control message that carries one descriptor. */
union control {
	alignas(struct cmsghdr) char bytes[CMSG_SPACE(sizeof(int))];
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
send_record(int channel, const void *record, size_t size, int fd, int flags)
{
	struct iovec part = { (void *)(uintptr_t)record, size };
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	union control control;
	ssize_t n;

	if (fd != -1) {
		struct cmsghdr *c;

		memset(&control, 0, sizeof(control));
		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	do
		n = sendmsg(channel, &m, flags | MSG_NOSIGNAL);
	while (n == -1 && errno == EINTR);
	return n == (ssize_t)size ? CHANNEL_DONE : end_of_errno();
}

enum channel_end
channel_send(int channel, const void *record, size_t size, int fd)
{
	return send_record(channel, record, size, fd, 0);
}

enum channel_end
channel_offer(int channel, const void *record, size_t size, int fd)
{
	return send_record(channel, record, size, fd, MSG_DONTWAIT);
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
	if (n == -1)
		return end_of_errno();
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

/* Read one record and its descriptor; flags are the kernel's in m. */
static enum channel_end
receive_with(int channel, struct iovec part, int flags, size_t *size, int *fd,
    int *told)
{
	union control control;
	struct msghdr m = { .msg_iov = &part,
		.msg_iovlen = 1,
		.msg_control = control.bytes,
		/* Without the padding, or a second one would fit. */
		.msg_controllen = CMSG_LEN(sizeof(int)) };
	enum channel_end end = receive_record(channel, &m, flags, size);
	struct cmsghdr *c;

	*fd = -1;
	*told = m.msg_flags;
	if (end != CHANNEL_DONE && end != CHANNEL_ODD)
		return end;
	c = CMSG_FIRSTHDR(&m);
	if (c != NULL && c->cmsg_level == SOL_SOCKET &&
	    c->cmsg_type == SCM_RIGHTS && c->cmsg_len == CMSG_LEN(sizeof(int)))
		memcpy(fd, CMSG_DATA(c), sizeof(int));
	if (end == CHANNEL_ODD && *fd != -1) {
		(void)close(*fd);
		*fd = -1;
	}
	return end;
}

enum channel_end
channel_receive(int channel, void *record, size_t room, size_t *size, int *fd)
{
	int told;

	return receive_with(channel, (struct iovec){ record, room }, 0, size,
	    fd, &told);
}

enum channel_end
channel_take(int channel, void *record, size_t room, size_t *size, int *fd,
    bool *is_lost)
{
	int told;
	enum channel_end end = receive_with(channel,
	    (struct iovec){ record, room }, MSG_DONTWAIT, size, fd, &told);

	*is_lost = end == CHANNEL_ODD && (told & MSG_CTRUNC) != 0;
	if (*is_lost && (told & MSG_TRUNC) == 0 && *size > 0)
		return CHANNEL_DONE;
	return end;
}
