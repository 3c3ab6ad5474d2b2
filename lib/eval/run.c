/*
 * run.c - run a verified program.  The contract is in program.h, opcodes.def
 * says what each instruction does.
 *
 * The verifier has proved stack and operands; the bounds that remain here
 * (push, pop) are there because a mapped database could change under us.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/eval/program.h"

struct value {
	int64_t v;
	bool defined;
};

/* A loop that is running. */
struct frame {
	size_t body;   /* its first instruction */
	int64_t at;    /* the value; of a set, the string */
	int64_t last;  /* value after which it ends */
	int64_t need;  /* stop when so many are true */
	int64_t count; /* true so far */
	struct cur set;
	bool over_set;
};

struct run {
	const struct program_env *env;
	struct cur code;
	uint32_t fuel;
	bool broken;
	uint32_t depth;
	uint32_t loops;
	struct value stack[PROGRAM_STACK];
	struct frame loop[PROGRAM_LOOPS];
};

static void
push(struct run *r, int64_t v, bool defined)
{
	if (r->depth == PROGRAM_STACK) {
		r->broken = true;
		return;
	}
	r->stack[r->depth++] =
	    (struct value){ .v = defined ? v : 0, .defined = defined };
}

static struct value
pop(struct run *r)
{
	if (r->depth == 0) {
		r->broken = true;
		return (struct value){ .v = 0 };
	}
	return r->stack[--r->depth];
}

static bool
is_true(struct value v)
{
	return v.defined && v.v != 0;
}

/* The frame so many levels out, or NULL. */
static struct frame *
frame_at(struct run *r, uint64_t level)
{
	if (level >= r->loops) {
		r->broken = true;
		return NULL;
	}
	return &r->loop[r->loops - 1 - level];
}

/* The string an operand names: of the innermost loop over strings, maybe. */
static uint32_t
string_of(struct run *r, int64_t value)
{
	uint32_t level;

	if (value != PROGRAM_STRING_OF_LOOP)
		return (uint32_t)value;
	for (level = 0; level < r->loops; level++) {
		const struct frame *f = frame_at(r, level);

		if (f != NULL && f->over_set)
			return (uint32_t)f->at;
	}
	r->broken = true;
	return 0;
}

/* a \ b and a % b: whole, towards zero. */
static void
divide(struct run *r, uint8_t code, int64_t a, int64_t b)
{
	bool defined = b != 0 && !(a == INT64_MIN && b == -1);

	if (!defined)
		push(r, 0, false);
	else
		push(r, code == OP_DIV ? a / b : a % b, true);
}

/* Shift a by b: to the left for SHL, else to the right with its sign. */
static void
shift(struct run *r, uint8_t code, int64_t a, int64_t b)
{
	if (b < 0) {
		push(r, 0, false);
	} else if (b > 63) {
		push(r, code == OP_SHR && a < 0 ? -1 : 0, true);
	} else if (code == OP_SHL) {
		push(r, (int64_t)((uint64_t)a << b), true);
	} else {
		push(r, a >> b, true);
	}
}

static int64_t
arithmetic(uint8_t code, int64_t a, int64_t b)
{
	uint64_t ua = (uint64_t)a, ub = (uint64_t)b;

	switch (code) {
	case OP_EQ:
		return a == b;
	case OP_NE:
		return a != b;
	case OP_LT:
		return a < b;
	case OP_LE:
		return a <= b;
	case OP_GT:
		return a > b;
	case OP_GE:
		return a >= b;
	case OP_ADD:
		return (int64_t)(ua + ub);
	case OP_SUB:
		return (int64_t)(ua - ub);
	case OP_MUL:
		return (int64_t)(ua * ub);
	case OP_BIT_AND:
		return a & b;
	case OP_BIT_OR:
		return a | b;
	default:
		return a ^ b;
	}
}

static void
do_binary(struct run *r, uint8_t code)
{
	struct value b = pop(r), a = pop(r);

	if (!a.defined || !b.defined)
		push(r, 0, false);
	else if (code == OP_DIV || code == OP_MOD)
		divide(r, code, a.v, b.v);
	else if (code == OP_SHL || code == OP_SHR)
		shift(r, code, a.v, b.v);
	else
		push(r, arithmetic(code, a.v, b.v), true);
}

