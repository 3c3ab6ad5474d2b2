/*
 * literal_build.h - make the section that lib/match/literal.h reads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_LITERAL_BUILD_H
#define CANDOR_COMPILE_LITERAL_BUILD_H

#include "lib/base/why.h"
#include "lib/compile/compile.h"

struct literal {
	const uint8_t *bytes; /* 2 to LITERAL_MAX bytes; need not be folded */
	uint32_t size;
	uint32_t
	    number; /* what hits will say; several literals may share one */
};

/*
 * Append to out the section for count literals.  seed makes the hash
 * multipliers (derived by the caller from the inputs): same input, same bytes.
 */
bool literal_build(const struct literal *literal, size_t count, uint64_t seed,
    struct compile_output *out, struct why *why);

/*
 * How often an ordinary clean file has these size bytes at a given place, as
 * a cost: occurrences per 2^30 bytes of the background, at least 1.  From the
 * versioned n-gram table of literal_background.h.  Low is good.
 */
uint32_t literal_cost(const uint8_t *bytes, uint32_t size);

#endif
