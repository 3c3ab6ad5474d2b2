/*
 * body.h - read a body pattern into the intermediate form.
 *
 * The grammar is in body.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_CLAM_BODY_H
#define CANDOR_COMPILE_CLAM_BODY_H

#include "lib/compile/clam/line.h"
#include "lib/compile/pool.h"

struct body_piece; /* an element and how long it can be; body.c */

/*
 * Room that is used again for every pattern of a file.  Starts all zero;
 * ends with body_scratch_fini().
 */
struct body_scratch {
	struct body_piece *piece;
	size_t piece_count, piece_room;
	struct ir_branch *branch;
	size_t branch_count, branch_room;
	struct ir_part *part;
	size_t part_count, part_room;
	uint8_t *run; /* literal bytes not yet an element */
	size_t run_count, run_room;
};

void body_scratch_fini(struct pool *p, struct body_scratch *s);

struct body_options {
	bool nocase;
	bool wide;
	bool fullword;
	unsigned plain_min; /* bytes a pattern without wildcards needs */
};

/* Read text into out (its offset is left alone). */
bool body_read(struct line *l, struct cur text,
    const struct body_options *options, struct ir_pattern *out);

#endif
