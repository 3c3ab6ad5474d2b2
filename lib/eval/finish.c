/*
 * finish.c - evaluate the rules an object touched.  The contract is in
 * search.h.
 *
 * Of an object in memory every string is searched for when a condition first
 * asks for it, and no further than it asks.  An object that is not in memory
 * is read once more, front to back, for all strings of all touched rules
 * together; then the conditions are evaluated from what was found.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/eval/state.h"

#include "lib/eval/program.h"
#include "lib/match/find.h"

#include <stdlib.h>
#include <string.h>

/* Steps of work on one object: at first, for each byte of it, at most. */
#define STEPS_FIRST  ((uint64_t)1 << 31)
#define STEPS_EACH   512u
#define STEPS_MAX    ((uint64_t)1 << 35)
#define KEPT_MAX     4096u /* hits of a string remembered */
#define KEPT_WINDOWS 64u   /* the same, not in memory */
#define EXPLAIN_MAX  16u
#define WINDOW_SIZE  ((size_t)1 << 19)

/* What is known of one string. */
struct result {
	struct finder *finder; /* goes on where it stopped; NULL: not begun */
	bool is_all;           /* nothing is left to find */
	uint64_t count;        /* found so far */
	struct find_hit *hit;  /* the first of them */
	uint32_t kept, room;
};

/* What is known of one rule's strings; kept only when not in memory. */
struct results {
	struct result *of;
	uint32_t count;
};

struct finish {
	struct search *s;
	struct source *source;
	const struct search_listener *listener;
	struct find_budget budget;
	struct find_object object;
	struct span span;        /* all of it, when in memory */
	struct results *windows; /* of each touched rule, when not */
	/* The rule being evaluated: */
	uint32_t db;
	uint32_t number;
	struct db_rule rule;
	struct result *result;
	bool in_doubt; /* something it asked could not be answered exactly */
};

/* --- strings ---------------------------------------------------------- */

/* Remember a hit; the first few only. */
static void
keep_hit(struct finish *f, struct result *r, const struct find_hit *hit,
    uint32_t most)
{
	r->count++;
	if (r->kept == r->room && r->room < most) {
		uint32_t room = r->room == 0 ? 4 : r->room * 4;
		struct find_hit *grown =
		    arena_alloc(&f->s->scratch, room, sizeof(*grown));

		if (grown == NULL)
			return;
		if (r->kept > 0)
			memcpy(grown, r->hit, r->kept * sizeof(*grown));
		r->hit = grown;
		r->room = room;
	}
	if (r->kept < r->room)
		r->hit[r->kept++] = *hit;
}

/* The result of a string of the rule; NULL if it cannot be worked out. */
static struct result *
begin_result(struct finish *f, uint32_t string)
{
	struct result *r;

	if (string >= f->rule.string_count) {
		f->in_doubt = true;
		return NULL;
	}
	r = &f->result[string];
	if (r->finder != NULL || r->is_all)
		return r;
	r->finder = find_open(&f->s->scratch, f->s->db[f->db].db,
	    f->rule.string + string, &f->object, &f->budget);
	if (r->finder == NULL) {
		f->in_doubt = true;
		return NULL;
	}
	find_span(r->finder, &f->span, f->object.size);
	return r;
}

/* Go on until enough hits are known or none is left. */
static struct result *
find_hits(struct finish *f, uint32_t string, uint64_t enough)
{
	struct result *r = begin_result(f, string);
	struct find_hit hit;

	while (r != NULL && !r->is_all && r->count < enough) {
		if (find_next(r->finder, &hit)) {
			keep_hit(f, r, &hit, KEPT_MAX);
			continue;
		}
		r->is_all = true;
		if (find_is_partial(r->finder))
			f->in_doubt = true;
	}
	return r;
}

static bool
ask_found(void *ctx, uint32_t string)
{
	const struct result *r = find_hits(ctx, string, 1);

	return r != NULL && r->count > 0;
}

static uint64_t
ask_hits(void *ctx, uint32_t string)
{
	const struct result *r = find_hits(ctx, string, UINT64_MAX);

	return r == NULL ? 0 : r->count;
}

/* Count among the hits that are kept; in doubt if there were more. */
static uint64_t
count_kept(struct finish *f, uint32_t string, uint64_t first, uint64_t last)
{
	const struct result *r = &f->result[string];
	uint64_t count = 0;
	uint32_t i;

	for (i = 0; i < r->kept; i++)
		count += r->hit[i].off >= first && r->hit[i].off <= last;
	if (r->count > r->kept)
		f->in_doubt = true;
	return count;
}

