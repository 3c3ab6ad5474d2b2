/*
 * verify.c - read instructions and prove a program harmless before it runs.
 * The contract is in program.h.
 *
 * One walk, front to back.  A jump notes its target and the depth the stack
 * has when it is taken; where the walk comes to that target, the depth must
 * be the same.  Inside a loop every target must lie before its end, so that
 * loops nest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/eval/program.h"

#include "lib/formats/facts.h"

#define TARGETS_MAX 128u

static const struct op ops[OP_COUNT] = {
#define OP(name, operand, pops, pushes, fuel) \
	{ #name, operand, pops, pushes, fuel },
#include "lib/eval/opcodes.def"
#undef OP
};

const struct op *
program_op(uint8_t code)
{
	return code < OP_COUNT ? &ops[code] : NULL;
}

/* Read a distance and make a place in the program of it. */
static bool
read_target(struct cur *code, struct instruction *out, size_t distance)
{
	if (!cur_ok(code) || distance > cur_left(code))
		return false;
	out->target = code->pos + distance;
	return true;
}

static bool
read_set(struct cur *code, struct instruction *out)
{
	uint16_t n = cur_u16le(code);

	return cur_ok(code) && cur_take(code, (uint64_t)n * 2, &out->set);
}

/* A distance counts from behind the whole operand, set included. */
static bool
read_loop_set(struct cur *code, struct instruction *out)
{
	uint32_t distance = cur_u32le(code);

	return cur_ok(code) && read_set(code, out) &&
	    read_target(code, out, distance);
}

bool
program_read(struct cur *code, struct instruction *out)
{
	*out = (struct instruction){ .code = cur_u8(code) };
	out->op = program_op(out->code);
	if (!cur_ok(code) || out->op == NULL)
		return false;
	switch (out->op->operand) {
	case OPERAND_NONE:
		return true;
	case OPERAND_INT:
		out->value = (int64_t)cur_u64le(code);
		return cur_ok(code);
	case OPERAND_STRING:
	case OPERAND_FACT:
		out->value = cur_u16le(code);
		return cur_ok(code);
	case OPERAND_READ:
	case OPERAND_LEVEL:
		out->value = cur_u8(code);
		return cur_ok(code);
	case OPERAND_RULE:
		out->value = cur_u32le(code);
		return cur_ok(code);
	case OPERAND_SET:
		return read_set(code, out);
	case OPERAND_JUMP:
	case OPERAND_LOOP:
		return read_target(code, out, cur_u32le(code));
	case OPERAND_LOOP_SET:
		return read_loop_set(code, out);
	}
	return false;
}

/* A place that jumps go to, and the depth of the stack there. */
struct target {
	size_t at;
	uint32_t depth;
};

struct loop {
	size_t end;
	uint32_t depth; /* of the stack before its body */
	bool over_set;
};

struct verifier {
	const struct program_bounds *bounds;
	uint32_t depth;
	bool dead; /* the way here is only by jumps */
	uint32_t target_count;
	struct target target[TARGETS_MAX];
	uint32_t loop_count;
	struct loop loop[PROGRAM_LOOPS];
};

/* Is value, read as an operand of the kind, something that exists? */
static bool
check_operand(const struct verifier *v, const struct instruction *i)
{
	uint32_t level;

	switch (i->op->operand) {
	case OPERAND_STRING:
		if (i->value == PROGRAM_STRING_OF_LOOP) {
			for (level = 0; level < v->loop_count; level++)
				if (v->loop[level].over_set)
					return true;
			return false;
		}
		return i->value < v->bounds->strings;
	case OPERAND_FACT:
		return i->value < FACT_COUNT;
	case OPERAND_READ:
		level = (uint32_t)i->value &
		    ~(uint32_t)(READ_SIGNED | READ_BIG_ENDIAN);
		return level == 1 || level == 2 || level == 4;
	case OPERAND_RULE:
		return i->value < v->bounds->rules;
	case OPERAND_LEVEL:
		return i->value < v->loop_count;
	case OPERAND_NONE:
	case OPERAND_INT:
	case OPERAND_SET:
	case OPERAND_JUMP:
	case OPERAND_LOOP:
	case OPERAND_LOOP_SET:
		return true;
	}
	return false;
}

