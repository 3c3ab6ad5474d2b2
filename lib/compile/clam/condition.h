/*
 * condition.h - make conditions out of logical expressions.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_CLAM_CONDITION_H
#define CANDOR_COMPILE_CLAM_CONDITION_H

#include "lib/compile/clam/logic.h"

/* The name of string number id: "0" … "63".  Static. */
const char *condition_string_name(uint32_t id);

/* The condition that string id occurs.  Static, shared by all rules. */
const struct ir_node *condition_found(uint32_t id);

/*
 * The conditions made before, by the text they were made from: 280,000
 * signatures share a few hundred.  Zeroed to begin with; lives in the pool.
 */
#define LOGIC_CACHE_SIZE 1024u

/* Nodes a condition may have when written out as a tree. */
#define CONDITION_NODES_MAX 4096u

struct logic_cache_entry {
	const uint8_t *text;
	size_t size;
	const struct ir_node *condition;
	uint32_t id_count;
};

struct logic_cache {
	struct logic_cache_entry entry[LOGIC_CACHE_SIZE];
	size_t count;
	struct logic logic; /* the one being read */
	const struct ir_node *made[LOGIC_TERMS_MAX];
	const struct ir_node *total[LOGIC_TERMS_MAX];
	const struct ir_node *stack[CONDITION_NODES_MAX];
};

/*
 * The condition of the logical expression c and how many strings it speaks
 * of.  NULL after line_refuse() or line_full().
 */
const struct ir_node *condition_read(struct line *l, struct cur c,
    uint32_t *id_count);

#endif
