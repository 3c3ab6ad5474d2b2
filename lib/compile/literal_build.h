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
#define LITERAL_COST_MIN 1u
uint32_t literal_cost(const uint8_t *bytes, uint32_t size);

/*
 * The same of every window of so many bytes (1 to 32) in a run of size bytes,
 * at most LITERAL_COSTS_MAX: out[i] is that of bytes + i.
 */
#define LITERAL_COSTS_MAX 512u
void literal_costs(const uint8_t *bytes, uint32_t size, uint32_t window,
    uint32_t *out);

#endif
