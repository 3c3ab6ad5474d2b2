/*
 * steady.h - has the clock on the wall gone right for a while?
 *
 * What is deleted for its age must not go because a clock was set wrong: one
 * that stands in 2040 at the start of a machine, or is moved there by mistake.
 * It is compared with the clock that only goes forward; for an hour after the
 * start, or after the two disagreed, it is not believed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_QUARANTINE_STEADY_H
#define CANDOR_PROC_QUARANTINE_STEADY_H

#include <stdbool.h>
#include <stdint.h>

#define STEADY_AFTER_MS 3600000u /* of agreement */
#define STEADY_DRIFT_MS 60000u   /* between two looks: still agreement */

/* Zero before the first look. */
struct steady {
	bool is_begun;
	int64_t wall;      /* seconds since 1970, at the last look */
	uint64_t passed;   /* milliseconds, at the last look */
	uint64_t since_ms; /* when they began to agree */
};

/* Look at both clocks (wall in seconds, the other in milliseconds that also
   pass in sleep): may the first be believed? */
bool steady_look(struct steady *s, int64_t wall, uint64_t passed);

/*
 * May that be the time now, or the time when something was taken?  Not before
 * there was a quarantine: a machine without a battery begins in 1970.
 */
bool steady_is_plausible(int64_t wall);

/*
 * The wall clock was put forward: what was written down by it since the machine
 * was started is too early by as much.  False if it was not.  Call it before
 * steady_look(), with the same times.
 */
struct steady_step {
	int64_t from, to; /* seconds since 1970, as the clock had them */
	int64_t by;       /* seconds to be added */
};
bool steady_step(const struct steady *s, int64_t wall, uint64_t passed,
    struct steady_step *out);

/*
 * Mend a time that was written down: after a step, or once the clock may be
 * believed.  It only becomes later, so that what has it is held for longer and
 * not for less, should the clock be right in the end as it was.  False if it
 * may stay.
 */
bool steady_move(const struct steady_step *step, int64_t *time);
bool steady_mend(int64_t now, int64_t *time);

#endif
