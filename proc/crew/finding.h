/*
 * finding.h - which of several detections is told first, and what they make
 * of a file.  The same for the command line and the daemon.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_CREW_FINDING_H
#define CANDOR_PROC_CREW_FINDING_H

#include "lib/base/verdict.h"

#include <stdbool.h>
#include <stdint.h>

struct finding {
	uint32_t object, database, signature;
	uint32_t kind; /* enum sig_kind */
	bool is_weak;
};

/* Is a signature of that kind with these SIG_* flags no proof: possibly
   unwanted, or a heuristic? */
bool finding_is_weak(uint32_t kind, uint32_t flags);

/*
 * The order of telling, as qsort() wants it: what is infected before what is
 * suspicious, then the lowest (kind, database, signature), then the outermost
 * object.
 */
int finding_compare(const struct finding *a, const struct finding *b);

/* The verdict, given the first finding (or NULL) and whether something was
   not looked at. */
enum verdict finding_verdict(const struct finding *first, bool has_gap);

#endif
