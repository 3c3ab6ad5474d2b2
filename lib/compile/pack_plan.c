/*
 * pack_plan.c - decide what the one pass looks for, and write that.
 *
 * plan.c says which strings of a rule are enough; here their literals are
 * numbered, each distinct one once without regard to case, and every literal
 * gets the list of rules it touches.  Rules without such strings go to the
 * always list of their target.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pack.h"

#include "lib/base/ascii.h"
#include "lib/compile/literal_build.h"
#include "lib/compile/order.h"
#include "lib/crypto/digest.h"
#include "lib/match/literal.h"

#include <stdlib.h>
#include <string.h>

/*
 * Literals of fewer bytes than TINY cost the one pass a table of their own.
 * Up to FEW of them are not worth it: their rules are always evaluated.
 */
#define TINY 4u
#define FEW  64u

#define AHEAD 16u /* things asked for before they are needed */

#define ONCE_A_BYTE (UINT32_C(1) << 30)

/* One row of TRIGGER, before it has a literal's number. */
struct touch {
	uint8_t folded[LITERAL_MAX];
	uint32_t size;
	uint32_t rule, part, distance;
	uint32_t often; /* in 2^30 bytes of ordinary files */
};

/* Literals in order: by their bytes without regard to case, then by size. */
static int
compare_literals(const uint8_t *a, uint32_t a_size, const uint8_t *b,
    uint32_t b_size)
{
	uint32_t i, x, y;

	for (i = 0; i < a_size || i < b_size; i++) {
		x = i < a_size ? ascii_lower(a[i]) : 0;
		y = i < b_size ? ascii_lower(b[i]) : 0;
		if (x != y)
			return x < y ? -1 : 1;
	}
	return a_size < b_size ? -1 : a_size > b_size;
}

/* The front of a literal's order. */
static uint64_t
order_key(const uint8_t *bytes, uint32_t size)
{
	uint64_t key = 0;
	uint32_t i;

	for (i = 0; i < 8; i++)
		key = key << 8 | (i < size ? ascii_lower(bytes[i]) : 0);
	return key;
}

static int
compare_touches(const struct touch *x, const struct touch *y)
{
	return compare_literals(x->folded, x->size, y->folded, y->size);
}

/* order_fn: ctx is touches. */
static bool
is_touch_after(const void *ctx, uint32_t a, uint32_t b)
{
	const struct touch *touch = ctx, *x = &touch[a], *y = &touch[b];
	int order = compare_touches(x, y);

	if (order != 0)
		return order > 0;
	if (x->rule != y->rule)
		return x->rule > y->rule;
	if (x->part != y->part)
		return x->part > y->part;
	return x->distance > y->distance;
}

static void
fold_literal(const struct pack_literal *l, struct touch *out)
{
	uint32_t k;

	for (k = 0; k < l->size; k++)
		out->folded[k] = ascii_lower(l->bytes[k]);
	out->size = l->size;
}

/* What is looked at of the literals of all strings. */
struct weighed {
	uint64_t cost;
	uint32_t size, string;
};

/*
 * What looking for a literal costs that same strings have.  Literals shorter
 * than 9 bytes need tables that are asked at every byte, those shorter than 4
 * tables that nearly every byte passes (reference: docs/database.md).
 */
static uint64_t
weight_of(const struct weighed *l, size_t same)
{
	uint64_t cost = l->cost + (l->size < 9 ? 64 : l->size < 19 ? 2 : 0);

	if (l->size < TINY)
		cost += (uint64_t)1 << 32;
	return cost * 64 * same + LITERAL_MAX - l->size;
}

/*
 * A number for a literal, the same for the same one.  That another has it,
 * too, is most unlikely, and would make both seem more common.
 */
static uint64_t
hash_literal(const struct pack_literal *l)
{
	uint64_t h = l->size, word;
	uint32_t i, k;

	for (i = 0; i < l->size; i += 8) {
		for (word = 0, k = i; k < i + 8 && k < l->size; k++)
			word = word << 8 | ascii_lower(l->bytes[k]);
		h = (h ^ word) * 0x9e3779b97f4a7c15u;
		h ^= h >> 29;
	}
	return h * 0xd6e8feb86659fd93u;
}

/* Bring the same literals together; how many, SIZE_MAX: no memory. */
static size_t
gather_weighed(const struct pack *p, struct weighed *all, struct order *order)
{
	size_t count = 0, i, k;

	for (i = 0; i < p->string_count; i++) {
		const struct pack_string *s = &p->string[i];

		for (k = 0; s->cost != PLAN_NEVER && k < s->count; k++) {
			const struct pack_literal *l = &s->literal[k];

			all[count] =
			    (struct weighed){ l->cost, l->size, (uint32_t)i };
			order[count] =
			    (struct order){ hash_literal(l), (uint32_t)count };
			count++;
		}
	}
	return order_sort(order, count, NULL, NULL) ? count : SIZE_MAX;
}

