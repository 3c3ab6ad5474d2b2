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
