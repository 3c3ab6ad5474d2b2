/*
 * batch.h - the files of one record, in memory before they are looked at.
 *
 * Small files come several at once (lib/wire/frame.h).  Those are read whole,
 * once, in the order they came in; then all work is on memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_WORKER_BATCH_H
#define CANDOR_PROC_WORKER_BATCH_H

#include "lib/base/arena.h"
#include "lib/formats/source.h"
#include "lib/wire/frame.h"

struct batch {
	size_t count;
	struct frame order[FRAME_BATCH];   /* SCAN */
	int fd[FRAME_BATCH];               /* closed by whoever scans */
	struct source source[FRAME_BATCH]; /* in memory, or without a reader */
};

/*
 * Take a record apart that came with count descriptors.  False if it is not
 * exactly one SCAN for each; then all of them are closed.
 */
bool batch_take(struct batch *b, struct cur record, const int *fd,
    size_t count);

/*
 * Read what is small into a.  What is not, what could not be read whole, and
 * all but the first from until_ns on (sys/clock.h), is left for later.
 */
void batch_read(struct batch *b, struct arena *a, uint64_t until_ns);

#endif
