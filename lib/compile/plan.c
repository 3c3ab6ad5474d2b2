/*
 * plan.c - which strings must occur for a condition to hold.  See plan.h.
 *
 * Two answers are worked out for every node, from the leaves up:
 *   true     what must occur for its value to be defined and not 0
 *   defined  what must occur for its value to be defined at all
 * and, for a node that is compared with a number, for its value to reach it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/plan.h"

#include <stdlib.h>
#include <string.h>

#define NODES_MAX      65536u
#define STRING_OF_LOOP UINT32_MAX /* in a need: whichever the loop is at */

struct plan_node {
	const struct ir_node *n;
	uint32_t child; /* index of the first; they stand together */
	struct need is_true, is_defined;
};

struct planner {
	const struct plan *plan;
	struct plan_node *node;
	size_t count, room;
	bool full;
};

static const struct need unknown = { .known = false };
static const struct need never = { .known = true };

/* Room for count strings; NULL when memory is at its end. */
static uint32_t *
take_strings(struct planner *p, size_t count)
{
	uint32_t *s = pool_alloc(p->plan->pool, count, sizeof(*s));

	if (s == NULL)
		p->full = true;
	return s;
}

static uint64_t
add_cost(uint64_t a, uint64_t b)
{
	return a > PLAN_NEVER - b ? PLAN_NEVER : a + b;
}

/* String number s of the rule occurs. */
static struct need
need_string(struct planner *p, uint32_t s)
{
	const struct plan *plan = p->plan;
	struct need need = { .known = true, .count = 1 };
	uint32_t *string;

	if (s != IR_STRING_OF_LOOP &&
	    (s >= plan->string_count || plan->cost[s] == PLAN_NEVER))
		return unknown;
	string = take_strings(p, 1);
	if (string == NULL)
		return unknown;
	*string =
	    s == IR_STRING_OF_LOOP ? STRING_OF_LOOP : plan->string_base + s;
	need.cost = s == IR_STRING_OF_LOOP ? 0 : plan->cost[s];
	need.string = string;
	return need;
}

/* The cheaper of two things that must both be. */
static struct need
best(struct need a, struct need b)
{
	if (!a.known)
		return b;
	if (!b.known)
		return a;
	return b.cost < a.cost || (b.cost == a.cost && b.count < a.count) ? b
									  : a;
}

/* One of two things must be. */
static struct need
either(struct planner *p, struct need a, struct need b)
{
	struct need sum = { .known = true, .cost = add_cost(a.cost, b.cost) };
	uint32_t *string, i = 0, k = 0;

	if (!a.known || !b.known)
		return unknown;
	if (a.count == 0)
		return b;
	if (b.count == 0)
		return a;
	string = take_strings(p, (size_t)a.count + b.count);
	if (string == NULL)
		return unknown;
	while (i < a.count || k < b.count) {
		if (k == b.count ||
		    (i < a.count && a.string[i] < b.string[k])) {
			string[sum.count++] = a.string[i++];
		} else if (i == a.count || b.string[k] < a.string[i]) {
			string[sum.count++] = b.string[k++];
		} else {
			string[sum.count++] = a.string[i++];
			k++;
		}
	}
	sum.string = string;
	return sum;
}

/* A string of a set and what it costs. */
struct choice {
	uint64_t cost;
	uint32_t string;
};

static int
compare_choices(const void *a, const void *b)
{
	const struct choice *x = a, *y = b;

	if (x->cost != y->cost)
		return x->cost < y->cost ? -1 : 1;
	return x->string < y->string ? -1 : x->string > y->string;
}

/* At least k of the set's strings occur: one of the n - k + 1 cheapest does. */
static struct need
need_some(struct planner *p, const uint32_t *set, uint32_t count, uint64_t k)
{
	struct need sum = never;
	struct choice *choice;
	uint32_t i;

	if (k > count)
		return never;
	choice = pool_alloc(p->plan->pool, count, sizeof(*choice));
	if (choice == NULL) {
		p->full = true;
		return unknown;
	}
	for (i = 0; i < count; i++) {
		choice[i].string = set[i];
		choice[i].cost = set[i] < p->plan->string_count
		    ? p->plan->cost[set[i]]
		    : PLAN_NEVER;
	}
	qsort(choice, count, sizeof(*choice), compare_choices);
	for (i = 0; i < count - k + 1 && sum.known; i++)
		sum = either(p, sum, need_string(p, choice[i].string));
	return sum;
}

