/*
 * range.h - where in an object a pattern may start.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_MATCH_RANGE_H
#define CANDOR_MATCH_RANGE_H

#include "lib/match/find.h"

struct range {
	uint64_t first, last;       /* both included; first > last: nowhere */
	const struct facts *listed; /* only at its version-info places */
};

/* The places p's offset names in object; nowhere if a fact is unknown. */
void range_of(const struct db_pattern *p, const struct find_object *object,
    struct range *out);

/* Is at one of them? */
bool range_has(const struct range *r, uint64_t at);

#endif
