/*
 * search.c - from an object's bytes to the rules that may hold.  The contract
 * is in search.h; finish.c evaluates them.
 *
 * A literal of the one pass leads to its triggers; a trigger is confirmed by
 * the whole part that holds the literal, its rule's guard is checked, and the
 * rule goes on the list.  What was decided for an object is kept in one word
 * a rule that carries the object's number (epoch), so nothing is cleared
 * between objects.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/eval/state.h"

#include "lib/eval/program.h"
#include "lib/match/part.h"

#include <string.h>

#define SCRATCH_SIZE ((size_t)6 << 20)
#define EPOCH_MAX    (UINT32_MAX >> 2)

/* Elements of parts that may be looked at in the one pass: for an object, for
   a byte of it, and what a part costs beside its elements. */
#define CONFIRM_FIRST ((uint64_t)1 << 22)
#define CONFIRM_EACH  8u
#define CONFIRM_COST  2u

enum mark
search_mark_get(const struct search *s, uint32_t db, uint32_t rule)
{
	uint32_t word = s->db[db].mark[rule];

	return word >> 2 == s->epoch ? (enum mark)(word & 3) : MARK_NOTHING;
}

void
search_mark_set(struct search *s, uint32_t db, uint32_t rule, enum mark mark)
{
	s->db[db].mark[rule] = s->epoch << 2 | (uint32_t)mark;
}

/* Verify every program of a database. */
static bool
check_programs(const struct db *db, struct why *why)
{
	struct program_bounds bounds = { .rules = db->count[DB_RULE] };
	struct db_program program;
	uint32_t i;

	for (i = 0; i < db->count[DB_PROGRAM]; i++) {
		if (!db_program_get(db, i, &program))
			return why_not(why, WHY_BROKEN,
			    "database: program %u is broken", i);
		bounds.strings = program.strings;
		if (!program_verify(program.code, &bounds, why))
			return false;
	}
	return true;
}

/* Open the sets of the one pass: one for every target. */
static bool
open_sets(struct arena *a, const struct db *db,
    const struct literal_set *set[DB_TARGETS], struct why *why)
{
	struct db_literal_set record;
	uint32_t i, target, seen = 0;

	for (i = 0; i < db->count[DB_LITERAL_SET]; i++) {
		const struct literal_set *one;

		if (!db_literal_set_get(db, i, &record) ||
		    (record.targets & seen) != 0)
			return why_not(why, WHY_BROKEN,
			    "database: LITERAL_SET %u is broken", i);
		one = literal_open(a, record.section, why);
		if (one == NULL)
			return false;
		seen |= record.targets;
		for (target = 0; target < DB_TARGETS; target++)
			if ((record.targets >> target & 1) != 0)
				set[target] = one;
	}
	if (seen != (1u << DB_TARGETS) - 1)
		return why_not(why, WHY_BROKEN,
		    "database: some objects would not be searched");
	return true;
}

static bool
open_one(struct arena *a, const struct db *db, struct search_db *out,
    struct why *why)
{
	out->db = db;
	out->literals = db->count[DB_TRIGGER_FIRST] - 1;
	if (!open_sets(a, db, out->set, why) || !check_programs(db, why))
		return false;
	out->mark = arena_alloc(a, db->count[DB_RULE], sizeof(*out->mark));
	out->spent = arena_alloc(a, out->literals, sizeof(*out->spent));
	if (out->mark == NULL || out->spent == NULL)
		return why_not(why, WHY_LIMIT,
		    "memory is too small for the database");
	return true;
}

const char *
search_refused(const struct search *s)
{
	const char *name = NULL;
	uint32_t i, target;

	for (i = 0; i < s->db_count; i++)
		for (target = 0; target < DB_TARGETS && name == NULL; target++)
			name = literal_refused(s->db[i].set[target]);
	return name;
}

/* Keep room for the list and for finish.c, without touching its pages now. */
static bool
take_scratch(struct arena *a, struct search *s, struct why *why)
{
	size_t left, list = TOUCHED_MAX * sizeof(*s->touched);
	uint8_t *room = arena_rest(a, &left);

	if (left < list + SCRATCH_SIZE) {
		arena_keep(a, 0);
		return why_not(why, WHY_LIMIT, "memory is too small to search");
	}
	arena_keep(a, list + SCRATCH_SIZE);
	s->touched = (uint64_t *)(void *)room; /* aligned: see arena.h */
	arena_init(&s->scratch, room + list, SCRATCH_SIZE);
	return true;
}

