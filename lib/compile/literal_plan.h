/*
 * literal_plan.h - what the parts of the literal builder share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_LITERAL_PLAN_H
#define CANDOR_COMPILE_LITERAL_PLAN_H

#include "lib/compile/literal_build.h"
#include "lib/match/literal.h"
#include "lib/match/literal_layout.h"

#define LITERAL_MAX_COUNT ((size_t)1 << 22)

/* A literal as it is searched for. */
struct folded {
	uint8_t bytes[LITERAL_MAX]; /* then zeros */
	uint8_t size;
	uint32_t number;
	uint32_t unit; /* of its entry */
};

/* One window of one literal (or of a group), to be put in a plane. */
struct window {
	uint64_t hash;
	uint32_t literal; /* index into folded */
	uint8_t offset;
};

struct plane {
	uint8_t kind, step, q, back, choice;
	uint8_t min; /* the shortest literal that fits */
	uint8_t filter_bits, line_bits;
	uint64_t k1, k2;
	uint64_t filter, lines; /* offsets in the section */
	struct window *window;
	size_t count, room;
};

/* What the planner decides by; tests try every plan. */
struct literal_policy {
	size_t few_each;   /* as many long literals join a plane that looks at
	                      every position, if there is one already */
	size_t few_stride; /* beyond, one window a literal beats a grid */
	uint32_t span;     /* of the sampler */
};
extern const struct literal_policy literal_usual;

struct literal_build {
	const struct literal_policy *policy;
	struct compile_output *out;
	struct compile_output entries;
	size_t begin; /* of the section in out */
	uint64_t seed;
	struct folded *folded; /* sorted, each once */
	size_t folded_count;
	uint8_t *shared; /* how many windows have this hash, about */
	uint32_t multiplier, span;
	uint32_t planes;
	struct plane plane[LITERAL_PLANES]; /* by falling min */
};

/* literal_build() by a policy of the caller's. */
bool literal_build_by(const struct literal_policy *policy,
    const struct literal *literal, size_t count, uint64_t seed,
    struct compile_output *out, struct why *why);

/* Zeroed room in the section, aligned; at: its offset.  NULL: no memory. */
uint8_t *literal_out(struct literal_build *b, size_t size, uint64_t *at);

/* Zeroed room in the entries; lent until the next call. */
uint8_t *literal_entries(struct literal_build *b, size_t size, uint32_t *unit);

/* Store little-endian. */
void literal_put(uint8_t *at, uint64_t value, unsigned size);

/* Choose the planes by the lengths there are. */
void literal_plan(struct literal_build *b);

/* Choose for each literal its plane and its rarest window. */
bool literal_anchors(struct literal_build *b, struct why *why);

/* Write a plane's filter and lines. */
bool literal_table(struct literal_build *b, struct plane *p, struct why *why);

/* A ref to all of count windows with the same hash; 0: no memory. */
uint32_t literal_group(struct literal_build *b, const struct window *window,
    size_t count);

#endif
