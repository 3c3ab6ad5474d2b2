/*
 * line.h - one line of a signature file while it is being read.
 *
 * A reader of lines (hash_read, ndb_read, …) gets a struct line, puts what it
 * says into line->ir and returns true, or says why not with one of the
 * functions below and returns false.  What it says becomes a complaint with
 * file, line and column; the line is left out and the next one is read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_CLAM_LINE_H
#define CANDOR_COMPILE_CLAM_LINE_H

#include "lib/base/cur.h"
#include "lib/compile/compile.h"
#include "lib/compile/ir.h"

#define LINE_SIZE_MAX 65535u /* ir_hash keeps sizes in 16 bits */
#define LINE_NAME_MAX 512u

struct body_scratch;
struct logic_cache;
struct hashlist;

struct line {
	struct ir *ir;
	const struct compile_options *options;
	struct cur text; /* origin 0, so cur_where() is a column from 0 */
	uint32_t number; /* from 1 */
	uint32_t file;   /* index into ir.file */
	uint32_t flags;  /* SIG_* for what the line says */
	bool allow;      /* .fp, .sfp */
	struct body_scratch *body;
	struct logic_cache *logic;
	struct hashlist *list;

	/* What a reader said. */
	const char *kind, *reason;
	uint32_t column;
	bool is_error; /* the line is wrong; else: right, but not loaded */
	bool is_quiet; /* only counted (ClamAV skips it silently too) */
	bool is_full;  /* no memory: the whole build ends */
};

/* Reads one line; false after one of the three below. */
typedef bool line_fn(struct line *l);

/* The line is wrong at column at (from 0). */
bool line_refuse(struct line *l, uint64_t at, const char *kind,
    const char *reason);

/* The line is right but this version can't use it. */
bool line_skip(struct line *l, const char *kind, const char *reason);

/* The line is not meant for an engine like us; nobody need be told. */
bool line_pass(struct line *l, const char *kind);

/* The memory ceiling is reached. */
bool line_full(struct line *l);

/*
 * Cut text at every byte cut into at most max fields.  The number of fields
 * there are, which may be max + 1: more.
 */
size_t line_split(struct cur text, uint8_t cut, struct cur *field, size_t max);

/* Read decimal digits only, all of c; "" is 0.  False if it is no number. */
bool line_number(struct cur c, uint64_t *out);

/* Is c a name a person can be shown?  Refuses the line if not. */
bool line_check_name(struct line *l, struct cur name);

/*
 * The last two fields many kinds share: is our functionality level within
 * min and max (each may be absent: NULL)?  False after line_pass() or
 * line_refuse().
 */
bool line_check_level(struct line *l, const struct cur *min,
    const struct cur *max);

/* Where the line's signature comes from. */
struct ir_origin line_origin(const struct line *l, struct cur name);

/* Append a rule, a hash. */
bool line_add_rule(struct line *l, const struct ir_rule *rule);
bool line_add_hash(struct line *l, const struct ir_hash *hash);

#endif
