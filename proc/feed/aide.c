/*
 * aide.c - start a helper of candor update, and give it orders.  See aide.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/feed/aide.h"

#include "sys/beside.h"
#include "sys/channel.h"
#include "sys/clock.h"

#include <sys/wait.h>

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#define END_TURNS   200u
#define END_TURN_MS 10

bool
aide_start(struct aide *h, const char *program, const char *argument, int fd,
    struct why *why)
{
	const char *const argv[] = { program, argument, NULL };
	char path[PATH_MAX];

	*h = (struct aide){ .helper = { .pid = -1, .channel = -1 } };
	if (!beside_program(program, path, sizeof(path), why) ||
	    !spawn_start(path, argv, &fd, fd != -1, &h->helper, why))
		return false;
	h->program = program;
	return true;
}

/* One that hangs in the kernel (a folder whose server is gone) outlives being
   killed, and nobody waits for it. */
void
aide_end(struct aide *h)
{
	unsigned turn;

	if (h->program == NULL)
		return;
	h->program = NULL;
	(void)kill(h->helper.pid, SIGKILL);
	for (turn = 0; turn < END_TURNS; turn++) {
		if (waitpid(h->helper.pid, NULL, WNOHANG) != 0)
			break;
		(void)poll(NULL, 0, END_TURN_MS);
	}
	(void)close(h->helper.channel);
	h->helper = (struct spawned){ .pid = -1, .channel = -1 };
}

bool
aide_tell(struct aide *h, const struct order *o, int fd, struct why *why)
{
	uint8_t record[ORDER_SIZE];

	order_put(o, record);
	return channel_send(h->helper.channel, record, sizeof(record), fd) ==
	    CHANNEL_DONE ||
	    why_not(why, WHY_BROKEN, "%s does not listen", h->program);
}

/* Wait until there is something to read; false if there is not. */
static bool
wait_for(int channel, uint64_t patience_ms)
{
	uint64_t end = clock_milliseconds() + patience_ms, now;
	struct pollfd p = { channel, POLLIN, 0 };
	int n = 0;

	while ((now = clock_milliseconds()) < end && n <= 0)
		n = poll(&p, 1, (int)(end - now < 60000 ? end - now : 60000));
	return n > 0;
}

bool
aide_hear(struct aide *h, struct order *out, uint64_t patience_ms,
    struct why *why)
{
	uint8_t record[ORDER_SIZE + 1];
	char how[80] = "";
	size_t size;

	if (!wait_for(h->helper.channel, patience_ms)) {
		aide_end(h);
		return why_not(why, WHY_LIMIT, "a helper took too long");
	}
	if (channel_read(h->helper.channel, record, sizeof(record), &size) ==
		CHANNEL_DONE &&
	    order_get(cur_from(record, size), out))
		return true;
	spawn_say_status(spawn_wait(&h->helper), how, sizeof(how));
	(void)why_not(why, WHY_BROKEN, "%s ended: %s", h->program, how);
	h->program = NULL;
	return false;
}