/*
 * What a string costs: how common its literals are in ordinary files, times
 * how many strings of the database have the same one; what very many
 * signatures name ("MSVBVM60.DLL") is common where they apply, and each of
 * its places would touch them all.  Of equals the longer is better.
 */
static bool
weigh_strings(struct pack *p, uint64_t *cost)
{
	struct weighed *all;
	struct order *order;
	size_t count = 0, i, k, same;

	for (i = 0; i < p->string_count; i++) {
		cost[i] = p->string[i].cost == PLAN_NEVER ? PLAN_NEVER : 0;
		count += p->string[i].count;
	}
	all = malloc((count + 1) * sizeof(*all));
	order = malloc((count + 1) * sizeof(*order));
	count = all != NULL && order != NULL && count < UINT32_MAX
	    ? gather_weighed(p, all, order)
	    : SIZE_MAX;
	for (i = 0; count != SIZE_MAX && i < count; i += same) {
		for (same = 1;
		     i + same < count && order[i + same].key == order[i].key;)
			same++;
		for (k = i; k < i + same; k++) {
			const struct weighed *w = &all[order[k].number];

			cost[w->string] += weight_of(w, same);
		}
		if (i + same + AHEAD < count)
			__builtin_prefetch(&all[order[i + same + AHEAD]
						    .number]);
	}
	free(order);
	free(all);
	return count != SIZE_MAX ? true : pack_full(p);
}

/* plan.c asks what a rule that a condition names needs. */
static bool
needs_of(void *ctx, int64_t rule, struct need *out)
{
	struct pack *p = ctx;

	if (rule < 0 || (uint64_t)rule >= p->placed)
		return false;
	*out = p->need[p->place[rule]];
	return true;
}

/* Ask the plan for every rule, in order: a rule names earlier ones only. */
static bool
plan_rules(struct pack *p, size_t *touches)
{
	uint32_t i, k;
	uint64_t *cost = NULL;

	p->need = pool_alloc(&p->pool, p->rule_count, sizeof(*p->need));
	cost = pool_alloc(&p->pool, p->string_count, sizeof(*cost));
	if (p->need == NULL || cost == NULL)
		return pack_full(p);
	if (!weigh_strings(p, cost))
		return false;
	*touches = 0;
	for (i = 0; i < p->rule_count; i++) {
		const struct pack_rule *rule = &p->rule[i];
		uint32_t string = rule->row[RULE_STRING];
		const struct plan plan = { .pool = &p->pool,
			.condition = rule->condition,
			.string_count = rule->row[RULE_STRINGS],
			.cost = cost + string,
			.string_base = string,
			.needs_of = needs_of,
			.ctx = p };

		if (!plan_rule(&plan, &p->need[i]))
			return pack_full(p);
		for (k = 0; k < p->need[i].count; k++)
			*touches += p->string[p->need[i].string[k]].count;
	}
	return true;
}

/* Does a rule's need lean on a tiny literal? */
static bool
is_tiny(const struct pack *p, const struct need *need)
{
	uint32_t i, k;

	for (i = 0; i < need->count; i++) {
		const struct pack_string *s = &p->string[need->string[i]];

		for (k = 0; k < s->count; k++)
			if (s->literal[k].size < TINY)
				return true;
	}
	return false;
}

/* Give up the tiny literals if they are few. */
static void
drop_tiny(struct pack *p)
{
	uint32_t i, few = 0;

	for (i = 0; i < p->rule_count; i++)
		few += p->need[i].known && is_tiny(p, &p->need[i]);
	if (few > FEW)
		return;
	for (i = 0; i < p->rule_count; i++)
		if (p->need[i].known && is_tiny(p, &p->need[i]))
			p->need[i] = (struct need){ .cost = PACK_WAS_TINY };
}

/* Note what each literal of a string touches. */
static void
add_touches(struct pack *p, uint32_t rule, uint32_t string, struct touch *touch,
    size_t *count)
{
	const struct pack_string *s = &p->string[string];
	uint32_t i;

	for (i = 0; i < s->count; i++) {
		const struct pack_literal *l = &s->literal[i];
		struct touch *t = &touch[(*count)++];

		fold_literal(l, t);
		t->rule = rule;
		t->part = l->part;
		t->distance = l->distance;
		t->often =
		    l->cost > ONCE_A_BYTE ? ONCE_A_BYTE : (uint32_t)l->cost;
	}
}

