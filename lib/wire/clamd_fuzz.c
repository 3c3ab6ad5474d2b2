/*
 * clamd_fuzz.c - any bytes in any pieces: what is lent lies in what came, a
 * stream is never longer than allowed, and the end is the end.
 *
 * The first byte of the input is the size of the pieces.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/clamd.h"

#include <stdlib.h>

#define STREAM_MAX 1000u

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
check_reply(const struct clamd_request *r)
{
	static uint8_t out[2 * CLAMD_LINE_MAX];
	struct clamd_reply reply = { r->tag, CLAMD_SAYS_ERROR,
		(const char *)r->path.base, r->path.size, r->error };
	size_t size;

	if (clamd_reply_room(&reply) > sizeof(out))
		abort();
	size = clamd_put(&reply, out);
	if (size > clamd_reply_room(&reply))
		abort();
}

/* Is there more to read? */
static bool
check_event(enum clamd_event event, const struct clamd_request *r,
    const struct cur *in, uint64_t *stream)
{
	switch (event) {
	case CLAMD_ASKS:
		*stream = 0;
		check_reply(r);
		return true;
	case CLAMD_STREAMS:
		*stream += r->bytes.size;
		if (r->bytes.size == 0 || *stream > STREAM_MAX ||
		    r->bytes.base < in->base ||
		    r->bytes.base + r->bytes.size > in->base + in->size)
			abort();
		return true;
	case CLAMD_STREAM_END:
		return true;
	case CLAMD_REFUSED:
		check_reply(r);
		return false;
	case CLAMD_WAITS:
	case CLAMD_ENDS:
		break;
	}
	return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct clamd c = { .stream_max = STREAM_MAX };
	struct clamd_request r;
	uint64_t stream = 0;
	size_t piece, end, at = 1;

	if (size < 2)
		return 0;
	piece = (size_t)data[0] + 1;
	for (end = at; end < size;) {
		struct cur in;
		enum clamd_event event;

		end = size - end < piece ? size : end + piece;
		in = cur_from(data + at, end - at);
		do
			event = clamd_next(&c, &in, &r);
		while (check_event(event, &r, &in, &stream));
		at += in.pos;
		if (event == CLAMD_WAITS && cur_left(&in) >= CLAMD_LINE_MAX)
			abort();
		if (event != CLAMD_WAITS)
			break;
	}
	if (c.state == CLAMD_AT_END &&
	    clamd_next(&c, &(struct cur){ .base = data, .size = size }, &r) !=
		CLAMD_ENDS)
		abort();
	return 0;
}
