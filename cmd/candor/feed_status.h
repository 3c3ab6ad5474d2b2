/*
 * feed_status.h - how the feeds of this machine are, and how far to trust
 * them.
 *
 * One word for each, and a sentence that says what it means:
 *
 *   CURRENT FEED-QUIET VIEW-STALE CLOCK-SUSPECT        lib/trust/state.h
 *   EQUIVOCATION ROLLBACK BAD EXPIRED ENGINE BEHIND    the last update refused
 *   NOT-USED      the last update's database failed the trial before use
 *   UNREACHABLE   no mirror answered        INCOMPLETE  files are missing
 *   INSTALLED     of kinds that no witness vouches for
 *   NOT-INSTALLED nothing was ever loaded   DAMAGED     ours cannot be read
 *
 * Nothing of it ever stops a scan.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_FEED_STATUS_H
#define CANDOR_CMD_FEED_STATUS_H

#include "cmd/candor/feeds.h"

#include <stdbool.h>
#include <stdint.h>

enum feed_status_form {
	FEED_STATUS_TEXT,
	FEED_STATUS_JSON_LINES, /* an object a line */
	FEED_STATUS_JSON_LIST,  /* an array */
	FEED_STATUS_METRICS     /* OpenMetrics families, without the end */
};

/* What time is judged by: seconds since 1970. */
struct feed_time {
	uint64_t now;
	uint64_t
	    build; /* this program was released then: no clock is earlier */
};

/* The clock's; or the one given, unless it is 0, and no other. */
struct feed_time feed_time_of(uint64_t clock);

/* Print all feeds; is_well becomes false if one wants attention.  False, and
   why, if the settings cannot be read. */
bool feed_status_print(const struct feeds *place, const struct feed_time *t,
    enum feed_status_form form, bool *is_well, struct why *why);

/* The newer of two states (paths); empty if there is none. */
void feed_status_load(const char *within, const char *beside, struct buf *out);

#endif
