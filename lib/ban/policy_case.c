/*
 * policy_case.c - rules and cases.  The contract is in policy_case.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/policy_case.h"

#include "lib/ban/screen.h"

#include <string.h>

/* --- choices -------------------------------------------------------------- */

static struct choice *
find_choice(struct cases *c, const char *name)
{
	size_t i;

	for (i = 0; i < c->choice_count; i++)
		if (strcmp(c->choice[i].name, name) == 0)
			return &c->choice[i];
	return NULL;
}

static struct choice *
add_choice(struct cases *c, enum choice_kind kind, const char *name)
{
	struct choice *choice = find_choice(c, name);

	if (choice != NULL)
		return choice;
	if (c->choice_count == CASE_CHOICES) {
		c->is_too_many = true;
		return NULL;
	}
	choice = &c->choice[c->choice_count++];
	*choice = (struct choice){ .kind = kind, .name = name };
	return choice;
}

static void
add_value(struct cases *c, struct choice *choice, const char *value)
{
	size_t i;

	if (choice == NULL)
		return;
	for (i = 0; i < choice->count; i++)
		if (strcmp(choice->value[i], value) == 0)
			return;
	if (choice->count == CASE_VALUES) {
		c->is_too_many = true;
		return;
	}
	choice->value[choice->count++] = value;
}

/* A choice between the texts of a list and something else. */
static void
add_texts(struct cases *c, enum choice_kind kind, const char *name,
    const json_t *texts)
{
	struct choice *choice = add_choice(c, kind, name);
	const json_t *one;
	size_t i;

	json_array_foreach(texts, i, one)
	    add_value(c, choice, json_string_value(one));
	if (kind != CHOICE_LAW)
		add_value(c, choice, "");
}

static const json_t *
word_of(const struct cases *c, const char *kind, const char *name)
{
	return json_object_get(json_object_get(json_object_get(c->ban->root,
						   "words"),
				   kind),
	    name);
}

/* A fact that a rule asks for: told, taken for granted, or a choice. */
static void
add_fact(struct cases *c, const char *name, const json_t *asked)
{
	const json_t *fact = word_of(c, "facts", name);
	const char *assume = policy_text(fact, "assume");
	const json_t *values = json_object_get(fact, "values");

	if (policy_facts_find(c->facts, name) != NULL)
		return;
	if (assume != NULL) {
		add_value(c, add_choice(c, CHOICE_ASSUME, name), assume);
		add_texts(c, CHOICE_ASSUME, name, asked);
	} else if (values != NULL)
		add_texts(c, CHOICE_FACT, name, values);
	else
		add_texts(c, CHOICE_FACT, name, asked);
}

/* The product a rule asks for: told, or a choice. */
static void
add_product(struct cases *c, const json_t *asked)
{
	if (policy_facts_find(c->facts, "product") == NULL)
		add_texts(c, CHOICE_FACT, "product", asked);
}

/* A product that was told, and of which nobody knows what it is. */
static void
add_open_product(struct cases *c)
{
	const char *told = policy_facts_text(c->facts, "product");
	const char *term =
	    told != NULL ? policy_term(c->ban, "product", told, NULL) : NULL;
	const json_t *word = term != NULL ? word_of(c, "product", term) : NULL;

	if (json_object_get(word, "may_be") == NULL)
		return;
	add_texts(c, CHOICE_LAW, "product", json_object_get(word, "may_be"));
	c->product_why = policy_text(word, "why");
}

static void
add_counterparty(struct cases *c)
{
	const char *told = policy_facts_text(c->facts, "counterparty");
	enum screen_grade grade;
	struct choice *choice;

	if (told == NULL) {
		choice = add_choice(c, CHOICE_FACT, CHOICE_NAME);
		add_value(c, choice, "yes");
		add_value(c, choice, "");
		return;
	}
	grade =
	    screen_instrument(c->ban, policy_text(c->instrument, "id"), told);
	c->is_listed = grade == SCREEN_MATCH;
	if (grade == SCREEN_POSSIBLE) {
		choice = add_choice(c, CHOICE_LAW, CHOICE_NAME);
		add_value(c, choice, "yes");
		add_value(c, choice, "");
	}
}

