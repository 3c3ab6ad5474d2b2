/*
 * known.c - files found to be bad a moment ago.  See known.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/known.h"

#include <string.h>

static size_t
place_of(const struct subject_stamp *s)
{
	return (size_t)((s->inode * 0x9e3779b97f4a7c15u) >> 40) % KNOWN_MAX;
}

bool
known_find(const struct known *k, const struct subject_stamp *s, bool *may)
{
	size_t at = place_of(s);

	if (!k->one[at].is_used || !subject_is_same(&k->one[at].stamp, s))
		return false;
	*may = k->one[at].may;
	return true;
}

void
known_keep(struct known *k, const struct subject_stamp *s, bool may)
{
	size_t at = place_of(s);

	k->one[at].stamp = *s;
	k->one[at].may = may;
	k->one[at].is_used = true;
}

void
known_forget(struct known *k)
{
	memset(k, 0, sizeof(*k));
}
