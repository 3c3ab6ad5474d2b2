/*
 * client.c - have a file looked into.  See client.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/client.h"

#include "sys/beside.h"
#include "sys/channel.h"
#include "sys/clock.h"
#include "sys/whole.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* What a reader may take, and say. */
#define SILENCE_MS 60000u
#define ALL_MS     (30u * 60 * 1000)
#define PARTS_MAX  50000000u

void
reader_init(struct reader *r)
{
	r->helper = (struct spawned){ -1, -1 };
	r->layers = 0;
	r->silence_ms = SILENCE_MS;
	r->all_ms = ALL_MS;
}

void
reader_end(struct reader *r)
{
	if (r->helper.channel != -1)
		spawn_end(&r->helper);
	r->helper = (struct spawned){ -1, -1 };
}

/* --- hearing -------------------------------------------------------------- */

/* One order, while it is answered. */
struct asked {
	struct reader *reader;
	reader_hear_fn hear;
	void *self;
	uint64_t until; /* clock_milliseconds() */
	uint64_t parts;
	uint32_t kind;
	bool is_done;
};

/* The reader is gone without a last word: say how it ended. */
static bool
tell_end(struct reader *r, struct why *why)
{
	char status[80];

	spawn_say_status(spawn_wait(&r->helper), status, sizeof(status));
	return why_not(why, WHY_BROKEN, "its reader ended early: %s", status);
}

/* Wait for a packet; false when it takes too long. */
static bool
wait_for(const struct asked *a, struct why *why)
{
	struct pollfd ready = { .fd = a->reader->helper.channel,
		.events = POLLIN };
	uint64_t now = clock_milliseconds();
	uint64_t left = now < a->until ? a->until - now : 0;
	int got;

	if (left > a->reader->silence_ms)
		left = a->reader->silence_ms;
	do
		got = poll(&ready, 1, (int)left);
	while (got == -1 && errno == EINTR);
	return got > 0 || why_not(why, WHY_LIMIT, "reading it takes too long");
}

static bool
hear_packet(const struct asked *a, struct cur *packet, struct why *why)
{
	struct reader *r = a->reader;
	enum channel_end end;
	size_t size;

	do {
		if (!wait_for(a, why))
			return false;
		end = channel_read(r->helper.channel, r->packet,
		    sizeof(r->packet), &size);
	} while (end == CHANNEL_WAIT);
	if (end == CHANNEL_GONE)
		return tell_end(r, why);
	if (end != CHANNEL_DONE || size > READER_PACKET)
		return why_not(why, WHY_BROKEN, "its reader lies");
	*packet = cur_from(r->packet, size);
	return true;
}

/* May this be said in answer to that? */
static bool
is_in_turn(const struct asked *a, const struct reader_part *p)
{
	switch (p->kind) {
	case READER_READY:
		return a->kind == 0;
	case READER_BYTES:
		return a->kind == READER_FETCH;
	case READER_DONE:
	case READER_FAILED:
		return a->kind != 0;
	default:
		return a->kind == READER_LOOK;
	}
}

static bool
hear_part(struct asked *a, const struct reader_part *p, struct why *why)
{
	if (!is_in_turn(a, p) || a->is_done) {
		a->is_done = false; /* whatever it says next is not heard */
		return why_not(why, WHY_BROKEN, "its reader lies");
	}
	if (++a->parts > PARTS_MAX)
		return why_not(why, WHY_LIMIT, "its reader says too much");
	a->is_done = p->kind == READER_DONE || p->kind == READER_READY;
	if (p->kind == READER_READY)
		a->reader->layers = (uint32_t)p->number;
	else if (p->kind == READER_FAILED) {
		a->is_done = true;
		(void)why_not(why, WHY_BROKEN, "%.*s",
		    p->detail.size < 200 ? (int)p->detail.size : 200,
		    (const char *)p->detail.base);
		why->err = (int)p->number;
		return false;
	} else if (p->kind != READER_DONE)
		a->hear(a->self, p);
	return true;
}

