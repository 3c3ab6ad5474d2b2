/*
 * clamd.c - read clamd's protocol.  The contract is in clamd.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/clamd.h"

#include <string.h>

static const struct {
	const char *name;
	unsigned flags;
} commands[CLAMD_COMMANDS] = {
#define CLAMD_COMMAND(tag, name, what) [CLAMD_##tag] = { name, what },
	CLAMD_COMMAND_TABLE
#undef CLAMD_COMMAND
};

const char *
clamd_command_name(enum clamd_command command)
{
	return commands[command].name;
}

unsigned
clamd_command_flags(enum clamd_command command)
{
	return commands[command].flags;
}

static struct clamd_tag
tag_of(const struct clamd *c)
{
	return (struct clamd_tag){ .id = c->id, .is_nul = c->is_nul };
}

static enum clamd_event
refuse(struct clamd *c, struct clamd_request *out, const char *error)
{
	c->state = CLAMD_AT_END;
	out->tag = tag_of(c);
	out->error = error;
	return CLAMD_REFUSED;
}

/* --- one command --------------------------------------------------------- */

/* How a command came. */
struct line {
	struct cur text; /* without prefix and end */
	bool is_bare, is_nul;
};

/* Where does this byte come first, within the next room bytes? */
static bool
find_byte(const struct cur *in, uint8_t byte, size_t room, size_t *out)
{
	struct cur look = *in;
	size_t at;

	for (at = 0; at < room && cur_left(&look) > 0; at++) {
		if (cur_u8(&look) == byte) {
			*out = at;
			return true;
		}
	}
	return false;
}

/* What is before the first NUL, as C reads it. */
static struct cur
until_nul(struct cur text)
{
	struct cur out = text;
	size_t size;

	if (find_byte(&text, 0, cur_left(&text), &size) &&
	    !cur_take(&text, size, &out))
		return text;
	return out;
}

static uint8_t
last_byte(const struct cur *text)
{
	struct cur last;

	if (cur_left(text) == 0 || !cur_at(text, cur_left(text) - 1, 1, &last))
		return 0;
	return cur_u8(&last);
}

static void
strip_returns(struct cur *text)
{
	struct cur less;

	while (last_byte(text) == '\r' &&
	    cur_at(text, 0, cur_left(text) - 1, &less))
		*text = less;
}

/* Cut size bytes and, if there is one, the end of the line. */
static bool
line_cut(struct cur *in, size_t size, struct line *out)
{
	if (!cur_take(in, size, &out->text))
		return false;
	if (cur_left(in) > 0 && !cur_skip(in, 1))
		return false;
	if (!out->is_nul) {
		out->text = until_nul(out->text);
		strip_returns(&out->text);
	}
	return true;
}

/* A packet of the old form is one line, whatever it holds. */
static bool
line_read_bare(struct cur *in, struct line *out)
{
	size_t size;

	out->is_bare = true;
	out->is_nul = false;
	if (!find_byte(in, '\n', CLAMD_LINE_MAX, &size))
		size = cur_left(in) < CLAMD_LINE_MAX ? cur_left(in)
						     : CLAMD_LINE_MAX;
	return line_cut(in, size, out);
}

/* False, and nothing is read, if its end is not there. */
static bool
line_read(struct cur *in, struct line *out)
{
	struct cur prefix = *in;
	size_t size;

	switch (cur_u8(&prefix)) {
	case 'n':
		out->is_nul = false;
		break;
	case 'z':
		out->is_nul = true;
		break;
	default:
		return line_read_bare(in, out);
	}
	out->is_bare = false;
	if (!find_byte(&prefix, out->is_nul ? 0 : '\n', CLAMD_LINE_MAX - 1,
		&size))
		return false;
	*in = prefix;
	return line_cut(in, size, out);
}

/* Is it this command?  Between it and a path may be any one byte. */
static bool
line_is(const struct line *l, enum clamd_command command, struct cur *path)
{
	const char *name = commands[command].name;
	unsigned flags = commands[command].flags;
	struct cur text = l->text;

	if (l->is_bare && (flags & CLAMD_IS_BARE) == 0)
		return false;
	if (!cur_match(&text, name, strlen(name)))
		return false;
	if ((flags & CLAMD_IS_PATH) == 0)
		return cur_left(&text) == 0;
	if (!cur_skip(&text, 1))
		return false;
	return cur_take(&text, cur_left(&text), path);
}

static bool
line_find(const struct line *l, enum clamd_command *out, struct cur *path)
{
	enum clamd_command command;

	for (command = 0; command < CLAMD_COMMANDS; command++) {
		if (line_is(l, command, path)) {
			*out = command;
			return true;
		}
	}
	return false;
}

/* --- what comes next ----------------------------------------------------- */

static enum clamd_event
next_descriptor(struct clamd *c, struct cur *in, struct clamd_request *out)
{
	if (cur_left(in) == 0 || !cur_skip(in, 1))
		return CLAMD_WAITS;
	c->state = c->is_session ? CLAMD_AT_COMMAND : CLAMD_AT_END;
	out->command = CLAMD_FILDES;
	out->tag = tag_of(c);
	return CLAMD_ASKS;
}

