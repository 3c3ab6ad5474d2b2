/*
 * policy_parts.h - between policy.c and the two that check what it reads.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_POLICY_PARTS_H
#define CANDOR_BAN_POLICY_PARTS_H

#include "lib/ban/policy.h"
#include "lib/ban/schema.h"

/* Every field has its type, none is missing, none unknown. */
void policy_schema(struct policy *p, struct schema_troubles *t);

/* What is named is there, once; times are times, and in their order. */
void policy_check(const struct policy *p, struct schema_troubles *t);

#endif
