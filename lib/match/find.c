/*
 * find.c - search an object for one string.  The contract is in find.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/match/find.h"

#include "lib/match/range.h"
#include "lib/match/scan.h"

#include <string.h>

#define REMEMBERED    9u  /* the first place of a part and the latest eight */
#define ELEMENT_STEPS 32u /* of the budget, for one element of a part */

/* Where a part stood, and where the first part of its chain began. */
struct place {
	uint64_t start, end;
};

struct finder_part {
	struct db_part part;
	struct find_hit next; /* its next place, once looked for */
	bool has_next;
	bool is_awake; /* the part before has been seen */
	bool is_done;  /* no further place can matter */
	uint64_t from; /* where to go on looking */
	uint32_t seen; /* places remembered, all in all */
	struct place place[REMEMBERED];
};

struct finder_pattern {
	struct db_pattern p;
	struct range range; /* where the first part may start */
	struct finder_part *part;
	struct find_hit hit; /* its next hit */
	uint64_t key;        /* orders hits of different patterns */
	bool has_hit;
};

struct finder {
	const struct find_object *object;
	struct find_budget *budget;
	struct finder_pattern *pattern;
	uint32_t pattern_count;
	bool overlaps;
	struct span s;
	uint64_t until;
	uint64_t last; /* offset of the last hit */
	bool has_last;
	bool partial;
};

bool
find_charge(struct find_budget *b, uint64_t steps)
{
	if (b->spent)
		return false;
	if (steps > b->left) {
		b->spent = true;
		return false;
	}
	b->left -= steps;
	if (b->left < b->check) {
		b->check = b->left > 1u << 22 ? b->left - (1u << 22) : 0;
		if (b->may_go_on != NULL && !b->may_go_on(b->ctx))
			b->spent = true;
	}
	return !b->spent;
}

/*
 * Ask part_match and turn its answer into yes or no.  That the budget is spent
 * by it, the next charge says.
 */
static bool
stands(const struct db_part *part, const struct span *s, uint64_t at,
    struct find_budget *budget, bool *partial, struct find_hit *out)
{
	size_t end = 0;
	uint32_t cost;
	enum part_end is =
	    part_match(part, s, (size_t)(at - s->off), &end, &cost);

	(void)find_charge(budget, (uint64_t)cost * ELEMENT_STEPS);
	if (is == PART_SPENT || is == PART_CUT)
		*partial = true;
	if (is != PART_YES)
		return false;
	out->off = at;
	out->size = s->off + end - at;
	return true;
}

/* find_part() for a part without a literal: try every place. */
static bool
find_bare(const struct db_part *part, const struct span *s, uint64_t from,
    uint64_t until, struct find_budget *budget, bool *partial,
    struct find_hit *out)
{
	for (; from < until; from++) {
		if (!find_charge(budget, 20))
			return false;
		if (stands(part, s, from, budget, partial, out))
			return true;
	}
	return false;
}

bool
find_part(const struct db_part *part, bool nocase, const struct span *s,
    uint64_t from, uint64_t until, struct find_budget *budget, bool *partial,
    struct find_hit *out)
{
	uint64_t end = s->off + s->size;

	if (from < s->off)
		from = s->off;
	if (end < part->min)
		return false;
	if (until > end - part->min + 1)
		until = end - part->min + 1;
	if (from >= until)
		return false;
	if (part->literal.size == 0)
		return find_bare(part, s, from, until, budget, partial, out);
	while (from < until) {
		const struct scan_literal literal = {
			.bytes = part->literal.base,
			.off = part->literal_off,
			.size = part->literal.size,
			.rare = part->rare,
			.nocase = nocase,
		};
		size_t first = (size_t)(from - s->off) + part->distance;
		size_t room = (size_t)(until - from) + part->literal.size - 1;
		size_t at;

		if (first > s->size)
			return false;
		if (room > s->size - first)
			room = s->size - first;
		at = scan_literal(&literal, s->bytes + first, room);
		if (!find_charge(budget, at / 8 + 40) || at == room)
			return false;
		from += at;
		if (stands(part, s, from, budget, partial, out))
			return true;
		from++;
	}
	return false;
}

/* Prepare a pattern: where it may start, and state for each part. */
static bool
open_pattern(struct finder *f, struct arena *a, const struct db *db,
    uint32_t number, struct finder_pattern *out)
{
	uint32_t i;

	if (!db_pattern_get(db, number, &out->p))
		return false;
	range_of(&out->p, f->object, &out->range);
	out->part = arena_alloc(a, out->p.part_count, sizeof(*out->part));
	if (out->part == NULL)
		return false;
	for (i = 0; i < out->p.part_count; i++)
		if (!db_part_get(db, out->p.part + i, &out->part[i].part))
			return false;
	out->part[0].is_awake = true;
	out->part[0].from = out->range.first;
	out->part[0].is_done = out->range.first > out->range.last;
	return true;
}

