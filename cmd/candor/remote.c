/*
 * remote.c - have candord's workers look at files.  See remote.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/remote.h"

#include "cmd/candor/buf.h"
#include "lib/wire/ask.h"
#include "sys/channel.h"
#include "sys/clock.h"
#include "sys/listen.h"
#include "sys/place.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ASKS_MOST   60u    /* at the daemon; it takes 64 */
#define PATIENCE    10000u /* for a daemon that is being started again */
#define FRAMES_MOST 262144u
#define ASKS_BATCH  16u /* asked at once: the first wakes the daemon */

struct asked {
	struct crew_file file;
	bool is_sent;
};

struct remote {
	const char *path;
	int fd;
	struct databases *databases;
	struct crew_listener listener;
	struct asked asked[ASKS_MOST]; /* in order */
	size_t count, sent;

	/* Numbers of its databases are ours less first. */
	uint64_t generation, coming;
	size_t first, learned;
	uint32_t layers;

	struct frame *frame; /* of the answer that comes */
	size_t frame_count, frame_room;
	uint64_t frame_id;
};

/* --- what it says -------------------------------------------------------- */

/* Map a database it uses.  Many reloads during one scan exceed what fits. */
static bool
take_database(struct remote *r, const struct ask *a, int fd, struct why *why)
{
	char path[4096];

	if (fd == -1)
		return why_not(why, WHY_BROKEN, "candord sent no database");
	if (a->database.generation == r->generation) {
		(void)close(fd);
		return true;
	}
	if (a->database.database == 0)
		r->learned = r->databases->count;
	(void)place_path(fd, path, sizeof(path));
	r->coming = a->database.generation;
	return databases_add(r->databases, path, fd, why);
}

static void
take_generation(struct remote *r, const struct ask *a)
{
	r->layers = a->generation.layers;
	if (a->generation.generation != r->coming)
		return;
	r->generation = r->coming;
	r->first = r->learned;
}

static void
take_detail(struct remote *r, const struct ask *a)
{
	struct frame f;

	if (r->frame_id != a->id)
		r->frame_count = 0;
	r->frame_id = a->id;
	if (r->frame_count == FRAMES_MOST ||
	    !frame_get(cur_from(a->detail.bytes, a->detail.size), &f))
		return;
	if (f.kind == FRAME_MATCH)
		f.match.database += (uint32_t)r->first;
	r->frame =
	    buf_grow(r->frame, &r->frame_room, r->frame_count + 1, sizeof(f));
	r->frame[r->frame_count++] = f;
}

/* What it left out of its details, it says by a reason. */
static void
tell_rest(struct remote *r, const struct ask *a, uint32_t told)
{
	struct frame f = { .kind = FRAME_UNSCANNED, .scan = a->id };
	uint32_t reason;

	for (reason = 1; reason < UNSCANNED_COUNT; reason++) {
		if (((a->answer.reasons & ~told) >> reason & 1) == 0)
			continue;
		f.unscanned.reason = reason;
		r->listener.frame(r->listener.ctx, &f);
	}
}

/* The last word: what the worker said at the end, or why there was none. */
static void
tell_end(struct remote *r, const struct ask *a)
{
	struct frame end = { .kind = FRAME_END, .scan = a->id };
	enum unscanned lost = UNSCANNED_NOTHING;

	if ((a->answer.flags & ASK_HAS_END) != 0) {
		end.end.kind = a->answer.file_kind;
		end.end.bytes = a->answer.searched;
		end.end.objects = a->answer.objects;
		if ((a->answer.flags & ASK_HAS_SHA256) != 0)
			end.end.flags = FRAME_END_SHA256;
		memcpy(end.end.sha256, a->answer.sha256,
		    sizeof(end.end.sha256));
	} else {
		lost = a->answer.reason != UNSCANNED_NOTHING
		    ? (enum unscanned)a->answer.reason
		    : UNSCANNED_CRASHED;
	}
	r->listener.end(r->listener.ctx, a->id, &end, lost);
}

static void
tell_answer(struct remote *r, const struct ask *a)
{
	size_t count = r->frame_id == a->id ? r->frame_count : 0, i;
	uint32_t told = 0;

	for (i = 0; i < count; i++) {
		const struct frame *f = &r->frame[i];

		if (f->kind == FRAME_UNSCANNED)
			told |= 1u << f->unscanned.reason;
		r->listener.frame(r->listener.ctx, f);
	}
	r->frame_count = 0;
	/* Without an end it was lost, and the reason is of that. */
	if ((a->answer.flags & ASK_HAS_END) == 0 &&
	    a->answer.reason != UNSCANNED_NOTHING)
		told |= 1u << a->answer.reason;
	tell_rest(r, a, told);
	tell_end(r, a);
}

static void
take_answer(struct remote *r, const struct ask *a)
{
	size_t i;

	for (i = 0; i < r->count; i++)
		if (r->asked[i].file.scan == a->id)
			break;
	if (i == r->count)
		return;
	(void)close(r->asked[i].file.fd);
	r->sent -= r->asked[i].is_sent;
	r->count--;
	memmove(&r->asked[i], &r->asked[i + 1],
	    (r->count - i) * sizeof(r->asked[0]));
	tell_answer(r, a);
}

