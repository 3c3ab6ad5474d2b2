/*
 * canary.h - would this database take the machine apart?
 *
 * Before a new database is used, caged workers load it and look at what is
 * known to be good here: the programs and libraries of the packages the
 * distribution calls required, and the programs that run.  A detection in one
 * that is, byte for byte, what its package holds, is the database's mistake
 * or worse, and the database is not used.  A detection in a file that is not
 * as it was shipped is no such thing: it may be right.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_CANARY_H
#define CANDOR_CMD_CANARY_H

#include "lib/base/why.h"

#include <stddef.h>
#include <stdint.h>

struct canary {
	uint64_t files; /* looked at */
	double seconds;
};

/* Look with count compiled databases, open at fd (borrowed); names[i] is what
   to call them.  False, and why, if it must not be used. */
bool canary_sings(const int *fd, const char *const *name, size_t count,
    struct canary *out, struct why *why);

#endif
