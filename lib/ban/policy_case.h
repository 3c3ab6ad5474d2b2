/*
 * policy_case.h - the rules of one instrument about one act, and every way
 * the facts may be.
 *
 * What was told is one value; what was not is a choice between the values the
 * rules ask for and "something else".  A case picks one of each.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_POLICY_CASE_H
#define CANDOR_BAN_POLICY_CASE_H

#include "lib/ban/policy_decide.h"

#define CASE_RULES   32u
#define CASE_CHOICES POLICY_NEEDS_MAX
#define CASE_VALUES  16u
#define CASE_MAX     2048u /* combinations that are tried */

enum choice_kind {
	CHOICE_FACT,   /* somebody could tell */
	CHOICE_ASSUME, /* the first value is taken for granted */
	CHOICE_LAW     /* nobody knows */
};

struct choice {
	enum choice_kind kind;
	const char *name; /* of the fact, or a sentence about what is open */
	const char *value[CASE_VALUES]; /* "" is something else */
	size_t count;
};

/* What a choice stands for when it is not a fact of the rules. */
#define CHOICE_DATE "(date)"
#define CHOICE_NAME "counterparty"

struct case_rule {
	json_t *record;
	json_t *exemption; /* that beats it for this act, or NULL */
	bool is_about_act; /* or only its exemption is */
	struct when from, to;
};

struct cases {
	const struct policy *ban;
	const json_t *instrument;
	const struct policy_facts *facts;
	const char *act;
	struct case_rule rule[CASE_RULES];
	size_t rule_count;
	struct choice choice[CASE_CHOICES];
	size_t choice_count;
	size_t count;     /* of combinations */
	bool is_listed;   /* the counterparty that was told */
	bool is_too_many; /* for the limits above */
	const char *product_why;
};

struct case_verdict {
	enum policy_verdict verdict;
	enum policy_reason reason;
	json_t *rule, *exemption;
};

/* Gather what the instrument says about an act (a word of the ban). */
void policy_case_gather(struct cases *c, const struct policy *ban,
    const json_t *instrument, const struct policy_facts *facts,
    const char *act);

/* Which value the choice has in the case. */
size_t policy_case_pick(const struct cases *c, size_t which, size_t choice);

/* What holds at an instant in one of the cases. */
struct case_verdict policy_case_decide(const struct cases *c, size_t which,
    int64_t at);

#endif
