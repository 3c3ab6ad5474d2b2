/*
 * progress.h - how far a scan is, in one line on a terminal.
 *
 * How much there is to do is found out by a second walk beside the first, on
 * a thread of its own, that looks at sizes only; until it is through, the
 * line has no percentage.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_PROGRESS_H
#define CANDOR_CMD_PROGRESS_H

#include "cmd/candor/totals.h"
#include "cmd/candor/walk.h"

struct progress; /* defined in progress.c */

/* Start; path and options are borrowed until progress_close(). */
struct progress *progress_open(const struct walk_options *options,
    const struct words *path);

/* Draw if it is time to; cheap otherwise.  NULL is no progress. */
void progress_turn(struct progress *p, const struct totals *t);

/* Clear the line, so that something else can be written. */
void progress_hide(struct progress *p);

void progress_close(struct progress **p);

#endif
