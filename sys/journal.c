/*
 * journal.c - structured entries for the system's journal.  See journal.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/journal.h"

#include <sys/socket.h>
#include <sys/un.h>

#include <stdint.h>
#include <string.h>
#include <unistd.h>

#define JOURNAL   "/run/systemd/journal/socket"
#define FIELDS    24u
#define PER_FIELD 5u /* pieces: name, "=" or "\n", size, value, "\n" */

/* Add the pieces of one field. */
static size_t
add_field(struct iovec *at, const struct journal_field *f, uint8_t size[8])
{
	static char equals[] = "=", feed[] = "\n";
	size_t n = 0, i;

	at[n++] = (struct iovec){ (void *)(uintptr_t)f->name, strlen(f->name) };
	if (memchr(f->value, '\n', f->size) == NULL) {
		at[n++] = (struct iovec){ equals, 1 };
	} else {
		for (i = 0; i < 8; i++)
			size[i] = (uint8_t)((uint64_t)f->size >> 8 * i);
		at[n++] = (struct iovec){ feed, 1 };
		at[n++] = (struct iovec){ size, 8 };
	}
	at[n++] = (struct iovec){ (void *)(uintptr_t)f->value, f->size };
	at[n++] = (struct iovec){ feed, 1 };
	return n;
}

bool
journal_send(const struct journal_field *field, size_t count)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX, .sun_path = JOURNAL };
	struct iovec piece[FIELDS * PER_FIELD];
	uint8_t size[FIELDS][8];
	struct msghdr m = {
		.msg_name = &a, .msg_namelen = sizeof(a), .msg_iov = piece
	};
	ssize_t sent;
	size_t i;
	int fd;

	for (i = 0; i < count && i < FIELDS; i++)
		if (field[i].size > 0)
			m.msg_iovlen +=
			    add_field(&piece[m.msg_iovlen], &field[i], size[i]);
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd == -1)
		return false;
	sent = sendmsg(fd, &m, MSG_NOSIGNAL | MSG_DONTWAIT);
	(void)close(fd);
	return sent >= 0;
}
