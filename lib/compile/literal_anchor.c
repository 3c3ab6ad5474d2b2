/*
 * literal_anchor.c - which planes there are, and by which window each literal
 * is found.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/literal_background.h"
#include "lib/compile/literal_plan.h"
#include "lib/match/literal_sample.h"

#include <stdlib.h>

#define SHARED_BITS 22u /* counters of windows already in use */

#define LONG_MIN  19u /* 12-byte window, 8 keys: whatever the sampler picks */
#define SHORT_MIN 4u

/*
 * The sampler's multiplier: the one of 400 with which it picked the fewest
 * positions of code and text, 0.21 of them with a span of 8.
 */
#define MULTIPLIER 0x3fe7u

const struct literal_policy literal_usual = {
	.few_each = 4000,
	.few_stride = 30000,
	.span = 8,
};

static uint64_t
next_random(uint64_t *state)
{
	uint64_t x = *state += 0x9e3779b97f4a7c15u;

	/* splitmix64 (Steele, Lea, Flood 2014) */
	x = (x ^ x >> 30) * 0xbf58476d1ce4e5b9u;
	x = (x ^ x >> 27) * 0x94d049bb133111ebu;
	return x ^ x >> 31;
}

static void
add_plane(struct literal_build *b, const struct plane *model, uint64_t *state)
{
	struct plane *p = &b->plane[b->planes++];

	*p = *model;
	p->k1 = next_random(state) | 1;
	p->k2 = next_random(state) | 1;
}

static const struct plane grid = { .kind = LITERAL_STRIDE,
	.step = 8,
	.q = 12,
	.min = LONG_MIN };
static const struct plane picked = { .kind = LITERAL_MINI,
	.q = 12,
	.back = 4,
	.min = LONG_MIN };
static const struct plane each = { .kind = LITERAL_STRIDE,
	.step = 1,
	.q = 4,
	.choice = 5,
	.min = SHORT_MIN };
static const struct plane tiny = { .kind = LITERAL_STRIDE,
	.step = 1,
	.q = 2,
	.choice = 5,
	.min = 2 };

void
literal_plan(struct literal_build *b)
{
	size_t longs = 0, shorts = 0, i;
	uint64_t state = b->seed;

	for (i = 0; i < b->folded_count; i++) {
		longs += b->folded[i].size >= LONG_MIN;
		shorts += b->folded[i].size >= SHORT_MIN &&
		    b->folded[i].size < LONG_MIN;
	}
	/* A plane more costs more than a few more windows in one there is. */
	if (longs > b->policy->few_stride) {
		b->span = b->policy->span;
		b->multiplier = MULTIPLIER;
		add_plane(b, &picked, &state);
		/* For those in which the sampler picks nothing: runs. */
		if (shorts == 0)
			add_plane(b, &grid, &state);
	} else if (longs > 0 && (shorts == 0 || longs > b->policy->few_each)) {
		add_plane(b, &grid, &state);
	}
	if (shorts > 0)
		add_plane(b, &each, &state);
	if (longs + shorts < b->folded_count)
		add_plane(b, &tiny, &state);
}

static bool
add_window(struct plane *p, uint64_t hash, uint32_t literal, uint32_t offset)
{
	struct window *window = p->window;
	size_t room = p->room;

	if (p->count == room) {
		room = room == 0 ? 1024 : room * 2;
		window = realloc(window, room * sizeof(*window));
		if (window == NULL)
			return false;
		p->window = window;
		p->room = room;
	}
	p->window[p->count].hash = hash;
	p->window[p->count].literal = literal;
	p->window[p->count].offset = (uint8_t)offset;
	p->count++;
	return true;
}

/* A literal with zeros around it, for whoever reads past its ends. */
struct padded {
	uint8_t bytes[LITERAL_MARGIN + LITERAL_MAX + LITERAL_MARGIN];
};

static void
pad(const struct folded *f, struct padded *out)
{
	memset(out->bytes, 0, sizeof(out->bytes));
	memcpy(out->bytes + LITERAL_MARGIN, f->bytes, f->size);
}

static uint8_t *
shared_of(struct literal_build *b, uint64_t hash)
{
	return &b->shared[literal_mix(hash) >> (64 - SHARED_BITS)];
}

/*
 * What it costs to find a literal by its window at this offset: how often
 * that is in clean content (its level), once for each literal that is found
 * by it.
 */
