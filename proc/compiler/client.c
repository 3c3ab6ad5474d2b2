/*
 * client.c - have signatures compiled.  See client.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/compiler/client.h"

#include "sys/channel.h"
#include "sys/spawn.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a compiler may say at most: it is believed no more than that. */
#define CLIENT_COUNTS_MAX     4096u
#define CLIENT_COMPLAINTS_MAX 20000u

struct client {
	struct spawned helper;
	struct compiler_report *report;
	size_t count_room, complaint_room;
	struct protocol_message message;
	uint8_t record[PROTOCOL_SIZE + 1];
};

/* --- to the compiler ---------------------------------------------------- */

static bool
client_start(struct client *c, const struct compiler_job *job, struct why *why)
{
	char path[PATH_MAX];
	const char *const argv[] = { "candor-compile", NULL };
	const int fd[2] = { job->database_fd, job->texts_fd };

	return spawn_find("candor-compile", path, sizeof(path), why) &&
	    spawn_start(path, argv, fd, job->texts_fd == -1 ? 1 : 2, &c->helper,
		why);
}

static bool
client_send(struct client *c, int fd, struct why *why)
{
	protocol_put(&c->message, c->record);
	if (channel_send(c->helper.channel, c->record, PROTOCOL_SIZE, fd) ==
	    CHANNEL_DONE)
		return true;
	return why_not(why, WHY_BROKEN, "candor-compile does not listen");
}

static bool
client_send_inputs(struct client *c, const struct compiler_job *job,
    struct why *why)
{
	size_t i;

	for (i = 0; i < job->input_count; i++) {
		const struct compiler_input *in = &job->input[i];

		c->message = (struct protocol_message){
			.kind = PROTOCOL_INPUT,
			.number = { in->size },
		};
		protocol_put_path(c->message.name, sizeof(c->message.name),
		    in->name);
		if (!client_send(c, in->fd, why))
			return false;
	}
	return true;
}

static bool
client_ask(struct client *c, const struct compiler_job *job, struct why *why)
{
	c->message = (struct protocol_message){
		.kind = PROTOCOL_BEGIN,
		.a = job->flevel == 0 ? COMPILER_FLEVEL : job->flevel,
		.b = job->texts_fd != -1,
	};
	if (!client_send(c, -1, why) || !client_send_inputs(c, job, why))
		return false;
	c->message = (struct protocol_message){ .kind = PROTOCOL_GO };
	return client_send(c, -1, why);
}

/* --- from the compiler -------------------------------------------------- */

/* Room for one more in an array that may not pass most. */
static bool
client_grow(void **array, size_t *room, size_t count, size_t size, size_t most)
{
	size_t want = *room == 0 ? 64 : *room * 2;
	void *grown;

	if (count < *room)
		return true;
	if (count >= most)
		return false;
	grown = realloc(*array, want * size);
	if (grown == NULL)
		return false;
	*array = grown;
	*room = want;
	return true;
}

static bool
client_keep_count(struct client *c)
{
	struct compiler_report *r = c->report;
	struct compiler_count *one;

	if (!client_grow((void **)&r->count, &c->count_room, r->count_count,
		sizeof(*one), CLIENT_COUNTS_MAX))
		return false;
	one = &r->count[r->count_count++];
	memcpy(one->what, c->message.word, sizeof(one->what));
	memcpy(one->reason, c->message.reason, sizeof(one->reason));
	one->count = c->message.number[0];
	one->is_error = c->message.c != 0;
	r->has_errors = r->has_errors || one->is_error;
	return true;
}