static uint64_t
ask_hits_in(void *ctx, uint32_t string, uint64_t first, uint64_t last,
    uint64_t enough)
{
	struct finish *f = ctx;
	size_t mark = arena_mark(&f->s->scratch);
	struct finder *finder;
	struct find_hit hit;
	uint64_t count = 0;

	if (string >= f->rule.string_count)
		return 0;
	if (f->windows != NULL)
		return count_kept(f, string, first, last);
	finder = find_open(&f->s->scratch, f->s->db[f->db].db,
	    f->rule.string + string, &f->object, &f->budget);
	if (finder == NULL) {
		f->in_doubt = true;
		return 0;
	}
	find_limit(finder, first, last);
	find_span(finder, &f->span, f->object.size);
	while (count < enough && find_next(finder, &hit))
		count++;
	if (count < enough && find_is_partial(finder))
		f->in_doubt = true;
	arena_reset(&f->s->scratch, mark);
	return count;
}

/* Hit number n of a string that has more than are kept: count again. */
static bool
find_late_hit(struct finish *f, uint32_t string, uint64_t n,
    struct find_hit *out)
{
	size_t mark = arena_mark(&f->s->scratch);
	struct finder *finder;
	uint64_t i = 0;

	if (f->windows != NULL) {
		f->in_doubt = true;
		return false;
	}
	finder = find_open(&f->s->scratch, f->s->db[f->db].db,
	    f->rule.string + string, &f->object, &f->budget);
	if (finder == NULL) {
		f->in_doubt = true;
		return false;
	}
	find_span(finder, &f->span, f->object.size);
	while (i <= n && find_next(finder, out))
		i++;
	arena_reset(&f->s->scratch, mark);
	return i > n;
}

static bool
ask_hit(void *ctx, uint32_t string, uint64_t n, uint64_t *off, uint64_t *size)
{
	struct finish *f = ctx;
	const struct result *r = find_hits(f, string, n + 1);
	struct find_hit hit;

	if (r == NULL || n >= r->count)
		return false;
	if (n < r->kept)
		hit = r->hit[n];
	else if (!find_late_hit(f, string, n, &hit))
		return false;
	*off = hit.off;
	*size = hit.size;
	return true;
}

/* --- facts, bytes, rules ------------------------------------------------ */

static bool
ask_fact(void *ctx, uint32_t fact, uint64_t *value)
{
	const struct finish *f = ctx;
	const struct facts *facts = f->s->object.facts;

	if (fact == FACT_SIZE) {
		*value = f->object.size;
		return true;
	}
	if (facts == NULL || fact >= FACT_COUNT ||
	    !facts_has(facts, (enum fact)fact))
		return false;
	*value = facts->value[fact];
	return true;
}

static bool
ask_read(void *ctx, uint64_t off, size_t size, uint8_t *out)
{
	struct finish *f = ctx;

	return source_read(f->source, off, out, size) == size;
}

static bool
ask_rule(void *ctx, uint32_t rule)
{
	const struct finish *f = ctx;

	return rule < f->number &&
	    search_mark_get(f->s, f->db, rule) == MARK_TRUE;
}

static const struct program_env asks = {
	.hits = ask_hits,
	.found = ask_found,
	.hits_in = ask_hits_in,
	.hit = ask_hit,
	.fact = ask_fact,
	.read = ask_read,
	.rule = ask_rule,
};

/* --- telling ------------------------------------------------------------ */

/* False if the listener does not count it. */
static bool
tell(struct finish *f, uint32_t string, const struct find_hit *hit)
{
	struct search_match m = { .database = f->db,
		.signature = f->rule.signature,
		.string = string,
		.handler = f->rule.handler };

	if (hit != NULL) {
		m.offset = hit->off;
		m.size =
		    hit->size > UINT32_MAX ? UINT32_MAX : (uint32_t)hit->size;
	}
	return f->listener->match(f->listener->ctx, &m);
}

/*
 * Tell every string's first hits, searching for what was not asked for.  False
 * if there are none; told says whether the listener counts one.
 */