struct finder *
find_open(struct arena *a, const struct db *db, uint32_t string,
    const struct find_object *object, struct find_budget *budget)
{
	struct finder *f = arena_alloc(a, 1, sizeof(*f));
	struct db_string s;
	uint32_t i;

	if (f == NULL || !db_string_get(db, string, &s))
		return NULL;
	f->object = object;
	f->budget = budget;
	f->overlaps = s.overlaps;
	f->pattern_count = s.pattern_count;
	f->pattern = arena_alloc(a, s.pattern_count, sizeof(*f->pattern));
	if (f->pattern == NULL)
		return NULL;
	for (i = 0; i < s.pattern_count; i++)
		if (!open_pattern(f, a, db, s.pattern + i, &f->pattern[i]))
			return NULL;
	return f;
}

void
find_limit(struct finder *f, uint64_t first, uint64_t last)
{
	uint32_t i;

	for (i = 0; i < f->pattern_count; i++) {
		struct finder_pattern *p = &f->pattern[i];

		if (p->range.first < first)
			p->range.first = first;
		if (p->range.last > last)
			p->range.last = last;
		p->part[0].from = p->range.first;
		p->part[0].is_done = p->range.first > p->range.last;
	}
}

void
find_span(struct finder *f, const struct span *s, uint64_t until)
{
	uint32_t i, k;

	f->s = *s;
	f->until = until;
	for (i = 0; i < f->pattern_count; i++)
		for (k = 0; k < f->pattern[i].p.part_count; k++)
			f->pattern[i].part[k].has_next = false;
}

/* Look for the next place of part k; remember that there is none here. */
static void
look(struct finder *f, struct finder_pattern *p, uint32_t k)
{
	struct finder_part *part = &p->part[k];
	uint64_t until = f->until;

	if (part->has_next || part->is_done || !part->is_awake)
		return;
	if (k == 0 && p->range.last < until)
		until = p->range.last + 1;
	for (;;) {
		part->has_next = find_part(&part->part, p->p.nocase, &f->s,
		    part->from, until, f->budget, &f->partial, &part->next);
		if (!part->has_next)
			break;
		part->from = part->next.off + 1;
		if (k > 0 || range_has(&p->range, part->next.off))
			return;
	}
	if (part->from < until)
		part->from = until;
	if (k == 0 && until > p->range.last)
		part->is_done = true;
}

/* The slot of remembered place i, from the earliest. */
static uint32_t
slot_of(const struct finder_part *part, uint32_t i)
{
	if (i == 0 || part->seen <= REMEMBERED)
		return i;
	return 1 + (part->seen - 1 + i - 1) % (REMEMBERED - 1);
}

/* Is place at the right distance from one of the part before? */
static const struct place *
reach(const struct finder_part *before, const struct finder_part *part)
{
	uint32_t i,
	    count = before->seen < REMEMBERED ? before->seen : REMEMBERED;

	for (i = 0; i < count; i++) {
		const struct place *p = &before->place[slot_of(before, i)];
		uint64_t gap = part->next.off - p->end;

		if (part->next.off >= p->end && gap >= part->part.gap_min &&
		    (part->part.gap_max == DB_NOTHING ||
			gap <= part->part.gap_max))
			return p;
	}
	return NULL;
}

/* Remember a place: the first stays, the latest eight take turns. */
static void
remember(struct finder_part *part, uint64_t start, uint64_t end)
{
	uint32_t slot = part->seen;

	if (slot >= REMEMBERED)
		slot = 1 + (slot - 1) % (REMEMBERED - 1);
	part->place[slot] = (struct place){ .start = start, .end = end };
	part->seen++;
}

/* Take the place part k has come to; true if that completes a hit. */
static bool
take_place(struct finder_pattern *p, uint32_t k)
{
	struct finder_part *part = &p->part[k];
	uint64_t start = part->next.off, end = part->next.off + part->next.size;

	part->has_next = false;
	if (k > 0) {
		const struct place *before = reach(&p->part[k - 1], part);

		if (before == NULL)
			return false;
		start = before->start;
	}
	if (k + 1 == p->p.part_count) {
		p->hit = (struct find_hit){ .off = start, .size = end - start };
		p->key = part->next.off;
		return true;
	}
	remember(part, start, end);
	if (!p->part[k + 1].is_awake) {
		p->part[k + 1].is_awake = true;
		p->part[k + 1].from = end;
	}
	/* Any later part is as near the first place as the gap allows. */
	if (p->part[k + 1].part.gap_max == DB_NOTHING &&
	    p->part[k + 1].part.gap_min == 0)
		part->is_done = true;
	return false;
}

