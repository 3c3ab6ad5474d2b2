/*
 * command.c - what a client asks for, done.  See command.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/clamd/command.h"

#include "lib/wire/duty.h"
#include "proc/clamd/path.h"

#include <sys/stat.h>

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* --- answers ------------------------------------------------------------- */

static const struct {
	const char *error, *found;
} gap_words[UNSCANNED_COUNT] = {
	[UNSCANNED_LIMIT] = { "Exceeded a limit",
	    "Heuristics.Limits.Exceeded" },
	[UNSCANNED_ENCRYPTED] = { "Encrypted", "Heuristics.Encrypted" },
	[UNSCANNED_CORRUPT] = { "Bad format or broken data",
	    "Heuristics.Broken" },
	[UNSCANNED_UNSUPPORTED] = { "Unsupported", "Heuristics.Unsupported" },
	[UNSCANNED_CHANGED] = { "Changed while it was scanned",
	    "Heuristics.Changed" },
	[UNSCANNED_CRASHED] = { "Scanner crashed", "Heuristics.Crashed" },
	[UNSCANNED_DENIED] = { "Can't read file", "Heuristics.Denied" },
	[UNSCANNED_TIMEOUT] = { "Exceeded time limit",
	    "Heuristics.Limits.Exceeded.MaxScanTime" },
};

/* The strictest answer that the settings have for any gap of the set. */
static enum settings_gap
judge_gaps(const struct settings *s, uint32_t gaps, enum unscanned *out)
{
	enum settings_gap worst = GAP_OK;
	enum unscanned i;

	for (i = UNSCANNED_LIMIT; i < UNSCANNED_COUNT; i++) {
		if ((gaps >> i & 1) == 0 || s->gap[i] == GAP_OK ||
		    worst == GAP_FOUND ||
		    (worst == GAP_ERROR && s->gap[i] == GAP_ERROR))
			continue;
		worst = s->gap[i];
		*out = i;
	}
	return worst;
}

enum request_end
command_answer(struct client *c, const struct request *r, uint32_t gaps)
{
	struct clamd_reply reply = {
		.tag = r->tag, .name = r->name, .name_size = r->name_size
	};
	enum unscanned why = UNSCANNED_NOTHING;

	switch (judge_gaps(&c->front->settings, gaps, &why)) {
	case GAP_OK:
		reply.ending = CLAMD_SAYS_OK;
		if (r->walk == NULL)
			client_say(c, &reply);
		return REQUEST_CLEAN;
	case GAP_ERROR:
		reply.ending = CLAMD_SAYS_ERROR;
		reply.what = gap_words[why].error;
		client_say(c, &reply);
		return REQUEST_ERROR;
	case GAP_FOUND:
		reply.ending = CLAMD_SAYS_FOUND;
		reply.what = gap_words[why].found;
		client_say(c, &reply);
		return REQUEST_FOUND;
	}
	return REQUEST_ERROR;
}

/* --- streams and descriptors --------------------------------------------- */

static void
say_failed(struct client *c, struct clamd_tag tag)
{
	client_say_text(c, tag, CLAMD_SAYS_FAILED);
}

void
command_stream(struct client *c, struct clamd_tag tag)
{
	struct request_wish w = { .tag = tag,
		.name = "stream",
		.name_size = strlen("stream"),
		.size = c->stream.size,
		.is_all_matches = c->front->settings.is_all_matches };
	struct why why;

	w.held = c->stream.held;
	c->front->has_room = true; /* for who began after it */
	if (!stream_seal(&c->front->streams, &c->stream, &w.fd, &why)) {
		stream_drop(&c->front->streams, &c->stream);
		say_failed(c, tag);
	} else if (!request_begin(c, &w)) {
		say_failed(c, tag);
	}
}

static void
begin_stream(struct client *c, struct clamd_tag tag)
{
	struct why why;

	if (stream_begin(&c->front->streams, &c->stream, &why))
		return;
	say_failed(c, tag);
	client_end(c);
}

static void
begin_descriptor(struct client *c, struct clamd_tag tag)
{
	char name[24];
	struct stat st;
	struct request_wish w = { .tag = tag,
		.name = name,
		.fd = c->descriptor,
		.is_all_matches = c->front->settings.is_all_matches };
	struct clamd_reply bad = { .tag = tag,
		.ending = CLAMD_SAYS_ERROR,
		.name = name,
		.what = "Not a regular file" };

	if (c->descriptor == -1) {
		client_say_text(c, tag, CLAMD_SAYS_NO_DESCRIPTOR);
		client_end(c);
		return;
	}
	c->descriptor = -1;
	bad.name_size = w.name_size =
	    (size_t)snprintf(name, sizeof(name), "fd[%d]", w.fd);
	if (fstat(w.fd, &st) == -1 || !S_ISREG(st.st_mode) || st.st_size < 0) {
		client_say(c, &bad);
		(void)close(w.fd);
		return;
	}
	w.size = (uint64_t)st.st_size;
	if (!request_begin(c, &w))
		say_failed(c, tag);
}

/* --- texts --------------------------------------------------------------- */

