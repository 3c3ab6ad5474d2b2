/*
 * literal_group.c - tell apart literals that share a window.
 *
 * A group looks at four bytes outside the window, at a shift that most of its
 * members have inside them and that divides those best.  Members with the
 * same four bytes are a group of their own; those too short to have them
 * follow as the next group.  So a hit on a window that a thousand literals
 * share costs a few binary searches.  Groups are made in the order of a list
 * of work, so each leads to later ones only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/literal_plan.h"

#include <stdlib.h>

#define GROUP_LIST  3u /* so few are tried one by one */
#define GROUP_SHIFT 28 /* farthest */

struct member {
	const struct folded *literal;
	uint32_t ref;
	uint32_t key; /* the four bytes at the shift in question */
	uint8_t is_short;
};

/* Members from..from + count are to be a group; its ref goes to patch. */
struct work {
	size_t from, count;
	size_t patch; /* offset in the entries; 0: it is the first */
	bool is_next; /* the unit goes there, not a ref */
};

struct grouping {
	struct literal_build *b;
	struct member *member;
	struct work *work;
	size_t works;
};

/* Note what each member has at this shift. */
static void
look_at(struct member *m, size_t count, int shift)
{
	size_t i;

	for (i = 0; i < count; i++) {
		int at = (int)LITERAL_REF_OFFSET(m[i].ref) + shift;

		m[i].is_short = at < 0 || at + 4 > m[i].literal->size;
		m[i].key =
		    m[i].is_short ? 0 : literal_u32(m[i].literal->bytes + at);
	}
}

static int
member_order(const void *a, const void *b)
{
	const struct member *x = a, *y = b;

	if (x->is_short != y->is_short)
		return x->is_short < y->is_short ? -1 : 1;
	if (x->key != y->key)
		return x->key < y->key ? -1 : 1;
	return x->ref < y->ref ? -1 : x->ref > y->ref;
}

static bool
is_same_key(const struct member *a, const struct member *b)
{
	return a->is_short == b->is_short && a->key == b->key;
}

/*
 * How many members, times count, are left to look at after this shift: those
 * with the same key when it is there, and always those too short for it.
 */
static uint64_t
rate(struct member *m, size_t count, int shift)
{
	uint64_t sum = 0;
	size_t from, until;

	look_at(m, count, shift);
	qsort(m, count, sizeof(*m), member_order);
	for (from = 0; from < count; from = until) {
		for (until = from + 1;
		     until < count && is_same_key(&m[from], &m[until]);)
			until++;
		sum += (uint64_t)(until - from) *
		    (m[from].is_short ? count : until - from);
	}
	return sum;
}

/* The shift that divides the members best, or LITERAL_NO_SHIFT. */
static int
choose_shift(struct member *m, size_t count)
{
	uint64_t sum, least = (uint64_t)count * count;
	int shift, best = LITERAL_NO_SHIFT;

	if (count <= GROUP_LIST)
		return LITERAL_NO_SHIFT;
	for (shift = -GROUP_SHIFT; shift <= GROUP_SHIFT; shift++) {
		sum = rate(m, count, shift);
		if (sum < least) {
			least = sum;
			best = shift;
		}
	}
	return best;
}

static uint8_t *
entry_at(const struct grouping *g, size_t offset)
{
	return g->b->entries.bytes + offset;
}

/* Make room for a group of count and say where it is to whoever waits. */
static bool
begin_group(struct grouping *g, const struct work *w, size_t count, int shift,
    size_t *at)
{
	uint32_t unit;
	uint8_t *group = literal_entries(g->b,
	    LITERAL_GROUP + LITERAL_MEMBER * count, &unit);

	if (group == NULL)
		return false;
	*at = (size_t)unit * LITERAL_UNIT;
	literal_put(group, count, 4);
	group[8] = (uint8_t)shift;
	if (w->patch != 0)
		literal_put(entry_at(g, w->patch),
		    w->is_next ? unit : LITERAL_REF_GROUP | unit << 5, 4);
	return true;
}

static void
add_work(struct grouping *g, size_t from, size_t count, size_t patch,
    bool is_next)
{
	struct work *w = &g->work[g->works++];

	w->from = from;
	w->count = count;
	w->patch = patch;
	w->is_next = is_next;
}

/* Write ref and print of a member into its slot. */
static void
put_literal(struct grouping *g, size_t slot, const struct member *m)
{
	uint32_t whole = literal_whole(m->literal->bytes, m->literal->size);

	literal_put(entry_at(g, slot + 4), m->ref, 4);
	literal_put(entry_at(g, slot + 8), whole, 4);
}

/* Those that cannot be divided, or are few. */
static bool
make_list(struct grouping *g, const struct work *w, size_t *at)
{
	size_t i;

	if (!begin_group(g, w, w->count, LITERAL_NO_SHIFT, at))
		return false;
	for (i = 0; i < w->count; i++)
		put_literal(g, *at + LITERAL_GROUP + LITERAL_MEMBER * i,
		    &g->member[w->from + i]);
	return true;
}

/* Divide members by what they have at a shift. */
static bool
make_keys(struct grouping *g, const struct work *w, int shift, size_t *at)
{
	struct member *m = g->member + w->from;
	size_t from, until, keys = 0, slot;

	(void)rate(m, w->count, shift);
	for (from = 0; from < w->count && !m[from].is_short; from++)
		keys += from == 0 || m[from].key != m[from - 1].key;
	if (!begin_group(g, w, keys, shift, at))
		return false;
	slot = *at + LITERAL_GROUP;
	for (from = 0; from < w->count && !m[from].is_short; from = until) {
		for (until = from + 1;
		     until < w->count && is_same_key(&m[from], &m[until]);)
			until++;
		literal_put(entry_at(g, slot), m[from].key, 4);
		if (until - from == 1)
			put_literal(g, slot, &m[from]);
		else
			add_work(g, w->from + from, until - from, slot + 4,
			    false);
		slot += LITERAL_MEMBER;
	}
	if (from < w->count)
		add_work(g, w->from + from, w->count - from, *at + 4, true);
	return true;
}

/* Do all the work there is; first: where the first group came to be. */
static bool
make_groups(struct grouping *g, size_t *first)
{
	size_t done, at;

	for (done = 0; done < g->works; done++) {
		struct work w = g->work[done];
		int shift = choose_shift(g->member + w.from, w.count);
		bool is_made = shift == LITERAL_NO_SHIFT
		    ? make_list(g, &w, &at)
		    : make_keys(g, &w, shift, &at);

		if (!is_made)
			return false;
		if (done == 0)
			*first = at;
	}
	return true;
}

uint32_t
literal_group(struct literal_build *b, const struct window *window,
    size_t count)
{
	struct grouping g = { .b = b };
	size_t i, first = 0;
	bool is_made;

	g.member = calloc(count, sizeof(*g.member));
	/* Every group divides its members or ends with them. */
	g.work = calloc(2 * count + 1, sizeof(*g.work));
	is_made = g.member != NULL && g.work != NULL;
	for (i = 0; i < count && is_made; i++) {
		g.member[i].literal = &b->folded[window[i].literal];
		g.member[i].ref =
		    g.member[i].literal->unit << 5 | window[i].offset;
	}
	if (is_made) {
		add_work(&g, 0, count, 0, false);
		is_made = make_groups(&g, &first);
	}
	free(g.member);
	free(g.work);
	return is_made
	    ? LITERAL_REF_GROUP | (uint32_t)(first / LITERAL_UNIT) << 5
	    : 0;
}
