/*
 * collect.h - results of many files at once, handed on in order.
 *
 * A fixed number of slots: whoever walks waits when all of them are taken, so
 * memory is bounded however slow the oldest file is.  Slots keep their memory,
 * so an ordinary file costs no allocation.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_COLLECT_H
#define CANDOR_CMD_COLLECT_H

#include "cmd/candor/result.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define COLLECT_SLOTS 8192u

typedef void (*collect_fn)(void *ctx, const struct result *r);

struct collect {
	const struct databases *databases; /* borrowed */
	bool in_order;    /* hand on in the order of collect_begin() */
	bool all_matches; /* -z */
	collect_fn file;  /* gets each settled result, borrowed for the call */
	void *ctx;

	struct result *slot;
	struct result *free;         /* linked by next */
	struct result *first, *last; /* in order of begin, linked by next */
	size_t busy;
};

/* Set up; the fields above the line are the caller's to fill in first. */
void collect_open(struct collect *c);
void collect_close(struct collect *c);

/* Start a file; NULL when all slots are taken. */
struct result *collect_begin(struct collect *c);

/* The number a crew knows it by. */
uint64_t collect_number(const struct collect *c, const struct result *r);

/* Nothing more comes for r: settle it, and hand on what can be. */
void collect_done(struct collect *c, struct result *r);

/* No more will end: hand on what is done but waits for its turn. */
void collect_flush(struct collect *c);

/* Listeners for proc/crew; ctx is the struct collect. */
void collect_frame(void *ctx, const struct frame *f);

/* Is it going to be moved away?  Then two workers have to find something. */
bool collect_doubts(void *ctx, uint64_t scan);
void collect_end(void *ctx, uint64_t scan, const struct frame *end,
    enum unscanned lost);

#endif
