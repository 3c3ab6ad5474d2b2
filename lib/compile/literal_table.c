/*
 * literal_table.c - write a plane's filter and lines, and the groups of
 * literals that share a window.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/literal_plan.h"
#include "lib/compile/order.h"

#include <stdlib.h>

#define TABLE_DIRECT     8u  /* windows with one hash that go in a line */
#define TABLE_FILL       5u  /* of a line's places, on average */
#define TABLE_WORDS      4u  /* of choice, a window */
#define TABLE_FILTER_MAX 23u /* log2: 1 MB, what a second cache has */
#define TABLE_FILTER     16u /* bits of the filter a window */

/* order_fn: ctx is windows of one hash. */
static bool
is_window_after(const void *ctx, uint32_t a, uint32_t b)
{
	const struct window *window = ctx, *x = &window[a], *y = &window[b];

	if (x->literal != y->literal)
		return x->literal > y->literal;
	return x->offset > y->offset;
}

/* Put the windows in order of their hashes. */
static bool
order_windows(struct plane *p)
{
	struct order *order = malloc((p->count + 1) * sizeof(*order));
	struct window *sorted = malloc((p->count + 1) * sizeof(*sorted));
	bool done = order != NULL && sorted != NULL && p->count < UINT32_MAX;
	size_t i;

	for (i = 0; done && i < p->count; i++)
		order[i] = (struct order){ p->window[i].hash, (uint32_t)i };
	done = done && order_sort(order, p->count, is_window_after, p->window);
	for (i = 0; done && i < p->count; i++)
		sorted[i] = p->window[order[i].number];
	free(order);
	if (!done) {
		free(sorted);
		return false;
	}
	free(p->window);
	p->window = sorted;
	p->room = p->count + 1;
	return true;
}

static uint8_t
log_of(uint64_t n)
{
	uint8_t log = 0;

	while (((uint64_t)1 << log) < n)
		log++;
	return log;
}

/* Set the bits of the filter that a window may be asked for by. */
static void
filter_add(const struct literal_build *b, const struct plane *p,
    const struct window *w, uint8_t *filter)
{
	const struct folded *f = &b->folded[w->literal];
	uint32_t behind = w->offset + (uint32_t)p->q;
	uint64_t base = w->hash >> (64 - (p->filter_bits - p->choice));
	uint64_t bit;
	uint32_t i, known = 0, mask = 0;

	if (p->choice == 0) {
		filter[base >> 3] |= (uint8_t)(1u << (base & 7));
		bit = base / 64 * 64 +
		    literal_other(w->hash, 64u - p->filter_bits);
		filter[bit >> 3] |= (uint8_t)(1u << (bit & 7));
		return;
	}
	if (behind < f->size) {
		known |= f->bytes[behind];
		mask |= 0xff;
	}
	if (behind + 1 < f->size) {
		known |= (uint32_t)f->bytes[behind + 1] << 8;
		mask |= 0xff00;
	}
	for (i = 0; i < 32; i++) {
		if ((i & literal_choice(mask)) != literal_choice(known))
			continue;
		bit = base << 5 | i;
		filter[bit >> 3] |= (uint8_t)(1u << (bit & 7));
	}
}

/* Put a ref in the first line from its own on that has a free place. */
static bool
line_add(const struct plane *p, uint8_t *lines, uint64_t hash, uint16_t whole,
    uint32_t ref)
{
	uint64_t mixed = literal_mix(hash);
	size_t number = mixed >> (64 - p->line_bits);
	size_t mask = ((size_t)1 << p->line_bits) - 1;
	uint32_t spills, i;

	for (spills = 0; spills < LITERAL_SPILLS; spills++) {
		uint8_t *line = lines + number * LITERAL_LINE;

		for (i = 0; i < LITERAL_PLACES; i++) {
			uint32_t spilled =
			    literal_u32(line + 32) & LITERAL_REF_SPILLED;

			if (literal_u16(line + 2 * i) != 0)
				continue;
			literal_put(line + 2 * i, literal_print(mixed), 2);
			literal_put(line + 16 + 2 * i, whole, 2);
			literal_put(line + 32 + 4 * i,
			    ref | (i == 0 ? spilled : 0), 4);
			return true;
		}
		line[35] |= LITERAL_REF_SPILLED >> 24;
		number = (number + 1) & mask;
	}
	return false;
}

