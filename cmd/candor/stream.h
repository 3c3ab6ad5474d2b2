/*
 * stream.h - standard input and its like, put into a sealed file in memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_STREAM_H
#define CANDOR_CMD_STREAM_H

#include "lib/base/why.h"

#include <signal.h>
#include <stdbool.h>
#include <stdint.h>

struct stream {
	int fd;        /* read-only, sealed; the caller's to close */
	uint64_t size; /* bytes in it */
	bool is_cut;   /* there is more, or we were told to stop */
};

/*
 * Read in (borrowed) to its end or to most bytes.  *stop, set by a signal
 * handler, ends the reading.
 */
bool stream_read(int in, uint64_t most, const volatile sig_atomic_t *stop,
    struct stream *out, struct why *why);

#endif
