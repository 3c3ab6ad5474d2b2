/*
 * code.c - turn a condition into byte code (lib/eval/opcodes.def).
 *
 * The tree is walked with an array of open nodes instead of recursion.  AND
 * and OR jump to their end at the first child that decides, so a string is
 * searched for only while the condition still depends on it.  The operands of
 * those jumps are chained through themselves until the end is known.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pack.h"

#include "lib/eval/program.h"

#define DEPTH_MAX 512u

struct open_node {
	const struct ir_node *n;
	uint32_t child;  /* how many have been written */
	uint32_t chain;  /* last jump to this node's end, or NO_JUMP */
	uint32_t branch; /* IR_IF: the jump to the other branch */
};

#define NO_JUMP UINT32_MAX

struct coder {
	struct pack *pack;
	const struct ir_rule *rule;
	struct compile_output *out;
	size_t start; /* of the program in out */
	uint32_t depth;
	struct open_node open[DEPTH_MAX];
	bool broken;
};

static uint32_t
here(const struct coder *c)
{
	return (uint32_t)(c->out->size - c->start);
}

static void
write_op(struct coder *c, enum opcode op)
{
	output_u8(c->out, (uint32_t)op);
}

/* Write a jump whose target is not known yet. */
static void
write_jump(struct coder *c, enum opcode op, uint32_t *chain)
{
	uint32_t at;

	write_op(c, op);
	at = here(c);
	output_u32(c->out, *chain);
	*chain = at;
}

/* Let every jump of the chain go to here. */
static void
land(struct coder *c, uint32_t chain)
{
	uint32_t to = here(c);

	while (chain != NO_JUMP && output_ok(c->out)) {
		uint32_t next = output_get_u32(c->out, c->start + chain);

		output_put_u32(c->out, c->start + chain, to - chain - 4);
		chain = next;
	}
}

static void
write_int(struct coder *c, int64_t v)
{
	write_op(c, OP_INT);
	output_u64(c->out, (uint64_t)v);
}

static void
write_string(struct coder *c, uint32_t string)
{
	if (string == IR_STRING_OF_LOOP)
		string = PROGRAM_STRING_OF_LOOP;
	else if (string >= c->rule->string_count)
		c->broken = true;
	output_u16(c->out, string);
}

static void
write_set(struct coder *c, const struct ir_node *n)
{
	uint32_t i;

	if (n->set_count > UINT16_MAX)
		c->broken = true;
	output_u16(c->out, n->set_count);
	for (i = 0; i < n->set_count; i++) {
		if (n->set[i] >= c->rule->string_count)
			c->broken = true;
		output_u16(c->out, n->set[i]);
	}
}

/* The opcode that does what a node of this kind does, after its children. */
static const int plain[] = {
	[IR_INT] = -1,
	[IR_HITS] = OP_HITS,
	[IR_FOUND] = OP_FOUND,
	[IR_FOUND_AT] = OP_FOUND_AT,
	[IR_FOUND_IN] = OP_FOUND_IN,
	[IR_HITS_IN] = OP_HITS_IN,
	[IR_HIT_OFFSET] = OP_HIT_OFFSET,
	[IR_HIT_LENGTH] = OP_HIT_LENGTH,
	[IR_SET_HITS] = OP_SET_HITS,
	[IR_SET_FOUND] = OP_SET_FOUND,
	[IR_FACT] = OP_FACT,
	[IR_READ] = OP_READ,
	[IR_AND] = -1,
	[IR_OR] = -1,
	[IR_NOT] = OP_NOT,
	[IR_DEFINED] = OP_DEFINED,
	[IR_IF] = -1,
	[IR_EQ] = OP_EQ,
	[IR_NE] = OP_NE,
	[IR_LT] = OP_LT,
	[IR_LE] = OP_LE,
	[IR_GT] = OP_GT,
	[IR_GE] = OP_GE,
	[IR_ADD] = OP_ADD,
	[IR_SUB] = OP_SUB,
	[IR_MUL] = OP_MUL,
	[IR_DIV] = OP_DIV,
	[IR_MOD] = OP_MOD,
	[IR_NEG] = OP_NEG,
	[IR_BIT_AND] = OP_BIT_AND,
	[IR_BIT_OR] = OP_BIT_OR,
	[IR_BIT_XOR] = OP_BIT_XOR,
	[IR_BIT_NOT] = OP_BIT_NOT,
	[IR_SHL] = OP_SHL,
	[IR_SHR] = OP_SHR,
	[IR_FOR_RANGE] = -1,
	[IR_FOR_SET] = -1,
	[IR_LOOP_VALUE] = OP_LOOP_VALUE,
	[IR_RULE] = OP_RULE,
};

/* The operand of RULE: the rule's number in the database. */
static void
write_rule(struct coder *c, int64_t rule)
{
	const struct pack *p = c->pack;

	if (rule < 0 || (uint64_t)rule >= p->ir->rule_count) {
		c->broken = true;
		return;
	}
	output_u32(c->out, p->place[rule]);
}

/* Write a node whose children are all there. */
static void
write_plain(struct coder *c, const struct ir_node *n)
{
	enum opcode op = (enum opcode)plain[n->kind];
	const struct op *row = program_op((uint8_t)op);

	if (row == NULL || n->child_count != row->pops) {
		c->broken = true;
		return;
	}
	write_op(c, op);
	switch (row->operand) {
	case OPERAND_STRING:
		write_string(c, n->string);
		return;
	case OPERAND_SET:
		write_set(c, n);
		return;
	case OPERAND_FACT:
		output_u16(c->out, (uint32_t)n->value);
		return;
	case OPERAND_READ:
	case OPERAND_LEVEL:
		output_u8(c->out, (uint32_t)n->value);
		return;
	case OPERAND_RULE:
		write_rule(c, n->value);
		return;
	case OPERAND_NONE:
		return;
	case OPERAND_INT:
	case OPERAND_JUMP:
	case OPERAND_LOOP:
	case OPERAND_LOOP_SET:
		c->broken = true;
		return;
	}
}