struct search *
search_open(struct arena *a, const struct db *databases, size_t count,
    struct why *why)
{
	struct search *s = arena_alloc(a, 1, sizeof(*s));
	size_t i;

	if (count > DB_MAX) {
		(void)why_not(why, WHY_LIMIT, "more than %d databases", DB_MAX);
		return NULL;
	}
	if (s != NULL)
		s->db = arena_alloc(a, count, sizeof(*s->db));
	if (s == NULL || s->db == NULL) {
		(void)why_not(why, WHY_LIMIT, "memory is too small to search");
		return NULL;
	}
	s->db_count = (uint32_t)count;
	for (i = 0; i < count; i++)
		if (!open_one(a, &databases[i], &s->db[i], why))
			return NULL;
	return take_scratch(a, s, why) ? s : NULL;
}

/* Check everything in each of the sets, once. */
static bool
sweep_sets(const struct literal_set *const set[DB_TARGETS], struct why *why)
{
	uint32_t target, other;

	for (target = 0; target < DB_TARGETS; target++) {
		for (other = 0; set[other] != set[target]; other++)
			;
		if (other == target && !literal_sweep(set[target], why))
			return false;
	}
	return true;
}

bool
search_sweep(struct arena *a, const struct db *db, struct why *why)
{
	size_t mark = arena_mark(a);
	const struct literal_set *set[DB_TARGETS];
	bool is_sound = open_sets(a, db, set, why) && sweep_sets(set, why) &&
	    check_programs(db, why) && db_sweep(db, why);
	arena_reset(a, mark);
	return is_sound;
}

void
search_begin(struct search *s, const struct search_object *object)
{
	uint32_t i;

	if (s->epoch == EPOCH_MAX) {
		s->epoch = 0;
		for (i = 0; i < s->db_count; i++) {
			memset(s->db[i].mark, 0,
			    s->db[i].db->count[DB_RULE] * sizeof(uint32_t));
			memset(s->db[i].spent, 0,
			    s->db[i].literals * sizeof(uint32_t));
		}
	}
	s->epoch++;
	s->object = *object;
	if (s->object.file_size == 0)
		s->object.file_size = s->object.size;
	if (s->object.target >= DB_TARGETS)
		s->object.target = 0;
	if (s->object.depth > SEARCH_DEPTH)
		s->object.depth = SEARCH_DEPTH;
	s->end = 0;
	s->touched_count = 0;
	s->limit = false;
	s->confirm_left = CONFIRM_FIRST;
}

/* Is a fact known and in min..max? */
static bool
fact_between(const struct facts *f, enum fact what, uint64_t min, uint64_t max)
{
	return f != NULL && facts_has(f, what) && f->value[what] >= min &&
	    f->value[what] <= max;
}

/* Is the parent of the kind the guard names?  Kinds count from 1. */
static bool
container_holds(const struct search_object *o, uint16_t container)
{
	if (container == 0)
		return true;
	if (container == DB_CONTAINER_ROOT)
		return o->depth == 0;
	return o->depth > 0 &&
	    kind_is(o->ancestor[o->depth - 1], (enum kind)(container - 1));
}

/*
 * Are the ancestors those the guard names?  The last is the parent; they go
 * outwards from there.  "Any" takes no ancestor, as in ClamAV 1.4.6, but there
 * must be as many as the guard names altogether.
 */
static bool
intermediates_hold(const struct search_object *o, const struct db_guard *g)
{
	uint32_t at = o->depth, i;

	if (o->depth < g->depth)
		return false;
	for (i = g->depth; i > 0; i--)
		if (g->intermediate[i - 1] != 0 &&
		    !kind_is(o->ancestor[--at],
			(enum kind)(g->intermediate[i - 1] - 1)))
			return false;
	return true;
}

