/*
 * pack_slow.c - name the signatures that would slow every scan.
 *
 * They are loaded all the same: what they cost is theirs to answer for, and
 * whoever builds the database can leave them out (or build with --strict).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pack.h"

/*
 * So many places in a megabyte of ordinary files are too many to look at for
 * one rule: a hundredth of what the search itself takes.
 */
#define OFTEN ((uint64_t)128 << 10) /* in 2^30 bytes */

/* How often a rule is looked at, in 2^30 bytes of ordinary files. */
static uint64_t
often_of(const struct pack *p, const struct need *need)
{
	uint64_t sum = 0;
	uint32_t i, k;

	for (i = 0; i < need->count; i++) {
		const struct pack_string *s = &p->string[need->string[i]];

		for (k = 0; k < s->count; k++)
			sum += s->literal[k].cost;
	}
	return sum;
}

/* Are its strings only looked for at certain places? */
static bool
is_anchored(const struct pack *p, const struct pack_rule *rule)
{
	uint32_t i;

	for (i = 0; i < rule->row[RULE_STRINGS]; i++)
		if (!p->string[rule->row[RULE_STRING] + i].is_anchored)
			return false;
	return true;
}

enum db_always
pack_why_always(const struct pack *p, uint32_t number)
{
	const struct pack_rule *rule = &p->rule[number];
	bool is_common = false, lacks = false;
	uint32_t i, k;

	if (p->need[number].cost == PACK_WAS_TINY)
		return DB_ALWAYS_TINY;
	for (i = 0; i < rule->row[RULE_STRINGS]; i++) {
		const struct pack_string *s =
		    &p->string[rule->row[RULE_STRING] + i];

		for (k = 0; k < s->count && s->cost == PLAN_NEVER; k++) {
			is_common |= s->literal[k].size > 0;
			lacks |= s->literal[k].size == 0;
		}
	}
	return lacks    ? DB_ALWAYS_BYTES
	    : is_common ? DB_ALWAYS_COMMON
			: DB_ALWAYS_CONDITION;
}

/* Why it is slow, or NULL. */
static const char *
why_slow(const struct pack *p, uint32_t i)
{
	const struct pack_rule *rule = &p->rule[i];

	if (p->need[i].known)
		return often_of(p, &p->need[i]) > OFTEN
		    ? "slow: its rarest bytes are in ordinary files more than "
		      "128 times a megabyte, and it is looked at each time"
		    : NULL;
	if (rule->row[RULE_TARGET] != 0 || rule->row[RULE_GUARD] != 0 ||
	    is_anchored(p, rule))
		return NULL;
	switch (pack_why_always(p, i)) {
	case DB_ALWAYS_BYTES:
		return "slow: it has no fixed bytes to search for, so every "
		       "file is searched for it alone";
	case DB_ALWAYS_COMMON:
		return "slow: its bytes are in nearly every file, so every "
		       "file is searched for it alone";
	case DB_ALWAYS_TINY:
		return "slow: it has no more than 3 bytes to search for, so "
		       "every file is searched for it alone";
	case DB_ALWAYS_CONDITION:
	case DB_ALWAYS_KINDS:
		break;
	}
	return "slow: it can hold without any of its strings, so every file "
	       "is searched for it alone";
}

bool
pack_slow(struct pack *p)
{
	uint32_t i, told = 0;

	for (i = 0; i < p->rule_count && told < PACK_SLOW_MAX; i++) {
		const char *reason = why_slow(p, i);
		const struct ir_complaint complaint = {
			.file = p->rule[i].file,
			.line = p->rule[i].line,
			.is_warning = true,
			.kind = "slow",
			.reason = reason,
		};

		if (reason == NULL)
			continue;
		told++;
		if (!ir_complain(p->ir, &complaint))
			return pack_full(p);
	}
	return true;
}
