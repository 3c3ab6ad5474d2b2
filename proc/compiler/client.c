/*
 * client.c - have signatures compiled.  See client.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/compiler/client.h"

#include "lib/db/layout.h"
#include "sys/beside.h"
#include "sys/channel.h"
#include "sys/memfd.h"
#include "sys/spawn.h"
#include "sys/whole.h"

#include <limits.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What a compiler may say at most: it is believed no more than that. */
#define CLIENT_COUNTS_MAX     4096u
#define CLIENT_COMPLAINTS_MAX 20000u

#define CLIENT_HURRY 50 /* milliseconds */

struct client {
	struct spawned helper;
	enum protocol_share share;
	int database_fd, texts_fd;
	int hurry_fd; /* what another writes meanwhile, or -1 */
	bool is_started;
	struct compiler_report *report;
	size_t count_room, complaint_room;
	struct protocol_message message;
	uint8_t record[PROTOCOL_SIZE + 1];
};

/* --- to the compiler ---------------------------------------------------- */

static bool
client_start(struct client *c, struct why *why)
{
	char path[PATH_MAX];
	const char *const argv[] = { "candor-compile", NULL };
	const int fd[2] = { c->database_fd, c->texts_fd };

	c->is_started =
	    beside_program("candor-compile", path, sizeof(path), why) &&
	    spawn_start_large(path, argv, fd, c->texts_fd == -1 ? 1 : 2,
		&c->helper, why);
	return c->is_started;
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

/* Could it hold an ignore list?  Those are read before everything else. */
static bool
may_ignore(const struct compiler_input *in)
{
	static const char *const ending[] = { ".ign", ".ign2", ".cvd", ".cld",
		".cud" };
	const char *dot = strrchr(in->name, '.');
	size_t i;

	for (i = 0; dot != NULL && i < sizeof(ending) / sizeof(*ending); i++)
		if (strcmp(dot, ending[i]) == 0)
			return true;
	return false;
}

static bool
client_send_input(struct client *c, const struct compiler_input *in,
    bool ignores, struct why *why)
{
	c->message = (struct protocol_message){
		.kind = PROTOCOL_INPUT,
		.b = ignores,
		.number = { in->size },
	};
	protocol_put_path(c->message.name, sizeof(c->message.name), in->name);
	return client_send(c, in->fd, why);
}

static bool
client_ask(struct client *c, const struct compiler_job *job, struct why *why)
{
	size_t i;

	c->message = (struct protocol_message){
		.kind = PROTOCOL_BEGIN,
		.a = job->flevel == 0 ? COMPILER_FLEVEL : job->flevel,
		.b = c->texts_fd != -1,
		.c = c->share,
	};
	protocol_put_text(c->message.name, PROTOCOL_FILE,
	    job->keys == NULL ? "" : job->keys);
	if (!client_send(c, -1, why))
		return false;
	for (i = 0; i < job->input_count; i++)
		if (may_ignore(&job->input[i]) &&
		    !client_send_input(c, &job->input[i], true, why))
			return false;
	for (i = 0; i < job->input_count; i++)
		if (!client_send_input(c, &job->input[i], false, why))
			return false;
	return true;
}

/* No more inputs come; what comes is the work of another. */
static bool
client_send_rest(struct client *c, struct why *why)
{
	c->message = (struct protocol_message){ .kind = PROTOCOL_REST };
	return client_send(c, -1, why);
}

/* Take in what another made. */
static bool
client_send_join(struct client *c, const struct client *other, struct why *why)
{
	c->message = (struct protocol_message){
		.kind = PROTOCOL_JOIN,
		.c = other->share,
		.number = { other->report->bytes },
	};
	return client_send(c, other->database_fd, why);
}

/* Nothing more comes: finish. */
static bool
client_go(struct client *c, struct why *why)
{
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

	bool is_warning = c->message.c == PROTOCOL_WARNING;

	r->has_errors = r->has_errors || (c->message.c != 0 && !is_warning);
	r->has_warnings = r->has_warnings || is_warning;
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
	one->is_error = c->message.c != 0 && !is_warning;
	one->is_warning = is_warning;
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

/* While there is nothing to hear, hurry what is written to the disk. */
static void
client_wait(const struct client *c)
{
	struct pollfd ready = { .fd = c->helper.channel, .events = POLLIN };

	while (c->hurry_fd != -1 && poll(&ready, 1, CLIENT_HURRY) == 0)
		whole_hurry(c->hurry_fd);
}

/* Hear one message; *done when it was the last. */
static bool
client_hear(struct client *c, bool *done, struct why *why)
{
	enum channel_end end;
	size_t size;
	bool kept = true;
	int fd = -1;

	client_wait(c);
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

/* Hear all that is left to say. */
static bool
client_hear_all(struct client *c, bool asked, struct why *why)
{
	bool done = false;

	/* When it stopped listening it may still have said why. */
	while (!done)
		if (!client_hear(c, &done, why))
			return false;
	return asked;
}

/* Start one that reads rules; the database it makes lies in memory. */
static bool
client_begin_rules(struct client *c, const struct compiler_job *job,
    struct why *why)
{
	if (!memfd_open(&c->database_fd, why) || !client_start(c, why))
		return false;
	if (client_ask(c, job, why) && client_go(c, why))
		return true;
	return client_hear_all(c, false, why);
}

/*
 * Three at once: one reads hashes, and takes in what the two others make of
 * the rules.
 */
static bool
client_converse(struct client all[PROTOCOL_SHARES],
    const struct compiler_job *job, struct why *why)
{
	struct client *hashes = &all[PROTOCOL_HASHES];
	struct client *compared = &all[PROTOCOL_COMPARED];
	struct client *searched = &all[PROTOCOL_SEARCHED];
	bool asked;

	if (!client_start(hashes, why) ||
	    !client_begin_rules(searched, job, why) ||
	    !client_begin_rules(compared, job, why))
		return false;
	if (!client_ask(hashes, job, why) || !client_send_rest(hashes, why))
		return client_hear_all(hashes, false, why);
	if (!client_hear_all(compared, true, why))
		return false;
	/* The texts are written; whoever still works needs no disk. */
	if (job->is_kept && job->texts_fd != -1)
		whole_sync(job->texts_fd);
	if (!client_hear_all(searched, true, why))
		return false;
	asked = client_send_join(hashes, compared, why) &&
	    client_send_join(hashes, searched, why) && client_go(hashes, why);
	return client_hear_all(hashes, asked, why);
}

/* One report of two shares. */
static bool
client_merge(struct compiler_report *to, struct compiler_report *from)
{
	size_t counts = to->count_count + from->count_count;
	size_t complaints = to->complaint_count + from->complaint_count;
	struct compiler_count *count =
	    realloc(to->count, (counts + 1) * sizeof(*count));
	struct compiler_complaint *complaint;

	if (count == NULL)
		return false;
	to->count = count;
	if (from->count_count > 0)
		memcpy(count + to->count_count, from->count,
		    from->count_count * sizeof(*count));
	to->count_count = counts;
	complaint =
	    realloc(to->complaint, (complaints + 1) * sizeof(*complaint));
	if (complaint == NULL)
		return false;
	to->complaint = complaint;
	if (from->complaint_count > 0)
		memcpy(complaint + to->complaint_count, from->complaint,
		    from->complaint_count * sizeof(*complaint));
	to->complaint_count = complaints;
	to->has_errors = to->has_errors || from->has_errors;
	to->has_warnings = to->has_warnings || from->has_warnings;
	to->layers &= from->layers;
	to->texts_bytes += from->texts_bytes;
	return true;
}

/* What each does, and where what it makes goes. */
static void
client_share(struct client all[PROTOCOL_SHARES], const struct compiler_job *job)
{
	int i;

	for (i = PROTOCOL_HASHES; i < PROTOCOL_SHARES; i++) {
		all[i].share = (enum protocol_share)i;
		all[i].database_fd = all[i].texts_fd = -1;
		all[i].hurry_fd = job->texts_fd;
	}
	all[PROTOCOL_HASHES].database_fd = job->database_fd;
	all[PROTOCOL_HASHES].hurry_fd = job->database_fd;
	/* It ends first, and the disk may keep it waiting. */
	all[PROTOCOL_HASHES].texts_fd = job->texts_fd;
}

static void
client_end(struct client *c)
{
	if (c->is_started)
		spawn_end(&c->helper);
	if (c->share != PROTOCOL_HASHES && c->database_fd != -1)
		(void)close(c->database_fd);
}

/* Say in the side file which database it belongs to: who wrote it did not
   know. */
static bool
client_sign_texts(const struct compiler_job *job, struct why *why)
{
	uint8_t id[DB_ID_SIZE];

	if (job->texts_fd == -1 ||
	    (whole_pread(job->database_fd, id, sizeof(id), DB_ID_OFF) ==
		    sizeof(id) &&
		pwrite(job->texts_fd, id, sizeof(id), DB_ID_OFF) == sizeof(id)))
		return true;
	return why_not(why, WHY_SYSTEM, "write the source texts");
}

bool
compiler_run(const struct compiler_job *job, struct compiler_report *report,
    struct why *why)
{
	struct client *all = calloc(PROTOCOL_SHARES, sizeof(*all));
	struct compiler_report rules[PROTOCOL_SHARES] = { 0 };
	bool ok;
	int i;

	*report = (struct compiler_report){ 0 };
	if (all == NULL)
		return why_not(why, WHY_SYSTEM, "no memory");
	client_share(all, job);
	for (i = PROTOCOL_HASHES; i < PROTOCOL_SHARES; i++)
		all[i].report = i == PROTOCOL_HASHES ? report : &rules[i];
	/* To the disk it must go, so there is no use in copying it before. */
	if (job->is_kept && job->texts_fd != -1)
		(void)whole_direct(job->texts_fd);
	ok = client_converse(all, job, why);
	if (job->is_kept && job->texts_fd != -1)
		whole_ordinary(job->texts_fd);
	ok = ok && client_sign_texts(job, why);
	for (i = PROTOCOL_HASHES; i < PROTOCOL_SHARES; i++) {
		client_end(&all[i]);
		if (ok && i != PROTOCOL_HASHES &&
		    !client_merge(report, &rules[i]))
			ok = why_not(why, WHY_SYSTEM, "no memory");
		compiler_report_free(&rules[i]);
	}
	free(all);
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