/* --- gathering ------------------------------------------------------------ */

/* Does an exemption beat a rule, if it applies? */
static bool
can_beat(const struct cases *c, const json_t *exemption, const json_t *rule)
{
	return strcmp(policy_text(exemption, "instrument"),
		   policy_text(c->instrument, "id")) == 0 &&
	    policy_holds(exemption, "beats", policy_text(rule, "id"));
}

/* The exemption that beats a rule for this act, or NULL. */
static json_t *
find_exemption(const struct cases *c, const json_t *rule)
{
	const json_t *all = json_object_get(c->ban->root, "exemptions");
	json_t *one;
	size_t i;

	json_array_foreach(all, i, one) if (can_beat(c, one, rule) &&
	    policy_holds(one, "act", c->act)) return one;
	return NULL;
}

/* Exemptions of products that beat the rule ask for the product. */
static void
add_exempt_products(struct cases *c, const json_t *rule)
{
	const json_t *all = json_object_get(c->ban->root, "exemptions"), *one;
	size_t i;

	json_array_foreach(all, i, one) if (can_beat(c, one, rule) &&
	    json_object_get(one, "product") != NULL)
	    add_product(c, json_object_get(one, "product"));
}

static void
add_choices_of(struct cases *c, const struct case_rule *r)
{
	const json_t *any = json_object_get(r->record, "any"), *one;
	json_t *conditions = json_object_get(r->record, "if"), *values;
	const char *name;
	size_t i;

	if (json_object_get(r->record, "party") != NULL &&
	    policy_facts_find(c->facts, "party") == NULL)
		add_texts(c, CHOICE_FACT, "party",
		    json_object_get(r->record, "party"));
	json_array_foreach(any, i, one)
	    add_fact(c, json_string_value(one), NULL);
	json_object_foreach(conditions, name, values) add_fact(c, name, values);
	if (json_object_get(r->record, "product") != NULL)
		add_product(c, json_object_get(r->record, "product"));
	if (r->exemption == NULL)
		add_exempt_products(c, r->record);
	if (json_is_true(json_object_get(r->record, "listed")))
		add_counterparty(c);
	if (r->from.kind >= WHEN_MONTH || r->to.kind >= WHEN_MONTH)
		add_value(c, add_choice(c, CHOICE_LAW, CHOICE_DATE), "late");
	if (r->from.kind >= WHEN_MONTH || r->to.kind >= WHEN_MONTH)
		add_value(c, add_choice(c, CHOICE_LAW, CHOICE_DATE), "early");
}

static void
gather_rule(struct cases *c, json_t *record)
{
	struct case_rule r = { .record = record };

	r.is_about_act = policy_holds(record, "act", c->act);
	r.exemption = find_exemption(c, record);
	if (!r.is_about_act && r.exemption == NULL)
		return;
	if (c->rule_count == CASE_RULES) {
		c->is_too_many = true;
		return;
	}
	if (!policy_when(c->ban, record, "from", &r.from))
		r.from = (struct when){ WHEN_INSTANT, WHEN_ALWAYS_FIRST,
			WHEN_ALWAYS_FIRST };
	if (!policy_when(c->ban, record, "to", &r.to))
		r.to = (struct when){ WHEN_INSTANT, WHEN_ALWAYS_LAST,
			WHEN_ALWAYS_LAST };
	c->rule[c->rule_count++] = r;
	add_choices_of(c, &r);
}

void
policy_case_gather(struct cases *c, const struct policy *ban,
    const json_t *instrument, const struct policy_facts *facts, const char *act)
{
	const json_t *rules = json_object_get(ban->root, "rules");
	const char *id = policy_text(instrument, "id");
	json_t *one;
	size_t i;

	*c = (struct cases){ .ban = ban,
		.instrument = instrument,
		.facts = facts,
		.act = act,
		.count = 1 };
	json_array_foreach(rules, i,
	    one) if (strcmp(policy_text(one, "instrument"), id) == 0)
	    gather_rule(c, one);
	if (c->rule_count > 0)
		add_open_product(c);
	for (i = 0; i < c->choice_count && !c->is_too_many; i++) {
		c->count *= c->choice[i].count;
		c->is_too_many = c->count > CASE_MAX;
	}
}

