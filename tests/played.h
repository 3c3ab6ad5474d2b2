/*
 * played.h - for tests: a crew whose workers are played by the test program.
 *
 * Such a program, started with "play" as its argument, calls played_worker().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TESTS_PLAYED_H
#define CANDOR_TESTS_PLAYED_H

#include "proc/crew/crew.h"

#define PLAYED 1200u /* files of played workers */

#define DIES_LATER  13u /* size of what kills a worker that has seen others */
#define DIES_ALWAYS 14u /* and of what kills any */
#define WAITS       15u /* until nobody has a lock on it */

/* Play a worker: each END says, as bytes, how many files it has seen, and, as
   objects, how many came with that one. */
int played_worker(void);

struct played {
	unsigned given[PLAYED], ended[PLAYED];
	enum unscanned lost[PLAYED];
	uint64_t seen[PLAYED];     /* by its worker */
	uint32_t together[PLAYED]; /* in one record */
	uint64_t doubt_every;      /* so many files; 0: none */
};

/* What a crew gave back, to be offered again. */
struct played_back {
	struct crew_file file[PLAYED];
	size_t count, ever;
};
extern struct played_back played_back;

/* A crew that tells p what becomes of files, and gives them back if they take
   long and it is wanted. */
struct crew *played_start(struct played *p, unsigned jobs, unsigned tries,
    bool takes_back);

/* Until all files have ended. */
void played_drain(struct crew *c);

/* A sealed file with these bytes. */
int played_memfd(const void *bytes, size_t size);

#endif