bool
search_guard(const struct search *s, uint32_t db, const struct db_rule *rule)
{
	const struct search_object *o = &s->object;
	struct db_guard g;

	if (rule->target != 0 && rule->target != o->target)
		return false;
	if (rule->guard == DB_NOTHING)
		return true;
	if (!db_guard_get(s->db[db].db, rule->guard, &g))
		return false;
	if (g.is_never)
		return false;
	if (g.has_size && o->file_size != SOURCE_SIZE_UNKNOWN &&
	    (o->file_size < g.size_min || o->file_size > g.size_max))
		return false;
	if (g.has_entry &&
	    !fact_between(o->facts, FACT_ENTRY_POINT, g.entry_min, g.entry_max))
		return false;
	if (g.has_sections &&
	    !fact_between(o->facts, FACT_SECTIONS, g.sections_min,
		g.sections_max))
		return false;
	return container_holds(o, g.container) && intermediates_hold(o, &g);
}

void
search_touch(struct search *s, uint32_t db, uint32_t rule,
    const struct db_rule *r)
{
	uint32_t kind = 0, flags;

	if (s->touched_count == TOUCHED_MAX ||
	    !db_signature_kind(s->db[db].db, r->signature, &kind, &flags)) {
		s->limit = true;
		return;
	}
	search_mark_set(s, db, rule, MARK_TOUCHED);
	s->touched[s->touched_count++] =
	    (uint64_t)kind << 40 | (uint64_t)db << 32 | rule;
}

/* A window being looked at. */
struct window {
	struct search *s;
	uint32_t db;
	struct span span;
};

/*
 * Does the part that holds the literal stand here?  When in doubt, yes: also
 * when so many did not that asking costs more than what asking saves.  Then
 * the rule is evaluated, within the budget for that.
 */
static bool
confirm(const struct window *w, const struct db_trigger *t, uint64_t at)
{
	struct db_part part;
	uint32_t cost;
	bool stands;
	size_t end;

	if (t->part == DB_NOTHING)
		return true;
	if (at < t->distance ||
	    !db_part_get(w->s->db[w->db].db, t->part, &part))
		return false;
	if (w->s->confirm_left == 0)
		return true;
	stands = part_match(&part, &w->span, (size_t)at - t->distance, &end,
		     &cost) != PART_NO;
	cost += CONFIRM_COST;
	w->s->confirm_left -=
	    cost < w->s->confirm_left ? cost : w->s->confirm_left;
	return stands;
}

/*
 * Follow one trigger of a literal that stands at at.  True if the trigger
 * could still touch its rule at another place.
 */
static bool
follow(const struct window *w, const struct db_trigger *t, uint64_t at)
{
	struct search *s = w->s;
	struct db_rule rule;

	if (search_mark_get(s, w->db, t->rule) != MARK_NOTHING)
		return false;
	if (!db_rule_get(s->db[w->db].db, t->rule, &rule)) {
		s->limit = true;
		return false;
	}
	if (!search_guard(s, w->db, &rule)) {
		search_mark_set(s, w->db, t->rule, MARK_REJECTED);
		return false;
	}
	if (!confirm(w, t, at))
		return true;
	search_touch(s, w->db, t->rule, &rule);
	return false;
}

/* The one pass tells where literals are. */
static bool
told(void *ctx, const struct literal_hit *hit, size_t count)
{
	const struct window *w = ctx;
	struct search_db *db = &w->s->db[w->db];
	size_t i;

	for (i = 0; i < count; i++) {
		uint32_t literal = hit[i].literal, at, end;
		bool open = false;

		if (literal >= db->literals ||
		    db->spent[literal] == w->s->epoch)
			continue;
		if (!db_trigger_range(db->db, literal, &at, &end)) {
			w->s->limit = true;
			continue;
		}
		for (; at < end; at++) {
			struct db_trigger t;

			if (!db_trigger_get(db->db, at, &t))
				w->s->limit = true;
			else if (follow(w, &t, hit[i].offset))
				open = true;
		}
		if (!open)
			db->spent[literal] = w->s->epoch;
	}
	return true;
}

void
search_window(struct search *s, const uint8_t *bytes, size_t size, size_t seen,
    uint64_t off)
{
	struct window w = { .s = s,
		.span = { .bytes = bytes, .size = size, .off = off } };
	uint32_t target = s->object.target;

	s->confirm_left += (uint64_t)(size - seen) * CONFIRM_EACH;
	for (w.db = 0; w.db < s->db_count; w.db++)
		(void)literal_scan(s->db[w.db].set[target], bytes, size, seen,
		    told, &w);
	if (off + size > s->end)
		s->end = off + size;
}