static void
say_version(struct client *c, struct clamd_tag tag, bool has_commands)
{
	static const char between[] = "| COMMANDS:";
	char text[512];
	size_t size;

	settings_version(&c->front->settings, c->front->built, text, 128);
	if (has_commands) {
		size = strlen(text);
		memcpy(text + size, between, sizeof(between));
		size += sizeof(between) - 1;
		(void)clamd_put_commands(text + size, sizeof(text) - size);
	}
	client_say_text(c, tag, text);
}

/* --- administrators ------------------------------------------------------ */

static bool
is_admin(struct client *c)
{
	return c->is_local &&
	    listen_peer_is_admin(client_peer(c), c->front->owner,
		c->front->settings.admin_group);
}

static void
administer(struct client *c, const struct clamd_request *r)
{
	if (!is_admin(c)) {
		client_say_text(c, r->tag, CLAMD_SAYS_REFUSED);
	} else if (r->command == CLAMD_RELOAD) {
		client_say_text(c, r->tag, "RELOADING");
		c->front->want(c->front, WANT_RELOAD, client_peer(c)->uid);
	} else {
		c->front->want(c->front, WANT_SHUTDOWN, client_peer(c)->uid);
	}
}

/* --- the state ----------------------------------------------------------- */

static void
begin_stats(struct client *c, struct clamd_tag tag)
{
	if (!c->is_local) {
		client_say_text(c, tag, CLAMD_SAYS_REFUSED);
	} else {
		(void)asker_state(c->front->asker);
		c->asks_state = true;
		c->state_tag = tag;
		c->pending++;
	}
}

void
command_ask_again(struct front *f)
{
	const struct client *c = f->first;

	while (c != NULL && !c->asks_state)
		c = c->next;
	if (c != NULL)
		(void)asker_state(f->asker);
}

/* The requests under way, one a line, as far as they fit: for administrators,
   since paths of others are in them. */
static size_t
put_requests(const struct front *f, char *out, size_t room)
{
	const struct client *c;
	const struct request *r;
	size_t at = 0;
	int size;

	for (c = f->first; c != NULL; c = c->next) {
		for (r = c->requests; r != NULL; r = r->after) {
			size =
			    snprintf(out + at, room - at, "\tSCAN %u.%03u %s\n",
				(unsigned)((f->now_ms - r->since_ms) / 1000),
				(unsigned)((f->now_ms - r->since_ms) % 1000),
				r->name);
			if (size < 0 || (size_t)size >= room - at)
				return at;
			at += (size_t)size;
		}
	}
	return at;
}

static void
say_state(struct client *c, const struct clamd_stats *s)
{
	char text[6144];
	size_t at = clamd_put_stats_head(s, text, sizeof(text) - 512);

	if (is_admin(c))
		at +=
		    put_requests(c->front, text + at, sizeof(text) - 512 - at);
	at += (size_t)snprintf(text + at, sizeof(text) - at,
	    "\tSTATS 0.000000 \n");
	at += clamd_put_stats_tail(s, text + at, sizeof(text) - at);
	text[at] = '\0';
	client_say_text(c, c->state_tag, text);
}

void
command_state(struct front *f, const struct ask *a)
{
	const struct clamd_stats s = { .workers = a->state.workers,
		.busy = a->state.busy,
		.waiting = a->state.waiting,
		.idle_s = (unsigned)(f->settings.command_ms / 1000),
		.bytes_held = f->streams.held,
		.bytes_max = f->streams.max };
	struct client *c, *next;

	for (c = f->first; c != NULL; c = next) {
		next = c->next;
		if (!c->asks_state)
			continue;
		c->asks_state = false;
		say_state(c, &s);
		client_answered(c);
		client_settle(c);
	}
}

/* --- one command --------------------------------------------------------- */

void
command_begin(struct client *c, const struct clamd_request *r)
{
	c->front->commands++;
	switch (r->command) {
	case CLAMD_PING:
		client_say_text(c, r->tag, "PONG");
		break;
	case CLAMD_VERSION:
	case CLAMD_VERSIONCOMMANDS:
		say_version(c, r->tag, r->command == CLAMD_VERSIONCOMMANDS);
		break;
	case CLAMD_INSTREAM:
		begin_stream(c, r->tag);
		break;
	case CLAMD_FILDES:
		begin_descriptor(c, r->tag);
		break;
	case CLAMD_STATS:
		begin_stats(c, r->tag);
		break;
	case CLAMD_RELOAD:
	case CLAMD_SHUTDOWN:
	case CLAMD_QUIT:
		administer(c, r);
		break;
	case CLAMD_SCAN:
	case CLAMD_CONTSCAN:
	case CLAMD_MULTISCAN:
	case CLAMD_ALLMATCHSCAN:
		if (c->is_local || c->front->settings.has_tcp_paths)
			path_begin(c, r);
		else
			client_say_text(c, r->tag, CLAMD_SAYS_REFUSED);
		break;
	case CLAMD_IDSESSION:
	case CLAMD_END:
	case CLAMD_DETSTATS:
	case CLAMD_DETSTATSCLEAR:
	case CLAMD_COMMANDS:
		break;
	}
}

void
command_forget(struct client *c)
{
	paths_forget(c);
	requests_forget(c);
}
