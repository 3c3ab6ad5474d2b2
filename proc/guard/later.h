/*
 * later.h - files that were written and closed, to be looked at when nobody
 * waits.
 *
 * Their writers went on: what they do next may well wait for an answer, and
 * goes first.  Whoever opens one of them meanwhile has it looked at at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_GUARD_LATER_H
#define CANDOR_PROC_GUARD_LATER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LATER_MAX 4096u /* each keeps a descriptor open */

struct later_file {
	int fd;       /* -1: it was taken out of turn */
	uint32_t pid; /* who closed it */
	uint64_t since_ms;
	uint64_t device, inode;
};

/* All zeros: empty.  The oldest comes first. */
struct later {
	struct later_file one[LATER_MAX];
	size_t first, count;        /* with those that were taken out of turn */
	uint16_t bucket[LATER_MAX]; /* place + 1 of one of these files */
	uint16_t next[LATER_MAX];   /* and of the next in that bucket */
};

/* Is that file among them?  Who writes it line by line closes it thousands of
   times, and it is looked at once. */
bool later_has(const struct later *l, uint64_t device, uint64_t inode);

/* False if there is no room. */
bool later_add(struct later *l, const struct later_file *f);

/* It was looked at meanwhile: take it out.  Its fd, or -1 if it is not there. */
int later_drop(struct later *l, uint64_t device, uint64_t inode);

/* Since when the oldest waits; only if there is one. */
uint64_t later_since(const struct later *l);

/* Take the oldest out; false if there is none. */
bool later_take(struct later *l, struct later_file *out);

#endif
