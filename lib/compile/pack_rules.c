/*
 * pack_rules.c - write rules with their guards, strings, patterns and
 * programs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pack.h"

#include <string.h>

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
	uint32_t row[2] = { p->parts, 0 }, i;

	if (pattern->part_count == 0 || pattern->part_count > UINT16_MAX)
		return why_not(p->why, WHY_BROKEN,
		    "a pattern has no parts or too many");
	if (pack_compares(p)) {
		row[1] = write_how(p, pattern);
		table_add(&p->table[DB_PATTERN], row);
	}
	for (i = 0; i < pattern->part_count; i++)
		if (!pack_part(p, pattern, &pattern->part[i], best))
			return false;
	return true;
}

/* Is a literal with this cost better looked for than its rule always run? */
#define COST_MAX ((uint64_t)5 << 20)

/* A string that may start in so many places is not looked for everywhere. */
#define SHIFT_MAX 4096u

/* Note what a pattern's literal and place say of its string. */
static void
note_literal(struct pack_string *packed, const struct pack_literal *literal,
    const struct ir_offset *offset)
{
	if (offset->kind == IR_OFFSET_ANY ||
	    offset->kind == IR_OFFSET_IN_SECTION ||
	    offset->max_shift > SHIFT_MAX)
		packed->is_anchored = false;
	if (literal->cost > COST_MAX)
		packed->cost = PLAN_NEVER;
	else if (packed->cost != PLAN_NEVER)
		packed->cost += literal->cost;
}

/* Write a string's patterns, and note by what they are searched for. */
static bool
write_searched(struct pack *p, const struct ir_string *s,
    struct pack_string *packed)
{
	struct pack_literal *literal =
	    pool_alloc(&p->pool, s->pattern_count, sizeof(*literal));
	uint32_t i;

	if (literal == NULL)
		return pack_full(p);
	*packed = (struct pack_string){ .literal = literal,
		.count = s->pattern_count,
		.is_anchored = true };
	for (i = 0; i < s->pattern_count; i++) {
		literal[i].cost = PLAN_NEVER;
		if (!write_pattern(p, &s->pattern[i], &literal[i]))
			return false;
		note_literal(packed, &literal[i], &s->pattern[i].offset);
	}
	return true;
}

