/*
 * recall.h - files that were found clean lately, by their paths, so that they
 * can be looked at again when there are new signatures, before anybody has to
 * wait for that.
 *
 * Paths only: an open descriptor would keep a file system from being
 * unmounted.  Who is forgotten, or not found by his path any more, is asked
 * about when he is opened, as any other file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_GUARD_RECALL_H
#define CANDOR_PROC_GUARD_RECALL_H

#include <stddef.h>

#define RECALL_MAX  4096u /* a newer one may take an older one's place */
#define RECALL_PATH 128u  /* with the 0 at its end; longer ones are not kept */

/* All zeros: empty. */
struct recall {
	char path[RECALL_MAX][RECALL_PATH]; /* "": nothing */
};

/* Keep an absolute path; others are passed over. */
void recall_keep(struct recall *r, const char *path);

/* The path at that place (0 ... RECALL_MAX - 1), or NULL. */
const char *recall_at(const struct recall *r, size_t at);

#endif