static bool
client_keep_complaint(struct client *c)
{
	struct compiler_report *r = c->report;
	struct compiler_complaint *one;

	r->has_errors = r->has_errors || c->message.c != 0;
	if (r->complaint_count == CLIENT_COMPLAINTS_MAX)
		return true; /* the counts tell of the rest */
	if (!client_grow((void **)&r->complaint, &c->complaint_room,
		r->complaint_count, sizeof(*one), CLIENT_COMPLAINTS_MAX))
		return false;
	one = &r->complaint[r->complaint_count++];
	memcpy(one->file, c->message.name, sizeof(one->file));
	memcpy(one->kind, c->message.word, sizeof(one->kind));
	memcpy(one->reason, c->message.text, sizeof(one->reason));
	one->line = c->message.a;
	one->column = c->message.b;
	one->is_error = c->message.c != 0;
	return true;
}

static void
client_keep_done(struct client *c)
{
	struct compiler_report *r = c->report;

	r->rules = c->message.number[0];
	r->hashes = c->message.number[1];
	r->triggers = c->message.number[2];
	r->untriggered = c->message.number[3];
	r->bytes = c->message.number[4];
	r->texts_bytes = c->message.number[5];
	r->built = c->message.built;
}

static bool
client_tell_failure(const struct client *c, struct why *why)
{
	enum why_kind kind = WHY_BROKEN;

	if (c->message.b == WHY_SYSTEM || c->message.b == WHY_LIMIT)
		kind = (enum why_kind)c->message.b;
	(void)why_not(why, kind, "%.230s", c->message.text);
	why->err = kind == WHY_SYSTEM ? (int)c->message.c : 0;
	return false;
}

/* The compiler is gone without a last word: say how it ended. */
static bool
client_tell_end(struct client *c, struct why *why)
{
	char status[80];

	spawn_say_status(spawn_wait(&c->helper), status, sizeof(status));
	return why_not(why, WHY_BROKEN, "candor-compile ended early: %s",
	    status);
}

/* Hear one message; *done when it was the last. */
static bool
client_hear(struct client *c, bool *done, struct why *why)
{
	enum channel_end end;
	size_t size;
	bool kept = true;
	int fd = -1;

	end = channel_receive(c->helper.channel, c->record, sizeof(c->record),
	    &size, &fd);
	if (end == CHANNEL_GONE)
		return client_tell_end(c, why);
	if (end == CHANNEL_DONE && fd != -1)
		(void)close(fd);
	if (end != CHANNEL_DONE || fd != -1 ||
	    !protocol_get(cur_from(c->record, size), &c->message))
		return why_not(why, WHY_BROKEN,
		    "candor-compile broke the protocol");
	switch (c->message.kind) {
	case PROTOCOL_READY:
		c->report->layers = c->message.a;
		break;
	case PROTOCOL_COUNT:
		kept = client_keep_count(c);
		break;
	case PROTOCOL_COMPLAINT:
		kept = client_keep_complaint(c);
		break;
	case PROTOCOL_DONE:
		client_keep_done(c);
		*done = true;
		break;
	case PROTOCOL_FAILED:
		return client_tell_failure(c, why);
	default:
		return why_not(why, WHY_BROKEN,
		    "candor-compile spoke out of turn");
	}
	return kept || why_not(why, WHY_LIMIT, "candor-compile says too much");
}

static bool
client_converse(struct client *c, const struct compiler_job *job,
    struct why *why)
{
	bool done = false, asked = client_ask(c, job, why);

	/* When it stopped listening it may still have said why. */
	while (!done)
		if (!client_hear(c, &done, why))
			return false;
	return asked;
}

bool
compiler_run(const struct compiler_job *job, struct compiler_report *report,
    struct why *why)
{
	struct client *c = calloc(1, sizeof(*c));
	bool ok;

	*report = (struct compiler_report){ 0 };
	if (c == NULL)
		return why_not(why, WHY_SYSTEM, "no memory");
	c->report = report;
	ok = client_start(c, job, why);
	if (ok) {
		ok = client_converse(c, job, why);
		spawn_end(&c->helper);
	}
	free(c);
	if (!ok)
		compiler_report_free(report);
	return ok;
}

void
compiler_report_free(struct compiler_report *report)
{
	free(report->count);
	free(report->complaint);
	*report = (struct compiler_report){ 0 };
}
