/*
 * policy_facts.c - what somebody tells.  The contract is in policy_facts.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/policy_facts.h"

#include "lib/ban/schema.h"

#include <stdio.h>
#include <string.h>

void
policy_facts_init(struct policy_facts *f)
{
	*f = (struct policy_facts){ 0 };
}

void
policy_facts_free(struct policy_facts *f)
{
	json_decref(f->json);
	policy_facts_init(f);
}

const struct policy_fact *
policy_facts_find(const struct policy_facts *f, const char *name)
{
	size_t i;

	for (i = 0; i < f->count; i++)
		if (policy_same_word(f->one[i].name, name))
			return &f->one[i];
	return NULL;
}

const char *
policy_facts_text(const struct policy_facts *f, const char *name)
{
	const struct policy_fact *fact = policy_facts_find(f, name);

	return fact != NULL && fact->count == 1 ? fact->value[0] : NULL;
}

bool
policy_facts_add(struct policy_facts *f, const char *name, const char *value,
    struct why *why)
{
	struct policy_fact *fact = NULL;
	size_t i;

	if (policy_same_word(value, "unknown"))
		return true;
	if (policy_same_word(value, "true"))
		value = "yes";
	if (policy_same_word(value, "false"))
		value = "no";
	for (i = 0; i < f->count; i++)
		if (policy_same_word(f->one[i].name, name))
			fact = &f->one[i];
	if (fact == NULL) {
		if (f->count == POLICY_FACTS_MAX)
			return why_not(why, WHY_LIMIT,
			    "more than %u facts are told", POLICY_FACTS_MAX);
		fact = &f->one[f->count++];
		*fact = (struct policy_fact){ .name = name };
	}
	if (fact->count == POLICY_VALUES_MAX)
		return why_not(why, WHY_LIMIT, "%.60s: more than %u values",
		    name, POLICY_VALUES_MAX);
	fact->value[fact->count++] = value;
	return true;
}

static bool
add_json(struct policy_facts *f, const char *name, const json_t *value,
    struct why *why)
{
	if (json_is_null(value))
		return true;
	if (json_is_boolean(value))
		return policy_facts_add(f, name,
		    json_is_true(value) ? "yes" : "no", why);
	if (json_is_string(value) && json_string_length(value) > 0)
		return policy_facts_add(f, name, json_string_value(value), why);
	return why_not(why, WHY_BROKEN,
	    "%.60s: neither a text nor true, false or null", name);
}

bool
policy_facts_read(struct policy_facts *f, struct cur text, struct why *why)
{
	json_error_t error;
	const char *name;
	json_t *value, *one;
	size_t i;

	if (f->json != NULL || text.size > SCHEMA_SIZE_MAX)
		return why_not(why, WHY_LIMIT, "facts: too many");
	f->json = json_loadb((const char *)text.base, text.size,
	    JSON_REJECT_DUPLICATES, &error);
	if (f->json == NULL)
		return why_not(why, WHY_BROKEN, "facts: line %d: %.150s",
		    error.line, error.text);
	if (!json_is_object(f->json))
		return why_not(why, WHY_BROKEN, "facts: not a JSON object");
	json_object_foreach(f->json, name, value)
	{
		if (!json_is_array(value)) {
			if (!add_json(f, name, value, why))
				return false;
			continue;
		}
		json_array_foreach(value, i,
		    one) if (!add_json(f, name, one, why)) return false;
	}
	return true;
}

/* --- are they known? ------------------------------------------------------ */

/* Is a name one of those in "a, b, c"? */
static bool
is_listed(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (*list != '\0') {
		size_t n = strcspn(list, ",");

		if (n == len && memcmp(list, name, len) == 0)
			return true;
		list += n;
		list += strspn(list, ", ");
	}
	return false;
}

/* "a, b, c" of the names in an object, as far as they fit, each once. */
static void
list_names(json_t *object, char *room, size_t size)
{
	const char *name;
	json_t *one;
	size_t used = strlen(room);

	json_object_foreach(object, name, one)
	{
		int n;

		if (is_listed(room, name))
			continue;
		n = snprintf(room + used, size - used, "%s%s",
		    used > 0 ? ", " : "", name);
		if (n < 0 || (size_t)n >= size - used) {
			room[used] = '\0';
			return;
		}
		used += (size_t)n;
	}
}

static json_t *
words(const struct policy *ban, const char *kind)
{
	return json_object_get(json_object_get(ban->root, "words"), kind);
}

static json_t *
find_fact(const struct policy *ban, const char *name)
{
	json_t *facts = words(ban, "facts"), *one;
	const char *key;

	json_object_foreach(facts, key,
	    one) if (policy_same_word(key, name)) return one;
	return NULL;
}

/* act, party, product: a word of some ban. */
static bool
is_word(const char *kind, const char *value, const struct policy *ban,
    size_t count, struct why *why)
{
	char room[120] = "";
	size_t i;

	for (i = 0; i < count; i++)
		if (policy_term(&ban[i], kind, value, NULL) != NULL)
			return true;
	/* Some of each. */
	for (i = 0; i < count; i++)
		list_names(words(&ban[i], kind), room,
		    sizeof(room) * (i + 1) / count);
	return why_not(why, WHY_BROKEN,
	    "no %s is called '%.40s'; some are: %s; candor ban list --words "
	    "has all",
	    kind, value, room);
}

static bool
is_value(const struct policy_fact *fact, const char *value,
    const struct policy *ban, size_t count, struct why *why)
{
	bool is_declared = false;
	size_t i, k;

	for (i = 0; i < count; i++) {
		const json_t *record = find_fact(&ban[i], fact->name);
		const json_t *values = json_object_get(record, "values"), *one;

		is_declared = is_declared || record != NULL;
		if (record != NULL && values == NULL)
			return true;
		json_array_foreach(values, k,
		    one) if (policy_same_word(json_string_value(one),
				 value)) return true;
	}
	if (is_declared)
		return why_not(why, WHY_BROKEN,
		    "'%.60s' is no value of the fact %.60s", value, fact->name);
	return why_not(why, WHY_BROKEN, "no ban asks for a fact '%.60s'",
	    fact->name);
}

bool
policy_facts_known(const struct policy_facts *f, const struct policy *ban,
    size_t count, struct why *why)
{
	/* These take any text. */
	static const char *const free_text[] = { "at", "zone", "vendor",
		"counterparty" };
	static const char *const kinds[] = { "act", "party", "product" };
	size_t i, k, v;

	for (i = 0; i < f->count; i++) {
		const struct policy_fact *fact = &f->one[i];
		const char *kind = NULL;
		bool is_free = false;

		for (k = 0; k < 4; k++)
			is_free = is_free ||
			    policy_same_word(fact->name, free_text[k]);
		for (k = 0; k < 3; k++)
			if (policy_same_word(fact->name, kinds[k]))
				kind = kinds[k];
		if (kind == kinds[2] && fact->count > 1)
			return why_not(why, WHY_BROKEN,
			    "one product at a time: each has its own answer");
		for (v = 0; !is_free && v < fact->count; v++)
			if (kind != NULL ? !is_word(kind, fact->value[v], ban,
					       count, why)
					 : !is_value(fact, fact->value[v], ban,
					       count, why))
				return false;
	}
	return true;
}