static bool
take(struct remote *r, const struct ask *a, int fd, struct why *why)
{
	if (a->kind == ASK_IS_DATABASE)
		return take_database(r, a, fd, why);
	if (fd != -1)
		(void)close(fd);
	switch (a->kind) {
	case ASK_IS_GENERATION:
		take_generation(r, a);
		return true;
	case ASK_IS_DETAIL:
		take_detail(r, a);
		return true;
	case ASK_IS_NAME:
		return true;
	case ASK_IS_ANSWER:
		take_answer(r, a);
		return true;
	default:
		return why_not(why, WHY_BROKEN,
		    "candord says what this version does not understand");
	}
}

/* --- the connection ------------------------------------------------------ */

static bool
say(struct remote *r, const struct ask *a, int fd)
{
	uint8_t record[ASK_LARGE];
	size_t size = ask_put(a, record);

	return channel_offer(r->fd, record, size, fd) == CHANNEL_DONE;
}

static void
hang_up(struct remote *r)
{
	size_t i;

	if (r->fd != -1)
		(void)close(r->fd);
	r->fd = -1;
	r->frame_count = 0;
	r->sent = 0;
	for (i = 0; i < r->count; i++)
		r->asked[i].is_sent = false;
}

/* Connect, or again; a daemon that is being started is waited for. */
static bool
call(struct remote *r, uint64_t patience_ms, struct why *why)
{
	static const struct ask learn = { .kind = ASK_IS_LEARN };
	uint64_t until = clock_milliseconds() + patience_ms;

	while (!listen_connect(r->path, SOCK_SEQPACKET, &r->fd, why)) {
		if (clock_milliseconds() >= until)
			return why_not(why, WHY_SYSTEM,
			    "%s: candord does not answer", r->path);
		(void)poll(NULL, 0, 100);
	}
	(void)say(r, &learn, -1);
	return true;
}

/* Hear all there is; false when nothing can be done about it. */
static bool
hear(struct remote *r, struct why *why)
{
	uint8_t record[ASK_LARGE];
	struct ask a;
	bool is_lost;
	size_t size;
	int fd;

	for (;;) {
		switch (channel_take(r->fd, record, sizeof(record), &size, &fd,
		    &is_lost)) {
		case CHANNEL_WAIT:
			return true;
		case CHANNEL_DONE:
			if (!ask_get(cur_from(record, size), &a))
				return why_not(why, WHY_BROKEN,
				    "candord says nonsense");
			if (!take(r, &a, fd, why))
				return false;
			break;
		case CHANNEL_GONE:
		case CHANNEL_ODD:
			hang_up(r);
			return call(r, PATIENCE, why);
		}
	}
}

/* Ask what was not asked yet; false while there is no room for it. */
static bool
send_all(struct remote *r)
{
	size_t i;

	for (i = 0; i < r->count; i++) {
		const struct crew_file *file = &r->asked[i].file;
		struct ask a = { .kind = ASK_IS_ASK, .id = file->scan };

		if (r->asked[i].is_sent)
			continue;
		a.ask.size = file->size;
		a.ask.class = ASK_LOCAL;
		a.ask.deadline_ms = file->deadline_ms;
		a.ask.flags = ASK_DETAILS;
		if ((file->flags & SCAN_ALL_MATCHES) != 0)
			a.ask.flags |= ASK_ALL_MATCHES;
		if ((file->flags & SCAN_HASH) != 0)
			a.ask.flags |= ASK_HASH;
		/* Its broker does what doubts() would do here. */
		if (r->listener.doubts != NULL)
			a.ask.flags |= ASK_CONFIRM;
		if (!say(r, &a, file->fd))
			return false;
		r->asked[i].is_sent = true;
		r->sent++;
	}
	return true;
}

bool
remote_turn(struct remote *r, int timeout_ms, struct why *why)
{
	bool is_sent = send_all(r);
	struct pollfd p = { r->fd, POLLIN, 0 };

	if (!is_sent)
		p.events |= POLLOUT;
	(void)poll(&p, 1, timeout_ms);
	return hear(r, why);
}

bool
remote_submit(struct remote *r, const struct crew_file *file, struct why *why)
{
	while (r->count == ASKS_MOST)
		if (!remote_turn(r, -1, why)) {
			(void)close(file->fd);
			return false;
		}
	r->asked[r->count++] = (struct asked){ .file = *file };
	if (r->count - r->sent >= ASKS_BATCH)
		(void)send_all(r);
	return true;
}

size_t
remote_pending(const struct remote *r)
{
	return r->count;
}

uint32_t
remote_layers(const struct remote *r)
{
	return r->layers;
}

void
remote_listen(struct remote *r, const struct crew_listener *listener)
{
	r->listener = *listener;
}

struct remote *
remote_open(const char *path, struct databases *d, struct why *why)
{
	struct remote *r = buf_alloc(1, sizeof(*r));
	uint64_t until = clock_milliseconds() + PATIENCE;

	memset(r, 0, sizeof(*r));
	r->path = path;
	r->fd = -1;
	r->databases = d;
	if (!call(r, 0, why)) {
		remote_close(&r);
		return NULL;
	}
	while (r->generation == 0) {
		if (!remote_turn(r, 100, why)) {
			remote_close(&r);
			return NULL;
		}
		if (r->generation == 0 && clock_milliseconds() >= until) {
			(void)why_not(why, WHY_LIMIT, "%s: candord is silent",
			    path);
			remote_close(&r);
			return NULL;
		}
	}
	return r;
}

void
remote_close(struct remote **remote)
{
	struct remote *r = *remote;
	size_t i;

	if (r == NULL)
		return;
	for (i = 0; i < r->count; i++)
		(void)close(r->asked[i].file.fd);
	hang_up(r);
	free(r->frame);
	free(r);
	*remote = NULL;
}