static bool
check_set(const struct verifier *v, struct cur set)
{
	while (cur_left(&set) > 0)
		if (cur_u16le(&set) >= v->bounds->strings)
			return false;
	return true;
}

/* Note that a jump with the stack at depth goes to at. */
static bool
note_target(struct verifier *v, size_t at, uint32_t depth)
{
	uint32_t i;

	if (v->loop_count > 0 && at >= v->loop[v->loop_count - 1].end)
		return false;
	for (i = 0; i < v->target_count; i++)
		if (v->target[i].at == at)
			return v->target[i].depth == depth;
	if (v->target_count == TARGETS_MAX)
		return false;
	v->target[v->target_count++] =
	    (struct target){ .at = at, .depth = depth };
	return true;
}

/* The walk has come to at: every jump to here must agree on the depth. */
static bool
arrive(struct verifier *v, size_t at)
{
	uint32_t i = 0;

	while (i < v->target_count) {
		struct target t = v->target[i];

		if (t.at < at)
			return false; /* into the middle of an instruction */
		if (t.at > at) {
			i++;
			continue;
		}
		if (!v->dead && v->depth != t.depth)
			return false;
		v->depth = t.depth;
		v->dead = false;
		v->target[i] = v->target[--v->target_count];
	}
	return !v->dead;
}

static bool
begin_loop(struct verifier *v, const struct instruction *i)
{
	uint32_t k;

	if (v->loop_count == PROGRAM_LOOPS ||
	    (v->loop_count > 0 && i->target >= v->loop[v->loop_count - 1].end))
		return false;
	for (k = 0; k < v->target_count; k++)
		if (v->target[k].at < i->target)
			return false; /* a jump into the loop */
	v->loop[v->loop_count++] = (struct loop){ .end = i->target,
		.depth = v->depth,
		.over_set = i->code == OP_LOOP_SET };
	return check_set(v, i->set);
}

/* NEXT: the body has left one value, and the loop said it ends here. */
static bool
end_loop(struct verifier *v, size_t at)
{
	const struct loop *loop;

	if (v->loop_count == 0)
		return false;
	loop = &v->loop[--v->loop_count];
	return loop->end == at && v->depth == loop->depth + 1;
}

/* What an instruction does besides taking and giving values. */
static bool
check_flow(struct verifier *v, const struct instruction *i)
{
	switch (i->code) {
	case OP_JUMP:
		v->dead = true;
		return note_target(v, i->target, v->depth);
	case OP_JUMP_FALSE:
		return note_target(v, i->target, v->depth);
	case OP_AND:
	case OP_OR:
		return note_target(v, i->target, v->depth + 1);
	case OP_LOOP_RANGE:
	case OP_LOOP_SET:
		return begin_loop(v, i);
	default:
		return i->op->operand != OPERAND_SET || check_set(v, i->set);
	}
}

/* Check one instruction; at is behind it. */
static bool
check_instruction(struct verifier *v, const struct instruction *i, size_t at)
{
	if (!check_operand(v, i))
		return false;
	if (i->code == OP_NEXT && !end_loop(v, at))
		return false;
	if (v->depth < i->op->pops)
		return false;
	v->depth -= i->op->pops;
	if (!check_flow(v, i))
		return false;
	v->depth += i->op->pushes;
	return v->depth <= PROGRAM_STACK;
}

bool
program_verify(struct cur code, const struct program_bounds *bounds,
    struct why *why)
{
	struct verifier v;

	v.bounds = bounds;
	v.depth = v.target_count = v.loop_count = 0;
	v.dead = false;
	if (code.size > PROGRAM_SIZE_MAX)
		return why_not(why, WHY_BROKEN, "program: too long");
	while (cur_left(&code) > 0) {
		size_t at = code.pos;
		struct instruction i;

		if (!arrive(&v, at) || !program_read(&code, &i) ||
		    !check_instruction(&v, &i, code.pos))
			return why_not(why, WHY_BROKEN,
			    "program: instruction at %zu is not sound", at);
	}
	if (!arrive(&v, code.pos) || v.depth != 1 || v.loop_count != 0 ||
	    v.target_count != 0)
		return why_not(why, WHY_BROKEN,
		    "program: does not end with one value");
	return true;
}
