/*
 * looks.c - files that are looked at, and who waits for them.  See looks.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/guard/looks.h"

#include <stdlib.h>
#include <string.h>

#define BUCKETS 16384u /* a power of two */

struct looks {
	struct look look[LOOKS_MAX];
	struct waiter waiter[WAITERS_MAX];
	struct look *bucket[BUCKETS];
	struct look *free_look;
	struct waiter *free_waiter;
	struct waiter *oldest, *newest;
	uint32_t turn[LOOKS_MAX]; /* makes tokens of one place differ */
	size_t count, waiting;
};

struct looks *
looks_open(void)
{
	struct looks *l = calloc(1, sizeof(*l));
	size_t i;

	if (l == NULL)
		return NULL;
	for (i = 0; i < LOOKS_MAX; i++) {
		l->look[i].next = l->free_look;
		l->free_look = &l->look[i];
	}
	for (i = 0; i < WAITERS_MAX; i++) {
		l->waiter[i].next = l->free_waiter;
		l->free_waiter = &l->waiter[i];
	}
	return l;
}

void
looks_close(struct looks **l)
{
	free(*l);
	*l = NULL;
}

/* By the file, not by its state. */
static size_t
bucket_at(uint64_t device, uint64_t inode)
{
	uint64_t h = (inode ^ device << 32) * 0x9e3779b97f4a7c15u;

	return (size_t)(h >> 40) & (BUCKETS - 1);
}

static size_t
bucket_of(const struct subject_stamp *s)
{
	return bucket_at(s->device, s->inode);
}

struct look *
looks_find(const struct looks *l, const struct subject_stamp *s)
{
	struct look *look = l->bucket[bucket_of(s)];

	while (look != NULL &&
	    (look->is_spoiled || !subject_is_same(&look->stamp, s)))
		look = look->next;
	return look;
}

struct look *
looks_begin(struct looks *l, const struct subject_stamp *s)
{
	struct look *look = l->free_look;
	struct look **bucket = &l->bucket[bucket_of(s)];

	if (look == NULL)
		return NULL;
	l->free_look = look->next;
	memset(look, 0, sizeof(*look));
	look->stamp = *s;
	look->fd = -1;
	look->next = *bucket;
	*bucket = look;
	l->count++;
	l->turn[look - l->look]++;
	return look;
}

void
looks_spoil(struct looks *l, uint64_t device, uint64_t inode)
{
	struct look *look = l->bucket[bucket_at(device, inode)];

	for (; look != NULL; look = look->next)
		if (look->stamp.inode == inode && look->stamp.device == device)
			look->is_spoiled = true;
}

void
looks_end(struct looks *l, struct look *look)
{
	struct look **at = &l->bucket[bucket_of(&look->stamp)];

	while (*at != look)
		at = &(*at)->next;
	*at = look->next;
	look->next = l->free_look;
	l->free_look = look;
	l->turn[look - l->look]++;
	l->count--;
}

uint64_t
looks_token(const struct looks *l, const struct look *look)
{
	size_t at = (size_t)(look - l->look);

	return (uint64_t)l->turn[at] << 32 | at;
}

struct look *
looks_of_token(struct looks *l, uint64_t token)
{
	size_t at = (size_t)(token & UINT32_MAX);

	/* Odd turns are in use: begun once more than ended. */
	if (at >= LOOKS_MAX || l->turn[at] != token >> 32 ||
	    l->turn[at] % 2 == 0)
		return NULL;
	return &l->look[at];
}

struct look *
looks_at(struct looks *l, size_t at)
{
	return l->turn[at] % 2 != 0 ? &l->look[at] : NULL;
}

bool
looks_wait(struct looks *l, struct look *look, int fd, uint64_t due_ms)
{
	struct waiter *w = l->free_waiter;

	if (w == NULL)
		return false;
	l->free_waiter = w->next;
	*w = (struct waiter){ .fd = fd, .due_ms = due_ms, .look = look };
	w->next = look->waiters;
	look->waiters = w;
	w->older = l->newest;
	if (l->newest != NULL)
		l->newest->newer = w;
	else
		l->oldest = w;
	l->newest = w;
	l->waiting++;
	return true;
}

/* It is out of its look's list already. */
static int
release(struct looks *l, struct waiter *w)
{
	if (w->older != NULL)
		w->older->newer = w->newer;
	else
		l->oldest = w->newer;
	if (w->newer != NULL)
		w->newer->older = w->older;
	else
		l->newest = w->older;
	w->next = l->free_waiter;
	l->free_waiter = w;
	l->waiting--;
	return w->fd;
}

int
looks_release(struct looks *l, struct look *look)
{
	struct waiter *w = look->waiters;

	if (w == NULL)
		return -1;
	look->waiters = w->next;
	return release(l, w);
}

const struct waiter *
looks_oldest(const struct looks *l)
{
	return l->oldest;
}

int
looks_release_oldest(struct looks *l)
{
	struct waiter *w = l->oldest, **at;

	if (w == NULL)
		return -1;
	for (at = &w->look->waiters; *at != w; at = &(*at)->next)
		continue;
	*at = w->next;
	return release(l, w);
}

size_t
looks_count(const struct looks *l)
{
	return l->count;
}

size_t
looks_waiting(const struct looks *l)
{
	return l->waiting;
}
