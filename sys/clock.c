/*
 * clock.c - the time that only goes forward.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/clock.h"

#include <time.h>

static uint64_t
nanoseconds_of(clockid_t clock)
{
	struct timespec t = { 0, 0 };

	(void)clock_gettime(clock, &t);
	return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

uint64_t
clock_nanoseconds(void)
{
	return nanoseconds_of(CLOCK_MONOTONIC);
}

uint64_t
clock_milliseconds(void)
{
	return clock_nanoseconds() / 1000000u;
}

uint64_t
clock_asleep_milliseconds(void)
{
	return nanoseconds_of(CLOCK_BOOTTIME) / 1000000u;
}
