/*
 * lies.c - the ways in which a worker can lie, and a worker that does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/selftest/lies.h"

#include "cmd/selftest/selftest.h"

#include "sys/channel.h"

#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define CHANNEL 3

/* --- saying things -------------------------------------------------------- */

static uint32_t random_state; /* 0: no bits are turned */

static void
send_record(const uint8_t *record, size_t size, int fd)
{
	if (channel_send(CHANNEL, record, size, fd) != CHANNEL_DONE)
		_exit(0);
}

static uint32_t
random_next(void)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 17;
	random_state ^= random_state << 5;
	return random_state;
}

/* Turn one bit in about half of the records. */
static void
turn_a_bit(uint8_t *record, size_t size)
{
	if (random_state != 0 && random_next() % 2 == 0) {
		uint32_t bit = random_next() % (8 * (uint32_t)size);

		record[bit / 8] ^= (uint8_t)(1u << bit % 8);
	}
}

/* Say a frame even if frame_put() knows better: patch what it refuses. */
static void
say(const struct frame *f, uint64_t scan)
{
	uint8_t record[FRAME_LARGE];
	struct frame copy = *f;
	size_t size;

	copy.scan = copy.kind == FRAME_READY ? 0 : scan;
	size = frame_put(&copy, record);
	if (size == 0)
		_exit(3);
	turn_a_bit(record, size);
	send_record(record, size, -1);
}

static void
say_object(uint64_t scan, uint32_t object, uint32_t parent)
{
	struct frame f = { .kind = FRAME_OBJECT };

	f.object.object = object;
	f.object.parent = parent;
	f.object.depth = object == 0 ? 0 : 1;
	f.object.size = 3;
	say(&f, scan);
}

static void
say_match(uint64_t scan)
{
	struct frame f = { .kind = FRAME_MATCH };

	f.match.signature = LIES_SIGNATURES - 1;
	f.match.string = MATCH_NO_STRING;
	f.match.size = 3;
	say(&f, scan);
}

static void
say_end(uint64_t scan, uint32_t matches)
{
	struct frame f = { .kind = FRAME_END };

	f.end.objects = 1;
	f.end.matches = matches;
	f.end.bytes = 3;
	say(&f, scan);
}

static void
say_honestly(uint64_t scan)
{
	say_object(scan, 0, 0);
	say_match(scan);
	say_end(scan, 1);
}

/* A good END, to be spoilt. */
static size_t
make_end(uint64_t scan, uint8_t record[FRAME_LARGE])
{
	struct frame f = { .kind = FRAME_END, .scan = scan };

	f.end.objects = 1;
	return frame_put(&f, record);
}

/* --- lies that take more than a wrong frame ------------------------------- */

static void
tell_frame(const struct lie *lie, uint64_t scan)
{
	if (lie->after_object)
		say_object(scan, 0, 0);
	say(&lie->frame, scan);
	say_end(scan, lie->frame.kind == FRAME_MATCH ? 1 : 0);
}

static void
tell_other_scan(const struct lie *lie, uint64_t scan)
{
	(void)lie;
	say_end(scan + 1, 0);
}

/* It would be an honest one if it had been given that file. */
static void
tell_unsent(const struct lie *lie, uint64_t scan)
{
	(void)lie;
	say_honestly(scan + 1000);
}

/* The file behind it first. */
static void
tell_backwards(const struct lie *lie, uint64_t scan)
{
	(void)lie;
	say_honestly(scan + 1);
	say_honestly(scan);
}

static void
tell_long(const struct lie *lie, uint64_t scan)
{
	uint8_t record[FRAME_LARGE] = { 0 };
	size_t size = make_end(scan, record);

	(void)lie;
	send_record(record, size + 1, -1);
}

static void
tell_short(const struct lie *lie, uint64_t scan)
{
	uint8_t record[FRAME_LARGE];
	size_t size = make_end(scan, record);

	(void)lie;
	send_record(record, size - 1, -1);
}

static void
tell_huge(const struct lie *lie, uint64_t scan)
{
	static uint8_t record[65536];

	(void)lie;
	(void)make_end(scan, record);
	send_record(record, sizeof(record), -1);
}

