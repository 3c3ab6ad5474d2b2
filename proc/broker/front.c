/*
 * front.c - connections to the broker.  See broker.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/broker/broker.h"

#include "sys/channel.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAR_AT_ONCE 64u /* records before others get their turn */

/* --- bytes --------------------------------------------------------------- */

bool
bytes_add(struct bytes *b, const uint8_t *record, size_t size, size_t most)
{
	size_t want = b->size + 2 + size;

	if (want > most)
		return false;
	if (want > b->room) {
		uint8_t *more = realloc(b->at, 2 * want);

		if (more == NULL)
			return false;
		b->at = more;
		b->room = 2 * want;
	}
	b->at[b->size] = (uint8_t)size;
	b->at[b->size + 1] = (uint8_t)(size >> 8);
	memcpy(b->at + b->size + 2, record, size);
	b->size = want;
	return true;
}

void
bytes_free(struct bytes *b)
{
	free(b->at);
	memset(b, 0, sizeof(*b));
}

/* --- saying -------------------------------------------------------------- */

void
front_flush(struct front *f)
{
	while (f->sent < f->out.size) {
		const uint8_t *at = f->out.at + f->sent;
		size_t size = (size_t)at[0] | (size_t)at[1] << 8;

		switch (channel_offer(f->fd, at + 2, size, -1)) {
		case CHANNEL_DONE:
			f->sent += 2 + size;
			break;
		case CHANNEL_WAIT:
			return;
		case CHANNEL_GONE:
		case CHANNEL_ODD:
			f->is_gone = true;
			return;
		}
	}
	f->out.size = f->sent = 0;
	if (f->out.room > (size_t)1 << 16)
		bytes_free(&f->out);
}

/* A frame with a descriptor is not kept: who asks for databases and does not
   read is left. */
void
front_say(struct front *f, const struct ask *a, int fd)
{
	uint8_t record[ASK_LARGE];
	size_t size = ask_put(a, record);
	enum channel_end end = CHANNEL_WAIT;

	if (f->fd == -1 || f->is_gone || size == 0)
		return;
	if (f->out.size == 0)
		end = channel_offer(f->fd, record, size, fd);
	if (end == CHANNEL_DONE)
		return;
	if (end != CHANNEL_WAIT || fd != -1 ||
	    !bytes_add(&f->out, record, size, FRONT_BACKLOG))
		f->is_gone = true;
}

void
front_say_generation(struct broker *b, struct front *f)
{
	struct ask a = { .kind = ASK_IS_DATABASE };
	uint32_t i;

	if (b->bases == NULL)
		return;
	for (i = 0; i < b->bases->count && f->wants_databases; i++) {
		a.database.generation = b->bases->number;
		a.database.database = i;
		a.database.databases = (uint32_t)b->bases->count;
		front_say(f, &a, b->bases->fd[i]);
	}
	memset(&a, 0, sizeof(a));
	a.kind = ASK_IS_GENERATION;
	a.generation.generation = b->bases->number;
	a.generation.signatures = b->bases->signatures;
	a.generation.built = b->bases->built;
	a.generation.databases = (uint32_t)b->bases->count;
	a.generation.layers = b->crew != NULL ? crew_layers(b->crew) : 0;
	front_say(f, &a, -1);
}

static void
say_state(struct broker *b, struct front *f, uint64_t id)
{
	struct ask a = { .kind = ASK_IS_STATE, .id = id };
	size_t workers = 0, busy = 0, i;

	if (b->crew != NULL)
		crew_count(b->crew, &workers, &busy);
	for (i = 0; i < BROKER_FRONTS; i++)
		a.state.fronts += b->front[i].fd != -1;
	a.state.workers = (uint32_t)workers;
	a.state.busy = (uint32_t)busy;
	a.state.waiting = (uint32_t)b->waiting;
	a.state.asked = b->asked;
	a.state.answered = b->answered;
	a.state.found = b->infected + b->suspicious;
	a.state.unscanned = b->unscanned;
	a.state.crashed = b->crew != NULL ? crew_losses(b->crew) : 0;
	a.state.bytes = b->searched;
	a.state.generation = b->bases != NULL ? b->bases->number : 0;
	front_say(f, &a, -1);
}

