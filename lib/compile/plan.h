/*
 * plan.h - which strings must occur for a condition to hold.
 *
 * For every rule a set of strings is chosen such that the condition can only
 * be true if one of them occurs: of an AND the cheapest child's, of an OR all
 * children's, of "k of n" the n - k + 1 cheapest.  Cheap is what ordinary
 * files seldom have.  Only those strings' literals go into the one pass.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_PLAN_H
#define CANDOR_COMPILE_PLAN_H

#include "lib/compile/ir.h"
#include "lib/compile/pool.h"

#define PLAN_NEVER UINT64_MAX /* costs more than looking every time */

/* "One of these strings occurs", or nothing known. */
struct need {
	bool known;
	uint64_t cost;
	const uint32_t *string; /* rising; empty: the condition never holds */
	uint32_t count;
};

struct plan {
	struct pool *pool;
	const struct ir_node *condition;
	uint32_t string_count; /* of the rule */
	const uint64_t *cost;  /* of each string of the rule, or PLAN_NEVER */
	uint32_t string_base;  /* what string 0 of the rule is called in need */
	/* What the rule that a condition names needs; false: not known. */
	bool (*needs_of)(void *ctx, int64_t rule, struct need *out);
	void *ctx;
};

/* What must occur for the rule's condition to hold.  False: no memory. */
bool plan_rule(const struct plan *plan, struct need *out);

#endif
