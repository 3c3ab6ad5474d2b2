/*
 * logic.h - read the logical expression of a .ldb signature.
 *
 * The grammar is in logic.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_CLAM_LOGIC_H
#define CANDOR_COMPILE_CLAM_LOGIC_H

#include "lib/compile/clam/line.h"

#define LOGIC_TERMS_MAX 256u /* terms of one expression */
#define LOGIC_IDS_MAX   64u  /* subsignatures of one signature */

enum logic_kind {
	LOGIC_ID, /* subsignature id */
	LOGIC_AND,
	LOGIC_OR
};

/* A term; its own condition may be a count ("=", "<", ">"), else "found". */
struct logic_term {
	enum logic_kind kind;
	uint8_t compare;   /* 0, '=', '<' or '>' */
	bool has_distinct; /* of a group: at least distinct ids as well */
	uint32_t id;       /* LOGIC_ID */
	uint32_t count, distinct;
	uint32_t left, right; /* terms; always later ones */
};

struct logic {
	struct logic_term term[LOGIC_TERMS_MAX]; /* the whole is term 0 */
	struct cur range[LOGIC_TERMS_MAX];       /* what each was read from */
	uint32_t term_count;
	uint32_t id_count; /* the highest id + 1 */
};

/* Read c into out. */
bool logic_read(struct line *l, struct cur c, struct logic *out);

#endif