static uint64_t
cost_of(struct literal_build *b, const struct plane *p,
    const struct padded *room, uint32_t at, int32_t level)
{
	uint64_t hash =
	    literal_hash(room->bytes + LITERAL_MARGIN + at, p->q, p->k1, p->k2);
	uint64_t weight = background_weight(level);

	return (weight + 1) * (1 + (uint64_t)*shared_of(b, hash));
}

/* The least there is: as rare as can be told, and nobody else's. */
#define COST_MIN 2u

/* Put the step windows from the cheapest place on into a grid's plane. */
static bool
anchor_stride(struct literal_build *b, struct plane *p,
    const struct padded *room, uint32_t literal)
{
	const struct folded *f = &b->folded[literal];
	const uint8_t *bytes = room->bytes + LITERAL_MARGIN;
	uint64_t cost, best_cost = UINT64_MAX, hash;
	uint32_t places = f->size + 2u - (uint32_t)p->q - p->step;
	uint32_t at, i, best = 0;
	struct background known;

	background_levels(NULL, f->bytes, f->size, p->q, &known);
	for (at = 0; at < places; at++) {
		cost = 0;
		for (i = 0; i < p->step; i++)
			cost += cost_of(b, p, room, at + i,
			    known.level[p->q][at + i]);
		if (p->choice != 0 && at + p->q + 2u > f->size)
			cost *= at + p->q + 1u > f->size ? 8 : 3;
		if (cost < best_cost) {
			best_cost = cost;
			best = at;
		}
	}
	for (i = 0; i < p->step; i++) {
		hash = literal_hash(bytes + best + i, p->q, p->k1, p->k2);
		if (*shared_of(b, hash) < UINT8_MAX)
			++*shared_of(b, hash);
		if (!add_window(p, hash, literal, best + i))
			return false;
	}
	return true;
}

/*
 * Put the cheapest of the windows that the sampler picks, whatever is around
 * the literal, into the plane.  done: there was one.
 */
static bool
anchor_mini(struct literal_build *b, struct plane *p, const struct padded *room,
    uint32_t literal, bool *done)
{
	const struct folded *f = &b->folded[literal];
	const uint8_t *bytes = room->bytes + LITERAL_MARGIN;
	uint8_t is_picked[LITERAL_MAX];
	uint64_t cost, best_cost = UINT64_MAX, hash;
	uint32_t at, best = 0;

	literal_certain(bytes, f->size, b->multiplier, b->span, is_picked);
	for (at = p->back; at - p->back + p->q <= f->size; at++) {
		if (at >= f->size || !is_picked[at])
			continue;
		cost = cost_of(b, p, room, at - p->back,
		    background_level(bytes + at - p->back, p->q));
		if (cost < best_cost) {
			best_cost = cost;
			best = at;
		}
		if (cost == COST_MIN)
			break;
	}
	*done = best_cost != UINT64_MAX;
	if (!*done)
		return true;
	hash = literal_hash(bytes + best - p->back, p->q, p->k1, p->k2);
	if (*shared_of(b, hash) < UINT8_MAX)
		++*shared_of(b, hash);
	return add_window(p, hash, literal, best - p->back);
}

/* Find a place for a literal in the first plane that has one. */
static bool
anchor(struct literal_build *b, uint32_t literal)
{
	bool done = false, is_ok = true;
	struct padded room;
	uint32_t i;

	pad(&b->folded[literal], &room);
	for (i = 0; i < b->planes && is_ok && !done; i++) {
		struct plane *p = &b->plane[i];

		if (b->folded[literal].size < p->min)
			continue;
		if (p->kind == LITERAL_MINI) {
			is_ok = anchor_mini(b, p, &room, literal, &done);
		} else {
			is_ok = anchor_stride(b, p, &room, literal);
			done = true;
		}
	}
	return is_ok && done;
}

bool
literal_anchors(struct literal_build *b, struct why *why)
{
	size_t i, kept = 0;

	b->shared = calloc((size_t)1 << SHARED_BITS, 1);
	if (b->shared == NULL)
		return why_not(why, WHY_LIMIT, "no memory for literals");
	for (i = 0; i < b->folded_count; i++) {
		if (!anchor(b, (uint32_t)i))
			return why_not(why, WHY_LIMIT,
			    "no memory for literals");
	}
	/* A plane nobody came to is not looked through. */
	for (i = 0; i < b->planes; i++) {
		if (b->plane[i].count > 0)
			b->plane[kept++] = b->plane[i];
		else
			free(b->plane[i].window);
	}
	for (i = kept; i < b->planes; i++)
		b->plane[i].window = NULL;
	b->planes = (uint32_t)kept;
	return true;
}
