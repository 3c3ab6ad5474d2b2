/*
 * clock.h - the time that only goes forward.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_CLOCK_H
#define CANDOR_SYS_CLOCK_H

#include <stdint.h>

/* Milliseconds, or nanoseconds, since some moment before the program began. */
uint64_t clock_milliseconds(void);
uint64_t clock_nanoseconds(void);

/* Milliseconds that also pass while the machine sleeps. */
uint64_t clock_asleep_milliseconds(void);

#endif