static void
tell_unknown(const struct lie *lie, uint64_t scan)
{
	uint8_t record[FRAME_LARGE];
	size_t size = make_end(scan, record);

	(void)lie;
	record[0] = 99;
	send_record(record, size, -1);
}

static void
tell_padding(const struct lie *lie, uint64_t scan)
{
	uint8_t record[FRAME_LARGE];
	size_t size = make_end(scan, record);

	(void)lie;
	record[size - 1] = 1;
	send_record(record, size, -1);
}

static void
tell_empty(const struct lie *lie, uint64_t scan)
{
	(void)lie;
	(void)scan;
	(void)channel_send(CHANNEL, "", 0, -1);
	(void)poll(NULL, 0, 60000);
}

/* A descriptor pushed up: the owner has no room for any. */
static void
tell_descriptor(const struct lie *lie, uint64_t scan)
{
	uint8_t record[FRAME_LARGE];
	size_t size = make_end(scan, record);

	(void)lie;
	send_record(record, size, 0);
}

static void
tell_twice(const struct lie *lie, uint64_t scan)
{
	(void)lie;
	say_object(scan, 0, 0);
	say_object(scan, 0, 0);
	say_end(scan, 0);
}

static void
tell_orphan(const struct lie *lie, uint64_t scan)
{
	(void)lie;
	say_object(scan, 0, 0);
	say_object(scan, 9, 8);
	say_end(scan, 0);
}

static void
tell_counts(const struct lie *lie, uint64_t scan)
{
	(void)lie;
	say_object(scan, 0, 0);
	say_match(scan);
	say_end(scan, 0);
}

static void
tell_flood(const struct lie *lie, uint64_t scan)
{
	struct frame f = { .kind = FRAME_UNSCANNED };
	uint32_t i;

	(void)lie;
	f.unscanned.reason = UNSCANNED_LIMIT;
	say_object(scan, 0, 0);
	for (i = 0; i < FRAME_FLOOD; i++)
		say(&f, scan);

	/* Otherwise blameless. */
	memset(&f, 0, sizeof(f));
	f.kind = FRAME_END;
	f.end.gaps = FRAME_FLOOD;
	say(&f, scan);
}

static void
tell_nothing(const struct lie *lie, uint64_t scan)
{
	(void)lie;
	(void)scan;
	(void)poll(NULL, 0, 60000);
}

static void
tell_and_die(const struct lie *lie, uint64_t scan)
{
	(void)lie;
	say_object(scan, 0, 0);
	_exit(0);
}

static void
tell_random(const struct lie *lie, uint64_t scan)
{
	(void)lie;
	say_honestly(scan);
	random_state = 0;
}

/* --- the table ------------------------------------------------------------ */

#define ONE_FRAME    .wanted = UNSCANNED_CRASHED, .tell = tell_frame
#define CRASHED(how) .wanted = UNSCANNED_CRASHED, .tell = (how)

