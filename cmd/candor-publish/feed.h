/*
 * feed.h - a feed's log, as its operator has it.
 *
 * A folder:
 *     log.key     the log's secret key
 *     signed/     the size and root of the last checkpoint that was signed
 *     tree/       what is served to everybody
 *
 * What is signed is written down first, so that whatever happens, no two
 * checkpoints of the log contradict each other.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PUBLISH_FEED_H
#define CANDOR_PUBLISH_FEED_H

#include "cmd/feed/secret.h"
#include "cmd/feed/view.h"
#include "lib/trust/witness.h"

#define FEED_KEY    "log.key"
#define FEED_SIGNED "signed"
#define FEED_TREE   "tree"

struct feed {
	struct secret log;
	struct witness_log last; /* what was signed last */
	int signed_folder, lock;
	struct view view; /* of the tree, as far as it was signed */
};

/* Make one: the key, and empty folders. */
bool feed_make(const char *path, const char *origin, struct secret *log,
    struct why *why);

/* Open one and check all of its log; only one program at a time may. */
bool feed_open(const char *path, struct feed *out, struct why *why);
void feed_close(struct feed *f);

/* Write down that the log has grown to what f->view holds. */
bool feed_grow(struct feed *f, struct why *why);

/* The checkpoint of what was signed last, with the log's signature. */
bool feed_checkpoint(const struct feed *f, struct buf *out, struct why *why);

/* Is there a feed at path, rather than just a tree? */
bool feed_is_there(const char *path);

#endif
