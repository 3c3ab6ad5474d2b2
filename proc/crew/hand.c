/*
 * hand.c - one worker of a crew.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/crew/hand.h"

#include "sys/channel.h"
#include "sys/clock.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Send a frame without waiting. */
static bool
offer(const struct hand *h, const struct frame *f, int fd)
{
	uint8_t record[FRAME_LARGE];
	size_t size = frame_put(f, record);

	return size != 0 &&
	    channel_offer(h->process.channel, record, size, fd) == CHANNEL_DONE;
}

/* What it is told before anything else fits into an empty socket. */
static void
say_setup(const struct hand *h, const struct hand_setup *setup)
{
	size_t i;

	if (!offer(h, setup->config, -1))
		return;
	for (i = 0; i < setup->password_count; i++)
		if (!offer(h, &setup->password[i], -1))
			return;
}

bool
hand_start(struct hand *h, const struct hand_setup *setup, struct why *why)
{
	if (!spawn_start(setup->path, setup->argv, setup->database_fd,
		setup->bounds.database_count, &h->process, why))
		return false;
	h->generation = setup->generation;
	h->bounds = setup->bounds;
	h->state = HAND_STARTING;
	h->count = 0;
	h->bytes = 0;
	h->assigned = 0;
	h->since_ms = clock_milliseconds();
	hearing_begin(&h->hearing);

	/* If it died already, crew.c hears that on the channel. */
	say_setup(h, setup);
	return true;
}

bool
hand_has_room(const struct hand *h, uint64_t size)
{
	if (h->state != HAND_READY)
		return false;
	if (h->count == 0)
		return true;
	return h->count < HAND_QUEUE && h->bytes <= HAND_QUEUE_BYTES &&
	    size <= HAND_QUEUE_BYTES - h->bytes;
}

bool
hand_give(struct hand *h, const struct job *job)
{
	struct frame f = { .kind = FRAME_SCAN, .scan = job->number };

	f.request.size = job->size;
	if (!offer(h, &f, job->fd))
		return false;
	if (h->count == 0)
		h->since_ms = clock_milliseconds();
	h->queue[h->count++] = *job;
	h->bytes += job->size;
	h->assigned++;
	if (h->assigned == CREW_FILES)
		h->state = HAND_RETIRING;
	return true;
}

struct job
hand_finish(struct hand *h)
{
	struct job done = h->queue[0];

	h->count--;
	memmove(&h->queue[0], &h->queue[1], h->count * sizeof(h->queue[0]));
	h->bytes -= done.size;
	h->since_ms = clock_milliseconds();
	hearing_begin(&h->hearing);
	return done;
}

pid_t
hand_kill(struct hand *h)
{
	pid_t pid = h->process.pid;

	if (pid > 0)
		(void)kill(pid, SIGKILL);
	if (h->process.channel != -1)
		(void)close(h->process.channel);
	h->process.pid = -1;
	h->process.channel = -1;
	h->state = HAND_FREE;
	return pid;
}