/* --- one case ------------------------------------------------------------- */

size_t
policy_case_pick(const struct cases *c, size_t which, size_t choice)
{
	size_t i;

	for (i = 0; i < choice; i++)
		which /= c->choice[i].count;
	return which % c->choice[choice].count;
}

/* The value a choice has in a case; NULL if there is no such choice. */
static const char *
chosen(const struct cases *c, size_t which, const char *name)
{
	size_t i;

	for (i = 0; i < c->choice_count; i++)
		if (strcmp(c->choice[i].name, name) == 0)
			return c->choice[i]
			    .value[policy_case_pick(c, which, i)];
	return NULL;
}

/* Is a word (of party or product) what was told, or is in this case? */
static bool
is_word(const struct cases *c, size_t which, const char *kind,
    const json_t *wanted)
{
	const char *value = chosen(c, which, kind), *term, *want;
	const struct policy_fact *told = policy_facts_find(c->facts, kind);
	const json_t *one;
	size_t i, k;

	json_array_foreach(wanted, i, one)
	{
		want = json_string_value(one);
		if (value != NULL) {
			if (strcmp(value, want) == 0)
				return true;
			continue;
		}
		for (k = 0; told != NULL && k < told->count; k++) {
			term = NULL;
			while ((term = policy_term(c->ban, kind, told->value[k],
				    term)) != NULL)
				if (strcmp(term, want) == 0)
					return true;
		}
	}
	return false;
}

/* Is the product in this case none of the vendor's? */
static bool
is_by_others(const struct cases *c, size_t which)
{
	const char *term = chosen(c, which, "product");
	const char *told = policy_facts_text(c->facts, "product");

	if (term == NULL && told != NULL)
		term = policy_term(c->ban, "product", told, NULL);
	return term != NULL &&
	    json_is_true(json_object_get(word_of(c, "product", term),
		"by_others"));
}

/* Has a fact one of the values? */
static bool
is_fact(const struct cases *c, size_t which, const char *name,
    const json_t *wanted)
{
	const char *value = chosen(c, which, name);
	const struct policy_fact *told = policy_facts_find(c->facts, name);
	const json_t *one;
	size_t i, k;

	json_array_foreach(wanted, i, one)
	{
		const char *want = json_string_value(one);

		if (value != NULL && policy_same_word(value, want))
			return true;
		for (k = 0; value == NULL && told != NULL && k < told->count;
		     k++)
			if (policy_same_word(told->value[k], want))
				return true;
	}
	return false;
}

static bool
is_yes(const struct cases *c, size_t which, const char *name)
{
	const char *value = chosen(c, which, name);
	const char *told = policy_facts_text(c->facts, name);

	if (value == NULL)
		value = told;
	return value != NULL && policy_same_word(value, "yes");
}

/*
 * Do the conditions hold?  Those about what is taken for granted unless told
 * (a licence) free from the rule; the others say whom it means.
 */
static bool
holds(const struct cases *c, size_t which, const json_t *rule, bool is_assumed)
{
	json_t *conditions = json_object_get(rule, "if"), *values;
	const char *name;

	json_object_foreach(conditions, name, values)
	{
		const json_t *fact = word_of(c, "facts", name);

		if ((policy_text(fact, "assume") != NULL) == is_assumed &&
		    !is_fact(c, which, name, values))
			return false;
	}
	return true;
}

/* Are the party, the place and the like those that the rule means? */
static bool
reaches(const struct cases *c, size_t which, const json_t *rule)
{
	const json_t *party = json_object_get(rule, "party");
	const json_t *any = json_object_get(rule, "any"), *one;
	bool is_any = any == NULL;
	size_t i;

	if (party != NULL && !is_word(c, which, "party", party))
		return false;
	json_array_foreach(any, i, one) is_any =
	    is_any || is_yes(c, which, json_string_value(one));
	return is_any && holds(c, which, rule, false);
}

