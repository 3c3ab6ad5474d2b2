/*
 * when.h - instants, dates and the clocks of the places that make rules.
 *
 * Spec:    ISO 8601 as RFC 3339 5.6 narrows it, with a space for the T, a
 *          name for the offset, and dates cut short to a month or a year.
 * Input:   hostile; read through struct cur only.
 *
 * No time zone database is read: a clock is one row of a short table, or an
 * offset such as +09:00, which serves every place that is not in it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_WHEN_H
#define CANDOR_BAN_WHEN_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stdint.h>

/* When clocks are put forward for the summer. */
enum when_summer {
	SUMMER_NONE,
	SUMMER_US, /* second Sunday of March to first of November, 2:00 */
	SUMMER_EU, /* last Sunday of March to last of October, 1:00 UTC */
	SUMMER_AU  /* first Sunday of October, 2:00, to first of April, 3:00 */
};

struct when_clock {
	const char *name;         /* "America/New_York", "UTC" */
	int32_t offset;           /* seconds east of UTC, in winter */
	enum when_summer summer;  /* an hour is added */
	const char *short_winter; /* "EST"; NULL: say the offset */
	const char *short_summer;
};

enum when_kind {
	WHEN_INSTANT,
	WHEN_DAY,
	WHEN_MONTH,
	WHEN_YEAR
};

/* Some stretch of time, in seconds since 1970 UTC, both ends in it. */
struct when {
	enum when_kind kind;
	int64_t first, last; /* the same for an instant */
};

#define WHEN_ROOM 48u /* what when_write() needs at most */

/* Find a clock by its name ("America/New_York", "EDT", "+09:00"). */
MUST_CHECK bool when_find_clock(struct cur name, struct when_clock *out);

/*
 * Read an instant ("2024-09-29T00:00-04:00", "2024-09-29 00:00 EDT"), a day,
 * a month or a year.  What names no zone is as clock says.
 */
MUST_CHECK bool when_read(struct cur text, const struct when_clock *clock,
    struct when *out);

/* "2024-09-29 00:00 EDT"; seconds only if there are any. */
const char *when_write(int64_t at, const struct when_clock *clock,
    char room[WHEN_ROOM]);

/* "2024-09-29T04:00:00Z" */
const char *when_write_utc(int64_t at, char room[WHEN_ROOM]);

/* The same as it was written: "2018-12" for a month, an instant in full. */
const char *when_write_span(const struct when *w,
    const struct when_clock *clock, char room[WHEN_ROOM]);

/* Universal time. */
extern const struct when_clock when_utc;

/* Everything from 1970 to the year 9999. */
#define WHEN_ALWAYS_FIRST INT64_C(0)
#define WHEN_ALWAYS_LAST  INT64_C(253402300799)

#endif
