/*
 * t_ir.c - the intermediate form as text, for tests.  See t_ir.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t_ir.h"

#include "lib/compile/pool.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

__attribute__((format(printf, 2, 3))) static void
t_ir_put(struct t_text *out, const char *format, ...)
{
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(out->bytes + out->size, sizeof(out->bytes) - out->size,
	    format, args);
	va_end(args);
	if (n < 0 || (size_t)n >= sizeof(out->bytes) - out->size)
		abort();
	out->size += (size_t)n;
}

static void
t_ir_masked(struct t_text *out, uint8_t value, uint8_t mask)
{
	static const char digit[] = "0123456789abcdef";

	t_ir_put(out, "%c%c", (mask & 0xf0) ? digit[value >> 4] : '?',
	    (mask & 0x0f) ? digit[value & 15] : '?');
}

static void t_ir_element(const struct ir_element *e, struct t_text *out);

static void
t_ir_branches(const struct ir_element *e, struct t_text *out)
{
	uint32_t i, j;

	t_ir_put(out, "(");
	for (i = 0; i < e->count; i++) {
		if (i > 0)
			t_ir_put(out, "|");
		for (j = 0; j < e->branch[i].count; j++)
			t_ir_element(&e->branch[i].element[j], out);
	}
	t_ir_put(out, ")");
}

/* Alternatives nest at most 15 deep. */
static void
t_ir_element(const struct ir_element *e, struct t_text *out)
{
	static const char mark[] = "BLW";
	uint32_t i;

	switch (e->kind) {
	case IR_LITERAL:
		for (i = 0; i < e->count; i++)
			t_ir_put(out, "%02x", e->bytes[i]);
		return;
	case IR_MASKED:
		t_ir_masked(out, e->value, e->mask);
		return;
	case IR_ANY:
		t_ir_put(out, "<%u>", e->count);
		return;
	case IR_NOT_ALT:
		t_ir_put(out, "!");
		t_ir_branches(e, out);
		return;
	case IR_ALT:
		t_ir_branches(e, out);
		return;
	case IR_BOUNDARY:
	case IR_LINE:
	case IR_WORD:
		t_ir_put(out, "%s%s%c%s", e->negated ? "!" : "",
		    e->side == IR_BEFORE ? "^" : "",
		    mark[e->kind - IR_BOUNDARY],
		    e->side == IR_AFTER ? "$" : "");
		return;
	default:
		abort();
	}
}

static void
t_ir_part(const struct ir_part *p, bool is_first, struct t_text *out)
{
	uint32_t i;

	if (!is_first && p->gap_max == IR_UNBOUNDED && p->gap_min == 0)
		t_ir_put(out, "*");
	else if (!is_first && p->gap_max == IR_UNBOUNDED)
		t_ir_put(out, "{%u-}", p->gap_min);
	else if (!is_first)
		t_ir_put(out, "{%u-%u}", p->gap_min, p->gap_max);
	else if (p->gap_min != 0 || p->gap_max != 0)
		abort();
	if (p->before.there) {
		t_ir_masked(out, p->before.value, p->before.mask);
		t_ir_put(out, "[%u-%u]", p->before.min, p->before.max);
	}
	for (i = 0; i < p->count; i++)
		t_ir_element(&p->element[i], out);
	if (p->after.there) {
		t_ir_put(out, "[%u-%u]", p->after.min, p->after.max);
		t_ir_masked(out, p->after.value, p->after.mask);
	}
}

static void
t_ir_offset(const struct ir_offset *o, struct t_text *out)
{
	switch (o->kind) {
	case IR_OFFSET_ANY:
		return;
	case IR_OFFSET_ABSOLUTE:
		t_ir_put(out, "%u", o->value);
		break;
	case IR_OFFSET_EOF_MINUS:
		t_ir_put(out, "EOF-%u", o->value);
		break;
	case IR_OFFSET_EP_PLUS:
		t_ir_put(out, "EP+%u", o->value);
		break;
	case IR_OFFSET_EP_MINUS:
		t_ir_put(out, "EP-%u", o->value);
		break;
	case IR_OFFSET_SECTION_PLUS:
		t_ir_put(out, "S%u+%u", o->section, o->value);
		break;
	case IR_OFFSET_LAST_SECTION_PLUS:
		t_ir_put(out, "SL+%u", o->value);
		break;
	case IR_OFFSET_IN_SECTION:
		t_ir_put(out, "SE%u", o->section);
		break;
	case IR_OFFSET_VERSION_INFO:
		t_ir_put(out, "VI");
		break;
	default:
		abort();
	}
	if (o->max_shift != 0)
		t_ir_put(out, ",%u", o->max_shift);
	t_ir_put(out, ":");
}

static void
t_ir_string(const struct ir_string *s, struct t_text *out)
{
	uint32_t i, j;

	for (i = 0; i < s->pattern_count; i++) {
		const struct ir_pattern *p = &s->pattern[i];

		if (i > 0)
			t_ir_put(out, " + ");
		t_ir_offset(&p->offset, out);
		for (j = 0; j < p->part_count; j++)
			t_ir_part(&p->part[j], j == 0, out);
		if (p->nocase || p->wide)
			t_ir_put(out, "/%s%s", p->nocase ? "i" : "",
			    p->wide ? "w" : "");
	}
}

