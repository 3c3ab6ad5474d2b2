/*
 * attacks.h - what somebody who took over a worker would try.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_SELFTEST_ATTACKS_H
#define CANDOR_CMD_SELFTEST_ATTACKS_H

#include "cmd/selftest/stage.h"

struct attack {
	const char *name;
	bool (*run)(const struct stage *s); /* did it work? errno if not */
	bool leaves_traces;                 /* observers see it when it works */
};

extern const struct attack attacks[];
extern const size_t attacks_count;

#endif
