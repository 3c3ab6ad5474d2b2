/*
 * ban_check_text.c - the answer of candor ban check, for a person.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_check.h"
#include "cmd/candor/ban_print.h"

#include "cmd/candor/buf.h"

#include <string.h>

#define INDENT 15 /* behind the verdict */

/* When, by the instrument's clock and by universal time. */
static void
add_time(struct buf *b, int64_t at, const struct when_clock *clock)
{
	char local[WHEN_ROOM], utc[WHEN_ROOM];

	buf_text(b, when_write(at, clock, local));
	if (strcmp(clock->name, "UTC") == 0)
		return;
	buf_text(b, " (");
	buf_text(b, when_write(at, &when_utc, utc));
	buf_text(b, ")");
}

static void
print_buf(int indent, const char *label, struct buf *b)
{
	buf_byte(b, '\0');
	ban_print_labelled(stdout, indent, label, b->bytes);
	buf_free(b);
}

/* --- of one instrument ---------------------------------------------------- */

static void
print_reason(const struct policy_answer *a)
{
	static const char *const what[] = {
		[REASON_OTHERS] = " means others",
		[REASON_NOT_LISTED] = " means those who are listed",
		[REASON_FREED] = " does not hold: a fact frees from it",
		[REASON_PRODUCT] = " means other products",
		[REASON_NOT_YET] = " is not in force yet",
		[REASON_NO_LONGER] = " is in force no longer",
		[REASON_RULE] = NULL,
	};
	struct buf b = { 0 };

	if (a->rule == NULL)
		return;
	buf_text(&b, policy_text(a->rule, "id"));
	if (a->reason != REASON_RULE && what[a->reason] != NULL)
		buf_text(&b, what[a->reason]);
	else if (policy_decide_is_open(a->verdict)) {
		buf_text(&b, " would make it ");
		buf_text(&b, policy_decide_word(a->worst));
	} else if (a->exemption != NULL) {
		buf_text(&b, " does not count: exempt by ");
		buf_text(&b, policy_text(a->exemption, "id"));
		buf_text(&b, ": ");
		buf_text(&b, policy_text(a->exemption, "text"));
	}
	buf_text(&b, ": ");
	if (a->exemption != NULL)
		buf_cut(&b, b.size - 2);
	else
		buf_text(&b, policy_text(a->rule, "text"));
	buf_byte(&b, '\0');
	printf("%*s", INDENT, "");
	ban_print_wrapped(stdout, INDENT, b.bytes);
	buf_free(&b);
}

static void
print_needs(const struct policy_answer *a)
{
	size_t i;

	for (i = 0; i < a->need_count; i++) {
		struct buf b = { 0 };

		buf_text(&b, policy_decide_question(a->ban, a->need[i]));
		buf_text(&b, " (");
		buf_text(&b, a->need[i]);
		buf_text(&b, ")");
		print_buf(INDENT, "Needs:", &b);
	}
	for (i = 0; i < a->unclear_count; i++)
		ban_print_labelled(stdout, INDENT, "Unclear:", a->unclear[i]);
	for (i = 0; i < a->assumed_count; i++) {
		struct buf b = { 0 };

		buf_text(&b, policy_decide_question(a->ban, a->assumed[i]));
		buf_text(&b, " (");
		buf_text(&b, a->assumed[i]);
		buf_text(&b, ") It would matter.");
		print_buf(INDENT, "Assumed to be so or not:", &b);
	}
}

/* What was before and what comes. */
static void
print_changes(const struct policy_answer *a)
{
	struct when_clock clock = policy_clock(a->instrument);
	size_t i;

	for (i = 0; i < a->change_count; i++) {
		const struct policy_change *change = &a->change[i];
		bool is_last_past = change->at <= a->at &&
		    (i + 1 == a->change_count || a->change[i + 1].at > a->at);
		struct buf b = { 0 };

		if (change->at <= a->at && !is_last_past)
			continue;
		add_time(&b, change->at, &clock);
		if (!change->is_exact)
			buf_text(&b,
			    " (the day is not known; this is as far "
			    "as it may be)");
		if (!is_last_past) {
			buf_text(&b, ", then ");
			buf_text(&b, policy_decide_word(change->after));
		} else {
			buf_text(&b, "; before, ");
			buf_text(&b, policy_decide_word(change->before));
		}
		print_buf(INDENT, is_last_past ? "Since:" : "Until:", &b);
		if (!is_last_past)
			return;
	}
}

