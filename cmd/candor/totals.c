/*
 * totals.c - what a whole scan came to.  The contract is in totals.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/totals.h"

void
totals_add(struct totals *t, const struct result *r)
{
	bool seen[UNSCANNED_COUNT] = { false };
	size_t i;

	if (r->kind == RESULT_LINK)
		return;
	if (r->kind == RESULT_ABSENT || r->kind == RESULT_ODD) {
		t->absent++;
		return;
	}
	t->files++;
	t->by_verdict[r->verdict]++;
	t->bytes += r->size;
	t->searched += r->searched;
	t->cached += r->is_cached;
	t->empty += r->size == 0 && r->verdict == VERDICT_CLEAN;
	t->errors += r->kind == RESULT_NOT_OPENED;
	for (i = 0; i < r->gap_count; i++) {
		enum unscanned why = r->gap[i].reason;

		if (why < UNSCANNED_COUNT && !seen[why])
			t->by_reason[why]++;
		if (why < UNSCANNED_COUNT)
			seen[why] = true;
	}
}

int
totals_exit(const struct totals *t)
{
	if (t->by_verdict[VERDICT_INFECTED] > 0 ||
	    t->by_verdict[VERDICT_SUSPICIOUS] > 0)
		return EXIT_FOUND;
	if (t->by_verdict[VERDICT_UNSCANNED] > 0 || t->absent > 0 ||
	    t->is_interrupted)
		return EXIT_TROUBLE;
	return EXIT_CLEAN;
}
