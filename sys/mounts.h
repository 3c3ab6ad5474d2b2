/*
 * mounts.h - what is mounted where (/proc/self/mountinfo, proc(5)).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_MOUNTS_H
#define CANDOR_SYS_MOUNTS_H

#include "lib/base/why.h"
#include "sys/filesystem.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MOUNTS_MAX      4096u /* read; more are not watched, and counted */
#define MOUNTS_TYPE_MAX 32u

struct mounted {
	uint64_t id;     /* as statx tells it of its files */
	uint64_t parent; /* id of the mount it is mounted on */
	uint64_t device; /* as st_dev of its files (but not on btrfs) */
	enum filesystem_sort sort;
	char type[MOUNTS_TYPE_MAX];
	const char *path; /* lent until the next mounts_read() */
};

struct mounts {
	int fd; /* becomes readable (POLLPRI) when something changed */
	char *text;
	struct mounted *one;
	size_t count, more;
};

/* Open the list, as process pid sees it (0: as we do); nothing allocates after
   that. */
bool mounts_open(struct mounts *m, uint32_t pid, struct why *why);
void mounts_close(struct mounts *m);

/* Read what is mounted now, in the order in which it was. */
bool mounts_read(struct mounts *m, struct why *why);

/*
 * The same of a text that is there already, of at most MOUNTS_TEXT_MAX bytes;
 * lines that say nothing understandable are left out.
 */
#define MOUNTS_TEXT_MAX ((size_t)4 << 20)
void mounts_understand(struct mounts *m, const char *text, size_t size);

/* Is a mount of that id (as statx tells it) one of ours? */
bool mounts_has(const struct mounts *m, uint64_t id);

/*
 * Does this path still lead there: is nothing mounted over it, or over a folder
 * on the way?
 */
bool mounts_is_visible(const struct mounts *m, const struct mounted *at);

/*
 * May the way to this mount point be walked without asking anybody but this
 * kernel?
 */
bool mounts_is_reachable(const struct mounts *m, const struct mounted *at);

#endif
