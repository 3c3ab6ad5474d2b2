/*
 * tree.h - walk, copy and remove a file or a folder with all that is in it.
 *
 * For trees somebody hostile may have made: every step is taken from an open
 * folder to one name in it, no link is followed and no mount entered (a tree
 * in which something is mounted is refused), nothing recurses, and how deep
 * it may go is bounded.  Names come in the order of their bytes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_TREE_H
#define CANDOR_SYS_TREE_H

#include "lib/base/why.h"

#include <sys/stat.h>

#include <stdbool.h>
#include <stddef.h>

#define TREE_DEPTH 100u /* folders within each other */
#define TREE_PATH  4096u

/* Something in the tree. */
struct tree_at {
	int dir;          /* the folder it is in */
	const char *name; /* there */
	const char *path; /* below the top, "" for the top itself */
	size_t depth;     /* 0 for the top */
	int fd;           /* a regular file or folder, open to read, or -1 */
	struct stat st;
};

/* False, and why, ends the walk. */
typedef bool (*tree_fn)(void *self, const struct tree_at *at, struct why *why);

struct tree_visit {
	tree_fn enter; /* everything; folders before what is in them */
	tree_fn leave; /* folders, after; or NULL */
	void *self;
};

bool tree_walk(int dir, const char *name, const struct tree_visit *v,
    struct why *why);

/*
 * Copy name in from to as in to, where nothing of that name may be: with
 * owners, modes, times, extended attributes, flags and links between its
 * files, and to the disk.  is_one: of a folder only itself, not what is in
 * it.  On failure a part may be there.
 */
bool tree_copy(int from, const char *name, int to, const char *as, bool is_one,
    struct why *why);

/*
 * Remove it.  Immutable files are made mutable first, but not those that
 * have another name somewhere.
 */
bool tree_remove(int dir, const char *name, struct why *why);

/*
 * Open the folder of an absolute path from the root, through no link; *name
 * is the last part.  -1 and errno.
 */
int tree_open_parent(const char *path, const char **name);

#endif
