/*
 * policy_check.c - what a ban names is there, and its times make sense.
 *
 * Runs on what already follows the schema (policy_schema.c).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/policy_parts.h"

#include <stdio.h>
#include <string.h>

/* Where we are: "rules[3]". */
struct place {
	const struct policy *p;
	struct schema_troubles *t;
	const char *list;
	size_t index;
	json_t *record;
};

static void
say(const struct place *at, const char *key, const char *what, const char *name)
{
	char where[100], text[200];

	snprintf(where, sizeof(where), "%s[%zu].%s", at->list, at->index, key);
	snprintf(text, sizeof(text), "%s%s%.100s", what,
	    name[0] != '\0' ? ": " : "", name);
	schema_complain(at->t, where, text);
}

/* --- names of things ------------------------------------------------------ */

/* How many records of the lists that can be shown have this id. */
static size_t
count_id(const struct policy *p, const char *id)
{
	static const char *const lists[] = { "instruments", "rules",
		"exemptions", "penalties", "entities", "persons",
		"not_listed" };
	size_t i, k, n = 0;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		const json_t *list = json_object_get(p->root, lists[i]), *one;

		json_array_foreach(list, k,
		    one) if (strcmp(policy_text(one, "id"), id) == 0) n++;
	}
	return n;
}

/* Every text of a list is a name in an object of the file. */
static void
check_names(const struct place *at, const char *key, const json_t *known)
{
	const json_t *list = json_object_get(at->record, key), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		const char *name = json_string_value(one);

		if (json_object_get(known, name) == NULL)
			say(at, key, "not declared", name);
	}
}

static json_t *
words(const struct policy *p, const char *kind)
{
	return json_object_get(json_object_get(p->root, "words"), kind);
}

static void
check_sources(const struct place *at)
{
	const char *confidence = policy_text(at->record, "confidence");

	check_names(at, "source", json_object_get(at->p->root, "sources"));
	if (json_array_size(json_object_get(at->record, "source")) == 0 &&
	    strcmp(confidence, "low") != 0)
		say(at, "source", "nothing is cited: that is of low confidence",
		    "");
}

static void
check_instrument_name(const struct place *at, const char *key, const char *id)
{
	if (policy_find(at->p, "instruments", id) == NULL)
		say(at, key, "no such instrument", id);
}

/* --- times ---------------------------------------------------------------- */

static bool
check_time(const struct place *at, const char *key, struct when *out)
{
	if (json_object_get(at->record, key) == NULL)
		return false;
	if (policy_when(at->p, at->record, key, out))
		return true;
	say(at, key, "not a time", policy_text(at->record, key));
	return false;
}

static void
check_window(const struct place *at)
{
	struct when from, to, due;
	bool has_from = check_time(at, "from", &from);

	if (check_time(at, "to", &to) && has_from && to.first <= from.first)
		say(at, "to", "not after from", "");
	if (check_time(at, "due", &due) && has_from && due.last < from.first)
		say(at, "due", "before from", "");
}

/* --- records -------------------------------------------------------------- */

static void
check_instrument(const struct place *at)
{
	const char *zone = policy_text(at->record, "zone");
	struct when_clock clock;
	struct when since;

	if (!when_find_clock(cur_from(zone, strlen(zone)), &clock))
		say(at, "zone", "not known; write an offset, +09:00", zone);
	(void)check_time(at, "since", &since);
}

static void
check_facts(const struct place *at)
{
	json_t *facts = words(at->p, "facts"), *conditions, *values, *one;
	const char *name;
	size_t i;

	check_names(at, "any", facts);
	conditions = json_object_get(at->record, "if");
	json_object_foreach(conditions, name, values)
	{
		json_t *fact = json_object_get(facts, name);

		if (fact == NULL) {
			say(at, "if", "not declared", name);
			continue;
		}
		if (json_object_get(fact, "values") == NULL)
			continue;
		json_array_foreach(values, i,
		    one) if (!policy_holds(fact, "values",
				 json_string_value(one))) say(at, "if",
		    "not a value of the fact", json_string_value(one));
	}
}

