/*
 * pack.h - what the files that write a database share.
 *
 *     pack.c          order, header, section table, the id
 *     pack_names.c    texts, files, signatures, the side file
 *     pack_hashes.c   hash tables
 *     pack_rules.c    rules, guards, strings, patterns
 *     pack_part.c     parts and their element programs
 *     pack_plan.c     literals, triggers, the always list
 *     pack_literal.c  which literals are looked for together
 *     table.c         packed tables
 *     code.c          conditions → byte code
 *     plan.c          which strings must occur for a condition to hold
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_PACK_H
#define CANDOR_COMPILE_PACK_H

#include "lib/compile/compile.h"
#include "lib/compile/output.h"
#include "lib/compile/plan.h"
#include "lib/compile/pool.h"
#include "lib/compile/same.h"
#include "lib/compile/table.h"
#include "lib/db/layout.h"

/* A literal that stands in every match of a part, at a fixed distance. */
struct pack_literal {
	const uint8_t *bytes;
	uint32_t size;
	uint32_t part;     /* index of PART */
	uint32_t distance; /* from the part's start */
	uint64_t cost;     /* of having it in the one pass */
};

/* What was written for one string: the literals one of which must occur. */
struct pack_string {
	const struct pack_literal *literal; /* one for each pattern */
	uint32_t count;
	uint64_t cost; /* sum; PLAN_NEVER if a pattern has none worth it */
};

struct literal; /* literal_build.h */

struct pack {
	const struct ir *ir;
	struct pool pool; /* temporary */
	struct compile_output section[DB_SECTION_COUNT];
	struct table table[DB_SECTION_COUNT]; /* of those that are packed */
	struct output_once texts, elements, codes, guards, programs;
	struct output_once hows, shapes;
	struct same same; /* bytes in ELEMENT */
	uint32_t *order;  /* rules of ir, in the order of the database */
	uint32_t *place;  /* the inverse */
	uint32_t signatures;
	uint32_t allows, body, logical, yara, triggers;
	struct pack_string *string; /* as STRING */
	uint32_t string_count;
	struct need *need;   /* of each rule, in the order of the database */
	struct coder *coder; /* code.c's, once made */
	struct why *why;
};

/* Fill why: memory is at its ceiling. */
bool pack_full(struct pack *p);

/* Offset of a text in TEXT. */
uint32_t pack_text(struct pack *p, const void *bytes, size_t size);

/* Write the signatures of hashes and rules, in that order. */
bool pack_names(struct pack *p);

/* The side file but for the texts themselves. */
bool pack_texts(struct pack *p, struct compile_output *out);

bool pack_hashes(struct pack *p);
bool pack_rules(struct pack *p);

/*
 * Write part of pattern, and make *best its best literal if that is cheaper
 * than what is there.  False at the memory's end, or for a part that is too
 * long; then why is filled.
 */
bool pack_part(struct pack *p, const struct ir_pattern *pattern,
    const struct ir_part *part, struct pack_literal *best);

bool pack_plan(struct pack *p);

/*
 * Write the sets of the one pass.  targets says of each of p->triggers
 * literals which targets its rules have, a bit for each.
 */
bool pack_literals(struct pack *p, const struct literal *literal,
    const uint16_t *targets, uint64_t seed);

/*
 * Write the code of a condition behind CODE.  False for a tree that is too
 * large or asks for what there is not; then why is filled.
 */
bool pack_code(struct pack *p, const struct ir_rule *rule,
    struct compile_output *out);

#endif
