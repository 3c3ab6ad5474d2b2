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

#define ONCE_A_BYTE (UINT32_C(1) << 30)

/* One row of TRIGGER, before it has a literal's number. */
struct touch {
	uint8_t folded[LITERAL_MAX];
	uint32_t size;
	uint32_t rule, part, distance;
	uint32_t often; /* in 2^30 bytes of ordinary files */
};

static int
compare_literals(const struct touch *x, const struct touch *y)
{
	int order = memcmp(x->folded, y->folded, sizeof(x->folded));

	if (order != 0)
		return order;
	return x->size < y->size ? -1 : x->size > y->size;
}

static int
compare_touches(const void *a, const void *b)
{
	const struct touch *x = a, *y = b;
	int order = compare_literals(x, y);

	if (order != 0)
		return order;
	if (x->rule != y->rule)
		return x->rule < y->rule ? -1 : 1;
	if (x->part != y->part)
		return x->part < y->part ? -1 : 1;
	return x->distance < y->distance ? -1 : x->distance > y->distance;
}

static void
fold_literal(const struct pack_literal *l, struct touch *out)
{
	uint32_t k;

	for (k = 0; k < l->size; k++)
		out->folded[k] = ascii_lower(l->bytes[k]);
	out->size = l->size;
}

static int
compare_names(const void *a, const void *b)
{
	const struct touch *x = a, *y = b;
	int order = compare_literals(x, y);

	return order != 0 ? order : x->rule < y->rule ? -1 : x->rule > y->rule;
}

/*
 * What looking for a literal costs that same strings have.  Literals shorter
 * than 9 bytes need tables that are asked at every byte, those shorter than 4
 * tables that nearly every byte passes (reference: docs/database.md).
 */
static uint64_t
weight_of(const struct pack_literal *l, size_t same)
{
	uint64_t cost = l->cost + (l->size < 9 ? 64 : l->size < 19 ? 2 : 0);

	if (l->size < TINY)
		cost += (uint64_t)1 << 32;
	return cost * 64 * same + LITERAL_MAX - l->size;
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
	struct touch *t;
	size_t count = 0, i, k, same;

	for (i = 0; i < p->string_count; i++)
		count += p->string[i].count;
	t = calloc(count + 1, sizeof(*t));
	if (t == NULL)
		return pack_full(p);
	for (i = 0, count = 0; i < p->string_count; i++) {
		cost[i] = p->string[i].cost == PLAN_NEVER ? PLAN_NEVER : 0;
		for (k = 0; cost[i] == 0 && k < p->string[i].count; k++) {
			fold_literal(&p->string[i].literal[k], &t[count]);
			t[count].rule = (uint32_t)i;
			t[count++].part = (uint32_t)k;
		}
	}
	if (count > 0)
		qsort(t, count, sizeof(*t), compare_names);
	for (i = 0; i < count; i += same) {
		for (same = 1; i + same < count &&
		     compare_literals(&t[i], &t[i + same]) == 0;)
			same++;
		for (k = i; k < i + same; k++)
			cost[t[k].rule] +=
			    weight_of(&p->string[t[k].rule].literal[t[k].part],
				same);
	}
	free(t);
	return true;
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

		if (i == 0 || compare_literals(t, t - 1) != 0) {
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

bool
pack_plan(struct pack *p)
{
	struct touch *touch;
	size_t room = 0, count = 0;
	uint32_t i, k;
	bool done;

	if (!plan_rules(p, &room))
		return false;
	drop_tiny(p);
	touch = calloc(room + 1, sizeof(*touch));
	if (touch == NULL)
		return pack_full(p);
	for (i = 0; i < p->rule_count; i++)
		for (k = 0; k < p->need[i].count; k++)
			add_touches(p, i, p->need[i].string[k], touch, &count);
	qsort(touch, count, sizeof(*touch), compare_touches);
	done = write_triggers(p, touch, count);
	free(touch);
	write_always(p);
	return done && pack_slow(p);
}
