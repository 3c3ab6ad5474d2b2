/*
 * element.c - read and check element programs.  The contract is in element.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/element.h"

/* Take count things of size bytes each. */
static bool
take_operand(struct cur *program, uint32_t count, uint32_t size,
    struct element *out)
{
	out->count = count;
	return count > 0 &&
	    cur_take(program, (uint64_t)count * size, &out->bytes);
}

/* Take bytes that stand here, in heap. */
static bool
take_bytes(struct cur *program, const struct cur *heap, struct element *out)
{
	if (!take_operand(program, cur_u16le(program), 1, out))
		return false;
	out->off = (uint64_t)(out->bytes.base - heap->base);
	return true;
}

/* Take bytes that stand somewhere else. */
static bool
take_same(struct cur *program, const struct cur *heap, enum element_op op,
    struct element *out)
{
	out->op = op;
	out->count = cur_u16le(program);
	out->off = cur_u32le(program);
	return cur_ok(program) && out->count > 0 &&
	    cur_at(heap, out->off, out->count, &out->bytes);
}

bool
element_read(struct cur *program, const struct cur *heap, struct element *out)
{
	uint8_t op = cur_u8(program);

	*out = (struct element){ .op = (enum element_op)op };
	switch (op) {
	case ELEMENT_LITERAL:
	case ELEMENT_FOLDED:
		return take_bytes(program, heap, out);
	case ELEMENT_SAME:
		return take_same(program, heap, ELEMENT_LITERAL, out);
	case ELEMENT_SAME_FOLDED:
		return take_same(program, heap, ELEMENT_FOLDED, out);
	case ELEMENT_MASKED:
		return take_operand(program, cur_u16le(program), 2, out);
	case ELEMENT_SET:
		return take_operand(program, 32, 1, out);
	case ELEMENT_ANY:
		out->count = cur_u16le(program);
		return cur_ok(program) && out->count > 0;
	case ELEMENT_ALT:
		return take_operand(program, cur_u16le(program), 4, out);
	case ELEMENT_JUMP:
	case ELEMENT_COMMIT:
		out->size = cur_u32le(program);
		out->back = cur_u32le(program);
		return cur_ok(program);
	case ELEMENT_NOT:
		out->count = cur_u16le(program);
		out->size = cur_u16le(program);
		return cur_ok(program) && out->size > 0 &&
		    take_operand(program, out->count, out->size * 2, out);
	case ELEMENT_EDGE:
		out->size = cur_u8(program);
		return cur_ok(program) && out->size <= EDGE_ALL &&
		    (out->size & EDGE_WHICH) <= EDGE_WORD;
	case ELEMENT_NEAR:
		return take_operand(program, 5, 1, out) &&
		    out->bytes.base[0] <= 1 &&
		    out->bytes.base[3] <= out->bytes.base[4];
	default:
		return false;
	}
}

/* An ALT whose branches are being read. */
struct open_alt {
	size_t at;       /* of its opcode */
	size_t end;      /* after its last branch */
	struct cur next; /* sizes of the branches still to come */
	size_t branch_end;
};

/* Go into the next branch of alt; false if its size is impossible. */
static bool
enter_branch(struct open_alt *alt, size_t at)
{
	uint32_t size = cur_u32le(&alt->next);

	if (!cur_ok(&alt->next) || size == 0 || size > alt->end - at)
		return false;
	alt->branch_end = at + size;
	return true;
}

/* Begin an ALT: its branches must fill a stretch of the program. */
static bool
open_alt(const struct cur *program, size_t at, const struct element *e,
    size_t limit, struct open_alt *out)
{
	struct cur sizes = e->bytes;
	uint64_t sum = 0;

	*out = (struct open_alt){ .at = at, .next = e->bytes };
	while (cur_left(&sizes) > 0)
		sum += cur_u32le(&sizes);
	if (sum > limit - program->pos)
		return false;
	out->end = program->pos + (size_t)sum;
	return enter_branch(out, program->pos);
}

/* Check the JUMP or COMMIT that closes the current branch of alt. */
static bool
close_branch(const struct cur *program, size_t at, const struct element *e,
    struct open_alt *alt)
{
	return program->pos == alt->branch_end &&
	    e->size == alt->end - program->pos && e->back == at - alt->at;
}

bool
element_check(struct cur program, const struct cur *heap)
{
	struct open_alt stack[ELEMENT_DEPTH];
	size_t depth = 0;

	while (cur_left(&program) > 0) {
		size_t limit =
		    depth > 0 ? stack[depth - 1].branch_end : program.size;
		size_t at = program.pos;
		struct element e;

		if (!element_read(&program, heap, &e) || program.pos > limit)
			return false;
		if (e.op == ELEMENT_ALT) {
			if (depth == ELEMENT_DEPTH ||
			    !open_alt(&program, at, &e, limit, &stack[depth]))
				return false;
			depth++;
			continue;
		}
		if (e.op == ELEMENT_JUMP || e.op == ELEMENT_COMMIT) {
			if (depth == 0 ||
			    !close_branch(&program, at, &e, &stack[depth - 1]))
				return false;
			if (cur_left(&stack[depth - 1].next) == 0)
				depth--;
			else if (!enter_branch(&stack[depth - 1], program.pos))
				return false;
		} else if (program.pos == limit && depth > 0) {
			return false; /* a branch that nothing closes */
		}
	}
	return depth == 0;
}