static void
do_unary(struct run *r, uint8_t code)
{
	struct value a = pop(r);

	switch (code) {
	case OP_NOT:
		push(r, a.v == 0, a.defined);
		return;
	case OP_DEFINED:
		push(r, a.defined, true);
		return;
	case OP_TRUTH:
		push(r, is_true(a), true);
		return;
	case OP_NEG:
		push(r, (int64_t)(0 - (uint64_t)a.v), a.defined);
		return;
	default:
		push(r, ~a.v, a.defined);
		return;
	}
}

/* How often string starts in first..last, if both are defined. */
static void
push_hits_in(struct run *r, uint32_t string, struct value first,
    struct value last, bool any)
{
	uint64_t hits = 0;

	if (!first.defined || !last.defined) {
		push(r, 0, false);
		return;
	}
	if (last.v >= 0 && first.v <= last.v)
		hits = r->env->hits_in(r->env->ctx, string,
		    first.v < 0 ? 0 : (uint64_t)first.v, (uint64_t)last.v,
		    any ? 1 : UINT64_MAX);
	push(r, any ? hits != 0 : (int64_t)hits, true);
}

/* Where hit number n (from 1) of string is, or how long. */
static void
push_hit(struct run *r, uint32_t string, struct value n, bool length)
{
	uint64_t off = 0, size = 0;
	bool is;

	is = n.defined && n.v > 0 &&
	    r->env->hit(r->env->ctx, string, (uint64_t)n.v - 1, &off, &size);
	push(r, (int64_t)(length ? size : off), is);
}

static void
do_string(struct run *r, const struct instruction *i)
{
	uint32_t string = string_of(r, i->value);
	struct value a, b;

	switch (i->code) {
	case OP_HITS:
		push(r, (int64_t)r->env->hits(r->env->ctx, string), true);
		return;
	case OP_FOUND:
		push(r, r->env->found(r->env->ctx, string), true);
		return;
	case OP_FOUND_AT:
		a = pop(r);
		push_hits_in(r, string, a, a, true);
		return;
	case OP_FOUND_IN:
	case OP_HITS_IN:
		b = pop(r);
		a = pop(r);
		push_hits_in(r, string, a, b, i->code == OP_FOUND_IN);
		return;
	default:
		push_hit(r, string, pop(r), i->code == OP_HIT_LENGTH);
		return;
	}
}

static void
do_set(struct run *r, const struct instruction *i)
{
	const struct program_env *env = r->env;
	struct cur set = i->set;
	uint64_t sum = 0;

	while (cur_left(&set) > 0) {
		uint16_t string = cur_u16le(&set);

		sum += i->code == OP_SET_HITS ? env->hits(env->ctx, string)
					      : env->found(env->ctx, string);
	}
	push(r, (int64_t)sum, true);
}

/* Put size bytes together to an integer, as the mode says. */
static int64_t
integer_of(const uint8_t *bytes, size_t size, uint8_t mode)
{
	uint64_t v = 0;
	size_t i;

	for (i = 0; i < size; i++)
		v = v << 8 |
		    bytes[(mode & READ_BIG_ENDIAN) != 0 ? i : size - 1 - i];
	if ((mode & READ_SIGNED) != 0 && (v >> (size * 8 - 1) & 1) != 0)
		v |= ~(uint64_t)0 << (size * 8);
	return (int64_t)v;
}

static void
do_read(struct run *r, uint8_t mode)
{
	size_t size = mode & 7u;
	struct value off = pop(r);
	uint8_t bytes[8] = { 0 };

	if (!off.defined || off.v < 0 || size == 0 ||
	    !r->env->read(r->env->ctx, (uint64_t)off.v, size, bytes))
		push(r, 0, false);
	else
		push(r, integer_of(bytes, size, mode), true);
}

/* Go to target; the verifier has seen that it is ahead. */
static void
jump(struct run *r, size_t target)
{
	if (target < r->code.pos || !cur_seek(&r->code, target))
		r->broken = true;
}

static void
do_jump(struct run *r, const struct instruction *i)
{
	bool truth;

	if (i->code == OP_JUMP) {
		jump(r, i->target);
		return;
	}
	truth = is_true(pop(r));
	if (i->code == OP_JUMP_FALSE && !truth) {
		jump(r, i->target);
	} else if (i->code == OP_AND && !truth) {
		push(r, 0, true);
		jump(r, i->target);
	} else if (i->code == OP_OR && truth) {
		push(r, 1, true);
		jump(r, i->target);
	}
}

