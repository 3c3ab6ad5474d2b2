/*
 * attach.c - processes that are not our children.
 *
 * Where a service manager starts the guard and quarantine, each in a unit of
 * its own with no more rights than it needs, they come to a socket that it
 * made for us, readable by root alone, and wait there until they are wanted.
 * Each is sent the other end of a channel; from then on it is as if we had
 * started it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/supervisor/supervisor.h"

#include "sys/channel.h"
#include "sys/listen.h"

#include <sys/socket.h>
#include <sys/syscall.h>

#include <stdio.h>
#include <unistd.h>

void
attach_open(struct supervisor *s)
{
	static const uint32_t may[] = { ROLE_GUARD, ROLE_QUARANTINE };
	char name[32];
	uint32_t role;
	size_t i;

	for (role = 0; role <= ROLES; role++)
		s->post[role] = s->process[role].pidfd = -1;
	for (i = 0; i < sizeof(may) / sizeof(may[0]); i++) {
		(void)snprintf(name, sizeof(name), "post-%s",
		    duty_role_name(may[i]));
		s->post[may[i]] = listen_inherited(name);
	}
}

/* Send it a channel whose other end stays here. */
static bool
give_channel(int fd, struct spawned *out)
{
	static const uint8_t record = 0;
	int pair[2];
	bool is_sent;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) == -1)
		return false;
	is_sent =
	    channel_offer(fd, &record, sizeof(record), pair[1]) == CHANNEL_DONE;
	(void)close(pair[1]);
	if (is_sent)
		out->channel = pair[0];
	else
		(void)close(pair[0]);
	return is_sent;
}

bool
attach_take(struct supervisor *s, uint32_t role)
{
	struct process *p = &s->process[role];
	struct listen_peer peer;
	bool is_taken = false;
	int fd = listen_accept(s->post[role]);

	if (fd == -1)
		return false;
	if (!listen_peer_get(fd, &peer) ||
	    (peer.uid != 0 && peer.uid != geteuid())) {
		events_note(s, EVENT_DENIED, EVENT_WARNING,
		    "somebody who is not root wants to be candor-%s",
		    duty_role_name(role));
		(void)close(fd);
		return false;
	}
	/* While its end of the connection is open, the number is its own. */
	p->pidfd = (int)syscall(SYS_pidfd_open, peer.pid, 0);
	if (p->pidfd != -1) {
		is_taken = give_channel(fd, &p->spawned);
		p->spawned.pid = peer.pid;
	}
	(void)close(fd);
	if (!is_taken && p->pidfd != -1) {
		(void)close(p->pidfd);
		p->pidfd = -1;
	}
	return is_taken;
}