static bool
tell_all(struct finish *f, bool *told)
{
	bool any = false;
	uint32_t i, k;

	for (i = 0; i < f->rule.string_count; i++) {
		const struct result *r = find_hits(f, i, EXPLAIN_MAX);

		for (k = 0; r != NULL && k < r->kept && k < EXPLAIN_MAX; k++) {
			*told = tell(f, i, &r->hit[k]) || *told;
			any = true;
		}
	}
	return any;
}

/* Tell that the rule holds, with the first string that was found. */
static bool
tell_rule(struct finish *f)
{
	bool told = false;
	uint32_t i;

	if (f->listener->explain && tell_all(f, &told))
		return told;
	for (i = 0; i < f->rule.string_count; i++)
		if (f->result[i].kept > 0)
			return tell(f, i, &f->result[i].hit[0]);
	return tell(f, UINT32_MAX, NULL);
}

/* --- evaluation --------------------------------------------------------- */

/* Make what a rule's strings are remembered in. */
static struct result *
open_results(struct finish *f)
{
	return arena_alloc(&f->s->scratch, f->rule.string_count,
	    sizeof(struct result));
}

/* Go to a touched rule; false if it is broken or its guard fails now. */
static bool
load_rule(struct finish *f, uint64_t touched)
{
	f->db = touched >> 32 & 0xff;
	f->number = (uint32_t)touched;
	f->in_doubt = false;
	if (!db_rule_get(f->s->db[f->db].db, f->number, &f->rule)) {
		f->s->limit = true;
		return false;
	}
	return search_guard(f->s, f->db, &f->rule);
}

/* Evaluate the rule that is loaded: does it hold? */
static bool
run_rule(struct finish *f)
{
	struct program_env env = asks;
	struct db_program program;
	enum program_end end;

	if (!db_program_get(f->s->db[f->db].db, f->rule.program, &program) ||
	    program.strings > f->rule.string_count) {
		f->s->limit = true;
		return false;
	}
	env.ctx = f;
	end = program_run(program.code, &env, PROGRAM_FUEL);
	if (f->in_doubt || end == PROGRAM_SPENT || end == PROGRAM_BROKEN)
		f->s->limit = true;
	return end == PROGRAM_TRUE;
}

/* Is the rule one that is told, not only used by others? */
static bool
is_told(const struct finish *f)
{
	uint32_t kind, flags;

	return db_signature_kind(f->s->db[f->db].db, f->rule.signature, &kind,
		   &flags) &&
	    (flags & SEARCH_FLAG_PRIVATE) == 0;
}

/* Evaluate touched rule number i; true if it was told. */
static bool
evaluate(struct finish *f, uint32_t i)
{
	size_t mark = arena_mark(&f->s->scratch);
	bool told = false;

	if (!load_rule(f, f->s->touched[i]))
		return false;
	f->result = f->windows != NULL ? f->windows[i].of : open_results(f);
	if (f->result == NULL) {
		f->s->limit = true;
	} else if (run_rule(f)) {
		search_mark_set(f->s, f->db, f->number, MARK_TRUE);
		told = is_told(f) && tell_rule(f);
	}
	arena_reset(&f->s->scratch, mark);
	return told;
}

/* --- objects that are not in memory ------------------------------------- */

/* Begin a search for every string of every touched rule. */
static bool
open_windows(struct finish *f)
{
	struct results *all =
	    arena_alloc(&f->s->scratch, f->s->touched_count, sizeof(*all));
	uint32_t i, k;

	if (all == NULL)
		return false;
	f->windows = all;
	for (i = 0; i < f->s->touched_count; i++) {
		size_t mark = arena_mark(&f->s->scratch);

		if (!load_rule(f, f->s->touched[i]))
			continue;
		f->result = open_results(f);
		for (k = 0; f->result != NULL && k < f->rule.string_count; k++)
			if (begin_result(f, k) == NULL)
				f->result = NULL;
		if (f->result == NULL)
			arena_reset(&f->s->scratch, mark);
		else
			all[i] = (struct results){ .of = f->result,
				.count = f->rule.string_count };
	}
	return true;
}

/* Show one window to every search; false if none wants more. */
static bool
show_window(struct finish *f, const struct span *s, uint64_t until)
{
	struct find_hit hit;
	bool wanted = false;
	uint32_t i, k;

	for (i = 0; i < f->s->touched_count; i++) {
		for (k = 0; k < f->windows[i].count; k++) {
			struct result *r = &f->windows[i].of[k];

			if (find_is_over(r->finder))
				continue;
			find_span(r->finder, s, until);
			while (find_next(r->finder, &hit))
				keep_hit(f, r, &hit, KEPT_WINDOWS);
			wanted = wanted || !find_is_over(r->finder);
		}
	}
	return wanted;
}