static uint32_t
ref_of(const struct literal_build *b, const struct window *w)
{
	return b->folded[w->literal].unit << 5 | w->offset;
}

static uint16_t
whole_of(const struct literal_build *b, const struct window *w)
{
	const struct folded *f = &b->folded[w->literal];

	return literal_whole_short(literal_whole(f->bytes, f->size));
}

/* Fill the lines; full: some did not fit in lines that may be asked. */
static bool
fill_lines(struct literal_build *b, const struct plane *p, uint8_t *lines,
    const uint32_t *group, bool *full)
{
	size_t from, until, i, groups = 0;

	*full = false;
	for (from = 0; from < p->count && !*full; from = until) {
		const struct window *w = &p->window[from];

		until = from + 1;
		while (until < p->count && p->window[until].hash == w->hash)
			until++;
		if (until - from > TABLE_DIRECT) {
			*full =
			    !line_add(p, lines, w->hash, 0, group[groups++]);
			continue;
		}
		for (i = from; i < until && !*full; i++)
			*full = !line_add(p, lines, w->hash,
			    whole_of(b, &p->window[i]),
			    ref_of(b, &p->window[i]));
	}
	return true;
}

/* Make the groups of all hashes that many windows have, in their order. */
static uint32_t *
make_groups(struct literal_build *b, const struct plane *p, size_t *places)
{
	uint32_t *group = calloc(p->count / TABLE_DIRECT + 1, sizeof(*group));
	size_t from, until, groups = 0;

	*places = 0;
	for (from = 0; from < p->count && group != NULL; from = until) {
		until = from + 1;
		while (until < p->count &&
		    p->window[until].hash == p->window[from].hash)
			until++;
		if (until - from <= TABLE_DIRECT) {
			*places += until - from;
			continue;
		}
		++*places;
		group[groups] =
		    literal_group(b, &p->window[from], until - from);
		if (group[groups++] == 0) {
			free(group);
			return NULL;
		}
	}
	return group;
}

/* Write the lines, twice as many as long as they do not suffice. */
static bool
write_lines(struct literal_build *b, struct plane *p)
{
	size_t places, before = b->out->size;
	uint32_t *group = make_groups(b, p, &places);
	uint8_t *lines;
	bool full = true;

	if (group == NULL)
		return false;
	p->line_bits = log_of(places / TABLE_FILL + 1);
	if (p->line_bits < 4)
		p->line_bits = 4;
	for (; full && p->line_bits <= 24; p->line_bits++) {
		b->out->size = before;
		lines = literal_out(b, (size_t)LITERAL_LINE << p->line_bits,
		    &p->lines);
		if (lines == NULL || !fill_lines(b, p, lines, group, &full))
			break;
	}
	p->line_bits--;
	free(group);
	return !full;
}

bool
literal_table(struct literal_build *b, struct plane *p, struct why *why)
{
	uint8_t *filter;
	size_t i;

	if (!order_windows(p))
		return why_not(why, WHY_LIMIT, "no memory for literals");
	p->filter_bits = (uint8_t)(log_of(p->count * TABLE_FILTER));
	if (p->choice != 0)
		p->filter_bits =
		    (uint8_t)(log_of(p->count * TABLE_WORDS) + p->choice);
	if (p->filter_bits > TABLE_FILTER_MAX)
		p->filter_bits = TABLE_FILTER_MAX;
	if (p->q == 2)
		p->filter_bits = 19;
	if (p->filter_bits < 15)
		p->filter_bits = 15;
	filter = literal_out(b, (size_t)1 << (p->filter_bits - 3), &p->filter);
	if (filter == NULL)
		return why_not(why, WHY_LIMIT, "no memory for literals");
	for (i = 0; i < p->count; i++)
		filter_add(b, p, &p->window[i], filter);
	if (!write_lines(b, p))
		return why_not(why, WHY_LIMIT, "no room for %zu literals",
		    p->count);
	return true;
}
