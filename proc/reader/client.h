/*
 * client.h - have a file looked into by candor-reader, which is caged.
 *
 * A reader looks at one file after another.  One that dies, lies or takes too
 * long is killed, and the next file has a new one: what that costs is said of
 * the file it was at.  For programs with one thread; a reader is theirs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_READER_CLIENT_H
#define CANDOR_PROC_READER_CLIENT_H

#include "lib/base/why.h"
#include "proc/reader/protocol.h"
#include "sys/spawn.h"

#include <stdbool.h>
#include <stdint.h>

struct reader {
	struct spawned helper; /* channel is -1: none is running */
	uint32_t layers;       /* in force in the cage: sys/sandbox.h */
	uint32_t silence_ms;   /* a reader may be without a word … */
	uint32_t all_ms;       /* … and take in all for one order */
	uint8_t packet[READER_PACKET + 1];
};

/* None is running yet; the times are those that are usual. */
void reader_init(struct reader *r);
void reader_end(struct reader *r);

/* Told of each SEEN, COUNT, PART, NAME, BYTES and BLIND. */
typedef void (*reader_hear_fn)(void *self, const struct reader_part *p);

/*
 * Look into the file fd (borrowed, open for reading; where it stands changes).
 * False, and why, if it could not be read to its end; what was heard until
 * then stands.
 */
bool reader_look(struct reader *r, int fd, const char *name,
    enum reader_what what, reader_hear_fn hear, void *self, struct why *why);

/*
 * A log that belongs to the registry that is looked into next (READER_BESIDES
 * of them at most).
 */
bool reader_beside(struct reader *r, int fd, struct why *why);

/*
 * A file of the image that was looked into last, without links: its bytes
 * are appended to fd out, most of them at most.  False with why->err ENOENT
 * if there is none.
 */
bool reader_fetch(struct reader *r, uint32_t part, const char *path,
    uint64_t most, int out, struct why *why);

#endif