/* The multipliers of the filter come from what it is to find. */
static uint64_t
seed_of(const struct touch *touch, size_t count)
{
	uint8_t hash[DIGEST_SIZE_MAX];
	struct digest d;
	uint64_t seed = 0;
	size_t i;

	digest_init(&d, DIGEST_SHA256);
	for (i = 0; i < count; i++)
		digest_add(&d, touch[i].folded, touch[i].size);
	digest_end(&d, hash);
	for (i = 0; i < 8; i++)
		seed = seed << 8 | hash[i];
	return seed;
}

/* The target of the rule that is to be touched, as a bit. */
static uint16_t
target_of(const struct pack *p, const struct touch *t)
{
	return (uint16_t)(1u << p->rule[t->rule].row[RULE_TARGET]);
}

/* Number the literals and write TRIGGER_FIRST, TRIGGER and the sets. */
static bool
write_triggers(struct pack *p, const struct touch *touch, size_t count)
{
	struct table *first = &p->table[DB_TRIGGER_FIRST];
	struct literal *literal = pool_alloc(&p->pool, count, sizeof(*literal));
	uint16_t *targets = pool_alloc(&p->pool, count, sizeof(*targets));
	uint32_t row[3], i;

	if (literal == NULL || targets == NULL || count >= UINT32_MAX)
		return pack_full(p);
	for (i = 0; i < count; i++) {
		const struct touch *t = &touch[i];

		if (i == 0 || compare_touches(t, t - 1) != 0) {
			literal[p->triggers] = (struct literal){
				.bytes = t->folded,
				.size = t->size,
				.number = p->triggers,
			};
			row[0] = i;
			row[1] = t->size;
			row[2] = t->often;
			table_add(first, row);
			targets[p->triggers++] = 0;
		}
		targets[p->triggers - 1] |= target_of(p, t);
		row[0] = t->rule;
		row[1] = t->part + 1;
		row[2] = t->distance;
		table_add(&p->table[DB_TRIGGER], row);
	}
	row[0] = i;
	row[1] = row[2] = 0;
	table_add(first, row);
	return pack_literals(p, literal, targets, seed_of(touch, count));
}

static void
write_always(struct pack *p)
{
	struct compile_output *first = &p->section[DB_ALWAYS_FIRST];
	struct table *out = &p->table[DB_ALWAYS];
	uint32_t target, i, row[2];

	for (target = 0; target < DB_TARGETS; target++) {
		output_u32(first, out->rows);
		for (i = 0; i < p->rule_count; i++) {
			if (p->need[i].known ||
			    p->rule[i].row[RULE_TARGET] != target)
				continue;
			row[0] = i;
			row[1] = pack_why_always(p, i);
			table_add(out, row);
		}
	}
	output_u32(first, out->rows);
	p->untriggered = out->rows;
}

/* Put touches in order, from one array into another. */
static bool
order_touches(const struct touch *touch, size_t count, struct touch *out)
{
	struct order *order = malloc((count + 1) * sizeof(*order));
	bool done;
	size_t i;

	if (order == NULL)
		return false;
	for (i = 0; i < count; i++)
		order[i] =
		    (struct order){ order_key(touch[i].folded, touch[i].size),
			    (uint32_t)i };
	done = order_sort(order, count, is_touch_after, touch);
	for (i = 0; i < count; i++) {
		if (i + AHEAD < count)
			__builtin_prefetch(&touch[order[i + AHEAD].number]);
		out[i] = touch[order[i].number];
	}
	free(order);
	return done;
}

/* Everything that touches a rule, in order. */
static bool
write_touches(struct pack *p, size_t room)
{
	struct touch *touch = calloc(room + 1, sizeof(*touch));
	struct touch *sorted = calloc(room + 1, sizeof(*touch));
	size_t count = 0;
	uint32_t i, k;
	bool done = touch != NULL && sorted != NULL;

	for (i = 0; done && i < p->rule_count; i++)
		for (k = 0; k < p->need[i].count; k++)
			add_touches(p, i, p->need[i].string[k], touch, &count);
	done =
	    done && count < UINT32_MAX && order_touches(touch, count, sorted);
	free(touch);
	done = done ? write_triggers(p, sorted, count) : pack_full(p);
	free(sorted);
	return done;
}

/* Another says what is searched for: what stands in its place is empty. */
static void
write_nothing(struct pack *p)
{
	static const uint32_t row[3];
	uint32_t i;

	table_add(&p->table[DB_TRIGGER_FIRST], row);
	for (i = 0; i <= DB_TARGETS; i++)
		output_u32(&p->section[DB_ALWAYS_FIRST], 0);
}

bool
pack_plan(struct pack *p)
{
	size_t touches = 0;

	if (!pack_searches(p)) {
		write_nothing(p);
		return true;
	}
	if (!plan_rules(p, &touches))
		return false;
	drop_tiny(p);
	if (!write_touches(p, touches))
		return false;
	write_always(p);
	return pack_slow(p);
}