static void
begin_loop(struct run *r, const struct instruction *i)
{
	struct frame f = { .body = r->code.pos,
		.set = i->set,
		.over_set = i->code == OP_LOOP_SET };
	struct value need = pop(r), last = { .defined = true }, first = last;
	bool empty;

	if (f.over_set) {
		empty = cur_left(&f.set) == 0;
		f.at = cur_u16le(&f.set);
	} else {
		last = pop(r);
		first = pop(r);
		f.at = first.v;
		f.last = last.v;
		empty = first.v > last.v;
	}
	f.need = need.v;
	if (!need.defined || !last.defined || !first.defined || empty ||
	    need.v < 1) {
		push(r, 0, need.defined && last.defined && first.defined);
		jump(r, i->target);
	} else if (r->loops == PROGRAM_LOOPS) {
		r->broken = true;
	} else {
		r->loop[r->loops++] = f;
	}
}

/* Go to the next value of a loop; false if that was the last. */
static bool
advance(struct frame *f)
{
	if (f->count >= f->need)
		return false;
	if (f->over_set) {
		if (cur_left(&f->set) == 0)
			return false;
		f->at = cur_u16le(&f->set);
		return true;
	}
	if (f->at >= f->last)
		return false;
	f->at++;
	return true;
}

static void
do_next(struct run *r)
{
	struct frame *f = frame_at(r, 0);
	bool truth = is_true(pop(r));

	if (f == NULL)
		return;
	f->count += truth;
	if (advance(f)) {
		if (!cur_seek(&r->code, f->body))
			r->broken = true;
		return;
	}
	r->loops--;
	push(r, f->count, true);
}

/* Instructions that ask somebody or go somewhere. */
static void
do_other(struct run *r, const struct instruction *i)
{
	const struct program_env *env = r->env;
	const struct frame *f;
	uint64_t value = 0;
	bool known;

	switch (i->code) {
	case OP_INT:
		push(r, i->value, true);
		return;
	case OP_FACT:
		known = env->fact(env->ctx, (uint32_t)i->value, &value);
		push(r, (int64_t)value, known);
		return;
	case OP_READ:
		do_read(r, (uint8_t)i->value);
		return;
	case OP_RULE:
		push(r, env->rule(env->ctx, (uint32_t)i->value), true);
		return;
	case OP_LOOP_RANGE:
	case OP_LOOP_SET:
		begin_loop(r, i);
		return;
	case OP_NEXT:
		do_next(r);
		return;
	case OP_LOOP_VALUE:
		f = frame_at(r, (uint64_t)i->value);
		push(r, f == NULL ? 0 : f->at, f != NULL);
		return;
	default:
		r->broken = true;
		return;
	}
}

static void
do_instruction(struct run *r, const struct instruction *i)
{
	switch (i->op->operand) {
	case OPERAND_STRING:
		do_string(r, i);
		return;
	case OPERAND_SET:
		do_set(r, i);
		return;
	case OPERAND_JUMP:
		do_jump(r, i);
		return;
	case OPERAND_NONE:
		if (i->code != OP_NEXT) {
			if (i->op->pops == 2)
				do_binary(r, i->code);
			else
				do_unary(r, i->code);
			return;
		}
		break;
	case OPERAND_INT:
	case OPERAND_FACT:
	case OPERAND_READ:
	case OPERAND_RULE:
	case OPERAND_LOOP:
	case OPERAND_LOOP_SET:
	case OPERAND_LEVEL:
		break;
	}
	do_other(r, i);
}

enum program_end
program_run(struct cur code, const struct program_env *env, uint32_t fuel)
{
	struct run r;

	r.env = env;
	r.code = code;
	r.fuel = fuel;
	r.broken = false;
	r.depth = r.loops = 0;
	while (cur_left(&r.code) > 0 && !r.broken) {
		struct instruction i;

		if (!program_read(&r.code, &i))
			return PROGRAM_BROKEN;
		if (r.fuel < i.op->fuel)
			return PROGRAM_SPENT;
		r.fuel -= i.op->fuel;
		do_instruction(&r, &i);
	}
	if (r.broken || r.depth != 1)
		return PROGRAM_BROKEN;
	return is_true(r.stack[0]) ? PROGRAM_TRUE : PROGRAM_FALSE;
}
