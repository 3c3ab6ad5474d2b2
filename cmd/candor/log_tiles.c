/*
 * log_tiles.c - recompute a tiled log on disk.  See log_tiles.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/log_tiles.h"

#include "cmd/candor/buf.h"
#include "lib/trust/tile.h"
#include "sys/whole.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* A full bundle of entries of the largest size. */
#define BUNDLE_MAX (TILE_WIDTH * (2u + 65535u))

struct log_check {
	int folder;
	struct why *why;
	uint8_t *bytes; /* room for a bundle */
	struct merkle_hash leaf[TILE_WIDTH];
	struct tiles tiles;
};

/*
 * Read a tile or bundle: the partial one, or (when the log has grown since)
 * the full one that took its place.
 */
static ssize_t
read_tile(struct log_check *l, int level, uint64_t number, unsigned width,
    char path[TILE_PATH_MAX])
{
	ssize_t n;
	int fd;

	tile_path(level, number, width, path);
	fd = openat(l->folder, path, O_RDONLY | O_CLOEXEC);
	if (fd == -1 && errno == ENOENT && width < TILE_WIDTH) {
		tile_path(level, number, TILE_WIDTH, path);
		fd = openat(l->folder, path, O_RDONLY | O_CLOEXEC);
	}
	if (fd == -1) {
		(void)why_not(l->why, WHY_SYSTEM, "%s", path);
		return -1;
	}
	n = whole_read(fd, l->bytes, BUNDLE_MAX + 1);
	if (n == -1)
		(void)why_not(l->why, WHY_SYSTEM, "%s", path);
	(void)close(fd);
	return n;
}

/* A tile was computed: is it the one on disk? */
static bool
compare_tile(void *ctx, unsigned level, const struct tile_level *t)
{
	struct log_check *l = ctx;
	char path[TILE_PATH_MAX];
	size_t want = (size_t)t->width * MERKLE_HASH;
	ssize_t n = read_tile(l, (int)level, t->number, t->width, path);

	if (n == -1)
		return false;
	if ((size_t)n != want && (size_t)n != (size_t)TILE_WIDTH * MERKLE_HASH)
		return why_not(l->why, WHY_FORGED, "%s: has not %u hashes",
		    path, t->width);
	if ((size_t)n < want || memcmp(l->bytes, t->hash, want) != 0)
		return why_not(l->why, WHY_FORGED,
		    "%s: is not what its entries hash to", path);
	return true;
}

/* Hash the entries of one bundle into the tree. */
static bool
add_bundle(struct log_check *l, uint64_t number, unsigned width)
{
	char path[TILE_PATH_MAX];
	ssize_t n = read_tile(l, -1, number, width, path);
	struct cur bundle, entry;
	unsigned i;

	if (n == -1)
		return false;
	bundle = cur_from(l->bytes, (size_t)n);
	for (i = 0; i < width; i++) {
		if (!tile_entry(&bundle, &entry))
			return why_not(l->why, WHY_FORGED,
			    "%s: has not %u entries", path, width);
		merkle_leaf(entry.base, entry.size, &l->leaf[i]);
	}
	/* A full bundle in a partial one's place has more. */
	if (cur_left(&bundle) > 0 &&
	    (width == TILE_WIDTH || strstr(path, ".p/") != NULL))
		return why_not(l->why, WHY_FORGED,
		    "%s: there is something behind its entries", path);
	/* Only now: comparing tiles takes the room of the bundle. */
	for (i = 0; i < width; i++)
		if (!tiles_add(&l->tiles, &l->leaf[i]))
			return false;
	return true;
}

static bool
add_all(struct log_check *l, uint64_t size)
{
	uint64_t number, full = size / TILE_WIDTH;
	unsigned rest = (unsigned)(size % TILE_WIDTH);

	for (number = 0; number < full; number++)
		if (!add_bundle(l, number, TILE_WIDTH))
			return false;
	return (rest == 0 || add_bundle(l, full, rest)) && tiles_end(&l->tiles);
}

bool
log_tiles_check(int folder, const struct checkpoint *c, struct why *why)
{
	struct log_check *l = buf_alloc(1, sizeof(*l));
	struct merkle_hash root;
	bool good;

	l->folder = folder;
	l->why = why;
	l->bytes = buf_alloc(1, BUNDLE_MAX + 1);
	l->tiles.hear = compare_tile;
	l->tiles.ctx = l;
	good = add_all(l, c->size);
	merkle_root(&l->tiles.tree, &root);
	if (good && memcmp(root.bytes, c->root.bytes, MERKLE_HASH) != 0)
		good = why_not(why, WHY_FORGED,
		    "the entries' root is not the checkpoint's");
	free(l->bytes);
	free(l);
	return good;
}
