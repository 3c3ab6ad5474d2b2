/*
 * order.c - put a great many things in order.  The contract is in order.h.
 *
 * Keys are as good as random most often, so a piece of the list is divided by
 * the highest bits in which its keys differ, and a few rounds suffice; a few
 * things are sorted by insertion.  Every round uses up bits: no thing is moved
 * more than 64 times.  Things of one key go by a merge sort.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/order.h"

#include <stdlib.h>
#include <string.h>

#define FEW      24u /* things sorted by insertion */
#define BITS_MAX 11u /* a round divides by */

struct piece {
	size_t from, count;
	bool is_other; /* it is in other */
};

struct sorter {
	struct order *order, *other;
	order_fn *is_after;
	const void *ctx;
	struct piece *piece; /* yet to be sorted */
	size_t pieces;
	size_t at[1u << BITS_MAX];
};

static bool
is_above(const struct sorter *s, const struct order *a, const struct order *b)
{
	if (a->key != b->key)
		return a->key > b->key;
	return s->is_after != NULL && s->is_after(s->ctx, a->number, b->number);
}

/* Sort a few things. */
static void
sort_few(struct sorter *s, const struct piece *p)
{
	const struct order *one = (p->is_other ? s->other : s->order) + p->from;
	struct order *to = s->order + p->from, thing;
	size_t i, k;

	/* Where one is to, thing i is still there when it is read. */
	for (i = 0; i < p->count; i++) {
		thing = one[i];
		for (k = i; k > 0 && is_above(s, &to[k - 1], &thing); k--)
			to[k] = to[k - 1];
		to[k] = thing;
	}
}

/* Merge [from, middle) and [middle, end) of one, each sorted, into to. */
static void
merge(const struct sorter *s, const struct order *one, size_t from,
    size_t middle, size_t end, struct order *to)
{
	size_t low = from, high = middle, out = from;

	while (low < middle && high < end)
		if (is_above(s, &one[low], &one[high]))
			to[out++] = one[high++];
		else
			to[out++] = one[low++];
	while (low < middle)
		to[out++] = one[low++];
	while (high < end)
		to[out++] = one[high++];
}

/* Sort things that have the same key. */
static void
sort_equals(struct sorter *s, const struct piece *p)
{
	struct order *one = (p->is_other ? s->other : s->order) + p->from;
	struct order *to = (p->is_other ? s->order : s->other) + p->from, *swap;
	size_t step, at, middle, end;

	for (step = 1; s->is_after != NULL && step < p->count; step *= 2) {
		for (at = 0; at < p->count; at += 2 * step) {
			middle = p->count - at > step ? at + step : p->count;
			end =
			    p->count - at > 2 * step ? at + 2 * step : p->count;
			merge(s, one, at, middle, end, to);
		}
		swap = one;
		one = to;
		to = swap;
	}
	if (one != s->order + p->from)
		memcpy(s->order + p->from, one, p->count * sizeof(*one));
}

/* Divide a piece by count bits from shift on; its parts go to the other array
   or, few as they may be, to their place. */
static void
divide(struct sorter *s, const struct piece *p, unsigned shift, unsigned count)
{
	const struct order *one = (p->is_other ? s->other : s->order) + p->from;
	struct order *to = (p->is_other ? s->order : s->other) + p->from;
	size_t kinds = (size_t)1 << count, i, sum = 0;
	struct piece part = { .from = p->from, .is_other = !p->is_other };

	memset(s->at, 0, kinds * sizeof(*s->at));
	for (i = 0; i < p->count; i++)
		s->at[one[i].key >> shift & (kinds - 1)]++;
	for (i = 0; i < kinds; i++) {
		size_t here = s->at[i];

		s->at[i] = sum;
		sum += here;
	}
	for (i = 0; i < p->count; i++)
		to[s->at[one[i].key >> shift & (kinds - 1)]++] = one[i];
	for (i = 0; i < kinds; i++, part.from += part.count) {
		part.count = p->from + s->at[i] - part.from;
		if (part.count > FEW)
			s->piece[s->pieces++] = part;
		else if (part.count > 0)
			sort_few(s, &part);
	}
}

/* Sort a piece, or divide it. */
static void
sort_piece(struct sorter *s, const struct piece *p)
{
	const struct order *one = (p->is_other ? s->other : s->order) + p->from;
	uint64_t differ = 0;
	unsigned top, few;
	size_t i;

	if (p->count <= FEW) {
		sort_few(s, p);
		return;
	}
	for (i = 1; i < p->count; i++)
		differ |= one[i].key ^ one[0].key;
	if (differ == 0) {
		sort_equals(s, p);
		return;
	}
	top = 64 - (unsigned)__builtin_clzll(differ);
	/* Some things each. */
	few = 62 - (unsigned)__builtin_clzll(p->count);
	few = few < BITS_MAX ? few : BITS_MAX;
	few = few < top ? few : top;
	divide(s, p, top - few, few);
}

bool
order_sort(struct order *order, size_t count, order_fn *is_after,
    const void *ctx)
{
	struct sorter *s = calloc(1, sizeof(*s));
	bool done = false;

	if (s == NULL)
		return false;
	s->order = order;
	s->is_after = is_after;
	s->ctx = ctx;
	s->other = malloc((count + 1) * sizeof(*s->other));
	/* They do not overlap, and all but the first have more than FEW. */
	s->piece = malloc((count / FEW + 2) * sizeof(*s->piece));
	if (s->other != NULL && s->piece != NULL) {
		s->piece[s->pieces++] = (struct piece){ .count = count };
		while (s->pieces > 0) {
			struct piece p = s->piece[--s->pieces];

			sort_piece(s, &p);
		}
		done = true;
	}
	free(s->other);
	free(s->piece);
	free(s);
	return done;
}