/* Hear all that is said; false when it ends in another way than by DONE.
   Only who said FAILED itself may go on. */
static bool
hear_all(struct asked *a, struct why *why)
{
	struct reader_part part;
	struct cur packet;

	while (!a->is_done) {
		if (!hear_packet(a, &packet, why))
			return false;
		while (cur_left(&packet) > 0) {
			if (!reader_part_get(&packet, &part))
				return why_not(why, WHY_BROKEN,
				    "its reader lies");
			if (!hear_part(a, &part, why))
				return false;
		}
	}
	return true;
}

static bool
hear(struct asked *a, struct why *why)
{
	bool is_good;

	a->until = clock_milliseconds() + a->reader->all_ms;
	is_good = hear_all(a, why);
	if (!a->is_done)
		reader_end(a->reader);
	return is_good;
}

/* --- asking --------------------------------------------------------------- */

static bool
start(struct reader *r, struct why *why)
{
	static const char *const argv[] = { "candor-reader", NULL };
	struct asked a = { .reader = r };
	char path[PATH_MAX];

	if (r->helper.channel != -1)
		return true;
	return beside_program("candor-reader", path, sizeof(path), why) &&
	    spawn_start(path, argv, NULL, 0, &r->helper, why) && hear(&a, why);
}

static bool
ask(struct reader *r, const struct reader_order *o, int fd, struct why *why)
{
	uint8_t record[READER_ORDER_MAX];
	size_t size = reader_order_put(o, record);

	if (size == 0)
		return why_not(why, WHY_LIMIT, "its name is too long");
	if (channel_send(r->helper.channel, record, size, fd) == CHANNEL_DONE)
		return true;
	(void)tell_end(r, why);
	reader_end(r);
	return false;
}

/* An order about a file. */
static bool
give(struct reader_order *o, int fd, struct asked *a, struct why *why)
{
	struct stat st;

	if (fstat(fd, &st) != 0 || lseek(fd, 0, SEEK_SET) != 0)
		return why_not(why, WHY_SYSTEM, "it cannot be read anywhere");
	o->size = (uint64_t)st.st_size;
	return start(a->reader, why) && ask(a->reader, o, fd, why) &&
	    hear(a, why);
}

bool
reader_look(struct reader *r, int fd, const char *name, enum reader_what what,
    reader_hear_fn told, void *self, struct why *why)
{
	struct reader_order o = { .kind = READER_LOOK,
		.what = what,
		.text = cur_from(name, strlen(name)) };
	struct asked a = { r, told, self, 0, 0, READER_LOOK, false };

	return give(&o, fd, &a, why);
}

bool
reader_beside(struct reader *r, int fd, struct why *why)
{
	struct reader_order o = { .kind = READER_BESIDE };
	struct asked a = { r, NULL, NULL, 0, 0, READER_BESIDE, false };

	return give(&o, fd, &a, why);
}

/* A file that comes. */
struct coming {
	int out, err;
	uint64_t size, most;
};

static void
take_bytes(void *self, const struct reader_part *p)
{
	struct coming *c = self;

	if (c->err != 0 || p->value.size > c->most - c->size) {
		c->err = c->err != 0 ? c->err : EFBIG;
		return;
	}
	c->size += p->value.size;
	if (!whole_write(c->out, p->value.base, p->value.size))
		c->err = errno;
}

bool
reader_fetch(struct reader *r, uint32_t part, const char *path, uint64_t most,
    int out, struct why *why)
{
	const struct reader_order o = { READER_FETCH, part, most,
		cur_from(path, strlen(path)) };
	struct coming c = { out, 0, 0, most };
	struct asked a = { r, take_bytes, &c, 0, 0, READER_FETCH, false };

	if (r->helper.channel == -1)
		return why_not(why, WHY_BROKEN, "its reader is gone");
	if (!ask(r, &o, -1, why) || !hear(&a, why))
		return false;
	if (c.err != 0) {
		(void)why_not(why, WHY_SYSTEM, "could not be kept");
		why->err = c.err;
	}
	return c.err == 0;
}