/* A loop over a set reaches k: put the set in place of "the loop's string". */
static struct need
need_loop(struct planner *p, const struct ir_node *n, struct need body,
    uint64_t k)
{
	struct need rest = body;

	if (!body.known || body.count == 0 ||
	    body.string[body.count - 1] != STRING_OF_LOOP)
		return body;
	if (body.count == 1)
		return need_some(p, n->set, n->set_count, k);
	rest.count--;
	return either(p, rest, need_some(p, n->set, n->set_count, 1));
}

/* The value of node i is defined and at least k, which is above 0. */
static struct need
need_at_least(struct planner *p, uint32_t i, int64_t k)
{
	struct need guard = unknown;

	/* if c then x else less-than-k: c holds, and x is at least k */
	while (p->node[i].n->kind == IR_IF) {
		const struct plan_node *c = &p->node[p->node[i].child];

		if (c[2].n->kind != IR_INT || c[2].n->value >= k)
			break;
		guard = best(guard, c[0].is_true);
		i = p->node[i].child + 1;
	}
	if (p->node[i].n->kind == IR_SET_FOUND)
		return best(guard,
		    need_some(p, p->node[i].n->set, p->node[i].n->set_count,
			(uint64_t)k));
	if (p->node[i].n->kind == IR_FOR_SET)
		return best(guard,
		    need_loop(p, p->node[i].n,
			p->node[p->node[i].child].is_true, (uint64_t)k));
	return best(guard, p->node[i].is_true);
}

/* a compared with a number, or a number with a. */
static struct need
need_compared(struct planner *p, const struct plan_node *node)
{
	uint32_t a = node->child, b = node->child + 1;
	enum ir_node_kind kind = node->n->kind;
	int64_t k;

	if (p->node[a].n->kind == IR_INT) {
		a = b;
		b = node->child;
		kind = kind == IR_LT ? IR_GT
		    : kind == IR_LE  ? IR_GE
		    : kind == IR_GT  ? IR_LT
		    : kind == IR_GE  ? IR_LE
				     : kind;
	}
	if (p->node[b].n->kind != IR_INT)
		return unknown;
	k = p->node[b].n->value;
	if (kind == IR_NE && k == 0)
		return need_at_least(p, a, 1);
	if (kind == IR_GT && k >= 0 && k < INT64_MAX)
		return need_at_least(p, a, k + 1);
	if ((kind == IR_GE || kind == IR_EQ) && k > 0)
		return need_at_least(p, a, k);
	return unknown;
}

/* Fold the children's needs: of AND and MUL the best, of OR and ADD all. */
static struct need
fold_children(struct planner *p, const struct plan_node *node, bool all)
{
	struct need sum = all ? never : unknown;
	uint32_t i;

	for (i = 0; i < node->n->child_count; i++) {
		struct need child = p->node[node->child + i].is_true;

		sum = all ? either(p, sum, child) : best(sum, child);
	}
	return sum;
}

/* An operator is defined only if its operands are. */
static struct need
need_operands(const struct planner *p, const struct plan_node *node)
{
	struct need sum = unknown;
	uint32_t i;

	for (i = 0; i < node->n->child_count; i++)
		sum = best(sum, p->node[node->child + i].is_defined);
	return sum;
}

static struct need
need_rule(struct planner *p, int64_t rule)
{
	struct need need;

	return p->plan->needs_of(p->plan->ctx, rule, &need) ? need : unknown;
}

