/*
 * policy_fuzz.c - any file: complained of, or a ban that answers questions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/policy_decide.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
count(void *self, const char *where, const char *what)
{
	size_t *complaints = self;

	if (where == NULL || what == NULL || what[0] == '\0')
		abort();
	(*complaints)++;
}

static void
ask(const struct policy *ban, json_t *instrument, const char *act,
    const char *at)
{
	struct policy_facts facts;
	struct policy_answer a;
	struct why why = { 0 };
	size_t i;

	policy_facts_init(&facts);
	if (!policy_facts_add(&facts, "act", act, &why) ||
	    (at != NULL && !policy_facts_add(&facts, "at", at, &why)) ||
	    !policy_decide(ban, instrument, &facts, 1727582400, &a, &why))
		abort();
	if ((a.need_count > 0) != (a.verdict == POLICY_NEEDS_FACT))
		abort();
	for (i = 1; i < a.change_count; i++)
		if (a.change[i - 1].at >= a.change[i].at)
			abort();
	(void)policy_decide_overall_at(&a, 1, a.at + 1);
	policy_facts_free(&facts);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct policy ban;
	size_t complaints = 0, i;
	json_t *list, *one, *acts, *word;
	const char *act;

	if (!policy_read(cur_from(data, size), &ban, count, &complaints)) {
		if (complaints == 0 || ban.root != NULL)
			abort();
		return 0;
	}
	list = json_object_get(ban.root, "instruments");
	acts = json_object_get(json_object_get(ban.root, "words"), "act");
	json_array_foreach(list, i, one) json_object_foreach(acts, act, word)
	{
		ask(&ban, one, act, NULL);
		ask(&ban, one, act, "2024-09");
	}
	policy_free(&ban);
	return 0;
}
