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

/* Its place + 1, or 0. */
static size_t
find(const struct later *l, uint64_t device, uint64_t inode)
{
	size_t at = l->bucket[bucket_of(device, inode)];

	while (at != 0 &&
	    (l->one[at - 1].inode != inode || l->one[at - 1].device != device))
		at = l->next[at - 1];
	return at;
}

bool
later_has(const struct later *l, uint64_t device, uint64_t inode)
{
	return find(l, device, inode) != 0;
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

static uint16_t *
link_to(struct later *l, size_t at)
{
	const struct later_file *f = &l->one[at];
	uint16_t *link = &l->bucket[bucket_of(f->device, f->inode)];

	while (*link != at + 1)
		link = &l->next[*link - 1];
	return link;
}

/* The first in the line is one that waits, if there is one. */
static void
pass_over(struct later *l)
{
	while (l->count > 0 && l->one[l->first].fd == -1) {
		l->first = (l->first + 1) % LATER_MAX;
		l->count--;
	}
}

int
later_drop(struct later *l, uint64_t device, uint64_t inode)
{
	size_t at = find(l, device, inode);
	int fd;

	if (at == 0)
		return -1;
	*link_to(l, at - 1) = l->next[at - 1];
	fd = l->one[at - 1].fd;
	l->one[at - 1].fd = -1;
	pass_over(l);
	return fd;
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
	*link_to(l, l->first) = l->next[l->first];
	l->first = (l->first + 1) % LATER_MAX;
	l->count--;
	pass_over(l);
	return true;
}
