/*
 * fetching.h - get files from one mirror, through candor-fetch.
 *
 * A mirror is http://HOST/..., https://HOST/..., file:///FOLDER, or the path
 * of a folder or of a tar archive of one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_FETCHING_H
#define CANDOR_CMD_FETCHING_H

#include "cmd/candor/buf.h"
#include "proc/feed/aide.h"

#include <stdbool.h>
#include <stdint.h>

struct fetching {
	struct aide aide;
	const char *base;  /* borrowed */
	const char *proxy; /* borrowed; "" for none */
	bool is_below;     /* a folder or archive */
	uint64_t
	    quiet_ms; /* gives up after so long without bytes to speak of */
};

/* The slowest mirror that is still waited for, in bytes a second. */
#define FETCHING_SLOWEST 10000u

bool fetching_open(struct fetching *f, const char *base, const char *proxy,
    uint64_t quiet_ms, struct why *why);
void fetching_close(struct fetching *f); /* safe on a closed one */

/* Get the file of that name, of at most so many bytes, into memory; *end says
   how it failed. */
bool fetching_get(struct fetching *f, const char *name, uint64_t most,
    struct buf *out, enum order_end *end, struct why *why);

/* The same into a file, from where it stands on. */
bool fetching_save(struct fetching *f, const char *name, uint64_t most, int to,
    enum order_end *end, struct why *why);

/*
 * Begin to get it into the writing end of a pipe (taken), and hear how that
 * ended.
 */
bool fetching_begin(struct fetching *f, const char *name, uint64_t most, int to,
    struct why *why);
bool fetching_end(struct fetching *f, uint64_t most, enum order_end *end,
    struct why *why);

#endif
