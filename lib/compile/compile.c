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

bool
compile_text(struct ir *ir, const char *name, struct cur bytes,
    const struct compile_options *options, struct why *why)
{
	const char *slash = strrchr(name, '/');
	struct text text = { .name = name, .bytes = bytes };

	if (!ir_add_feed(ir, slash == NULL ? name : slash + 1, &text.feed))
		return why_not(why, WHY_LIMIT, "%.150s: out of memory", name);
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
