/*
 * program.h - conditions as byte code: the list, the check, the run, the text.
 *
 * A program is opcodes with operands behind them; it leaves one value, and
 * the rule holds when that is true.  Jumps go forward; loops are instructions
 * that carry their own bounds; every run has fuel.  program_verify() proves
 * that operands exist, the stack neither runs dry nor over and every path
 * ends, so that running needs to watch nothing but the fuel.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_EVAL_PROGRAM_H
#define CANDOR_EVAL_PROGRAM_H

#include "lib/base/cur.h"
#include "lib/base/why.h"

enum opcode {
#define OP(name, operand, pops, pushes, fuel) OP_##name,
#include "lib/eval/opcodes.def"
#undef OP
	OP_COUNT
};

enum operand {
	OPERAND_NONE,
	OPERAND_INT,      /* i64 */
	OPERAND_STRING,   /* u16, or PROGRAM_STRING_OF_LOOP */
	OPERAND_SET,      /* u16 n, n x u16 string */
	OPERAND_FACT,     /* u16 enum fact */
	OPERAND_READ,     /* u8: enum ir_read's bits */
	OPERAND_RULE,     /* u32 number of a rule of the database */
	OPERAND_JUMP,     /* u32 bytes to go forward, from behind the operand */
	OPERAND_LOOP,     /* the same, to behind the loop's NEXT */
	OPERAND_LOOP_SET, /* u32 as LOOP, then as SET */
	OPERAND_LEVEL     /* u8: 0 the innermost loop */
};

#define PROGRAM_STACK          64u
#define PROGRAM_LOOPS          8u
#define PROGRAM_FUEL           (1u << 24)
#define PROGRAM_STRING_OF_LOOP 0xffffu
#define PROGRAM_SIZE_MAX       (1u << 20)

#define READ_SIGNED     16u
#define READ_BIG_ENDIAN 32u

struct op {
	const char *name;
	enum operand operand;
	uint8_t pops, pushes, fuel;
};

/* The row of an opcode; NULL past the last. */
const struct op *program_op(uint8_t code);

/* One instruction, read. */
struct instruction {
	uint8_t code;
	const struct op *op;
	int64_t value;  /* of INT, STRING, FACT, READ, RULE, LEVEL */
	size_t target;  /* of a jump or loop, in the program */
	struct cur set; /* u16 each */
};

/* Read the next instruction; false if it is broken. */
MUST_CHECK bool program_read(struct cur *code, struct instruction *out);

/* What a program may ask for. */
struct program_bounds {
	uint32_t strings;
	uint32_t rules;
};

/* Prove code harmless. */
MUST_CHECK bool program_verify(struct cur code,
    const struct program_bounds *bounds, struct why *why);

/* Whom a running program asks. */
struct program_env {
	void *ctx;
	uint64_t (*hits)(void *ctx, uint32_t string);
	bool (*found)(void *ctx, uint32_t string);
	/* How often it starts in first..last; at most enough matters. */
	uint64_t (*hits_in)(void *ctx, uint32_t string, uint64_t first,
	    uint64_t last, uint64_t enough);
	/* Hit number n, from 0; false if there are not so many. */
	bool (*hit)(void *ctx, uint32_t string, uint64_t n, uint64_t *off,
	    uint64_t *size);
	bool (*fact)(void *ctx, uint32_t fact, uint64_t *value);
	bool (*read)(void *ctx, uint64_t off, size_t size, uint8_t *out);
	bool (*rule)(void *ctx, uint32_t rule);
};

enum program_end {
	PROGRAM_FALSE,
	PROGRAM_TRUE,
	PROGRAM_SPENT, /* out of fuel: not known */
	PROGRAM_BROKEN
};

/* Run a verified program. */
enum program_end program_run(struct cur code, const struct program_env *env,
    uint32_t fuel);

/*
 * Write a program as text, one instruction a line, into text[0 .. size), zero
 * at the end; cut if it does not fit.  Returns the length.
 */
size_t program_text(struct cur code, char *text, size_t size);

#endif
