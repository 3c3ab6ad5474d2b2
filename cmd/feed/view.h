/*
 * view.h - all of a feed's log, read and checked: rules R1 to R5.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FEED_VIEW_H
#define CANDOR_FEED_VIEW_H

#include "cmd/feed/from.h"
#include "cmd/feed/tree.h"
#include "lib/trust/checkpoint.h"
#include "lib/trust/rules.h"

/* A root that stands in the log. */
struct view_root {
	uint64_t index;
	struct buf note; /* the entry */
};

struct view {
	struct from from; /* its tree */
	struct tree tree;
	struct rules rules; /* after the last entry that was read */
	struct view_root *root;
	size_t root_count, root_room;

	/* Of view_open() only: the tree's checkpoint. */
	struct buf bytes;
	struct note note;
	struct checkpoint checkpoint;
};

/* Begin with nothing read; where is a tree: a folder or a URL. */
bool view_begin(const char *where, struct view *out, struct why *why);
void view_close(struct view *v);

/* Read on to size entries. */
bool view_read(struct view *v, uint64_t size, struct why *why);

/*
 * Begin, read the tree's checkpoint and all entries: they hash to its root,
 * and the log of the root in force has signed it.  Whether cosigners have is
 * for the caller, as is whether the first root is the right one.
 */
bool view_open(const char *where, struct view *out, struct why *why);

/* Check that this text is a checkpoint of what was read, by this log. */
bool view_check(const struct view *v, const struct note *n,
    const struct checkpoint *c, struct why *why);

/* Read the release that is entry index; bytes is what it borrows from, for the
   caller to free. */
bool view_release(const struct view *v, uint64_t index, struct buf *bytes,
    struct trust_release *out, struct why *why);

/* R6: every file of a release can be had from there and hashes right.  With
   a folder (else -1), what is not in it yet is copied into it. */
bool view_files(const struct from *f, const struct trust_release *r, int folder,
    struct why *why);

#endif
