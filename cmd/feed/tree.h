/*
 * tree.h - a tiled log: its leaves in memory, its entries and tiles on disk.
 *
 * Spec: C2SP tlog-tiles.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FEED_TREE_H
#define CANDOR_FEED_TREE_H

#include "cmd/feed/from.h"
#include "lib/trust/merkle.h"

#define TREE_ENTRY_MAX 32768u              /* bytes of an entry */
#define TREE_MAX       (UINT64_C(1) << 24) /* leaves that are held here */

struct tree {
	struct merkle_hash *leaf;
	size_t count, room;
};

/* Hear of an entry, in order; false ends it, having said why. */
typedef bool (*tree_fn)(void *ctx, uint64_t index, struct cur entry,
    struct why *why);

void tree_free(struct tree *t);

/* The root of the first size leaves, which are there. */
void tree_root(const struct tree *t, uint64_t size, struct merkle_hash *out);

/*
 * Read entries from a log of size entries until t holds them all; hear (which
 * may be NULL) is told of each that is new to t.  Entries t holds already and
 * that share a bundle with a new one must still be what they were.
 */
bool tree_read(struct tree *t, const struct from *f, uint64_t size,
    tree_fn hear, void *ctx, struct why *why);

/* One entry. */
bool tree_entry(const struct from *f, uint64_t size, uint64_t index,
    struct buf *out, struct why *why);

/* Cut t back to size leaves. */
void tree_cut(struct tree *t, uint64_t size);

/*
 * Append entries to t, which holds all of the log in folder, and to that log:
 * bundles and tiles of the new size are written and last.  Who signs a
 * checkpoint does so after.
 */
bool tree_append(struct tree *t, int folder, const struct cur *entry,
    size_t count, struct why *why);

/* Write the tiles of all leaves that t holds; those there stay. */
bool tree_write_tiles(const struct tree *t, int folder, struct why *why);

#endif
