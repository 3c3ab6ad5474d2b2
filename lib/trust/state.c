/*
 * state.c - what a client knows of a feed.  See state.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/state.h"

#include <inttypes.h>
#include <string.h>

#define MAGIC "candor-state/v1\n"

static void
write_state(const struct trust_state *s, struct text_out *out)
{
	text_add(out,
	    MAGIC "feed %s\nepoch %" PRIu64 "\nroot-version %" PRIu64 "\nroot ",
	    s->feed, s->epoch, s->root_version);
	text_add_sha256(out, s->root_sha256);
	text_add(out, "\nquorum-time %" PRIu64 "\nrelease-time %" PRIu64 "\n\n",
	    s->quorum_time, s->release_time);
	text_add_bytes(out, s->checkpoint);
}

static bool
read_head(struct cur *text, struct trust_state *out)
{
	struct cur value, line;

	return cur_match(text, MAGIC, sizeof(MAGIC) - 1) &&
	    text_value(text, "feed", &value) &&
	    text_copy(value, out->feed, sizeof(out->feed)) &&
	    vkey_name_is_good(value) &&
	    text_number(text, "epoch", &out->epoch) &&
	    text_number(text, "root-version", &out->root_version) &&
	    text_value(text, "root", &value) &&
	    text_sha256(value, out->root_sha256) &&
	    text_number(text, "quorum-time", &out->quorum_time) &&
	    text_number(text, "release-time", &out->release_time) &&
	    cur_until(text, '\n', &line) && cur_left(&line) == 0;
}

bool
trust_state_read(struct cur text, struct trust_state *out, struct why *why)
{
	struct text_out again = text_compared(text);
	struct checkpoint tree;
	struct note note;

	memset(out, 0, sizeof(*out));
	if (!read_head(&text, out))
		return why_not(why, WHY_BROKEN,
		    "state: it begins with candor-state/v1, feed, epoch, "
		    "root-version, root, quorum-time, release-time and an "
		    "empty line");
	out->checkpoint = text;
	if ((cur_left(&text) > 0) != (out->epoch > 0))
		return why_not(why, WHY_BROKEN,
		    "state: epoch 0 is that without a checkpoint");
	if (out->epoch > 0) {
		if (!note_read(text, &note, why) ||
		    !checkpoint_read(note.text, &tree, why))
			return false;
		out->size = tree.size;
		out->root = tree.root;
	}
	write_state(out, &again);
	if (!text_is_whole(&again))
		return why_not(why, WHY_BROKEN,
		    "state: not in the one form that a state has");
	return true;
}

bool
trust_state_write(const struct trust_state *s, char *out, size_t room,
    size_t *size)
{
	struct text_out to = text_to(out, room);

	write_state(s, &to);
	*size = to.size;
	return text_is_whole(&to);
}

static uint64_t
since(uint64_t time, uint64_t now)
{
	return now > time ? now - time : 0;
}

bool
trust_clock_is_behind(uint64_t quorum_time, uint64_t now, uint64_t build_time)
{
	return now < build_time || since(now, quorum_time) > TRUST_CLOCK_SLACK;
}

enum trust_status
trust_status(const struct trust_state *s, uint64_t now, uint64_t build_time)
{
	if (trust_clock_is_behind(s->quorum_time, now, build_time))
		return TRUST_CLOCK_SUSPECT;
	if (since(s->quorum_time, now) > TRUST_VIEW_FRESH)
		return TRUST_VIEW_STALE;
	if (since(s->release_time, now) > TRUST_RELEASE_FRESH)
		return TRUST_FEED_QUIET;
	return TRUST_CURRENT;
}

bool
trust_is_alarming(const struct trust_state *s, uint64_t now,
    uint64_t build_time)
{
	return trust_status(s, now, build_time) == TRUST_VIEW_STALE &&
	    since(s->quorum_time, now) > TRUST_VIEW_ALARM;
}

const char *
trust_status_name(enum trust_status status)
{
	static const char *const name[] = { "CURRENT", "FEED-QUIET",
		"VIEW-STALE", "CLOCK-SUSPECT" };

	return name[status];
}
