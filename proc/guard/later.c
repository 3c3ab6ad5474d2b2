/*
 * later.c - files to be looked at when nobody waits.  See later.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/later.h"

bool
later_add(struct later *l, const struct later_file *f)
{
	if (l->count == LATER_MAX)
		return false;
	l->one[(l->first + l->count) % LATER_MAX] = *f;
	l->count++;
	return true;
}

uint64_t
later_since(const struct later *l)
{
	return l->one[l->first].since_ms;
}

bool
later_take(struct later *l, struct later_file *out)
{
	if (l->count == 0)
		return false;
	*out = l->one[l->first];
	l->first = (l->first + 1) % LATER_MAX;
	l->count--;
	return true;
}