/* A command that may come here was read. */
static enum clamd_event
command_begin(struct clamd *c, struct cur *in, struct clamd_request *out)
{
	out->tag = tag_of(c);
	switch ((unsigned)out->command) {
	case CLAMD_IDSESSION:
		c->is_session = true;
		return CLAMD_ASKS;
	case CLAMD_INSTREAM:
		c->state = CLAMD_AT_SIZE;
		c->stream_size = 0;
		return CLAMD_ASKS;
	case CLAMD_FILDES:
		c->state = CLAMD_AT_DESCRIPTOR;
		return next_descriptor(c, in, out);
	default:
		if (!c->is_session)
			c->state = CLAMD_AT_END;
		return CLAMD_ASKS;
	}
}

static enum clamd_event
next_in_session(struct clamd *c, const struct line *l, struct cur *in,
    struct clamd_request *out)
{
	bool is_known;

	if (l->is_bare) {
		c->id++;
		out->is_failed = true;
		return refuse(c, out,
		    "Only nCMDS\\n and zCMDS\\0 are accepted inside IDSESSION."
		    " ERROR");
	}
	c->is_nul = l->is_nul;
	is_known = line_find(l, &out->command, &out->path);
	if (is_known && out->command == CLAMD_END) {
		c->state = CLAMD_AT_END;
		return CLAMD_ENDS;
	}
	c->id++;
	if (!is_known || (commands[out->command].flags & CLAMD_IS_SESSION) == 0)
		return refuse(c, out,
		    "Command invalid inside IDSESSION. ERROR");
	return command_begin(c, in, out);
}

static enum clamd_event
next_command(struct clamd *c, struct cur *in, struct clamd_request *out)
{
	struct line l = { 0 };

	if (cur_left(in) == 0)
		return CLAMD_WAITS;
	if (!line_read(in, &l)) {
		if (cur_left(in) < CLAMD_LINE_MAX)
			return CLAMD_WAITS;
		c->state = CLAMD_AT_END;
		return CLAMD_ENDS;
	}
	if (c->is_session)
		return next_in_session(c, &l, in, out);
	c->is_nul = l.is_nul;
	if (!line_find(&l, &out->command, &out->path) ||
	    out->command == CLAMD_END)
		return refuse(c, out, CLAMD_SAYS_UNKNOWN);
	return command_begin(c, in, out);
}

static enum clamd_event
next_bytes(struct clamd *c, struct cur *in, struct clamd_request *out)
{
	size_t size = cur_left(in);

	if (size == 0)
		return CLAMD_WAITS;
	if (size > c->chunk_left)
		size = c->chunk_left;
	if (!cur_take(in, size, &out->bytes))
		return CLAMD_WAITS;
	c->chunk_left -= (uint32_t)size;
	if (c->chunk_left == 0)
		c->state = CLAMD_AT_SIZE;
	out->tag = tag_of(c);
	return CLAMD_STREAMS;
}

static enum clamd_event
next_size(struct clamd *c, struct cur *in, struct clamd_request *out)
{
	if (cur_left(in) < 4)
		return CLAMD_WAITS;
	c->chunk_left = cur_u32be(in);
	if (c->chunk_left == 0) {
		c->state = c->is_session ? CLAMD_AT_COMMAND : CLAMD_AT_END;
		out->tag = tag_of(c);
		return CLAMD_STREAM_END;
	}
	if (c->chunk_left > c->stream_max - c->stream_size)
		return refuse(c, out, "INSTREAM size limit exceeded. ERROR");
	c->stream_size += c->chunk_left;
	c->state = CLAMD_AT_CHUNK;
	return next_bytes(c, in, out);
}

enum clamd_event
clamd_next(struct clamd *c, struct cur *in, struct clamd_request *out)
{
	*out = (struct clamd_request){ 0 };
	switch (c->state) {
	case CLAMD_AT_COMMAND:
		return next_command(c, in, out);
	case CLAMD_AT_SIZE:
		return next_size(c, in, out);
	case CLAMD_AT_CHUNK:
		return next_bytes(c, in, out);
	case CLAMD_AT_DESCRIPTOR:
		return next_descriptor(c, in, out);
	case CLAMD_AT_END:
		break;
	}
	return CLAMD_ENDS;
}

enum clamd_event
clamd_refuse_descriptor(struct clamd *c, struct clamd_request *out)
{
	bool is_in_stream =
	    c->state == CLAMD_AT_SIZE || c->state == CLAMD_AT_CHUNK;

	*out = (struct clamd_request){ 0 };
	out->is_failed = is_in_stream || c->state == CLAMD_AT_DESCRIPTOR;
	if (c->is_session && !is_in_stream)
		c->id++;
	return refuse(c, out,
	    "PROTOCOL ERROR: ancillary data sent without FILDES. ERROR");
}