static void
check_rule(const struct place *at)
{
	check_instrument_name(at, "instrument",
	    policy_text(at->record, "instrument"));
	check_names(at, "act", words(at->p, "act"));
	check_names(at, "party", words(at->p, "party"));
	check_names(at, "product", words(at->p, "product"));
	check_facts(at);
	check_window(at);
}

static void
check_exemption(const struct place *at)
{
	const char *mine = policy_text(at->record, "instrument");
	const json_t *beats = json_object_get(at->record, "beats"), *one;
	size_t i;

	check_instrument_name(at, "instrument", mine);
	check_names(at, "act", words(at->p, "act"));
	check_names(at, "product", words(at->p, "product"));
	json_array_foreach(beats, i, one)
	{
		const char *id = json_string_value(one);
		const json_t *rule = policy_find(at->p, "rules", id);

		if (rule == NULL)
			say(at, "beats", "no such rule", id);
		else if (strcmp(policy_text(rule, "instrument"), mine) != 0)
			say(at, "beats", "a rule of another instrument", id);
	}
}

static void
check_penalty(const struct place *at)
{
	check_instrument_name(at, "instrument",
	    policy_text(at->record, "instrument"));
	check_window(at);
}

static void
check_name(const struct place *at)
{
	const json_t *lists = json_object_get(at->record, "lists"), *one;
	size_t i;

	json_array_foreach(lists, i, one)
	    check_instrument_name(at, "lists", json_string_value(one));
}

static void
check_event(const struct place *at)
{
	struct when w;

	(void)check_time(at, "at", &w);
}

/* --- words and sources ---------------------------------------------------- */

/* The facts that options and rules of every ban share are of this file too. */
static void
check_words(const struct policy *p, struct schema_troubles *t)
{
	json_t *products = words(p, "product"), *facts = words(p, "facts");
	json_t *one;
	const char *name;
	size_t index = 0;

	json_object_foreach(products, name, one)
	{
		struct place at = { p, t, "words.product", index++, one };

		check_names(&at, "may_be", products);
		if (policy_holds(one, "may_be", name))
			say(&at, "may_be", "itself", name);
	}
	index = 0;
	json_object_foreach(facts, name, one)
	{
		struct place at = { p, t, "words.facts", index++, one };
		const char *assume = policy_text(one, "assume");

		if (assume != NULL && json_object_get(one, "values") != NULL &&
		    !policy_holds(one, "values", assume))
			say(&at, "assume", "not a value of the fact", assume);
	}
}

/* Is a source cited by any record of any list? */
static bool
is_cited(const struct policy *p, const char *id)
{
	const char *key;
	json_t *list, *one;
	size_t i;

	json_object_foreach(p->root, key, list) json_array_foreach(list, i,
	    one) if (policy_holds(one, "source", id)) return true;
	return false;
}

static void
check_citing(const struct policy *p, struct schema_troubles *t)
{
	json_t *sources = json_object_get(p->root, "sources"), *one;
	const char *id;
	char where[100];

	json_object_foreach(sources, id, one) if (!is_cited(p, id))
	{
		snprintf(where, sizeof(where), "sources.%.60s", id);
		schema_complain(t, where, "cited by nothing");
	}
}

void
policy_check(const struct policy *p, struct schema_troubles *t)
{
	static const struct {
		const char *list;
		void (*check)(const struct place *at);
		bool has_id;
	} row[] = {
		{ "instruments", check_instrument, true },
		{ "rules", check_rule, true },
		{ "exemptions", check_exemption, true },
		{ "penalties", check_penalty, true },
		{ "entities", check_name, true },
		{ "persons", check_name, true },
		{ "not_listed", check_name, true },
		{ "events", check_event, false },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		json_t *list = json_object_get(p->root, row[i].list);
		struct place at = { p, t, row[i].list, 0, NULL };

		json_array_foreach(list, at.index, at.record)
		{
			check_sources(&at);
			if (row[i].has_id &&
			    count_id(p, policy_text(at.record, "id")) != 1)
				say(&at, "id", "not the only one",
				    policy_text(at.record, "id"));
			row[i].check(&at);
		}
	}
	check_words(p, t);
	check_citing(p, t);
}
