/*
 * steady.c - has the clock on the wall gone right for a while?  See steady.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/quarantine/steady.h"

#include "lib/base/ckd.h"

/* Have both gone on by the same time, but for a drift? */
static bool
do_agree(const struct steady *s, int64_t wall, uint64_t passed)
{
	int64_t by_wall, by_other;

	if (ckd_sub(&by_wall, wall, s->wall) ||
	    ckd_mul(&by_wall, by_wall, 1000) ||
	    ckd_sub(&by_other, passed, s->passed) || by_other < 0 ||
	    ckd_sub(&by_wall, by_wall, by_other))
		return false;
	return by_wall <= (int64_t)STEADY_DRIFT_MS &&
	    by_wall >= -(int64_t)STEADY_DRIFT_MS;
}

/* 2026-01-01: the year of the first release. */
#define FIRST_S 1767225600

bool
steady_is_plausible(int64_t wall)
{
	return wall >= FIRST_S;
}

bool
steady_step(const struct steady *s, int64_t wall, uint64_t passed,
    struct steady_step *out)
{
	int64_t expected;

	if (!s->is_begun || passed < s->passed || do_agree(s, wall, passed))
		return false;
	out->to = s->wall;
	out->by = 0;
	return !ckd_add(&expected, s->wall,
		   (int64_t)((passed - s->passed) / 1000)) &&
	    !ckd_sub(&out->by, wall, expected) && out->by > 0 &&
	    !ckd_sub(&out->from, s->wall, (int64_t)(s->passed / 1000));
}

bool
steady_move(const struct steady_step *step, int64_t *time)
{
	int64_t later;

	if (*time < step->from || *time > step->to ||
	    ckd_add(&later, *time, step->by))
		return false;
	*time = later;
	return true;
}

bool
steady_mend(int64_t now, int64_t *time)
{
	if (steady_is_plausible(*time) || *time >= now)
		return false;
	*time = now;
	return true;
}

bool
steady_look(struct steady *s, int64_t wall, uint64_t passed)
{
	if (!s->is_begun || !do_agree(s, wall, passed))
		s->since_ms = passed;
	s->is_begun = true;
	s->wall = wall;
	s->passed = passed;
	return passed - s->since_ms >= STEADY_AFTER_MS;
}