const struct lie lies[] = {
	{ "long", "END with a byte too many", CRASHED(tell_long) },
	{ "short", "END with a byte too few", CRASHED(tell_short) },
	{ "huge", "a record of 64 KB", CRASHED(tell_huge) },
	{ "empty", "a record of no bytes", CRASHED(tell_empty) },
	{ "unknown", "a kind there is not", CRASHED(tell_unknown) },
	{ "padding", "something where zeros must be", CRASHED(tell_padding) },
	{ "descriptor", "END with a descriptor", CRASHED(tell_descriptor) },
	{ "other-scan", "END of a file it is not at",
	    CRASHED(tell_other_scan) },
	{ "unsent", "a story of a file it was not sent", CRASHED(tell_unsent) },
	{ "backwards", "two stories in the wrong order",
	    CRASHED(tell_backwards) },
	{ "counts", "END that forgot a match", CRASHED(tell_counts) },
	{ "twice", "the same object twice", CRASHED(tell_twice) },
	{ "orphan", "an object in one never told", CRASHED(tell_orphan) },
	{ "flood", "more frames than a file can need", CRASHED(tell_flood) },
	{ "silence", "nothing, past the deadline", .wanted = UNSCANNED_TIMEOUT,
	    .tell = tell_nothing },
	{ "death", "half a story", CRASHED(tell_and_die) },
	{ "ready", "READY again", ONE_FRAME,
	    { .kind = FRAME_READY, .ready = { 0, LIES_DATABASES } } },
	{ "scan", "an order to its owner", ONE_FRAME,
	    { .kind = FRAME_SCAN, .request = { 3, 0, 0 } } },
	{ "no-object", "a match in an object never told", ONE_FRAME,
	    { .kind = FRAME_MATCH, .match = { .object = 0 } } },
	{ "match-elsewhere", "the same, with another told", ONE_FRAME,
	    { .kind = FRAME_MATCH, .match = { .object = 7 } }, true },
	{ "database", "a match in a database there is not", ONE_FRAME,
	    { .kind = FRAME_MATCH, .match = { .database = LIES_DATABASES } },
	    true },
	{ "signature", "a signature there is not", ONE_FRAME,
	    { .kind = FRAME_MATCH, .match = { .signature = LIES_SIGNATURES } },
	    true },
	{ "view", "a view there is not", ONE_FRAME,
	    { .kind = FRAME_MATCH, .match = { .view = CHILD_HTML_VIEW + 1 } },
	    true },
	{ "reason", "a reason there is not", ONE_FRAME,
	    { .kind = FRAME_UNSCANNED, .unscanned = { 0, UNSCANNED_COUNT } },
	    true },
	{ "crashed", "that it has crashed", ONE_FRAME,
	    { .kind = FRAME_UNSCANNED, .unscanned = { 0, UNSCANNED_CRASHED } },
	    true },
	{ "kind", "a kind of file there is not", ONE_FRAME,
	    { .kind = FRAME_OBJECT, .object = { .kind = KIND_COUNT } } },
	{ "end-kind", "the same at the end", ONE_FRAME,
	    { .kind = FRAME_END, .end = { .kind = KIND_COUNT } } },
	{ "name", "a name nobody asked for", ONE_FRAME,
	    { .kind = FRAME_NAME, .payload = { 0, 1, { 'x' } } }, true },
	{ "bytes", "bytes nobody asked for", ONE_FRAME,
	    { .kind = FRAME_BYTES, .payload = { 0, 1, { 'x' } } }, true },
	{ "random", "an honest story with random bits turned",
	    CRASHED(tell_random) },
};

/* The last is not a lie of its own: frames.c tries it many times. */
const size_t lies_count = sizeof(lies) / sizeof(lies[0]) - 1;

/* --- the worker ----------------------------------------------------------- */

static const struct lie *
find(const char *name)
{
	size_t i;

	for (i = 0; i <= lies_count; i++)
		if (strcmp(lies[i].name, name) == 0)
			return &lies[i];
	return NULL;
}

/* The crew numbers files from 1. */
static void
answer(const struct lie *lie, const char *seed, uint64_t scan)
{
	if (scan == 1) {
		random_state = (uint32_t)strtoul(seed, NULL, 10) * 2654435761u;
		lie->tell(lie, scan);
	} else {
		say_honestly(scan);
	}
}

int
frames_lie(int argc, char **argv)
{
	const struct lie *lie = argc == 2 ? find(argv[0]) : NULL;
	const struct frame ready = { .kind = FRAME_READY,
		.ready = { 0, LIES_DATABASES } };
	uint8_t record[FRAME_RECORD];
	int fd[CHANNEL_FDS_MAX];
	struct frame f;
	size_t size, count, i;

	if (lie == NULL)
		return 64;
	say(&ready, 0);
	while (channel_receive_with(CHANNEL, record, sizeof(record), &size, fd,
		   &count) == CHANNEL_DONE) {
		struct cur c = cur_from(record, size);

		for (i = 0; i < count; i++)
			(void)close(fd[i]);
		while (frame_take(&c, &f))
			if (f.kind == FRAME_SCAN)
				answer(lie, argv[1], f.scan);
	}
	return 0;
}
