/*
 * totals.h - what a whole scan came to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_TOTALS_H
#define CANDOR_CMD_TOTALS_H

#include "cmd/candor/result.h"
#include "cmd/candor/walk.h"

#include <stdbool.h>
#include <stdint.h>
#include <time.h>

struct totals {
	uint64_t files; /* all that got a verdict */
	uint64_t by_verdict[VERDICT_INFECTED + 1];
	uint64_t by_reason[UNSCANNED_COUNT]; /* files with such a gap */
	uint64_t bytes;                      /* sizes of the files */
	uint64_t searched;                   /* with all that was unpacked */
	uint64_t cached; /* clean when last looked at, unchanged since */
	uint64_t empty;  /* files without a byte, nothing found */
	uint64_t errors; /* could not be opened */
	uint64_t
	    absent; /* given by name, and not there or no file: not in files */
	struct walk_counts walk;
	uint32_t layers; /* SANDBOX_* in force */
	bool is_interrupted;
	double seconds;
	time_t start, end;
};

/* Count a settled result. */
void totals_add(struct totals *t, const struct result *r);

/* What the command exits with. */
int totals_exit(const struct totals *t);

#endif
