/*
 * policy_decide.c - one answer of all cases, and when it changes.  The
 * contract is in policy_decide.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/policy_case.h"

#include <string.h>

/* What the cases come to at one instant. */
struct moment {
	struct case_verdict best; /* the strictest of those not ruled out */
	enum policy_verdict verdict;
	uint32_t need, assumed, law; /* a bit a choice: it matters */
};

/* Verdicts that leave a person free are one for the question of facts. */
static enum policy_verdict
class_of(enum policy_verdict v)
{
	return v <= POLICY_EXEMPT ? POLICY_ALLOWED : v;
}

/* Is what is taken for granted so in this case? */
static bool
is_base(const struct cases *c, size_t which)
{
	size_t i;

	for (i = 0; i < c->choice_count; i++)
		if (c->choice[i].kind == CHOICE_ASSUME &&
		    policy_case_pick(c, which, i) != 0)
			return false;
	return true;
}

/* Does another value of a choice lead to another class than this case? */
static bool
matters(const struct cases *c, const uint8_t *class, size_t which, size_t i)
{
	size_t pick = policy_case_pick(c, which, i), step = 1, k;

	for (k = 0; k < i; k++)
		step *= c->choice[k].count;
	for (k = 0; k < c->choice[i].count; k++)
		if (class[which - pick * step + k * step] != class[which])
			return true;
	return false;
}

/* Which choices make a difference, by kind. */
static void
find_what_matters(const struct cases *c, const uint8_t *class, struct moment *m)
{
	size_t which, i;

	for (which = 0; which < c->count; which++) {
		if (!is_base(c, which))
			continue;
		for (i = 0; i < c->choice_count; i++) {
			uint32_t bit = (uint32_t)1 << i;

			if (!matters(c, class, which, i))
				continue;
			if (c->choice[i].kind == CHOICE_FACT)
				m->need |= bit;
			else if (c->choice[i].kind == CHOICE_ASSUME)
				m->assumed |= bit;
			else
				m->law |= bit;
		}
	}
}

static struct moment
decide_moment(const struct cases *c, int64_t at)
{
	uint8_t class[CASE_MAX];
	struct moment m = { .best = { .verdict = POLICY_OUTSIDE } };
	bool is_first = true;
	size_t which;

	if (c->is_too_many) {
		m.verdict = m.best.verdict = POLICY_UNCLEAR;
		return m;
	}
	for (which = 0; which < c->count; which++) {
		struct case_verdict v = policy_case_decide(c, which, at);

		class[which] = (uint8_t)class_of(v.verdict);
		if (!is_base(c, which))
			continue;
		if (is_first || v.verdict > m.best.verdict)
			m.best = v;
		is_first = false;
	}
	find_what_matters(c, class, &m);
	m.verdict = m.best.verdict;
	if (m.need != 0)
		m.verdict = POLICY_NEEDS_FACT;
	else if (m.law != 0)
		m.verdict = POLICY_UNCLEAR;
	return m;
}

/* --- when it changes ------------------------------------------------------ */

/* An instant at which a rule begins or ends, or may do so. */
struct boundary {
	int64_t at;
	bool is_exact;
};

struct boundaries {
	struct boundary one[4 * CASE_RULES]; /* in order */
	size_t count;
};

static void
add_boundary(struct boundaries *b, int64_t at, bool is_exact)
{
	size_t i = b->count;

	if (at == WHEN_ALWAYS_FIRST || at >= WHEN_ALWAYS_LAST)
		return;
	while (i > 0 && b->one[i - 1].at > at)
		i--;
	if (i > 0 && b->one[i - 1].at == at) {
		b->one[i - 1].is_exact = b->one[i - 1].is_exact || is_exact;
		return;
	}
	memmove(&b->one[i + 1], &b->one[i], (b->count - i) * sizeof(b->one[0]));
	b->one[i] = (struct boundary){ at, is_exact };
	b->count++;
}

