/*
 * finding.c - which of several detections is told first.  See finding.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/crew/finding.h"

#include "lib/compile/ir.h" /* enum sig_kind, SIG_* */

#include <stddef.h>

bool
finding_is_weak(uint32_t kind, uint32_t flags)
{
	return kind == SIG_HEURISTIC || (flags & SIG_PUA) != 0;
}

static int
compare(uint32_t a, uint32_t b)
{
	return (a > b) - (a < b);
}

int
finding_compare(const struct finding *a, const struct finding *b)
{
	int c = compare(a->is_weak, b->is_weak);

	c = c != 0 ? c : compare(a->kind, b->kind);
	c = c != 0 ? c : compare(a->database, b->database);
	c = c != 0 ? c : compare(a->signature, b->signature);
	return c != 0 ? c : compare(a->object, b->object);
}

enum verdict
finding_verdict(const struct finding *first, bool has_gap)
{
	if (first != NULL)
		return first->is_weak ? VERDICT_SUSPICIOUS : VERDICT_INFECTED;
	return has_gap ? VERDICT_UNSCANNED : VERDICT_CLEAN;
}
