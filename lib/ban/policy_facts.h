/*
 * policy_facts.h - what somebody tells about a deal, by name.
 *
 * Input:   words of a command line, or a JSON object.
 *
 * Names and values are borrowed from there; what was read from JSON is owned.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_POLICY_FACTS_H
#define CANDOR_BAN_POLICY_FACTS_H

#include "lib/ban/policy.h"
#include "lib/base/why.h"

#define POLICY_FACTS_MAX  32u
#define POLICY_VALUES_MAX 16u /* that one fact can have at once */

struct policy_fact {
	const char *name;
	const char *value[POLICY_VALUES_MAX];
	size_t count;
};

struct policy_facts {
	struct policy_fact one[POLICY_FACTS_MAX];
	size_t count;
	json_t *json; /* owned, or NULL */
};

/* Nothing told yet. */
void policy_facts_init(struct policy_facts *f);
void policy_facts_free(struct policy_facts *f);

/*
 * Tell a fact; once more adds a value.  "true" and "false" are yes and no;
 * "unknown" tells nothing.
 */
MUST_CHECK bool policy_facts_add(struct policy_facts *f, const char *name,
    const char *value, struct why *why);

/* Tell what an object says: texts, true, false, null (untold), lists. */
MUST_CHECK bool policy_facts_read(struct policy_facts *f, struct cur text,
    struct why *why);

/* The fact, or NULL if it was not told. */
const struct policy_fact *policy_facts_find(const struct policy_facts *f,
    const char *name);

/* The only value of a fact, or NULL. */
const char *policy_facts_text(const struct policy_facts *f, const char *name);

/*
 * Does at least one of the bans know each name and each word that was told?
 * If not, why says which and what there is instead.
 */
MUST_CHECK bool policy_facts_known(const struct policy_facts *f,
    const struct policy *ban, size_t count, struct why *why);

#endif