static struct need
need_true(struct planner *p, const struct plan_node *node)
{
	const struct ir_node *n = node->n;
	const struct plan_node *child = p->node + node->child;

	switch (n->kind) {
	case IR_INT:
		return n->value == 0 ? never : unknown;
	case IR_HITS:
	case IR_FOUND:
	case IR_FOUND_AT:
	case IR_FOUND_IN:
	case IR_HITS_IN:
		return need_string(p, n->string);
	case IR_SET_HITS:
	case IR_SET_FOUND:
		return need_some(p, n->set, n->set_count, 1);
	case IR_AND:
	case IR_MUL:
	case IR_BIT_AND:
		return fold_children(p, node, false);
	case IR_OR:
	case IR_ADD:
	case IR_SUB:
	case IR_BIT_OR:
	case IR_BIT_XOR:
		return fold_children(p, node, true);
	case IR_DEFINED:
		return child[0].is_defined;
	case IR_IF:
		return either(p, best(child[0].is_true, child[1].is_true),
		    child[2].is_true);
	case IR_NEG:
	case IR_DIV:
	case IR_MOD:
	case IR_SHL:
	case IR_SHR:
		return child[0].is_true;
	case IR_EQ:
	case IR_NE:
	case IR_LT:
	case IR_LE:
	case IR_GT:
	case IR_GE:
		return need_compared(p, node);
	case IR_FOR_RANGE:
		return child[2].is_true;
	case IR_FOR_SET:
		return need_loop(p, n, child[0].is_true, 1);
	case IR_RULE:
		return need_rule(p, n->value);
	case IR_FACT:
	case IR_READ:
	case IR_NOT:
	case IR_BIT_NOT:
	case IR_HIT_OFFSET:
	case IR_HIT_LENGTH:
	case IR_LOOP_VALUE:
		return unknown;
	}
	return unknown;
}

static struct need
need_defined(struct planner *p, const struct plan_node *node)
{
	switch (node->n->kind) {
	case IR_HIT_OFFSET:
	case IR_HIT_LENGTH:
		return need_string(p, node->n->string);
	case IR_READ:
	case IR_NOT:
	case IR_EQ:
	case IR_NE:
	case IR_LT:
	case IR_LE:
	case IR_GT:
	case IR_GE:
	case IR_ADD:
	case IR_SUB:
	case IR_MUL:
	case IR_DIV:
	case IR_MOD:
	case IR_NEG:
	case IR_BIT_AND:
	case IR_BIT_OR:
	case IR_BIT_XOR:
	case IR_BIT_NOT:
	case IR_SHL:
	case IR_SHR:
		return need_operands(p, node);
	case IR_INT:
	case IR_HITS:
	case IR_FOUND:
	case IR_FOUND_AT:
	case IR_FOUND_IN:
	case IR_HITS_IN:
	case IR_SET_HITS:
	case IR_SET_FOUND:
	case IR_FACT:
	case IR_AND:
	case IR_OR:
	case IR_DEFINED:
	case IR_IF:
	case IR_FOR_RANGE:
	case IR_FOR_SET:
	case IR_LOOP_VALUE:
	case IR_RULE:
		return unknown;
	}
	return unknown;
}

static bool
add_node(struct planner *p, const struct ir_node *n)
{
	if (p->count == NODES_MAX ||
	    !pool_vector_grow(p->plan->pool, (void **)&p->node, &p->room,
		p->count, sizeof(*p->node)))
		return false;
	p->node[p->count++] = (struct plan_node){ .n = n };
	return true;
}

/* How many children a node's kind reads without asking child_count. */
static uint32_t
children_of(enum ir_node_kind kind)
{
	if (kind == IR_IF || kind == IR_FOR_RANGE)
		return 3;
	if (kind >= IR_EQ && kind <= IR_GE)
		return 2;
	return kind == IR_DEFINED || kind == IR_NEG || kind == IR_DIV ||
	    kind == IR_MOD || kind == IR_SHL || kind == IR_SHR ||
	    kind == IR_FOR_SET;
}

/* Lay the tree out so that children come after parents, and together. */
static bool
lay_out(struct planner *p)
{
	size_t i;
	uint32_t k;

	if (!add_node(p, p->plan->condition))
		return false;
	for (i = 0; i < p->count; i++) {
		const struct ir_node *n = p->node[i].n;

		p->node[i].child = (uint32_t)p->count;
		if (n->child_count < children_of(n->kind))
			return false;
		for (k = 0; k < n->child_count; k++)
			if (!add_node(p, n->child[k]))
				return false;
	}
	return true;
}

bool
plan_rule(const struct plan *plan, struct need *out)
{
	struct planner p = { .plan = plan };
	size_t i;

	*out = unknown;
	if (lay_out(&p)) {
		for (i = p.count; i > 0; i--) {
			struct plan_node *node = &p.node[i - 1];

			node->is_defined = need_defined(&p, node);
			node->is_true =
			    best(need_true(&p, node), node->is_defined);
		}
		*out = p.node[0].is_true;
	}
	pool_vector_free(plan->pool, (void **)&p.node, &p.room,
	    sizeof(*p.node));
	return !p.full;
}
