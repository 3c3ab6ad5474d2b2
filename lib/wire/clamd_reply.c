/*
 * clamd_reply.c - write clamd's protocol.  The contract is in clamd.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/clamd.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* "4294967295: ", ": ", " FOUND" and an end, generously. */
#define ROOM_AROUND 32u

static const char *const endings[] = {
	[CLAMD_SAYS_TEXT] = "",
	[CLAMD_SAYS_OK] = "OK",
	[CLAMD_SAYS_FOUND] = " FOUND",
	[CLAMD_SAYS_ERROR] = " ERROR",
};

/* Where the next byte goes. */
struct pen {
	uint8_t *out;
	size_t at;
};

static void
pen_text(struct pen *p, const char *text)
{
	size_t size = strlen(text);

	memcpy(p->out + p->at, text, size);
	p->at += size;
}

static void
pen_name(struct pen *p, const struct clamd_reply *r)
{
	size_t i;

	for (i = 0; i < r->name_size; i++) {
		char c = r->name[i];

		p->out[p->at++] =
		    (uint8_t)(c == '\n' && !r->tag.is_nul ? '?' : c);
	}
}

size_t
clamd_reply_room(const struct clamd_reply *r)
{
	return r->name_size + (r->what != NULL ? strlen(r->what) : 0) +
	    ROOM_AROUND;
}

size_t
clamd_put(const struct clamd_reply *r, uint8_t *out)
{
	struct pen p = { .out = out };
	char id[16];

	if (r->tag.id != 0) {
		(void)snprintf(id, sizeof(id), "%" PRIu32 ": ", r->tag.id);
		pen_text(&p, id);
	}
	if (r->ending != CLAMD_SAYS_TEXT) {
		pen_name(&p, r);
		pen_text(&p, ": ");
	}
	if (r->what != NULL)
		pen_text(&p, r->what);
	pen_text(&p, endings[r->ending]);
	p.out[p.at++] = r->tag.is_nul ? 0 : '\n';
	return p.at;
}

/* --- longer texts -------------------------------------------------------- */

size_t
clamd_put_commands(char *out, size_t room)
{
	enum clamd_command command;
	size_t at = 0, size;

	for (command = 0; command < CLAMD_COMMANDS; command++) {
		size = strlen(clamd_command_name(command));
		if (room - at < size + 2)
			return 0;
		out[at++] = ' ';
		memcpy(out + at, clamd_command_name(command), size + 1);
		at += size;
	}
	return at;
}

/* What snprintf() says it wrote, if it had the room. */
static size_t
written(int size, size_t room)
{
	return size > 0 && (size_t)size < room ? (size_t)size : 0;
}

size_t
clamd_put_stats_head(const struct clamd_stats *s, char *out, size_t room)
{
	return written(snprintf(out, room,
			   "POOLS: 1\n\n"
			   "STATE: VALID PRIMARY\n"
			   "THREADS: live %u  idle %u max %u idle-timeout %u\n"
			   "QUEUE: %" PRIu64 " items\n",
			   s->workers, s->workers - s->busy, s->workers,
			   s->idle_s, s->waiting),
	    room);
}

/* Bytes as clamd writes megabytes, without the locale's say. */
#define MEGA(bytes) (bytes) >> 20, (unsigned)(((bytes)&0xfffff) * 1000 >> 20)

size_t
clamd_put_stats_tail(const struct clamd_stats *s, char *out, size_t room)
{
	return written(snprintf(out, room,
			   "\nMEMSTATS: heap N/A mmap N/A used N/A free N/A "
			   "releasable N/A pools 1 pools_used %" PRIu64
			   ".%03uM pools_total %" PRIu64 ".%03uM\nEND",
			   MEGA(s->bytes_held), MEGA(s->bytes_max)),
	    room);
}
