/*
 * played.c - see played.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/played.h"

#include "sys/channel.h"
#include "sys/memfd.h"
#include "tests/t.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

struct played_back played_back;

int
played_memfd(const void *bytes, size_t size)
{
	struct why why;
	int fd;

	if (!memfd_open(&fd, &why) || write(fd, bytes, size) != (ssize_t)size ||
	    !memfd_seal(&fd, &why))
		fail_msg("no memfd");
	return fd;
}

static bool
play_frame(const struct frame *f)
{
	uint8_t record[FRAME_LARGE];
	size_t size = frame_put(f, record);

	return channel_send(3, record, size, -1) == CHANNEL_DONE;
}

/* One of count files that came together; false to die of it. */
static bool
play_scan(struct frame *f, int fd, uint64_t seen, size_t count)
{
	if (f->request.size == WAITS)
		(void)fcntl(fd, F_OFD_SETLKW,
		    &(struct flock){ .l_type = F_RDLCK });
	(void)close(fd);
	if (f->request.size == DIES_ALWAYS ||
	    (f->request.size == DIES_LATER && seen > 1))
		return false;
	f->kind = FRAME_END;
	memset(&f->end, 0, sizeof(f->end));
	f->end.bytes = seen;
	f->end.objects = (uint32_t)count;
	return play_frame(f);
}

int
played_worker(void)
{
	struct frame f = { .kind = FRAME_READY, .ready = { 1, 1 } };
	bool goes_on = play_frame(&f);
	uint8_t record[FRAME_RECORD];
	int fd[CHANNEL_FDS_MAX];
	uint64_t seen = 0;
	size_t size, count;

	while (goes_on &&
	    channel_receive_with(3, record, sizeof(record), &size, fd,
		&count) == CHANNEL_DONE) {
		struct cur c = cur_from(record, size);
		size_t i;

		for (i = 0; goes_on && frame_take(&c, &f); i++)
			if (f.kind == FRAME_SCAN)
				goes_on = i < count &&
				    play_scan(&f, fd[i], ++seen, count);
	}
	return goes_on ? 0 : 1;
}

static bool
on_played_doubts(void *ctx, uint64_t scan)
{
	const struct played *p = ctx;

	return p->doubt_every != 0 && scan % p->doubt_every == 0;
}

static void
on_played_given(void *ctx, uint64_t scan, uint32_t generation)
{
	struct played *p = ctx;

	(void)generation;
	p->given[scan]++;
}

static void
on_played_frame(void *ctx, const struct frame *f)
{
	(void)ctx;
	(void)f;
}

static void
on_played_end(void *ctx, uint64_t scan, const struct frame *end,
    enum unscanned lost)
{
	struct played *p = ctx;

	p->ended[scan]++;
	p->lost[scan] = lost;
	p->seen[scan] = end->end.bytes;
	p->together[scan] = end->end.objects;
}

static void
on_played_returned(void *ctx, const struct crew_file *file)
{
	(void)ctx;
	assert_true(file->level > 0 && file->level < CREW_LEVELS);
	played_back.file[played_back.count++] = *file;
	played_back.ever++;
}

struct crew *
played_start(struct played *p, unsigned jobs, unsigned tries, bool takes_back)
{
	static const char *const played[] = { "/proc/self/exe", "play", NULL };
	static const uint32_t signatures = 1;
	static const int none = 0;
	const struct crew_options o = { .jobs = jobs,
		.databases = { &none, &signatures, 1 },
		.tries = tries,
		.command = played };
	struct crew_listener l = { .ctx = p,
		.frame = on_played_frame,
		.end = on_played_end,
		.given = on_played_given,
		.doubts = on_played_doubts };
	struct why why = { 0 };
	struct crew *c;

	if (takes_back)
		l.returned = on_played_returned;
	memset(p, 0, sizeof(*p));
	c = crew_start(&o, &l, &why);
	if (c == NULL)
		fail_msg("%s", why.text);
	return c;
}

void
played_drain(struct crew *c)
{
	struct why why = { 0 };

	while (crew_pending(c) > 0 || crew_ready(c) == 0)
		if (!crew_turn(c, 10, &why))
			fail_msg("%s", why.text);
}
