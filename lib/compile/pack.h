/*
 * pack.h - what the files that write a database share.
 *
 *     pack.c          order, header, section table, the id
 *     pack_names.c    texts, files, names, the side file
 *     pack_join.c     the rules of another database
 *     pack_hashes.c   hash tables
 *     pack_rules.c    rules, guards, strings, patterns
 *     pack_part.c     parts and their element programs
 *     pack_plan.c     literals, triggers, the always list
 *     pack_literal.c  which literals are looked for together
 *     table.c         packed tables
 *     order.c         sorting
 *     pack_slow.c     which rules would slow every scan
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
#include "lib/db/db.h"
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
	bool is_anchored; /* it is looked for at a few places only */
	uint64_t cost;    /* sum; PLAN_NEVER if a pattern has none worth it */
};

struct literal; /* literal_build.h */

/* A rule, written but for its place among the others. */
struct pack_rule {
	uint32_t row[6];  /* of RULE */
	uint32_t name[4]; /* of RULE_NAME */
	uint32_t file, line, flags;
	enum sig_kind kind;
	const struct ir_node *condition;
};

/* Columns of RULE. */
enum {
	RULE_GUARD,
	RULE_STRING,
	RULE_STRINGS,
	RULE_TARGET,
	RULE_PROGRAM,
	RULE_HANDLER
};

/* A hash on its way to its place in a table. */
struct pack_hash {
	uint64_t size;      /* IR_SIZE_ANY is above all others */
	uint64_t key, more; /* 16 bytes of the digest */
	uint32_t signature;
	uint32_t rest; /* of an allow list's: where the other 16 bytes are */
};

/* Rows lie in blocks: many are never moved, and none is made in vain. */
#define PACK_HASHES ((size_t)1 << 18) /* of a block */

struct pack_hashes {
	struct pack_hash **block;
	size_t count, blocks, room;
	uint8_t (*rest)[16];
	size_t rest_count, rest_room;
};

/* What the side file says of a file. */
struct pack_file {
	uint64_t size, mark;
	uint64_t lines; /* in so many bytes */
};

/* Where a signature was written. */
struct pack_place {
	uint32_t file, line, flags;
	enum sig_kind kind;
};

struct pack {
	struct ir *ir;
	struct pool pool; /* temporary */
	struct compile_output section[DB_SECTION_COUNT];
	struct table table[DB_SECTION_COUNT];  /* of those that are packed */
	struct cur borrowed[DB_SECTION_COUNT]; /* in place of section: joined */
	struct output_once texts, elements, codes, guards, programs;
	struct output_once hows, shapes;
	struct same same;       /* bytes in ELEMENT */
	uint8_t common[2][256]; /* how common bytes are; with case, without */
	struct pack_hashes hashes[DB_HASH_TABLES_MAX];
	uint32_t hash_count;
	/* Rules, as they came and in the end as the database has them. */
	struct pack_rule *rule;
	size_t rule_count, rule_room;
	uint32_t *place; /* of the last rules taken, among all of them */
	size_t placed, place_room;
	struct pack_place last; /* of the latest signature told in RUN */
	uint32_t signatures;    /* told in RUN */
	uint32_t allows, body, logical, yara, triggers, untriggered;
	bool is_rest;              /* hashes are done */
	enum compile_share share;  /* of what is about rules */
	const struct db *compared; /* whose rules these are; or NULL */
	const struct db *searched;
	uint32_t parts;             /* written; rows of PART */
	struct pack_string *string; /* as STRING, if this is about searching */
	size_t string_count, string_room;
	struct pack_file *file;
	size_t file_count, file_room;
	struct compile_output marks;
	struct need *need;   /* of each rule, in the order of the database */
	struct coder *coder; /* code.c's, once made */
	struct why *why;
};

/* Is it said here what is compared, what is searched for? */
static inline bool
pack_compares(const struct pack *p)
{
	return p->share != COMPILE_SEARCHED;
}

static inline bool
pack_searches(const struct pack *p)
{
	return p->share != COMPILE_COMPARED;
}

/* Fill why: memory is at its ceiling. */
bool pack_full(struct pack *p);

/* Offset of a text in TEXT. */
uint32_t pack_text(struct pack *p, const void *bytes, size_t size);

/* Cut a name into what HASH_NAME and RULE_NAME say. */
void pack_name(struct pack *p, const char *name, size_t size, uint32_t row[4]);

/* Say in RUN where the next signature was written. */
void pack_place(struct pack *p, const struct pack_place *place);

/* Take the rules of p->compared and p->searched. */
bool pack_join(struct pack *p);

/* Write FILE and end RUN. */
bool pack_files(struct pack *p);

/* Note of new files what the side file says; write it but for the texts. */
bool pack_marks(struct pack *p);
bool pack_texts(struct pack *p, struct compile_output *out);

/* Take ir's hashes; write the tables. */
bool pack_take_hashes(struct pack *p);
bool pack_hashes(struct pack *p);
void pack_hashes_fini(struct pack *p);

/* Take ir's rules; put all in order and write what depends on that. */
bool pack_take_rules(struct pack *p);
bool pack_rules(struct pack *p);

/* Once, before the first part. */
void pack_part_init(struct pack *p);

/* This part will be written soon. */
void pack_part_ask(const struct pack *p, const struct ir_pattern *pattern,
    const struct ir_part *part);

/*
 * Write part of pattern, and make *best its best literal if that is cheaper
 * than what is there; or the one that is this pack's share.  False at the memory's end, or for a part that is too
 * long; then why is filled.
 */
bool pack_part(struct pack *p, const struct ir_pattern *pattern,
    const struct ir_part *part, struct pack_literal *best);

bool pack_plan(struct pack *p);

/* Complain of rules that would slow every scan; so many of them. */
#define PACK_SLOW_MAX 100u
bool pack_slow(struct pack *p);

/* Why a rule without a trigger has none; the need's cost if it was tiny. */
#define PACK_WAS_TINY 1u
enum db_always pack_why_always(const struct pack *p, uint32_t rule);

/* ELEMENT is complete: veil the bytes in it. */
bool pack_veil(struct pack *p);

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
