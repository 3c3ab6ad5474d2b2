/*
 * later.c - files to be looked at when nobody waits.  See later.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/later.h"

static size_t
bucket_of(uint64_t device, uint64_t inode)
{
	uint64_t h = (inode ^ device << 32) * 0x9e3779b97f4a7c15u;

	return (size_t)(h >> 40) % LATER_MAX;
}

bool
later_has(const struct later *l, uint64_t device, uint64_t inode)
{
	size_t at = l->bucket[bucket_of(device, inode)];

	for (; at != 0; at = l->next[at - 1])
		if (l->one[at - 1].inode == inode &&
		    l->one[at - 1].device == device)
			return true;
	return false;
}

bool
later_add(struct later *l, const struct later_file *f)
{
	size_t at = (l->first + l->count) % LATER_MAX;
	uint16_t *bucket = &l->bucket[bucket_of(f->device, f->inode)];

	if (l->count == LATER_MAX)
		return false;
	l->one[at] = *f;
	l->next[at] = *bucket;
	*bucket = (uint16_t)(at + 1);
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
	uint16_t *link;

	if (l->count == 0)
		return false;
	*out = l->one[l->first];
	link = &l->bucket[bucket_of(out->device, out->inode)];
	while (*link != l->first + 1)
		link = &l->next[*link - 1];
	*link = l->next[l->first];
	l->first = (l->first + 1) % LATER_MAX;
	l->count--;
	return true;
}
