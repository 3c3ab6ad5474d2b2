/*
 * ban_check.h - between ban_check.c, which asks, and the forms of its answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_BAN_CHECK_H
#define CANDOR_CMD_BAN_CHECK_H

#include "lib/ban/policy_decide.h"

struct ban_answers {
	const struct policy *ban;
	size_t ban_count;
	const struct policy_facts *facts;
	struct policy_answer *one; /* of every instrument */
	size_t count;
	enum policy_verdict overall;
	int64_t at;
	bool is_all; /* print also what is not concerned */
};

/* The instant after at when the answer is another one; false: never. */
bool ban_check_next(const struct ban_answers *a, int64_t *at,
    enum policy_verdict *then);

/* The facts that would settle the whole; how many. */
size_t ban_check_needs(const struct ban_answers *a,
    const char *need[POLICY_FACTS_MAX]);

/* Is there a rule of high confidence behind the answer? */
bool ban_check_is_confirmed(const struct ban_answers *a);

void ban_check_print_text(const struct ban_answers *a);
void ban_check_print_json(const struct ban_answers *a);

#endif
