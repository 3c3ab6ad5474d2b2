/*
 * hand.c - one worker of a crew.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/crew/hand.h"

#include "proc/opener/opener.h"
#include "sys/channel.h"
#include "sys/clock.h"

#include <sys/resource.h>

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* Of setpriority(2): a third of what an ordinary process gets. */
#define CALM 5

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
	h->sent = 0;
	h->bytes = 0;
	h->assigned = 0;
	h->is_aside = false;
	h->since_ms = clock_milliseconds();
	hearing_begin(&h->hearing);

	/* If it died already, crew.c hears that on the channel. */
	say_setup(h, setup);
	return true;
}

struct opener_place
job_place(const struct job *job)
{
	return (struct opener_place){ job->fd, job->mount };
}

bool
job_wants_fresh(const struct job *job)
{
	return job->tries > 0 || job->is_second;
}

/* Those it does not know of. */
static size_t
rest_of(const struct hand *h)
{
	return h->count - h->sent;
}

bool
hand_has_room(const struct hand *h, const struct job *job)
{
	if (h->state != HAND_READY || h->is_aside ||
	    (h->assigned > 0 &&
		(job_wants_fresh(job) || h->owner != job->owner)))
		return false;
	if (h->count == 0)
		return true;
	return h->count < HAND_QUEUE && h->assigned + rest_of(h) < CREW_FILES &&
	    h->bytes <= HAND_QUEUE_BYTES &&
	    job->size <= HAND_QUEUE_BYTES - h->bytes;
}

/* --- giving ------------------------------------------------------------- */

/* The frame for it, where there is room for any. */
static size_t
put_order(const struct job *job, uint8_t out[FRAME_LARGE])
{
	struct frame f = { .kind = FRAME_SCAN, .scan = job->number };

	f.request.size = job->size;
	f.request.flags = job->flags;
	f.request.deadline_ms = job->deadline_ms;
	return frame_put(&f, out);
}

/* The worker knows of so many more. */
static void
note_sent(struct hand *h, size_t count)
{
	if (h->sent == 0)
		h->since_ms = clock_milliseconds();
	h->sent += count;
	h->assigned += (uint32_t)count;
	if (h->assigned >= CREW_FILES)
		h->state = HAND_RETIRING;
}

/* Send those it does not know of, a record at a time. */
static bool
send_rest(struct hand *h)
{
	uint8_t record[FRAME_RECORD + FRAME_LARGE];
	int fd[FRAME_BATCH];

	while (h->sent < h->count) {
		const struct job *job = &h->queue[h->sent];
		size_t i, size = 0, count = rest_of(h);

		if (count > FRAME_BATCH)
			count = FRAME_BATCH;
		for (i = 0; i < count; i++) {
			size += put_order(&job[i], record + size);
			fd[i] = job[i].fd;
		}
		if (channel_offer_with(h->process.channel, record, size, fd,
			count) != CHANNEL_DONE)
			return false;
		note_sent(h, count);
	}
	return true;
}

/* Have the opener open and send it, after those before it. */
static enum hand_gift
give_far(struct hand *h, struct job *job)
{
	uint8_t record[FRAME_LARGE];
	struct subject_stamp stamp;
	struct why why;

	if (!send_rest(h))
		return HAND_NOT_NOW;
	if (opener_give(job->opener, job_place(job), h->process.channel,
		cur_from(record, put_order(job, record)), &stamp, &why)) {
		if (!job->has_stamp)
			job->stamp = stamp;
		job->has_stamp = true;
		job->has_moved |= stamp.size != job->size;
		return HAND_GIVEN;
	}
	if (why.err == EAGAIN || why.err == EPIPE || why.err == ECANCELED)
		return HAND_NOT_NOW;
	return why.err == ETIMEDOUT ? HAND_UNSURE : HAND_NO_FILE;
}

static void
queue_job(struct hand *h, const struct job *job)
{
	h->queue[h->count++] = *job;
	h->bytes += job->size;
	h->owner = job->owner;
}

/*
 * Do as many wait as it has to do, or as fit into a record, or as it gets in
 * its life?  So the first goes alone and at once, and then 1, 2, 4, 8.
 */
static bool
is_time_to_send(const struct hand *h)
{
	return rest_of(h) >= h->sent || rest_of(h) >= FRAME_BATCH ||
	    h->assigned + rest_of(h) >= CREW_FILES;
}

enum hand_gift
hand_give(struct hand *h, struct job *job)
{
	enum hand_gift end = HAND_GIVEN;

	if (job->opener != NULL)
		end = give_far(h, job);
	if (end == HAND_NOT_NOW || end == HAND_NO_FILE)
		return end;
	queue_job(h, job);
	if (job->opener != NULL)
		note_sent(h, 1);
	else if (is_time_to_send(h) && !send_rest(h)) {
		hand_cut(h, h->count - 1);
		return HAND_NOT_NOW;
	}
	return end;
}

bool
hand_send(struct hand *h)
{
	return (h->sent >= FRAME_BATCH && !is_time_to_send(h)) || send_rest(h);
}

/* --- what it does ------------------------------------------------------- */

void
hand_calm(const struct hand *h)
{
	(void)setpriority(PRIO_PROCESS, (id_t)h->process.pid, CALM);
}

bool
hand_is_waiting(const struct hand *h)
{
	char path[32], text[512];
	const char *end;
	ssize_t n;
	int fd;

	(void)snprintf(path, sizeof(path), "/proc/%d/stat",
	    (int)h->process.pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd == -1)
		return true;
	n = read(fd, text, sizeof(text) - 1);
	(void)close(fd);
	text[n < 0 ? 0 : n] = '\0';
	/* "12 (candor-worker) S 1 ..."  [proc(5)] */
	end = strrchr(text, ')');
	return end == NULL || end[1] != ' ' || end[2] != 'R';
}

struct job
hand_finish(struct hand *h)
{
	struct job done = h->queue[0];

	h->count--;
	h->sent--;
	memmove(&h->queue[0], &h->queue[1], h->count * sizeof(h->queue[0]));
	h->bytes -= done.size;
	h->since_ms = clock_milliseconds();
	hearing_begin(&h->hearing);
	return done;
}

void
hand_cut(struct hand *h, size_t count)
{
	while (h->count > count)
		h->bytes -= h->queue[--h->count].size;
	if (h->sent > count)
		h->sent = count;
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