/* The exemption that beats the rule in a case, or NULL. */
static json_t *
exemption_of(const struct cases *c, size_t which, const struct case_rule *r)
{
	const json_t *all = json_object_get(c->ban->root, "exemptions");
	json_t *one;
	size_t i;

	if (r->exemption != NULL)
		return r->exemption;
	json_array_foreach(all, i, one) if (can_beat(c, one, r->record) &&
	    is_word(c, which, "product",
		json_object_get(one, "product"))) return one;
	return NULL;
}

/* Where in time an instant is; a boundary that is not known is somewhere. */
static enum policy_reason
time_of(const struct cases *c, size_t which, const struct case_rule *r,
    int64_t at)
{
	const char *date = chosen(c, which, CHOICE_DATE);
	bool is_late = date != NULL && strcmp(date, "late") == 0;
	int64_t from = is_late && r->from.kind >= WHEN_MONTH ? r->from.last + 1
							     : r->from.first;
	int64_t to =
	    is_late && r->to.kind >= WHEN_MONTH ? r->to.last + 1 : r->to.first;

	if (at < from)
		return REASON_NOT_YET;
	return at < to || r->to.first == WHEN_ALWAYS_LAST ? REASON_RULE
							  : REASON_NO_LONGER;
}

static enum policy_reason
reason_of(const struct cases *c, size_t which, const struct case_rule *r,
    bool is_exempt, int64_t at)
{
	const json_t *products = json_object_get(r->record, "product");
	const char *listed = chosen(c, which, CHOICE_NAME);

	if (!reaches(c, which, r->record))
		return REASON_OTHERS;
	if (json_is_true(json_object_get(r->record, "listed")) &&
	    (listed != NULL ? listed[0] == '\0' : !c->is_listed))
		return REASON_NOT_LISTED;
	if (!holds(c, which, r->record, true))
		return REASON_FREED;
	if (is_by_others(c, which) ||
	    (!is_exempt && products != NULL &&
		!is_word(c, which, "product", products)))
		return REASON_PRODUCT;
	return time_of(c, which, r, at);
}

/* What a rule that holds makes of the deal. */
static enum policy_verdict
verdict_of(const json_t *rule)
{
	static const struct {
		const char *kind;
		enum policy_verdict verdict;
	} row[] = {
		{ "prohibit", POLICY_PROHIBITED },
		{ "require", POLICY_REQUIRED },
		{ "advise", POLICY_ADVICE },
	};
	const char *kind = policy_text(rule, "kind");
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (strcmp(row[i].kind, kind) == 0)
			return row[i].verdict;
	return POLICY_ALLOWED;
}

static struct case_verdict
decide_rule(const struct cases *c, size_t which, const struct case_rule *r,
    int64_t at)
{
	struct case_verdict v = { POLICY_OUTSIDE, REASON_NO_RULE, r->record,
		exemption_of(c, which, r) };

	v.reason = reason_of(c, which, r, v.exemption != NULL, at);
	if (v.reason == REASON_RULE)
		v.verdict =
		    v.exemption != NULL ? POLICY_EXEMPT : verdict_of(r->record);
	else if (v.reason != REASON_OTHERS)
		v.verdict = POLICY_ALLOWED;
	if (v.reason != REASON_RULE)
		v.exemption = NULL;
	return v;
}

struct case_verdict
policy_case_decide(const struct cases *c, size_t which, int64_t at)
{
	struct case_verdict best = { POLICY_OUTSIDE, REASON_NO_RULE, NULL,
		NULL };
	size_t i;

	for (i = 0; i < c->rule_count; i++) {
		struct case_verdict v = decide_rule(c, which, &c->rule[i], at);

		/* Of two that say the same, the one that holds. */
		if (best.rule == NULL || v.verdict > best.verdict ||
		    (v.verdict == best.verdict && v.reason > best.reason))
			best = v;
	}
	return best;
}
