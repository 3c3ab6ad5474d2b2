/*
 * stream.c - standard input in memory.  The contract is in stream.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/stream.h"

#include "cmd/candor/buf.h"
#include "sys/memfd.h"
#include "sys/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE 262144u

/* Wait for input; false when we were told to stop. */
static bool
wait_for(int in, const volatile sig_atomic_t *stop)
{
	struct pollfd p = { .fd = in, .events = POLLIN };

	while (!*stop)
		if (poll(&p, 1, -1) != -1)
			return true;
	return false;
}

/* Copy until the end, or the most, or a signal; out says which. */
static bool
copy(int in, uint64_t most, const volatile sig_atomic_t *stop, char *piece,
    struct stream *out, struct why *why)
{
	ssize_t got;

	for (;;) {
		uint64_t room = most - out->size;
		size_t want = room < PIECE ? (size_t)room + 1 : PIECE;

		out->is_cut = true;
		if (!wait_for(in, stop))
			return true;
		got = read(in, piece, want > PIECE ? PIECE : want);
		if (got == -1 && (errno == EINTR || errno == EAGAIN))
			continue;
		if (got == -1)
			return why_not(why, WHY_SYSTEM, "read");
		out->is_cut = false;
		if (got == 0)
			return true;
		out->is_cut = (uint64_t)got > room;
		if (out->is_cut)
			got = (ssize_t)room;
		if (!whole_write(out->fd, piece, (size_t)got))
			return why_not(why, WHY_SYSTEM, "keep the stream");
		out->size += (uint64_t)got;
		if (out->is_cut)
			return true;
	}
}

bool
stream_read(int in, uint64_t most, const volatile sig_atomic_t *stop,
    struct stream *out, struct why *why)
{
	char *piece = buf_alloc(1, PIECE);
	bool is_done;

	memset(out, 0, sizeof(*out));
	out->fd = -1;
	is_done = memfd_open(&out->fd, why) &&
	    copy(in, most, stop, piece, out, why) && memfd_seal(&out->fd, why);
	free(piece);
	if (is_done)
		return true;
	if (out->fd != -1)
		close(out->fd);
	out->fd = -1;
	return false;
}
