/*
 * state.h - what search.c and finish.c share.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_EVAL_STATE_H
#define CANDOR_EVAL_STATE_H

#include "lib/eval/search.h"
#include "lib/match/literal.h"

#define TOUCHED_MAX 65536u /* rules one object may touch */

/* What is known of a rule for the object at hand. */
enum mark {
	MARK_NOTHING,
	MARK_TOUCHED,  /* its trigger was there: evaluate it */
	MARK_REJECTED, /* its guard does not hold */
	MARK_TRUE      /* evaluated, and it holds */
};

struct search_db {
	const struct db *db;
	const struct literal_set *set[DB_TARGETS]; /* by target of the object */
	uint32_t *mark;  /* of each rule: epoch and enum mark */
	uint32_t *spent; /* of each literal: epoch in which nothing is left
	                    for it to touch */
	uint32_t literals;
};

struct search {
	struct search_db *db;
	uint32_t db_count;
	uint32_t epoch;
	struct search_object object;
	uint64_t end; /* how far windows have come */
	uint64_t
	    *touched; /* kind, database, rule: in the order they are told */
	uint32_t touched_count;
	bool limit;            /* something could not be looked at */
	uint64_t confirm_left; /* work on triggers that may still be done */
	struct arena scratch;
};

enum mark search_mark_get(const struct search *s, uint32_t db, uint32_t rule);
void search_mark_set(struct search *s, uint32_t db, uint32_t rule,
    enum mark mark);

/* Does the rule's target and guard hold?  Unknown sizes hold. */
bool search_guard(const struct search *s, uint32_t db,
    const struct db_rule *rule);

/* Put a rule on the list of those to evaluate, if it is not. */
void search_touch(struct search *s, uint32_t db, uint32_t rule,
    const struct db_rule *r);

#endif