/* Read the object once more, for all strings together. */
static bool
read_windows(struct finish *f)
{
	uint8_t *buffer = arena_alloc(&f->s->scratch, 1, WINDOW_SIZE);
	uint64_t pos = 0;
	uint32_t i, k;

	if (buffer == NULL || !open_windows(f))
		return false;
	for (;;) {
		struct span s = { .bytes = buffer };
		uint64_t until;

		s.off = pos > DB_PART_MAX ? pos - DB_PART_MAX : 0;
		s.size = source_read(f->source, s.off, buffer, WINDOW_SIZE);
		s.at_end = s.size < WINDOW_SIZE;
		until = s.off + s.size - (s.at_end ? 0 : FIND_AHEAD);
		if (!show_window(f, &s, until) || s.at_end || f->budget.spent)
			break;
		pos = until;
	}
	for (i = 0; i < f->s->touched_count; i++)
		for (k = 0; k < f->windows[i].count; k++) {
			struct result *r = &f->windows[i].of[k];

			r->is_all = true;
			if (find_is_partial(r->finder))
				f->s->limit = true;
		}
	return true;
}

/* --- the whole ------------------------------------------------------------ */

/* Put the rules that have no trigger on the list, as far as guards hold. */
static void
touch_always(struct search *s, uint32_t db, uint32_t target)
{
	struct db_rule rule;
	struct db_always_rule always;
	uint32_t at, end, number;

	if (!db_always_range(s->db[db].db, target, &at, &end)) {
		s->limit = true;
		return;
	}
	for (; at < end; at++) {
		if (!db_always_get(s->db[db].db, at, &always) ||
		    !db_rule_get(s->db[db].db, always.rule, &rule)) {
			s->limit = true;
			continue;
		}
		number = always.rule;
		if (search_mark_get(s, db, number) == MARK_NOTHING &&
		    search_guard(s, db, &rule))
			search_touch(s, db, number, &rule);
	}
}

static int
compare_touched(const void *a, const void *b)
{
	const uint64_t *x = a, *y = b;

	return *x < *y ? -1 : *x > *y;
}

static void
begin_finish(struct finish *f)
{
	struct search *s = f->s;
	uint64_t steps;
	uint32_t i;

	if (s->object.size == SOURCE_SIZE_UNKNOWN)
		s->object.size = f->source->size == SOURCE_SIZE_UNKNOWN
		    ? s->end
		    : f->source->size;
	if (s->object.file_size == SOURCE_SIZE_UNKNOWN)
		s->object.file_size = s->object.size;
	f->object.facts = s->object.facts;
	f->object.size = s->object.size;
	steps = STEPS_MAX;
	if (f->object.size < (STEPS_MAX - STEPS_FIRST) / STEPS_EACH)
		steps = STEPS_FIRST + f->object.size * STEPS_EACH;
	f->budget = (struct find_budget){ .left = steps,
		.check = steps,
		.ctx = f->listener->ctx,
		.may_go_on = f->listener->may_go_on };
	f->span = (struct span){ .bytes = f->source->mem,
		.size = (size_t)f->source->size,
		.at_end = true };
	for (i = 0; i < s->db_count; i++) {
		touch_always(s, i, 0);
		if (s->object.target != 0 && s->object.target < DB_TARGETS)
			touch_always(s, i, s->object.target);
	}
	if (s->touched_count > 1)
		qsort(s->touched, s->touched_count, sizeof(*s->touched),
		    compare_touched);
}

enum search_end
search_finish(struct search *s, struct source *source,
    const struct search_listener *listener)
{
	struct finish f = { .s = s, .source = source, .listener = listener };
	size_t mark = arena_mark(&s->scratch);
	uint32_t i;

	begin_finish(&f);
	if (s->touched_count > 0 && source->mem == NULL && !read_windows(&f)) {
		f.s->limit = true;
		s->touched_count = 0;
	}
	for (i = 0; i < s->touched_count && !f.budget.spent; i++)
		if (evaluate(&f, i) && !listener->all)
			break;
	arena_reset(&s->scratch, mark);
	return s->limit || f.budget.spent ? SEARCH_LIMIT : SEARCH_DONE;
}