/* Write a string; it has number p->string_count. */
static bool
write_string(struct pack *p, const struct ir_string *s)
{
	uint32_t row[3] = { p->table[DB_PATTERN].rows, 0, s->overlaps }, i;
	const char *name = s->name != NULL ? s->name : "";

	if (s->pattern_count == 0)
		return why_not(p->why, WHY_BROKEN, "a string has no patterns");
	if (pack_compares(p)) {
		row[1] = pack_text(p, name, strlen(name));
		table_add(&p->table[DB_STRING], row);
	}
	if (pack_searches(p))
		return write_searched(p, s, &p->string[p->string_count]);
	for (i = 0; i < s->pattern_count; i++)
		if (!write_pattern(p, &s->pattern[i], NULL))
			return false;
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

/* Write a rule's strings. */
static bool
write_strings(struct pack *p, const struct ir_rule *rule)
{
	size_t more = p->string_count + rule->string_count < p->string_room
	    ? rule->string_count
	    : rule->string_count + p->string_count / 2;
	uint32_t i;

	if (p->string_count + rule->string_count >= UINT32_MAX ||
	    (pack_searches(p) &&
		!pool_vector_reserve(&p->pool, (void **)&p->string,
		    &p->string_room, p->string_count, more,
		    sizeof(*p->string))))
		return pack_full(p);
	for (i = 0; i < rule->string_count; i++, p->string_count++)
		if (!write_string(p, &rule->string[i]))
			return false;
	return true;
}

static bool
write_rule(struct pack *p, const struct ir_rule *rule)
{
	struct pack_rule *r;

	if (rule->string_count > UINT16_MAX - 1 ||
	    rule->guard.target >= DB_TARGETS || rule->condition == NULL)
		return why_not(p->why, WHY_BROKEN,
		    "%.*s: too many strings, or no such target",
		    (int)rule->origin.name_size, rule->origin.name);
	if (!pool_vector_grow(&p->pool, (void **)&p->rule, &p->rule_room,
		p->rule_count, sizeof(*p->rule)))
		return pack_full(p);
	r = &p->rule[p->rule_count++];
	*r = (struct pack_rule){
		.file = rule->origin.file,
		.line = rule->origin.line,
		.flags = rule->origin.flags,
		.kind = rule->kind,
		.condition = rule->condition,
	};
	if (pack_compares(p)) {
		pack_name(p, rule->origin.name, rule->origin.name_size,
		    r->name);
		if (!write_program(p, rule, &r->row[RULE_PROGRAM]))
			return false;
	}
	r->row[RULE_GUARD] = write_guard(p, &rule->guard);
	r->row[RULE_STRING] = (uint32_t)p->string_count;
	r->row[RULE_STRINGS] = rule->string_count;
	r->row[RULE_TARGET] = rule->guard.target;
	r->row[RULE_HANDLER] = rule->handler;
	return write_strings(p, rule);
}

/*
 * Where each of ir's rules will be in the database.  Conditions that name
 * rules need it; so those must all be taken at once (they are YARA's).
 */
static bool
place_rules(struct pack *p)
{
	const struct ir *ir = p->ir;
	uint32_t kind, place = 0;
	size_t i;

	if (!pool_vector_reserve(&p->pool, (void **)&p->place, &p->place_room,
		0, ir->rule_count, sizeof(*p->place)))
		return pack_full(p);
	for (kind = 0; kind <= SIG_HEURISTIC; kind++)
		for (i = 0; i < ir->rule_count; i++)
			if ((uint32_t)ir->rule[i].kind == kind)
				p->place[i] = place++;
	if (place != ir->rule_count)
		return why_not(p->why, WHY_BUG, "a rule without a kind");
	return true;
}

/* A rule will be written soon. */
static void
ask_for(const struct pack *p, const struct ir_rule *rule)
{
	uint32_t i, k, n;

	for (i = 0; i < rule->string_count; i++)
		for (k = 0; k < rule->string[i].pattern_count; k++) {
			const struct ir_pattern *pattern =
			    &rule->string[i].pattern[k];

			for (n = 0; n < pattern->part_count; n++)
				pack_part_ask(p, pattern, &pattern->part[n]);
		}
}

bool
pack_take_rules(struct pack *p)
{
	struct ir *ir = p->ir;
	size_t i;

	if (ir->rule_count == 0)
		return true;
	if (p->rule_count + ir->rule_count + p->hash_count > UINT32_MAX - 1)
		return why_not(p->why, WHY_LIMIT, "too many rules");
	if (!place_rules(p))
		return false;
	for (i = 0; i < ir->rule_count; i++) {
		if (i + 1 < ir->rule_count && pack_compares(p))
			ask_for(p, &ir->rule[i + 1]);
		if (!write_rule(p, &ir->rule[i]))
			return false;
	}
	p->placed = ir->rule_count;
	ir->rule_count = 0;
	return true;
}

/* Put the rules in order of kind, else as they came. */
static bool
order_rules(struct pack *p)
{
	struct pack_rule *sorted = NULL;
	size_t room = 0, count = 0, i;
	enum sig_kind kind;

	if (!pool_vector_reserve(&p->pool, (void **)&sorted, &room, 0,
		p->rule_count + 1, sizeof(*sorted)))
		return pack_full(p);
	for (kind = SIG_HASH; kind <= SIG_HEURISTIC; kind++)
		for (i = 0; i < p->rule_count; i++)
			if (p->rule[i].kind == kind)
				sorted[count++] = p->rule[i];
	pool_vector_free(&p->pool, (void **)&p->rule, &p->rule_room,
	    sizeof(*p->rule));
	p->rule = sorted;
	p->rule_room = room;
	return true;
}

bool
pack_rules(struct pack *p)
{
	size_t i;

	if (!order_rules(p))
		return false;
	for (i = 0; i < p->rule_count && pack_compares(p); i++) {
		const struct pack_rule *r = &p->rule[i];
		const struct pack_place at = { r->file, r->line, r->flags,
			r->kind };

		table_add(&p->table[DB_RULE], r->row);
		table_add(&p->table[DB_RULE_NAME], r->name);
		pack_place(p, &at);
		p->body += r->kind == SIG_BODY;
		p->logical += r->kind == SIG_LOGICAL;
		p->yara += r->kind == SIG_YARA;
	}
	return true;
}