/* Two of each rule, or four where the day is not known. */
static void
find_boundaries(const struct cases *c, struct boundaries *out)
{
	size_t i, k;

	out->count = 0;
	for (i = 0; i < c->rule_count; i++) {
		const struct when *ends[] = { &c->rule[i].from,
			&c->rule[i].to };

		for (k = 0; k < 2; k++) {
			bool is_exact = ends[k]->kind < WHEN_MONTH;

			add_boundary(out, ends[k]->first, is_exact);
			if (!is_exact)
				add_boundary(out, ends[k]->last + 1, false);
		}
	}
}

static void
find_changes(const struct cases *c, struct policy_answer *out)
{
	struct boundaries b;
	size_t i;

	find_boundaries(c, &b);
	for (i = 0; i < b.count && out->change_count < POLICY_CHANGES_MAX;
	     i++) {
		int64_t at = b.one[i].at;
		enum policy_verdict before = decide_moment(c, at - 1).verdict;
		enum policy_verdict after = decide_moment(c, at).verdict;

		if (class_of(before) != class_of(after))
			out->change[out->change_count++] =
			    (struct policy_change){ at, b.one[i].is_exact,
				    before, after };
	}
}

/* --- one act -------------------------------------------------------------- */

static void
fill(const struct cases *c, const struct moment *m, struct policy_answer *out)
{
	const char *open;
	size_t i;

	out->verdict = m->verdict;
	out->worst = m->best.verdict;
	out->reason = m->best.reason;
	out->rule = m->best.rule;
	out->exemption = m->best.exemption;
	for (i = 0; i < c->choice_count; i++) {
		uint32_t bit = (uint32_t)1 << i;

		if ((m->need & bit) != 0)
			out->need[out->need_count++] = c->choice[i].name;
		if ((m->assumed & bit) != 0)
			out->assumed[out->assumed_count++] = c->choice[i].name;
		if ((m->law & bit) == 0)
			continue;
		open = c->product_why != NULL
		    ? c->product_why
		    : "nobody has confirmed what class of product it is";
		if (strcmp(c->choice[i].name, CHOICE_DATE) == 0)
			open = "the day on which the rule begins or ends is "
			       "not known";
		if (strcmp(c->choice[i].name, CHOICE_NAME) == 0)
			open = "the name resembles one that is listed";
		out->unclear[out->unclear_count++] = open;
	}
	if (c->is_too_many)
		out->unclear[out->unclear_count++] =
		    "more combinations of facts than are tried: tell more";
}

/* What another moment of the stretch adds: the strictest counts. */
static void
join(struct moment *m, const struct moment *other)
{
	if (other->best.verdict > m->best.verdict)
		m->best = other->best;
	m->need |= other->need;
	m->assumed |= other->assumed;
	m->law |= other->law;
}

/* Decide about one act in a stretch of time. */
static void
decide_act(const struct cases *c, const struct when *at,
    struct policy_answer *out)
{
	struct moment m = decide_moment(c, at->first);
	bool is_changing = false;
	size_t i;

	find_changes(c, out);
	for (i = 0; i < out->change_count; i++)
		if (out->change[i].at > at->first &&
		    out->change[i].at <= at->last) {
			struct moment then =
			    decide_moment(c, out->change[i].at);

			join(&m, &then);
			is_changing = true;
		}
	fill(c, &m, out);
	/* On that day the hour decides. */
	if (is_changing) {
		out->verdict = POLICY_NEEDS_FACT;
		if (out->need_count < POLICY_NEEDS_MAX)
			out->need[out->need_count++] = "at";
	}
}

/* The stretch of time that is asked about, by the instrument's clock. */
static bool
read_time(const json_t *instrument, const struct policy_facts *f, int64_t now,
    struct when *out, struct why *why)
{
	const char *at = policy_facts_text(f, "at");
	const char *zone = policy_facts_text(f, "zone");
	struct when_clock clock = policy_clock(instrument);

	*out = (struct when){ WHEN_INSTANT, now, now };
	if (zone != NULL &&
	    !when_find_clock(cur_from(zone, strlen(zone)), &clock))
		return why_not(why, WHY_BROKEN,
		    "no time zone is called '%.60s'; +09:00 works too", zone);
	if (at == NULL || policy_same_word(at, "now"))
		return true;
	return when_read(cur_from(at, strlen(at)), &clock, out) ||
	    why_not(why, WHY_BROKEN,
		"'%.60s' is no time; 2024-09-29T00:00-04:00 is one", at);
}

