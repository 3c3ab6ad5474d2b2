/*
 * policy_decide.h - what an instrument says about a deal: pure policy.
 *
 * Facts that were not told are tried with every value a rule asks for; what
 * comes out the same whatever they are needs no telling.  In the same way
 * what the law leaves open (a date known only to the month, a product whose
 * class nobody confirmed, a name that resembles a listed one) makes an answer
 * unclear only where it matters.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_POLICY_DECIDE_H
#define CANDOR_BAN_POLICY_DECIDE_H

#include "lib/ban/policy.h"
#include "lib/ban/policy_facts.h"

/* From the mildest to the strictest. */
enum policy_verdict {
	POLICY_OUTSIDE, /* says nothing about this act, party or place */
	POLICY_ALLOWED,
	POLICY_EXEMPT,
	POLICY_ADVICE, /* somebody advises; no duty */
	POLICY_UNCLEAR,
	POLICY_NEEDS_FACT,
	POLICY_REQUIRED,
	POLICY_PROHIBITED
};

/* Why a rule does what it does. */
enum policy_reason {
	REASON_NO_RULE,    /* about this act */
	REASON_OTHERS,     /* other parties or places are meant */
	REASON_NOT_LISTED, /* the other side is on no list of the instrument */
	REASON_FREED,      /* a licence or the like */
	REASON_PRODUCT,    /* other products are meant */
	REASON_NOT_YET,
	REASON_NO_LONGER,
	REASON_RULE /* it holds */
};

#define POLICY_CHANGES_MAX 16u
#define POLICY_NEEDS_MAX   12u

/* From at on the verdict is another one. */
struct policy_change {
	int64_t at;
	bool is_exact; /* or the first or last day it may be */
	enum policy_verdict before, after;
};

struct policy_answer {
	const struct policy *ban;
	json_t *instrument, *rule, *exemption; /* the last two may be NULL */
	enum policy_verdict verdict;
	enum policy_reason reason;
	enum policy_verdict worst;          /* with the worst of facts */
	const char *need[POLICY_NEEDS_MAX]; /* names of facts */
	size_t need_count;
	const char *assumed[POLICY_NEEDS_MAX]; /* and it matters */
	size_t assumed_count;
	const char *unclear[POLICY_NEEDS_MAX]; /* sentences */
	size_t unclear_count;
	struct policy_change change[POLICY_CHANGES_MAX]; /* in order of time */
	size_t change_count;
	int64_t at; /* the beginning, if a day or more was asked for */
};

/* Decide about the facts told at now, if no time was; false: not a time. */
MUST_CHECK bool policy_decide(const struct policy *ban, json_t *instrument,
    const struct policy_facts *facts, int64_t now, struct policy_answer *out,
    struct why *why);

/*
 * One verdict of all: the strictest of what binds; advice counts where
 * nothing stricter is said.
 */
enum policy_verdict policy_decide_overall(const struct policy_answer *answer,
    size_t count);

/* What an answer is at another time, as its changes say. */
enum policy_verdict policy_decide_at(const struct policy_answer *answer,
    int64_t at);

/* The same of all. */
enum policy_verdict policy_decide_overall_at(const struct policy_answer *answer,
    size_t count, int64_t at);

/* What to ask for a fact. */
const char *policy_decide_question(const struct policy *ban, const char *fact);

/* Does what was told leave this verdict open? */
bool policy_decide_is_open(enum policy_verdict v);

/* "prohibited", "needs a fact", … and the same as one word for programs. */
const char *policy_decide_word(enum policy_verdict v);
const char *policy_decide_code(enum policy_verdict v);

#endif
