/*
 * again.c - who was answered a moment ago.  See again.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/again.h"

#include <string.h>

static size_t
place_of(const struct subject_stamp *s, uint32_t pid)
{
	return (size_t)(((s->inode + pid) * 0x9e3779b97f4a7c15u) >> 40) %
	    AGAIN_MAX;
}

bool
again_has(const struct again *a, const struct subject_stamp *s, uint32_t pid,
    uint64_t now_ms)
{
	size_t at = place_of(s, pid);

	return now_ms < a->one[at].until_ms && a->one[at].pid == pid &&
	    subject_is_same(&a->one[at].stamp, s);
}

void
again_keep(struct again *a, const struct subject_stamp *s, uint32_t pid,
    uint64_t now_ms)
{
	size_t at = place_of(s, pid);

	a->one[at].stamp = *s;
	a->one[at].until_ms = now_ms + AGAIN_MS;
	a->one[at].pid = pid;
}

void
again_forget(struct again *a)
{
	memset(a, 0, sizeof(*a));
}