static const char *
t_ir_operator(enum ir_node_kind kind)
{
	static const struct {
		enum ir_node_kind kind;
		const char *text;
	} row[] = { { IR_AND, "and" }, { IR_OR, "or" }, { IR_IF, "if" },
		{ IR_EQ, "=" }, { IR_LT, "<" }, { IR_GT, ">" }, { IR_GE, ">=" },
		{ IR_ADD, "+" } };
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (row[i].kind == kind)
			return row[i].text;
	abort();
}

/* Conditions are small: condition.c sees to it. */
static void
t_ir_node(const struct ir_node *n, struct t_text *out)
{
	uint32_t i;

	if (n->kind == IR_INT) {
		t_ir_put(out, "%" PRId64, n->value);
		return;
	}
	if (n->kind == IR_FOUND || n->kind == IR_HITS) {
		t_ir_put(out, "%s%u", n->kind == IR_FOUND ? "#" : "##",
		    n->string);
		return;
	}
	if (n->kind == IR_SET_HITS || n->kind == IR_SET_FOUND) {
		t_ir_put(out, n->kind == IR_SET_HITS ? "(hits" : "(found");
		for (i = 0; i < n->set_count; i++)
			t_ir_put(out, " %u", n->set[i]);
		t_ir_put(out, ")");
		return;
	}
	t_ir_put(out, "(%s", t_ir_operator(n->kind));
	for (i = 0; i < n->child_count; i++) {
		t_ir_put(out, " ");
		t_ir_node(n->child[i], out);
	}
	t_ir_put(out, ")");
}

static void
t_ir_guard(const struct ir_guard *g, struct t_text *out)
{
	uint32_t i;

	t_ir_put(out, "%d", g->target);
	if (g->has_size)
		t_ir_put(out, " size %" PRIu64 "-%" PRIu64, g->size_min,
		    g->size_max);
	if (g->has_entry)
		t_ir_put(out, " entry %" PRIu64 "-%" PRIu64, g->entry_min,
		    g->entry_max);
	if (g->has_sections)
		t_ir_put(out, " sections %" PRIu64 "-%" PRIu64, g->sections_min,
		    g->sections_max);
	if (g->container == IR_CONTAINER_ROOT)
		t_ir_put(out, " root");
	else if (g->container != 0)
		t_ir_put(out, " in %d", g->container - 1);
	for (i = 0; i < g->intermediate_count; i++)
		t_ir_put(out, " >%d", (int)g->intermediate[i] - 1);
	if (g->has_icon)
		t_ir_put(out, " icon");
}

void
t_ir_rule(const struct ir_rule *rule, struct t_text *out)
{
	uint32_t i;

	t_ir_guard(&rule->guard, out);
	if (rule->handler == IR_HANDLER_SAME)
		t_ir_put(out, " as it is");
	else if (rule->handler != 0)
		t_ir_put(out, " as %d", rule->handler - 1);
	for (i = 0; i < rule->string_count; i++) {
		t_ir_put(out, " | ");
		t_ir_string(&rule->string[i], out);
	}
	t_ir_put(out, " | ");
	t_ir_node(rule->condition, out);
}

void
t_ir_begin(struct t_ir *t, const char *name, const void *bytes, size_t size)
{
	const struct compile_options options = { .flevel = 216 };

	t->pool = malloc(sizeof(*t->pool));
	if (t->pool == NULL)
		abort();
	pool_init(t->pool, (size_t)1 << 30);
	ir_init(&t->ir, t->pool);
	t->ok = compile_text(&t->ir, name, cur_from(bytes, size), &options,
	    &t->why);
}

void
t_ir_end(struct t_ir *t)
{
	ir_fini(&t->ir);
	pool_fini(t->pool);
	free(t->pool);
}

uint64_t
t_ir_count(const struct t_ir *t, const char *what, const char *reason)
{
	uint64_t count = 0;
	size_t i;

	for (i = 0; i < t->ir.tally_count; i++) {
		const struct ir_tally *one = &t->ir.tally[i];

		if (strcmp(one->what, what) == 0 &&
		    (one->reason == NULL) == (reason == NULL) &&
		    (reason == NULL || strcmp(one->reason, reason) == 0))
			count += one->count;
	}
	return count;
}

void
t_ir_line(const char *name, const char *line, struct t_text *out)
{
	struct t_ir t;

	out->size = 0;
	out->bytes[0] = '\0';
	t_ir_begin(&t, name, line, strlen(line));
	if (!t.ok)
		abort();
	if (t.ir.rule_count == 1)
		t_ir_rule(&t.ir.rule[0], out);
	else if (t.ir.complaint_count > 0)
		t_ir_put(out, "%s@%u", t.ir.complaint[0].kind,
		    t.ir.complaint[0].column);
	else if (t.ir.tally_count > 0)
		t_ir_put(out, "quiet:%s",
		    t.ir.tally[0].reason == NULL ? "" : t.ir.tally[0].reason);
	t_ir_end(&t);
}
