/*
 * tile.h - where a log keeps its hashes and entries.
 *
 * Spec: C2SP tlog-tiles: tile/LEVEL/N[.p/WIDTH], tile/entries/N[.p/WIDTH],
 * N in groups of three digits, all but the last behind an x.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_TILE_H
#define CANDOR_TRUST_TILE_H

#include "lib/trust/merkle.h"

#include <stdbool.h>
#include <stdint.h>

#define TILE_WIDTH    256u /* hashes of a full one */
#define TILE_LEVELS   8u   /* 256^8 is more than any size */
#define TILE_PATH_MAX 96u

/* The path of a tile of so many hashes; level -1 is of the entries. */
void tile_path(int level, uint64_t number, unsigned width,
    char out[TILE_PATH_MAX]);

/* Tiles that are being made of leaves that come one after the other. */
struct tile_level {
	struct merkle_hash hash[TILE_WIDTH];
	unsigned width;  /* of the one that is being filled */
	uint64_t number; /* its own */
};

/*
 * Hear of a tile when it is full (or, from tiles_end(), as far as it is);
 * false ends it all.
 */
typedef bool (*tile_fn)(void *ctx, unsigned level, const struct tile_level *t);

struct tiles {
	struct tile_level level[TILE_LEVELS];
	struct merkle_tree tree;
	tile_fn hear;
	void *ctx;
};

bool tiles_add(struct tiles *t, const struct merkle_hash *leaf);
bool tiles_end(struct tiles *t);

/* Cut the next entry off a bundle: two bytes of size (big-endian), bytes. */
MUST_CHECK bool tile_entry(struct cur *bundle, struct cur *entry);

#endif
