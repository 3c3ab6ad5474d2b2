/*
 * compile.c - signatures in: which reader an input goes to, and the end of
 * reading.  See compile.h; writing is plan.c and pack.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/compile.h"

#include "lib/compile/clam/cvd.h"
#include "lib/compile/clam/dsig.h"
#include "lib/compile/clam/ignore.h"
#include "lib/compile/pool.h"
#include "lib/compile/text.h"

#include <stdlib.h>
#include <string.h>

static int
compile_compare(const void *a, const void *b)
{
	return memcmp(a, b, 1);
}

void
compile_warm(void)
{
	char large[4096];

	dsig_warm();
	/* glibc's qsort asks once how much memory the machine has, when it is
	   first given more than a kilobyte. */
	memset(large, 0, sizeof(large));
	qsort(large, sizeof(large), 1, compile_compare);
}

bool
compile_wants(const char *name, enum compile_what what)
{
	return cvd_is_ending(text_ending(name)) ||
	    text_is_wanted(text_ending(name), what);
}

/* Each input is a feed of its own. */
static bool
compile_add_feed(struct ir *ir, struct text *text, struct why *why)
{
	const char *slash = strrchr(text->name, '/');

	return ir_add_feed(ir, slash == NULL ? text->name : slash + 1,
		   &text->feed) ||
	    why_not(why, WHY_LIMIT, "%.150s: out of memory", text->name);
}

bool
compile_is_lines(const char *name)
{
	return text_is_lines(text_ending(name));
}

struct text_reader *
compile_lines_open(struct ir *ir, const char *name,
    const struct compile_options *options, struct why *why)
{
	struct text text = { .name = name };

	return compile_add_feed(ir, &text, why)
	    ? text_open(ir, &text, options, why)
	    : NULL;
}

bool
compile_lines_add(struct text_reader *r, struct cur lines, struct why *why)
{
	return text_read_some(r, lines, why);
}

bool
compile_lines_close(struct text_reader *r, bool is_whole, struct why *why)
{
	return text_close(r, is_whole, why);
}

bool
compile_text(struct ir *ir, const char *name, struct cur bytes,
    const struct compile_options *options, struct why *why)
{
	struct text text = { .name = name, .bytes = bytes };

	if (!compile_add_feed(ir, &text, why))
		return false;
	if (cvd_is_ending(text_ending(name)))
		return cvd_read(ir, name, text.feed, bytes, options, why);
	return text_read(ir, &text, options, why);
}

/* Rules by kind, each kind in input order. */
static bool
compile_order_rules(struct ir *ir)
{
	struct ir_rule *sorted = NULL;
	size_t room = 0, count = 0, i;
	enum sig_kind kind;

	if (ir->rule_count == 0)
		return true;
	if (!pool_vector_reserve(ir->pool, (void **)&sorted, &room, 0,
		ir->rule_count, sizeof(*sorted)))
		return false;
	for (kind = SIG_HASH; kind <= SIG_HEURISTIC; kind++)
		for (i = 0; i < ir->rule_count; i++)
			if (ir->rule[i].kind == kind)
				sorted[count++] = ir->rule[i];
	pool_vector_free(ir->pool, (void **)&ir->rule, &ir->rule_room,
	    sizeof(*ir->rule));
	ir->rule = sorted;
	ir->rule_room = room;
	ir->rule_count = count;
	return true;
}

bool
compile_finish(struct ir *ir, struct why *why)
{
	if (!ignore_apply(ir, why))
		return false;
	if (!compile_order_rules(ir))
		return why_not(why, WHY_LIMIT, "no memory to order the rules");
	return true;
}
