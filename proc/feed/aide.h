/*
 * aide.h - start a helper of candor update, and give it orders.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_FEED_AIDE_H
#define CANDOR_PROC_FEED_AIDE_H

#include "proc/feed/order.h"
#include "sys/spawn.h"

struct aide {
	struct spawned helper;
	const char *program; /* "candor-fetch"; NULL: not started */
};

/* Start program with one argument, or NULL, and lend it fd, unless -1. */
bool aide_start(struct aide *h, const char *program, const char *argument,
    int fd, struct why *why);

/* Safe on one that was not started. */
void aide_end(struct aide *h);

/* Give an order, with a descriptor (borrowed) or -1. */
bool aide_tell(struct aide *h, const struct order *o, int fd, struct why *why);

/* Hear an answer, of one of the two kinds; false after patience_ms, or if the
   helper died or lied: then it is of no use any more. */
bool aide_hear(struct aide *h, struct order *out, uint64_t patience_ms,
    struct why *why);

#endif
