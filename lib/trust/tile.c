/*
 * tile.c - where a log keeps its hashes and entries.  See tile.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/tile.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

void
tile_path(int level, uint64_t number, unsigned width, char out[TILE_PATH_MAX])
{
	char groups[40] = "", before[40];
	uint64_t n = number;

	(void)snprintf(groups, sizeof(groups), "%03" PRIu64, n % 1000);
	for (n /= 1000; n > 0; n /= 1000) {
		memcpy(before, groups, sizeof(before));
		(void)snprintf(groups, sizeof(groups), "x%03" PRIu64 "/%.32s",
		    n % 1000, before);
	}
	if (level < 0)
		(void)snprintf(out, TILE_PATH_MAX, "tile/entries/%s", groups);
	else
		(void)snprintf(out, TILE_PATH_MAX, "tile/%d/%s", level, groups);
	if (width < TILE_WIDTH)
		(void)snprintf(out + strlen(out), TILE_PATH_MAX - strlen(out),
		    ".p/%u", width);
}

/* The root of the full tile of a level. */
static void
root_of(const struct tile_level *l, struct merkle_hash *out)
{
	struct merkle_tree tree;
	unsigned i;

	tree.size = 0;
	for (i = 0; i < TILE_WIDTH; i++)
		merkle_add(&tree, &l->hash[i]);
	merkle_root(&tree, out);
}

bool
tiles_add(struct tiles *t, const struct merkle_hash *leaf)
{
	struct merkle_hash h = *leaf;
	unsigned level;

	merkle_add(&t->tree, leaf);
	for (level = 0; level < TILE_LEVELS; level++) {
		struct tile_level *l = &t->level[level];

		l->hash[l->width++] = h;
		if (l->width < TILE_WIDTH)
			return true;
		if (!t->hear(t->ctx, level, l))
			return false;
		root_of(l, &h);
		l->width = 0;
		l->number++;
	}
	return true;
}

bool
tiles_end(struct tiles *t)
{
	unsigned level;

	for (level = 0; level < TILE_LEVELS; level++)
		if (t->level[level].width > 0 &&
		    !t->hear(t->ctx, level, &t->level[level]))
			return false;
	return true;
}

bool
tile_entry(struct cur *bundle, struct cur *entry)
{
	uint16_t size = cur_u16be(bundle);

	return cur_ok(bundle) && cur_take(bundle, size, entry);
}