static void
print_due(const struct policy_answer *a)
{
	struct when_clock clock = policy_clock(a->instrument);
	struct when due;
	struct buf b = { 0 };
	char room[WHEN_ROOM];

	if (a->verdict != POLICY_REQUIRED ||
	    !policy_when(a->ban, a->rule, "due", &due))
		return;
	buf_text(&b, when_write_span(&due, &clock, room));
	if (due.last < a->at)
		buf_text(&b, ", which is past");
	print_buf(INDENT, "Due:", &b);
}

static void
print_answer(const struct policy_answer *a)
{
	const char *word = policy_decide_word(a->verdict);
	const char *citation = policy_text(a->instrument, "citation");
	struct buf b = { 0 };

	printf("%-*s", INDENT, word);
	buf_text(&b, policy_text(a->instrument, "id"));
	buf_text(&b, "  ");
	buf_text(&b, policy_text(a->instrument, "title"));
	if (!json_is_true(json_object_get(a->instrument, "binding")))
		buf_text(&b, " (binds nobody)");
	buf_byte(&b, '\0');
	ban_print_wrapped(stdout, INDENT, b.bytes);
	buf_free(&b);
	if (citation != NULL)
		ban_print_labelled(stdout, INDENT, "Cite:", citation);
	print_reason(a);
	print_needs(a);
	print_due(a);
	print_changes(a);
	if (a->rule != NULL && policy_text(a->rule, "advice") != NULL)
		ban_print_labelled(stdout, INDENT,
		    "Advice:", policy_text(a->rule, "advice"));
	if (a->rule != NULL)
		ban_print_sources(stdout, INDENT, a->ban,
		    a->exemption != NULL ? a->exemption : a->rule);
	putchar('\n');
}

/* --- of all --------------------------------------------------------------- */

static void
print_facts(const struct ban_answers *a)
{
	struct buf b = { 0 };
	char room[WHEN_ROOM];
	size_t i, k;

	for (i = 0; i < a->facts->count; i++) {
		const struct policy_fact *f = &a->facts->one[i];

		buf_text(&b, i > 0 ? ", " : "");
		buf_text(&b, f->name);
		for (k = 0; k < f->count; k++) {
			buf_byte(&b, ' ');
			buf_text(&b, f->value[k]);
		}
	}
	if (policy_facts_find(a->facts, "at") == NULL) {
		buf_text(&b, ", now (");
		buf_text(&b, when_write(a->at, &when_utc, room));
		buf_byte(&b, ')');
	}
	print_buf(0, "Asked: ", &b);
}

static void
print_overall(const struct ban_answers *a)
{
	const char *need[POLICY_FACTS_MAX];
	size_t count = ban_check_needs(a, need), i;
	int64_t next;
	enum policy_verdict then;
	struct buf b = { 0 };

	buf_text(&b, policy_decide_word(a->overall));
	for (i = 0; i < count; i++) {
		buf_text(&b, i == 0 ? ": " : ", ");
		buf_text(&b, need[i]);
	}
	if (!ban_check_is_confirmed(a))
		buf_text(&b, " (unconfirmed)");
	if (ban_check_next(a, &next, &then) && a->ban_count > 0) {
		struct when_clock clock = policy_clock(a->ban[0].root);

		buf_text(&b, ", until ");
		add_time(&b, next, &clock);
		buf_text(&b, "; then ");
		buf_text(&b, policy_decide_word(then));
	}
	print_buf(0, "Answer:", &b);
	putchar('\n');
}

/* Those that say nothing, on a line. */
static void
print_rest(const struct ban_answers *a)
{
	struct buf b = { 0 };
	size_t i, n = 0;

	for (i = 0; i < a->count; i++) {
		if (a->one[i].verdict != POLICY_OUTSIDE)
			continue;
		buf_text(&b, n++ > 0 ? ", " : "");
		buf_text(&b, policy_text(a->one[i].instrument, "id"));
	}
	if (n > 0) {
		printf("%-*s", INDENT, policy_decide_word(POLICY_OUTSIDE));
		buf_byte(&b, '\0');
		ban_print_wrapped(stdout, INDENT, b.bytes);
		putchar('\n');
	}
	buf_free(&b);
}

void
ban_check_print_text(const struct ban_answers *a)
{
	enum policy_verdict v = POLICY_PROHIBITED;
	size_t i;

	print_facts(a);
	print_overall(a);
	/* The strictest first. */
	for (;; v--) {
		for (i = 0; i < a->count; i++)
			if (a->one[i].verdict == v)
				print_answer(&a->one[i]);
		if (v == (a->is_all ? POLICY_OUTSIDE : POLICY_ALLOWED))
			break;
	}
	if (!a->is_all)
		print_rest(a);
	ban_print_wrapped(stdout, 0,
	    ban_print_disclaimer(a->ban, a->ban_count));
}
