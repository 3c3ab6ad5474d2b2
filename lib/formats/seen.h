/*
 * seen.h - a set of 64-bit numbers in the arena, that can be full.
 *
 * For walks that must not do the same thing twice: when it is full it says
 * so, and the walk decides whether twice or not at all is the lesser evil.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FORMATS_SEEN_H
#define CANDOR_FORMATS_SEEN_H

#include "lib/base/arena.h"

#include <stdbool.h>

struct seen {
	uint64_t *slot; /* 0: free */
	size_t slots;   /* a power of two, or 0 */
	size_t count;
};

enum seen_answer {
	SEEN_NEW,
	SEEN_BEFORE,
	SEEN_FULL
};

/* Make room for up to most numbers, in at most a quarter of the arena. */
void seen_init(struct seen *s, struct arena *a, size_t most);

/* Add a number. */
enum seen_answer seen_add(struct seen *s, uint64_t number);

#endif
