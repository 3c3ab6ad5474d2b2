/*
 * pack_rules.c - write rules with their guards, strings, patterns and
 * programs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pack.h"

/* Write a guard once; its index + 1, or 0 if it asks for nothing. */
static uint32_t
write_guard(struct pack *p, const struct ir_guard *g)
{
	struct compile_output *out = &p->section[DB_GUARD];
	size_t from = out->size;
	uint32_t i, has = 0;

	has |= g->has_size ? DB_GUARD_SIZE : 0;
	has |= g->has_entry ? DB_GUARD_ENTRY : 0;
	has |= g->has_sections ? DB_GUARD_SECTIONS : 0;
	has |= g->has_icon ? DB_GUARD_NEVER : 0;
	if (has == 0 && g->container == 0 && g->intermediate_count == 0)
		return 0;
	output_u8(out, has);
	output_u8(out, g->intermediate_count);
	output_u16(out, g->container);
	for (i = 0; i < IR_INTERMEDIATES_MAX; i++)
		output_u16(out,
		    i < g->intermediate_count ? g->intermediate[i] : 0);
	output_u32(out, 0);
	output_u64(out, g->has_size ? g->size_min : 0);
	output_u64(out, g->has_size ? g->size_max : 0);
	output_u64(out, g->has_entry ? g->entry_min : 0);
	output_u64(out, g->has_entry ? g->entry_max : 0);
	output_u64(out, g->has_sections ? g->sections_min : 0);
	output_u64(out, g->has_sections ? g->sections_max : 0);
	return (uint32_t)(once_keep(&p->guards, out, from) / 88) + 1;
}

/* Write where a pattern may start and how it compares; the record's index. */
static uint32_t
write_how(struct pack *p, const struct ir_pattern *pattern)
{
	struct compile_output *out = &p->section[DB_HOW];
	size_t from = out->size;

	output_u16(out, 0);
	output_u8(out,
	    (pattern->nocase ? DB_PATTERN_NOCASE : 0) |
		(pattern->wide ? DB_PATTERN_WIDE : 0));
	output_u8(out, pattern->offset.kind);
	output_u32(out, pattern->offset.section);
	output_u32(out, pattern->offset.value);
	output_u32(out, pattern->offset.max_shift);
	return (uint32_t)(once_keep(&p->hows, out, from) / 16);
}

static bool
write_pattern(struct pack *p, const struct ir_pattern *pattern,
    struct pack_literal *best)
{
	const uint32_t row[2] = { p->table[DB_PART].rows,
		write_how(p, pattern) };
	uint32_t i;

	if (pattern->part_count == 0 || pattern->part_count > UINT16_MAX)
		return why_not(p->why, WHY_BROKEN,
		    "a pattern has no parts or too many");
	table_add(&p->table[DB_PATTERN], row);
	for (i = 0; i < pattern->part_count; i++)
		if (!pack_part(p, pattern, &pattern->part[i], best))
			return false;
	return true;
}

/* Is a literal with this cost better looked for than its rule always run? */
#define COST_MAX ((uint64_t)5 << 20)

static bool
write_string(struct pack *p, const struct ir_string *s,
    struct pack_string *packed)
{
	uint32_t row[3] = { p->table[DB_PATTERN].rows, 0, s->overlaps };
	struct pack_literal *literal =
	    pool_alloc(&p->pool, s->pattern_count, sizeof(*literal));
	const char *name = s->name != NULL ? s->name : "";
	size_t size = 0;
	uint32_t i;

	if (literal == NULL)
		return pack_full(p);
	while (name[size] != '\0')
		size++;
	if (s->pattern_count == 0)
		return why_not(p->why, WHY_BROKEN, "a string has no patterns");
	row[1] = pack_text(p, name, size);
	table_add(&p->table[DB_STRING], row);
	*packed = (struct pack_string){ .literal = literal,
		.count = s->pattern_count };
	for (i = 0; i < s->pattern_count; i++) {
		literal[i].cost = PLAN_NEVER;
		if (!write_pattern(p, &s->pattern[i], &literal[i]))
			return false;
		if (literal[i].cost > COST_MAX)
			packed->cost = PLAN_NEVER;
		else if (packed->cost != PLAN_NEVER)
			packed->cost += literal[i].cost;
	}
	return true;
}

/* Write a rule's program, once for all that ask the same; its index. */
static bool
write_program(struct pack *p, const struct ir_rule *rule, uint32_t *index)
{
	struct compile_output *code = &p->section[DB_CODE];
	struct compile_output *out = &p->section[DB_PROGRAM];
	size_t from = code->size, at, size;

	if (!pack_code(p, rule, code))
		return false;
	size = code->size - from;
	at = once_keep(&p->codes, code, from);
	if (at > UINT32_MAX)
		return pack_full(p);
	from = out->size;
	output_u32(out, (uint32_t)at);
	output_u32(out, (uint32_t)size);
	output_u32(out, rule->string_count);
	output_u32(out, 0);
	*index = (uint32_t)(once_keep(&p->programs, out, from) / 16);
	return true;
}

static bool
write_rule(struct pack *p, const struct ir_rule *rule)
{
	uint32_t row[5] = { 0, p->string_count, rule->guard.target, 0,
		rule->handler };
	uint32_t i;

	if (rule->string_count > UINT16_MAX - 1 ||
	    rule->guard.target >= DB_TARGETS || rule->condition == NULL)
		return why_not(p->why, WHY_BROKEN,
		    "%.*s: too many strings, or no such target",
		    (int)rule->origin.name_size, rule->origin.name);
	if (!write_program(p, rule, &row[3]))
		return false;
	row[0] = write_guard(p, &rule->guard);
	table_add(&p->table[DB_RULE], row);
	for (i = 0; i < rule->string_count; i++)
		if (!write_string(p, &rule->string[i],
			&p->string[p->string_count++]))
			return false;
	return true;
}

bool
pack_rules(struct pack *p)
{
	const struct ir *ir = p->ir;
	size_t i, strings = 0;

	for (i = 0; i < ir->rule_count; i++)
		strings += ir->rule[i].string_count;
	if (strings >= UINT32_MAX)
		return why_not(p->why, WHY_LIMIT, "too many strings");
	p->string = pool_alloc(&p->pool, strings, sizeof(*p->string));
	if (p->string == NULL)
		return pack_full(p);
	for (i = 0; i < ir->rule_count; i++)
		if (!write_rule(p, &ir->rule[p->order[i]]))
			return false;
	return true;
}
