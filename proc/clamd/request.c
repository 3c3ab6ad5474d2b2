/*
 * request.c - files on their way to the broker.  See request.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/clamd/request.h"

#include "lib/compile/ir.h"
#include "lib/wire/field.h"
#include "proc/clamd/command.h"
#include "proc/clamd/path.h"
#include "sys/place.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
request_link(struct client *c, struct request *r)
{
	r->client = c;
	r->after = c->requests;
	if (c->requests != NULL)
		c->requests->before = r;
	c->requests = r;
	c->front->files++;
	c->pending++;
}

/* It is over, and its descriptor closed. */
static void
request_free(struct request *r)
{
	struct client *c = r->client;
	struct front *f = c->front;

	if (r->before != NULL)
		r->before->after = r->after;
	else
		c->requests = r->after;
	if (r->after != NULL)
		r->after->before = r->before;
	f->files--;
	f->has_room = true;
	stream_release(&f->streams, r->held);
	free(r);
}

/* Behind what is only suspicious may be what is not. */
static bool
wants_all(const struct front *f, const struct request_wish *w)
{
	return w->is_all_matches || !f->settings.has_suspicious;
}

bool
request_begin(struct client *c, const struct request_wish *w)
{
	struct front *f = c->front;
	const struct asker_request ask = { .size = w->size,
		.flags = wants_all(f, w) ? ASK_ALL_MATCHES : 0,
		.class = ASK_SERVER,
		.deadline_ms = f->settings.deadline_ms,
		.uid = c->is_local ? client_peer(c)->uid : geteuid() };
	struct request *r = malloc(sizeof(*r) + w->name_size + 1);

	if (r != NULL) {
		memset(r, 0, sizeof(*r));
		r->id = asker_ask(f->asker, (uintptr_t)r, w->fd, &ask);
	}
	if (r == NULL || r->id == 0) {
		free(r);
		(void)close(w->fd);
		stream_release(&f->streams, w->held);
		return false;
	}
	memcpy(r->name, w->name, w->name_size);
	r->name[w->name_size] = '\0';
	r->name_size = w->name_size;
	r->walk = w->walk;
	r->is_all_matches = w->is_all_matches;
	r->has_suspicious = f->settings.has_suspicious;
	r->is_stream = w->held > 0;
	r->tag = w->tag;
	r->since_ms = f->now_ms;
	r->held = w->held;
	request_link(c, r);
	return true;
}

void
requests_forget(struct client *c)
{
	while (c->requests != NULL) {
		asker_cancel(c->front->asker, c->requests->id);
		request_free(c->requests);
	}
}

/* --- answers ------------------------------------------------------------- */

/* How many of the names a client is told.  What is infected comes first. */
static size_t
count_told(const struct request *r, const struct asker_name *name, size_t count)
{
	size_t told = 0;

	while (told < count && (r->has_suspicious || !name[told].is_weak))
		told++;
	return told > 1 && !r->is_all_matches ? 1 : told;
}

/* As clamd names signatures. */
static enum request_end
say_names(struct request *r, const struct asker_name *name, size_t count)
{
	char what[ASK_NAME_MAX + 32];
	struct clamd_reply reply = { .tag = r->tag,
		.ending = CLAMD_SAYS_FOUND,
		.name = r->name,
		.name_size = r->name_size,
		.what = what };
	size_t i;

	for (i = 0; i < count; i++) {
		(void)snprintf(what, sizeof(what), "%s%s%s",
		    name[i].kind == SIG_YARA ? "YARA." : "", name[i].text,
		    name[i].is_official ? "" : ".UNOFFICIAL");
		client_say(r->client, &reply);
	}
	return REQUEST_FOUND;
}

/* The path that was asked for; of a descriptor, what it is called here. */
static uint32_t
put_path(const struct request *r, char out[EVENT_PATH_MAX])
{
	char path[EVENT_PATH_MAX];

	if (r->walk != NULL)
		return field_set(out, EVENT_PATH_MAX, r->name);
	if (r->is_stream ||
	    !place_path_here(asker_answered(r->client->front->asker), path,
		sizeof(path)))
		return 0;
	return field_set(out, EVENT_PATH_MAX, path);
}

