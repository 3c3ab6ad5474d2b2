/*
 * t_compile.c - compile hostile bytes.  See t_compile.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t_compile.h"

#include "lib/compile/compile.h"
#include "lib/compile/pool.h"

#include <stdlib.h>

/* Enough for any input a fuzzer tries; a leak of time or space shows. */
#define T_COMPILE_MEMORY ((size_t)256 << 20)

static void
t_compile_must(bool holds)
{
	if (!holds)
		abort();
}

static void
t_compile_check_part(const struct ir_part *p, bool is_first)
{
	size_t bytes = 0;
	uint32_t i;

	t_compile_must(p->count > 0 && p->gap_min <= p->gap_max);
	t_compile_must(!is_first || (p->gap_min == 0 && p->gap_max == 0));
	for (i = 0; i < p->count; i++) {
		const struct ir_element *e = &p->element[i];

		t_compile_must(e->count > 0);
		if (e->kind == IR_LITERAL || e->kind == IR_ANY)
			bytes += e->count;
		t_compile_must(e->side == IR_INSIDE ||
		    (e->kind >= IR_BOUNDARY && (i == 0 || i + 1 == p->count)));
	}
	t_compile_must(bytes <= IR_PART_MAX);
}

static void
t_compile_check_rule(const struct ir *ir, const struct ir_rule *rule)
{
	uint32_t i, j, k;

	t_compile_must(rule->origin.file < ir->file_count);
	t_compile_must(rule->origin.name_size > 0 && rule->condition != NULL);
	for (i = 0; i < rule->string_count; i++) {
		const struct ir_string *s = &rule->string[i];

		for (j = 0; j < s->pattern_count; j++)
			for (k = 0; k < s->pattern[j].part_count; k++)
				t_compile_check_part(&s->pattern[j].part[k],
				    k == 0);
	}
}

static void
t_compile_check(const struct ir *ir)
{
	size_t i;

	for (i = 0; i < ir->rule_count; i++)
		t_compile_check_rule(ir, &ir->rule[i]);
	for (i = 0; i < ir->hash_count; i++) {
		struct ir_origin o = ir_hash_origin(ir, &ir->hash[i]);

		t_compile_must(o.name_size > 0 && o.name[o.name_size - 1] != 1);
		t_compile_must(ir_digest_size((enum ir_digest)ir->hash[i]
						  .digest) > 0);
	}
	for (i = 0; i < ir->complaint_count; i++)
		t_compile_must(ir->complaint[i].file < ir->file_count &&
		    ir->complaint[i].kind != NULL);
}

void
t_compile(const char *name, const uint8_t *bytes, size_t size)
{
	const struct compile_options options = { .flevel = 216 };
	struct pool pool;
	struct ir ir;
	struct why why;

	pool_init(&pool, T_COMPILE_MEMORY);
	ir_init(&ir, &pool);
	if (compile_text(&ir, name, cur_from(bytes, size), &options, &why) &&
	    compile_finish(&ir, &why))
		t_compile_check(&ir);
	ir_fini(&ir);
	pool_fini(&pool);
}