bool
policy_decide(const struct policy *ban, json_t *instrument,
    const struct policy_facts *facts, int64_t now, struct policy_answer *out,
    struct why *why)
{
	const struct policy_fact *act = policy_facts_find(facts, "act");
	struct when at;
	size_t i;

	*out = (struct policy_answer){ .ban = ban, .instrument = instrument };
	if (!read_time(instrument, facts, now, &at, why))
		return false;
	out->at = at.first;
	for (i = 0; act != NULL && i < act->count; i++) {
		const char *term = NULL;

		while ((term = policy_term(ban, "act", act->value[i], term)) !=
		    NULL) {
			struct policy_answer one = { .ban = ban,
				.instrument = instrument,
				.at = at.first };
			struct cases c;

			policy_case_gather(&c, ban, instrument, facts, term);
			decide_act(&c, &at, &one);
			if (out->rule == NULL || one.verdict > out->verdict)
				*out = one;
		}
	}
	return true;
}

/* --- of all --------------------------------------------------------------- */

/* The next one's verdict counts too. */
static enum policy_verdict
fold(enum policy_verdict overall, enum policy_verdict v,
    const json_t *instrument)
{
	bool is_binding = json_is_true(json_object_get(instrument, "binding"));

	/* What only advises asks for no fact and settles nothing. */
	if (!is_binding && v != POLICY_ADVICE)
		return overall;
	return v > overall ? v : overall;
}

enum policy_verdict
policy_decide_overall(const struct policy_answer *answer, size_t count)
{
	enum policy_verdict overall = POLICY_OUTSIDE;
	size_t i;

	for (i = 0; i < count; i++)
		overall =
		    fold(overall, answer[i].verdict, answer[i].instrument);
	return overall;
}

enum policy_verdict
policy_decide_at(const struct policy_answer *answer, int64_t at)
{
	enum policy_verdict v = answer->verdict;
	size_t i;

	if (answer->change_count > 0)
		v = answer->change[0].before;
	for (i = 0; i < answer->change_count; i++)
		if (answer->change[i].at <= at)
			v = answer->change[i].after;
	return v;
}

enum policy_verdict
policy_decide_overall_at(const struct policy_answer *answer, size_t count,
    int64_t at)
{
	enum policy_verdict overall = POLICY_OUTSIDE;
	size_t i;

	for (i = 0; i < count; i++)
		overall = fold(overall, policy_decide_at(&answer[i], at),
		    answer[i].instrument);
	return overall;
}

const char *
policy_decide_question(const struct policy *ban, const char *fact)
{
	static const struct {
		const char *fact, *question;
	} row[] = {
		{ "at", "At what hour, and in which zone?" },
		{ "party", "Who does it, of what kind?" },
		{ "product", "With what product, of what class?" },
	};
	const json_t *facts =
	    json_object_get(json_object_get(ban->root, "words"), "facts");
	const char *means = policy_text(json_object_get(facts, fact), "means");
	size_t i;

	for (i = 0; means == NULL && i < sizeof(row) / sizeof(row[0]); i++)
		if (strcmp(row[i].fact, fact) == 0)
			means = row[i].question;
	return means != NULL ? means : "";
}

bool
policy_decide_is_open(enum policy_verdict v)
{
	return v == POLICY_UNCLEAR || v == POLICY_NEEDS_FACT;
}

static const struct {
	const char *word, *code;
} verdicts[] = {
	[POLICY_OUTSIDE] = { "not concerned", "outside" },
	[POLICY_ALLOWED] = { "allowed", "allowed" },
	[POLICY_EXEMPT] = { "exempt", "exempt" },
	[POLICY_ADVICE] = { "advice", "advice" },
	[POLICY_UNCLEAR] = { "unclear", "unclear" },
	[POLICY_NEEDS_FACT] = { "needs a fact", "needs_fact" },
	[POLICY_REQUIRED] = { "required", "required" },
	[POLICY_PROHIBITED] = { "prohibited", "prohibited" },
};

const char *
policy_decide_word(enum policy_verdict v)
{
	return verdicts[v].word;
}

const char *
policy_decide_code(enum policy_verdict v)
{
	return verdicts[v].code;
}
