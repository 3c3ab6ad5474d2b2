/*
 * policy_parts.h - between policy.c and the two that check what it reads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_POLICY_PARTS_H
#define CANDOR_BAN_POLICY_PARTS_H

#include "lib/ban/policy.h"

#include <stddef.h>

/* Whom to tell what is wrong, and how often somebody was. */
struct policy_troubles {
	policy_complain_fn complain;
	void *self;
	size_t count;
};

/* where may be NULL or have more after it: "rules[3]" and "from". */
void policy_complain(struct policy_troubles *t, const char *where,
    const char *what);

/* Every field has its type, none is missing, none unknown. */
void policy_schema(struct policy *p, struct policy_troubles *t);

/* What is named is there, once; times are times, and in their order. */
void policy_check(const struct policy *p, struct policy_troubles *t);

#endif
