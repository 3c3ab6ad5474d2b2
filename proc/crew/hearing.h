/*
 * hearing.h - is what a worker says about one file possible at all?
 *
 * A frame that lib/wire found well formed is checked here against what is
 * known: the databases, what was allowed, and what was said before.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_CREW_HEARING_H
#define CANDOR_PROC_CREW_HEARING_H

#include "lib/wire/frame.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What a worker can know. */
struct hearing_bounds {
	size_t database_count;
	uint32_t signature_count[FRAME_DATABASES_MAX]; /* per database */
	bool may_say_bytes;
};

struct hearing {
	uint64_t *told; /* a bit for each object that was told */
	size_t words;   /* of it */
	size_t used;    /* words that may have a bit set */
	uint32_t frames, matches, gaps;
	uint32_t last_kind, last_object;
	bool has_changed; /* the file itself was said to have changed */
};

/* Forget the file before; a hearing starts as all zeros. */
void hearing_begin(struct hearing *h);
void hearing_close(struct hearing *h);

/* Was this object told? */
bool hearing_has(const struct hearing *h, uint32_t object);

/* May this be said now?  Remembers it.  False: the worker lies or is ill. */
bool hearing_check(struct hearing *h, const struct hearing_bounds *b,
    const struct frame *f);

#endif