/* What a client is told was found, whoever hears events is told, too. */
static void
tell_found(const struct request *r, const struct ask *answer,
    const struct asker_name *name)
{
	static struct event e;
	struct client *c = r->client;
	const struct listen_peer *peer = client_peer(c);
	const char *what = r->walk != NULL ? "a path"
	    : r->is_stream                 ? "a stream"
					   : "a descriptor";
	char text[64];

	memset(&e, 0, sizeof(e));
	e.kind = EVENT_DETECTED;
	e.level = EVENT_WARNING;
	e.verdict = name->is_weak ? VERDICT_SUSPICIOUS : VERDICT_INFECTED;
	e.reason = answer->answer.reason;
	e.uid = (uint32_t)peer->uid;
	e.pid = e.uid != UINT32_MAX ? (uint32_t)peer->pid : 0;
	e.size = answer->answer.size;
	e.base = event_base(answer->answer.generation, name->database);
	(void)snprintf(text, sizeof(text), "%s, over %s", what,
	    c->is_local ? "clamd's socket" : "TCP");
	e.name_size = field_set(e.name, sizeof(e.name), name->text);
	e.text_size = field_set(e.text, sizeof(e.text), text);
	e.path_size = put_path(r, e.path);
	c->front->tell(c->front, &e);
}

static void
hear_answer(void *ctx, uint64_t token, const struct ask *answer,
    const struct asker_name *name, size_t count)
{
	struct request *r = (struct request *)(uintptr_t)token;
	struct client *c = r->client;
	struct walk *walk = r->walk;
	enum request_end end;

	(void)ctx;
	count = count_told(r, name, count);
	if (count > 0) {
		tell_found(r, answer, &name[0]);
		end = say_names(r, name, count);
	} else {
		end = command_answer(c, r, answer->answer.reasons);
	}
	if (c->is_buried)
		return; /* no memory for replies: all of it is forgotten */
	request_free(r);
	client_answered(c);
	if (walk != NULL)
		path_answered(walk, end);
	client_settle(c);
}

static void
hear_generation(void *ctx, const struct ask *generation)
{
	struct front *f = ctx;

	f->built = generation->generation.built;
}

static void
hear_state(void *ctx, const struct ask *state)
{
	command_state(ctx, state);
}

/* --- the asker ----------------------------------------------------------- */

bool
requests_open(struct front *f, struct why *why)
{
	const struct asker_listener listener = { .ctx = f,
		.answer = hear_answer,
		.generation = hear_generation,
		.state = hear_state };

	f->broker.fd = -1;
	f->asker = asker_open(f->files_max, &listener, why);
	return f->asker != NULL;
}

void
requests_close(struct front *f)
{
	ready_forget(&f->ready, &f->broker);
	asker_close(&f->asker);
}

void
requests_link(struct front *f, int channel)
{
	asker_link(f->asker, channel);
	command_ask_again(f);
}

/* What there is to do is done once a turn. */
static void
broker_turn(struct ready_watch *w, unsigned what)
{
	(void)w;
	(void)what;
}

/* Watch the channel the asker has now.  What it closed is not watched any
   more, whatever else has its number. */
static void
watch_broker(struct front *f)
{
	struct pollfd p;
	unsigned what = READY_READ;

	asker_poll(f->asker, &p);
	if (p.fd != f->broker.fd) {
		f->broker.fd = p.fd;
		f->broker.what = 0;
		f->broker.turn = broker_turn;
	}
	if (p.fd == -1)
		return;
	if ((p.events & POLLOUT) != 0)
		what |= READY_WRITE;
	(void)ready_set(&f->ready, &f->broker, what);
}

void
requests_turn(struct front *f)
{
	asker_turn(f->asker);
	watch_broker(f);
}