/* Which part of p has the earliest next place?  part_count: none. */
static uint32_t
earliest(struct finder *f, struct finder_pattern *p)
{
	uint32_t k, best = p->p.part_count;

	for (k = 0; k < p->p.part_count && p->part[k].is_awake; k++) {
		look(f, p, k);
		if (p->part[k].has_next &&
		    (best == p->p.part_count ||
			p->part[k].next.off < p->part[best].next.off))
			best = k;
	}
	return best;
}

/* Advance p to its next hit in this span. */
static void
advance(struct finder *f, struct finder_pattern *p)
{
	while (!p->has_hit) {
		uint32_t k = earliest(f, p);

		if (k == p->p.part_count ||
		    !find_charge(f->budget, 4 + p->p.part_count))
			return;
		p->has_hit = take_place(p, k);
	}
}

/* Until where may part begin that follows a part ending at end? */
static uint64_t
chain_until(struct finder *f, const struct db_part *part, uint64_t end)
{
	uint64_t until = f->s.off + f->s.size;

	if (part->gap_max != DB_NOTHING && end + part->gap_max < until)
		return end + part->gap_max + 1;
	if (!f->s.at_end)
		f->partial = true; /* it may stand in a later window */
	return until;
}

/* YARA: from a place of the first part, can the rest be reached? */
static bool
reach_rest(struct finder *f, struct finder_pattern *p)
{
	uint32_t k = 1, count = p->p.part_count;
	struct finder_part *part = p->part;

	part[0].place[0].end = part[0].next.off + part[0].next.size;
	part[1].from = part[0].place[0].end + part[1].part.gap_min;
	while (k > 0 && k < count) {
		uint64_t until =
		    chain_until(f, &part[k].part, part[k - 1].place[0].end);

		if (!find_charge(f->budget, 8))
			return false;
		if (!find_part(&part[k].part, p->p.nocase, &f->s, part[k].from,
			until, f->budget, &f->partial, &part[k].next)) {
			k--;
			continue;
		}
		part[k].from = part[k].next.off + 1;
		part[k].place[0].end = part[k].next.off + part[k].next.size;
		k++;
		if (k < count)
			part[k].from =
			    part[k - 1].place[0].end + part[k].part.gap_min;
	}
	return k == count;
}

/* The same as advance(), counting starts of the first part. */
static void
advance_start(struct finder *f, struct finder_pattern *p)
{
	struct finder_part *first = &p->part[0];
	struct finder_part *last = &p->part[p->p.part_count - 1];

	while (!p->has_hit) {
		look(f, p, 0);
		if (!first->has_next)
			return;
		first->has_next = false;
		if (p->p.part_count > 1 && !reach_rest(f, p))
			continue;
		p->hit.off = p->key = first->next.off;
		p->hit.size = last->next.off + last->next.size - p->hit.off;
		p->has_hit = true;
	}
}

/* The pattern whose hit comes next, or NULL. */
static struct finder_pattern *
next_pattern(struct finder *f)
{
	struct finder_pattern *best = NULL;
	uint32_t i;

	for (i = 0; i < f->pattern_count; i++) {
		struct finder_pattern *p = &f->pattern[i];

		if (f->overlaps)
			advance_start(f, p);
		else
			advance(f, p);
		if (p->has_hit && (best == NULL || p->key < best->key))
			best = p;
	}
	return best;
}

bool
find_next(struct finder *f, struct find_hit *out)
{
	struct finder_pattern *p;

	while (!f->budget->spent && (p = next_pattern(f)) != NULL) {
		bool chained = p->p.part_count > 1 && !f->overlaps;

		p->has_hit = false;
		if (f->has_last && !chained && p->hit.off <= f->last)
			continue;
		f->has_last = true;
		f->last = p->hit.off;
		*out = p->hit;
		return true;
	}
	f->partial = f->partial || f->budget->spent;
	return false;
}

bool
find_is_over(const struct finder *f)
{
	uint32_t i, k;

	for (i = 0; i < f->pattern_count; i++) {
		const struct finder_pattern *p = &f->pattern[i];

		if (p->has_hit)
			return false;
		for (k = 0; k < p->p.part_count && p->part[k].is_awake; k++)
			if (!p->part[k].is_done)
				return false;
	}
	return true;
}

bool
find_is_partial(const struct finder *f)
{
	return f->partial;
}
