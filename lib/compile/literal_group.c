/*
 * literal_group.c - tell apart literals that share a window.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/literal_plan.h"

#include <stdlib.h>

uint32_t
literal_group(struct literal_build *b, const struct window *window,
    size_t count)
{
	uint32_t unit;
	uint8_t *at = literal_entries(b, LITERAL_GROUP + 8 * count, &unit);
	size_t i;

	if (at == NULL)
		return 0;
	literal_put(at, count, 4);
	at[8] = (uint8_t)LITERAL_NO_SHIFT;
	for (i = 0; i < count; i++) {
		const struct window *w = &window[i];

		literal_put(at + LITERAL_GROUP + 8 * i + 4,
		    b->folded[w->literal].unit << 5 | w->offset, 4);
	}
	return LITERAL_REF_GROUP | unit << 5;
}
