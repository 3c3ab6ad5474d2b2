/*
 * ban_check_json.c - the answer of candor ban check, for programs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_check.h"
#include "cmd/candor/ban_print.h"

#include "cmd/candor/print.h"

static json_t *
facts_of(const struct policy_facts *f)
{
	json_t *object = json_object();
	size_t i, k;

	for (i = 0; i < f->count; i++) {
		json_t *values = json_array();

		for (k = 0; k < f->one[i].count; k++)
			json_array_append_new(values,
			    ban_print_string(f->one[i].value[k]));
		if (f->one[i].count == 1) {
			json_t *only = json_incref(json_array_get(values, 0));

			json_decref(values);
			values = only;
		}
		json_object_set_new(object, f->one[i].name, values);
	}
	return object;
}

/* "at" by universal time and by the clock of who made the rule. */
static void
set_time(json_t *object, int64_t at, const json_t *instrument)
{
	struct when_clock clock = policy_clock(instrument);
	char room[WHEN_ROOM];

	json_object_set_new(object, "at",
	    json_string(when_write_utc(at, room)));
	json_object_set_new(object, "local",
	    json_string(when_write(at, &clock, room)));
}

static json_t *
changes_of(const struct policy_answer *a)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < a->change_count; i++) {
		json_t *one = json_object();

		set_time(one, a->change[i].at, a->instrument);
		json_object_set_new(one, "exact",
		    json_boolean(a->change[i].is_exact));
		json_object_set_new(one, "before",
		    json_string(policy_decide_code(a->change[i].before)));
		json_object_set_new(one, "after",
		    json_string(policy_decide_code(a->change[i].after)));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *
questions_of(const struct policy_answer *a, const char *const *fact,
    size_t count)
{
	json_t *list = json_array();
	size_t i;

	for (i = 0; i < count; i++)
		json_array_append_new(list,
		    json_pack("{s:s, s:s}", "fact", fact[i], "ask",
			policy_decide_question(a->ban, fact[i])));
	return list;
}

static const char *
reason_word(enum policy_reason r)
{
	static const char *const words[] = {
		[REASON_NO_RULE] = "no_rule",
		[REASON_OTHERS] = "others_are_meant",
		[REASON_NOT_LISTED] = "not_listed",
		[REASON_FREED] = "freed",
		[REASON_PRODUCT] = "other_products_are_meant",
		[REASON_NOT_YET] = "not_in_force_yet",
		[REASON_NO_LONGER] = "no_longer_in_force",
		[REASON_RULE] = "rule",
	};

	return words[r];
}

static json_t *
answer_of(const struct policy_answer *a)
{
	json_t *o = json_pack("{s:s, s:s, s:s}", "ban",
	    policy_text(a->ban->root, "id"), "verdict",
	    policy_decide_code(a->verdict), "reason", reason_word(a->reason));
	json_t *unclear = json_array();
	size_t i;

	json_object_set_new(o, "instrument",
	    ban_print_record(a->ban, a->instrument));
	json_object_set_new(o, "rule",
	    a->rule != NULL ? ban_print_record(a->ban, a->rule) : json_null());
	json_object_set_new(o, "exemption",
	    a->exemption != NULL ? ban_print_record(a->ban, a->exemption)
				 : json_null());
	if (policy_decide_is_open(a->verdict))
		json_object_set_new(o, "could_be",
		    json_string(policy_decide_code(a->worst)));
	json_object_set_new(o, "needs",
	    questions_of(a, a->need, a->need_count));
	json_object_set_new(o, "assumed",
	    questions_of(a, a->assumed, a->assumed_count));
	for (i = 0; i < a->unclear_count; i++)
		json_array_append_new(unclear, json_string(a->unclear[i]));
	json_object_set_new(o, "unclear", unclear);
	json_object_set_new(o, "changes", changes_of(a));
	return o;
}

static json_t *
needs_of(const struct ban_answers *a)
{
	const char *need[POLICY_FACTS_MAX];
	size_t count = ban_check_needs(a, need), i;
	json_t *list = json_array();

	for (i = 0; i < count; i++)
		json_array_append_new(list, json_string(need[i]));
	return list;
}

void
ban_check_print_json(const struct ban_answers *a)
{
	json_t *o = json_object(), *overall = json_object();
	json_t *list = json_array();
	enum policy_verdict then;
	char room[WHEN_ROOM];
	int64_t next;
	size_t i;

	json_object_set_new(o, "type", json_string("ban_check"));
	json_object_set_new(o, "disclaimer",
	    json_string(ban_print_disclaimer(a->ban, a->ban_count)));
	json_object_set_new(o, "facts", facts_of(a->facts));
	json_object_set_new(o, "at", json_string(when_write_utc(a->at, room)));
	json_object_set_new(overall, "verdict",
	    json_string(policy_decide_code(a->overall)));
	json_object_set_new(overall, "needs", needs_of(a));
	json_object_set_new(overall, "confirmed",
	    json_boolean(ban_check_is_confirmed(a)));
	if (a->ban_count > 0 && ban_check_next(a, &next, &then)) {
		json_t *change = json_object();

		set_time(change, next, a->ban[0].root);
		json_object_set_new(change, "after",
		    json_string(policy_decide_code(then)));
		json_object_set_new(overall, "changes", change);
	}
	json_object_set_new(o, "overall", overall);
	for (i = 0; i < a->count; i++)
		if (a->is_all || a->one[i].verdict != POLICY_OUTSIDE)
			json_array_append_new(list, answer_of(&a->one[i]));
	json_object_set_new(o, "instruments", list);
	ban_print_object(o);
}