/* --- hearing ------------------------------------------------------------- */

/* May it ask one more now? */
static bool
may_ask(const struct broker *b, const struct front *f)
{
	size_t most = f->role == 0 ? FRONT_ASKS_LOCAL : FRONT_ASKS;

	return f->asks < most && f->out.size == 0 &&
	    request_has_room(b, f->class);
}

struct pollfd
front_poll(const struct broker *b, const struct front *f)
{
	struct pollfd p = { .fd = f->fd };

	if (f->out.size > 0)
		p.events |= POLLOUT;
	if (may_ask(b, f))
		p.events |= POLLIN;
	/* With nothing to do here, not even to be told that it hung up. */
	if (p.events == 0)
		p.fd = -1;
	return p;
}

/* False if no front says that. */
static bool
take(struct broker *b, struct front *f, struct ask *a, int fd)
{
	if (fd != -1 && a->kind != ASK_IS_ASK) {
		(void)close(fd);
		return false;
	}
	switch (a->kind) {
	case ASK_IS_ASK:
		if (a->ask.class < f->class)
			a->ask.class = f->class;
		if (f->role == 0)
			a->ask.uid = f->uid;
		request_add(b, f, a, fd);
		return true;
	case ASK_IS_CANCEL:
		request_cancel(b, f, a->id);
		return true;
	case ASK_IS_STATUS:
		say_state(b, f, a->id);
		return true;
	case ASK_IS_LEARN:
		f->wants_databases = true;
		front_say_generation(b, f);
		return true;
	default:
		return false;
	}
}

void
front_hear(struct broker *b, struct front *f)
{
	uint8_t record[ASK_LARGE];
	struct ask a;
	size_t size;
	bool is_lost;
	unsigned i;
	int fd;

	for (i = 0; i < HEAR_AT_ONCE && !f->is_gone && may_ask(b, f); i++) {
		switch (channel_take(f->fd, record, sizeof(record), &size, &fd,
		    &is_lost)) {
		case CHANNEL_WAIT:
			return;
		case CHANNEL_DONE:
			if (!ask_get(cur_from(record, size), &a)) {
				if (fd != -1)
					(void)close(fd);
				f->is_gone = true;
				return;
			}
			f->is_gone = !take(b, f, &a, fd);
			break;
		case CHANNEL_GONE:
		case CHANNEL_ODD:
			f->is_gone = true;
			return;
		}
	}
}

/* --- coming and going ---------------------------------------------------- */

void
front_open(struct broker *b, int fd, uint32_t role, uint32_t class,
    const struct listen_peer *peer)
{
	struct front *f = NULL;
	size_t i;

	for (i = 0; i < BROKER_FRONTS && f == NULL; i++)
		if (b->front[i].fd == -1 &&
		    /* some for the processes of candord */
		    (role != 0 || i < BROKER_FRONTS - 16))
			f = &b->front[i];
	if (f == NULL) {
		(void)close(fd);
		return;
	}
	memset(f, 0, sizeof(*f));
	f->fd = fd;
	f->role = role;
	f->class = class < ASK_GUARD ? ASK_GUARD : class;
	f->uid = peer != NULL ? peer->uid : 0;
	f->pid = peer != NULL ? (uint32_t)peer->pid : 0;
	b->has_guard |= role == ROLE_GUARD;
	front_say_generation(b, f);
}

void
front_sweep(struct broker *b)
{
	size_t i;

	for (i = 0; i < BROKER_FRONTS; i++) {
		struct front *f = &b->front[i];

		if (f->fd == -1 || !f->is_gone)
			continue;
		request_cancel(b, f, 0);
		(void)close(f->fd);
		bytes_free(&f->out);
		f->fd = -1;
	}
}
