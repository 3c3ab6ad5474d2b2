/*
 * element.h - the little programs that describe the bytes of a part.
 *
 * A part of a pattern is a run of elements.  Each is an opcode and operands:
 *
 *   LITERAL    u16 n, n bytes          these bytes, veiled (veil.h) by where
 *                                      they stand in ELEMENT
 *   FOLDED     u16 n, n bytes          these, without regard to ASCII case;
 *                                      stored in lower case, veiled
 *   SAME       u16 n, u32 off         as LITERAL; the n bytes stand at off in
 *                                      ELEMENT, where another part has them
 *   SAME_FOLDED  u16 n, u32 off       as FOLDED, likewise
 *   MASKED     u16 n, n x (value mask) bytes b with (b & mask) == value
 *   SET        32 bytes                one byte whose bit is set
 *   ANY        u16 n                   n bytes
 *   ALT        u16 n, n x u32 size     one of n branches, which follow, each
 *                                      so many bytes long
 *   JUMP       u32 n, u32 back         ends a branch: skip n bytes of program;
 *                                      its ALT's opcode is back bytes before
 *                                      this one
 *   COMMIT     u32 n, u32 back         as JUMP, and forget the other branches:
 *                                      all are equally long
 *   NOT        u16 n, u16 size,
 *              n x size x (value mask) size bytes, equal to none of the n
 *   EDGE       u8 what                 see EDGE_*
 *   NEAR       u8 side value mask min max
 *                                      before (0) the part's start or after
 *                                      (1) this place, with min to max bytes
 *                                      between, stands a byte b with
 *                                      (b & mask) == value; consumes nothing
 *
 * Jumps go forward only, so reading a program ends.  The matcher and the
 * check of the whole database read elements through this one function.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_DB_ELEMENT_H
#define CANDOR_DB_ELEMENT_H

#include "lib/base/cur.h"

enum element_op {
	ELEMENT_LITERAL = 1,
	ELEMENT_FOLDED,
	ELEMENT_MASKED,
	ELEMENT_SET,
	ELEMENT_ANY,
	ELEMENT_ALT,
	ELEMENT_JUMP,
	ELEMENT_COMMIT,
	ELEMENT_NOT,
	ELEMENT_EDGE,
	ELEMENT_NEAR,
	ELEMENT_SAME, /* never seen by who reads: they become LITERAL … */
	ELEMENT_SAME_FOLDED /* … and FOLDED */
};

#define EDGE_BOUNDARY 0u /* which: ClamAV's (B), (L), (W) */
#define EDGE_LINE     1u
#define EDGE_WORD     2u
#define EDGE_WHICH    3u
#define EDGE_LEFT     4u /* look at the byte before; consume nothing */
#define EDGE_RIGHT    8u /* look at the byte after; consume nothing */
#define EDGE_NEGATED  16u
#define EDGE_WIDE     32u /* WORD at an edge: neighbours are pairs (c, 0) */
#define EDGE_ALL      63u

#define ELEMENT_DEPTH 16u /* ALTs inside ALTs */

struct element {
	enum element_op op;
	uint32_t count;   /* LITERAL, FOLDED, MASKED, ANY, ALT, NOT: n */
	uint32_t size;    /* NOT: bytes; JUMP, COMMIT: n; EDGE: what */
	uint32_t back;    /* JUMP, COMMIT */
	struct cur bytes; /* operand bytes: of LITERAL, ...; ALT's sizes */
	uint64_t off;     /* LITERAL, FOLDED: of the bytes in ELEMENT */
};

/*
 * Read the next element off program, which is part of heap, the section
 * ELEMENT; false if it is broken.
 */
MUST_CHECK bool element_read(struct cur *program, const struct cur *heap,
    struct element *out);

/*
 * Check a whole program: every element well formed, every branch and jump on
 * an element's start, branches closed, no more than ELEMENT_DEPTH deep.
 */
MUST_CHECK bool element_check(struct cur program, const struct cur *heap);

#endif
