/*
 * t_ir.h - the intermediate form as text, for tests.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TESTS_T_IR_H
#define CANDOR_TESTS_T_IR_H

#include "lib/compile/compile.h"
#include "lib/compile/ir.h"

#include <stddef.h>

struct t_text {
	char bytes[65536];
	size_t size;
};

/*
 * A rule: "target guards | string | string … | condition".
 *
 *   string     offset:pattern, alternatives with "+"; flags i, w behind "/"
 *   pattern    hex; 4? nibbles; <n> any bytes; (a|b) !(a|b); *, {n-m} gaps;
 *              ^W W$ W the three sides of (W), ! in front when negated;
 *              41[n-m] and [n-m]41 near bytes
 *   condition  prefix: (and #0 (> ##1 3)); #n found, ##n hits
 */
void t_ir_rule(const struct ir_rule *rule, struct t_text *out);

/* Read text as a file called name; free with t_ir_end(). */
struct t_ir {
	struct pool *pool;
	struct ir ir;
	struct why why;
	bool ok;
};
void t_ir_begin(struct t_ir *t, const char *name, const void *bytes,
    size_t size);
void t_ir_end(struct t_ir *t);

/* How many were loaded (reason NULL) or not, of files of this kind. */
uint64_t t_ir_count(const struct t_ir *t, const char *what, const char *reason);

/*
 * What becomes of one line: the rule's text, or "kind@column" of its first
 * complaint, or "quiet:kind" when there is none.
 */
void t_ir_line(const char *name, const char *line, struct t_text *out);

#endif