/* AND and OR: jump to the end after each child but the last. */
static void
after_logic_child(struct coder *c, struct open_node *o)
{
	bool is_last = o->child == o->n->child_count;

	if (o->child == 0)
		return;
	if (is_last)
		write_op(c, OP_TRUTH);
	else
		write_jump(c, o->n->kind == IR_AND ? OP_AND : OP_OR, &o->chain);
}

static void
after_if_child(struct coder *c, struct open_node *o)
{
	if (o->child == 1) {
		o->branch = NO_JUMP;
		write_jump(c, OP_JUMP_FALSE, &o->branch);
	} else if (o->child == 2) {
		write_jump(c, OP_JUMP, &o->chain);
		land(c, o->branch);
	}
}

/*
 * Loops: their operands, then the body, which is child before in the tree;
 * so children are visited in the order next_child() gives.
 */
static void
before_body(struct coder *c, struct open_node *o)
{
	const struct ir_node *n = o->n;
	bool over_set = n->kind == IR_FOR_SET;

	if (n->child_count == (over_set ? 1u : 3u))
		write_int(c, INT64_MAX); /* all that are true */
	write_op(c, over_set ? OP_LOOP_SET : OP_LOOP_RANGE);
	o->chain = here(c);
	output_u32(c->out, 0);
	if (over_set)
		write_set(c, n);
	o->branch = here(c); /* distances count from here */
}

static void
end_loop(struct coder *c, const struct open_node *o)
{
	write_op(c, OP_NEXT);
	output_put_u32(c->out, c->start + o->chain, here(c) - o->branch);
}

static bool
is_loop(const struct ir_node *n)
{
	return n->kind == IR_FOR_RANGE || n->kind == IR_FOR_SET;
}

/* Which child comes next; a loop's body comes last. */
static const struct ir_node *
next_child(const struct open_node *o)
{
	const struct ir_node *n = o->n;
	uint32_t i = o->child, body = n->kind == IR_FOR_SET ? 0 : 2;

	if (is_loop(n)) {
		if (i + 1 == n->child_count)
			i = body;
		else if (i >= body)
			i++;
	}
	return n->child[i];
}

/* Write what stands between a node's children, and before the first. */
static void
between(struct coder *c, struct open_node *o)
{
	const struct ir_node *n = o->n;

	if (n->kind == IR_AND || n->kind == IR_OR)
		after_logic_child(c, o);
	else if (n->kind == IR_IF)
		after_if_child(c, o);
	else if (is_loop(n) && o->child + 1 == n->child_count)
		before_body(c, o);
}

/* Write what a node needs after its last child. */
static void
finish_node(struct coder *c, struct open_node *o)
{
	const struct ir_node *n = o->n;

	if (n->kind == IR_INT) {
		write_int(c, n->value);
	} else if (n->kind == IR_AND || n->kind == IR_OR) {
		if (n->child_count == 0)
			write_int(c, n->kind == IR_AND);
		land(c, o->chain);
	} else if (n->kind == IR_IF) {
		land(c, o->chain);
	} else if (is_loop(n)) {
		end_loop(c, o);
	} else {
		write_plain(c, n);
	}
}

static bool
has_right_children(const struct ir_node *n)
{
	uint32_t count = n->child_count;

	if (n->kind == IR_IF)
		return count == 3;
	if (n->kind == IR_FOR_RANGE)
		return count == 3 || count == 4;
	if (n->kind == IR_FOR_SET)
		return count == 1 || count == 2;
	return (size_t)n->kind < sizeof(plain) / sizeof(*plain);
}

static void
open_child(struct coder *c, const struct ir_node *n)
{
	if (c->depth == DEPTH_MAX || !has_right_children(n) ||
	    here(c) > PROGRAM_SIZE_MAX) {
		c->broken = true;
		return;
	}
	c->open[c->depth++] = (struct open_node){ .n = n, .chain = NO_JUMP };
}

bool
pack_code(struct pack *p, const struct ir_rule *rule,
    struct compile_output *out)
{
	const struct program_bounds bounds = { .strings = rule->string_count,
		.rules = (uint32_t)p->ir->rule_count };
	struct coder *c = p->coder;

	if (c == NULL)
		c = p->coder = pool_alloc(&p->pool, 1, sizeof(*c));
	if (c == NULL)
		return pack_full(p);
	c->depth = 0;
	c->broken = false;
	c->pack = p;
	c->rule = rule;
	c->out = out;
	c->start = out->size;
	open_child(c, rule->condition);
	while (c->depth > 0 && !c->broken) {
		struct open_node *o = &c->open[c->depth - 1];

		between(c, o);
		if (o->child < o->n->child_count) {
			const struct ir_node *child = next_child(o);

			o->child++;
			open_child(c, child);
		} else {
			finish_node(c, o);
			c->depth--;
		}
	}
	if (!output_ok(out))
		return pack_full(p);
	if (c->broken)
		return why_not(p->why, WHY_BROKEN,
		    "%.*s: condition is too large or broken",
		    (int)rule->origin.name_size, rule->origin.name);
	return program_verify(cur_from(out->bytes + c->start,
				  out->size - c->start),
	    &bounds, p->why);
}
