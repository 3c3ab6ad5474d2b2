/*
 * attach.c - come to the supervisor instead of being started by it.
 * See attach.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/duty/attach.h"

#include "sys/channel.h"
#include "sys/listen.h"

#include <sys/socket.h>

#include <stdint.h>
#include <unistd.h>

/* Make fd the descriptor number; it may be that already. */
static bool
become(int fd, int number)
{
	bool is_done = fd == number || dup2(fd, number) != -1;

	if (fd != number)
		(void)close(fd);
	return is_done;
}

bool
attach_wait(const char *path, int channel, uint32_t *supervisor,
    struct why *why)
{
	struct listen_peer peer;
	uint8_t record;
	size_t size;
	int fd, given = -1;
	enum channel_end end;

	if (!listen_connect(path, SOCK_SEQPACKET, &fd, why))
		return false;
	end = channel_receive(fd, &record, sizeof(record), &size, &given);
	(void)close(fd);
	if (end != CHANNEL_DONE || given == -1)
		return why_not(why, WHY_SYSTEM, "%s: candord is gone", path);
	/* Who made the channel is who speaks at its other end. */
	if (!listen_peer_get(given, &peer) || !become(given, channel))
		return why_not(why, WHY_SYSTEM, "%s: no channel", path);
	*supervisor = (uint32_t)peer.pid;
	return true;
}
