/*
 * ready.h - wait until one of many descriptors can be read or written.
 *
 * Whoever waits for a descriptor puts a struct ready_watch into his own
 * struct; its function is called when there is something to do.  For one
 * thread.  An end or an error of the descriptor is told as READY_READ and
 * READY_WRITE, whichever was asked for: the next call on it says which.
 *
 * A watch may be forgotten, and its descriptor closed, at any time; its memory
 * must stay until ready_turn() returns.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_READY_H
#define CANDOR_SYS_READY_H

#include "lib/base/why.h"

#define READY_READ  1u
#define READY_WRITE 2u

struct ready_watch {
	int fd;        /* -1: not watched */
	unsigned what; /* READY_*; 0: not watched now */
	void (*turn)(struct ready_watch *w, unsigned what);
};

struct ready {
	int epoll;
};

bool ready_open(struct ready *r, struct why *why);
void ready_close(struct ready *r);

/* Wait for what of w from now on; what may be 0.  False: no memory. */
bool ready_set(struct ready *r, struct ready_watch *w, unsigned what);

/* Before its descriptor is closed. */
void ready_forget(struct ready *r, struct ready_watch *w);

/* Wait up to timeout_ms (-1: for ever), and call who has something to do. */
bool ready_turn(struct ready *r, int timeout_ms, struct why *why);

#endif
