/*
 * part.h - does a part of a pattern stand at this place?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_MATCH_PART_H
#define CANDOR_MATCH_PART_H

#include "lib/db/db.h"

/* A stretch of an object's bytes. */
struct span {
	const uint8_t *bytes;
	size_t size;
	uint64_t off; /* of bytes[0] in the object */
	bool at_end;  /* bytes[size] would be past the object's end */
};

enum part_end {
	PART_NO,
	PART_YES,
	PART_CUT,  /* the span ends before the question is answered */
	PART_SPENT /* too many alternatives tried */
};

#define PART_FUEL 20000u /* elements one question may cost */

/*
 * Does part match at s->bytes[at]?  On PART_YES *end is where it stops, in s.
 * Of several ways the first in the order of the alternatives counts.  cost:
 * elements looked at, for the caller's budget.
 */
enum part_end part_match(const struct db_part *part, const struct span *s,
    size_t at, size_t *end, uint32_t *cost);

#endif
