/*
 * say.c - what a reader says.  See say.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/say.h"

#include "sys/channel.h"

#include <string.h>
#include <unistd.h>

static void
flush(struct say *s)
{
	if (s->at > 0 &&
	    channel_send(READER_CHANNEL, s->packet, s->at, -1) != CHANNEL_DONE)
		_exit(1); /* nobody is left to hear */
	s->at = 0;
}

static struct cur
fitting(struct cur text)
{
	size_t most = text.size < READER_TEXT ? text.size : READER_TEXT;
	const uint8_t *nul = most > 0 ? memchr(text.base, 0, most) : NULL;

	return cur_from(text.base,
	    nul != NULL ? (size_t)(nul - text.base) : most);
}

static void
say(struct say *s, const struct reader_part *p)
{
	size_t size = reader_part_size(p);

	if (size == 0)
		return; /* an empty value: there is nothing to tell */
	if (size > sizeof(s->packet) - s->at)
		flush(s);
	reader_part_put(p, s->packet + s->at);
	s->at += size;
}

static struct cur
text_of(const char *text)
{
	return fitting(cur_from(text, strlen(text)));
}

void
say_ready(struct say *s, uint32_t layers)
{
	say(s, &(struct reader_part){ .kind = READER_READY, .number = layers });
	flush(s);
}

void
say_seen(struct say *s, enum reader_thing thing, unsigned flags,
    struct cur value, struct cur detail)
{
	say(s,
	    &(struct reader_part){ .kind = READER_SEEN,
		.what = (uint8_t)thing,
		.flags = (uint16_t)flags,
		.value = fitting(value),
		.detail = fitting(detail) });
}

void
say_count(struct say *s, const char *kind, uint64_t count)
{
	say(s,
	    &(struct reader_part){ .kind = READER_COUNT,
		.number = count,
		.value = text_of(kind) });
}

void
say_part(struct say *s, uint32_t part, const char *text)
{
	say(s,
	    &(struct reader_part){
		.kind = READER_PART, .part = part, .value = text_of(text) });
}

void
say_name(struct say *s, uint32_t part, enum reader_node node, struct cur path,
    uint64_t size)
{
	say(s,
	    &(struct reader_part){ .kind = READER_NAME,
		.what = (uint8_t)node,
		.part = part,
		.number = size,
		.value = fitting(path) });
}

void
say_bytes(struct say *s, const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	size_t n;

	for (; size > 0; size -= n, at += n) {
		n = size < READER_BYTES_MAX ? size : READER_BYTES_MAX;
		say(s,
		    &(struct reader_part){
			.kind = READER_BYTES, .value = cur_from(at, n) });
	}
}

void
say_blind(struct say *s, const char *what, const char *why)
{
	say_blind_bytes(s, text_of(what), text_of(why));
}

void
say_blind_bytes(struct say *s, struct cur what, struct cur why)
{
	say(s,
	    &(struct reader_part){ .kind = READER_BLIND,
		.value = fitting(what),
		.detail = fitting(why) });
}

void
say_done(struct say *s, uint64_t number)
{
	say(s, &(struct reader_part){ .kind = READER_DONE, .number = number });
	flush(s);
}

void
say_failed(struct say *s, const struct why *why)
{
	say(s,
	    &(struct reader_part){ .kind = READER_FAILED,
		.number = (uint64_t)(uint32_t)why->err,
		.detail = text_of(why->text) });
	flush(s);
}
