/*
 * copy.h - a mirror's copy of a feed: nothing is in it that was not checked.
 *
 * Entries hash to a checkpoint that the log signed, rules R1 to R5 hold for
 * all of them, and of every release that came since the copy began the files
 * (R6) and sources are here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_MIRROR_COPY_H
#define CANDOR_MIRROR_COPY_H

#include "cmd/feed/view.h"

struct copy {
	int folder;        /* the copy: a feed's tree */
	struct view view;  /* its entries; from is where it is copied from */
	struct tree tree;  /* its leaves, as far as they are on disk */
	struct buf anchor; /* entry 0 must be this */
	const char *where; /* borrowed */
};

/* Open the copy at path of the tree at where, and check it all. */
bool copy_open(const char *path, const char *where, const char *anchor,
    struct copy *out, struct why *why);

/* Is a checkpoint one of what is here, or can it become so?  Then all that
   was missing is here, for good.  Else nothing was changed. */
bool copy_grow(struct copy *c, struct cur note, struct why *why);

/* Fetch what changes (latest, checkpoint, roots) and keep it if it is newer
   than what is here; grow, if it speaks of more. */
bool copy_follow(struct copy *c, struct why *why);

#endif
