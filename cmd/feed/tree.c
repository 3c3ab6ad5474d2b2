/*
 * tree.c - a tiled log.  See tree.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/feed/tree.h"

#include "cmd/feed/files.h"
#include "lib/trust/prove.h"
#include "lib/trust/tile.h"

#include <stdlib.h>
#include <string.h>

#define BUNDLE_MAX ((size_t)TILE_WIDTH * (2u + 65535u))

void
tree_free(struct tree *t)
{
	free(t->leaf);
	*t = (struct tree){ 0 };
}

void
tree_root(const struct tree *t, uint64_t size, struct merkle_hash *out)
{
	prove_root(t->leaf, size, out);
}

void
tree_cut(struct tree *t, uint64_t size)
{
	if (size < t->count)
		t->count = (size_t)size;
}

static void
add_leaf(struct tree *t, struct cur entry)
{
	t->leaf = buf_grow(t->leaf, &t->room, t->count + 1, sizeof(t->leaf[0]));
	merkle_leaf(entry.base + entry.pos, cur_left(&entry),
	    &t->leaf[t->count++]);
}

/* --- reading -------------------------------------------------------------- */

/* Where the bundle of an entry begins, and how wide it is at that size. */
static unsigned
width_of(uint64_t number, uint64_t size)
{
	uint64_t left = size - number * TILE_WIDTH;

	return left < TILE_WIDTH ? (unsigned)left : TILE_WIDTH;
}

/* The partial bundle, or the full one that took its place. */
static bool
get_bundle(const struct from *f, uint64_t number, unsigned width,
    struct buf *out, struct why *why)
{
	char path[TILE_PATH_MAX];
	struct why unused = { 0 };

	tile_path(-1, number, width, path);
	if (from_get(f, path, BUNDLE_MAX, out, why))
		return true;
	if (width == TILE_WIDTH)
		return false;
	out->size = 0;
	tile_path(-1, number, TILE_WIDTH, path);
	return from_get(f, path, BUNDLE_MAX, out, &unused);
}

/* Who hears of entries that are new. */
struct reader {
	struct tree *tree;
	tree_fn hear; /* or NULL */
	void *ctx;
};

/* Take the next entry of a bundle, which is number index of the log. */
static bool
take_entry(const struct reader *r, uint64_t index, struct cur entry,
    struct why *why)
{
	struct tree *t = r->tree;
	struct merkle_hash h;

	if (cur_left(&entry) > TREE_ENTRY_MAX)
		return why_not(why, WHY_LIMIT, "entry %ju is too long",
		    (uintmax_t)index);
	if (index < t->count) {
		merkle_leaf(entry.base + entry.pos, cur_left(&entry), &h);
		return memcmp(&h, &t->leaf[index], sizeof(h)) == 0 ||
		    why_not(why, WHY_FORGED, "entry %ju was another before",
			(uintmax_t)index);
	}
	add_leaf(t, entry);
	return r->hear == NULL || r->hear(r->ctx, index, entry, why);
}

/* The entries of a bundle, of which the first is number index. */
static bool
read_bundle(const struct reader *r, struct cur bundle, uint64_t index,
    unsigned width, struct why *why)
{
	struct cur entry;
	unsigned i;

	for (i = 0; i < width; i++) {
		if (!tile_entry(&bundle, &entry))
			return why_not(why, WHY_FORGED,
			    "a bundle has not %u entries", width);
		if (!take_entry(r, index + i, entry, why))
			return false;
	}
	return true;
}

bool
tree_read(struct tree *t, const struct from *f, uint64_t size, tree_fn hear,
    void *ctx, struct why *why)
{
	const struct reader r = { t, hear, ctx };

	if (size > TREE_MAX)
		return why_not(why, WHY_LIMIT, "more entries than %ju",
		    (uintmax_t)TREE_MAX);
	while (t->count < size) {
		uint64_t number = t->count / TILE_WIDTH;
		unsigned width = width_of(number, size);
		struct buf b = { 0 };
		bool good;

		good = get_bundle(f, number, width, &b, why) &&
		    read_bundle(&r, cur_from(b.bytes, b.size),
			number * TILE_WIDTH, width, why);
		buf_free(&b);
		if (!good)
			return false;
	}
	return true;
}

bool
tree_entry(const struct from *f, uint64_t size, uint64_t index, struct buf *out,
    struct why *why)
{
	uint64_t number = index / TILE_WIDTH;
	struct buf b = { 0 };
	struct cur bundle, entry = cur_from("", 0);
	unsigned i;
	bool good = index < size ||
	    why_not(why, WHY_BROKEN, "the log has %ju entries",
		(uintmax_t)size);

	good = good && get_bundle(f, number, width_of(number, size), &b, why);
	bundle = cur_from(b.bytes, b.size);
	for (i = 0; good && i <= index % TILE_WIDTH; i++)
		good = tile_entry(&bundle, &entry) ||
		    why_not(why, WHY_FORGED, "a bundle is too short");
	if (good)
		buf_add(out, entry.base, entry.size);
	buf_free(&b);
	return good;
}

/* --- writing -------------------------------------------------------------- */

struct writer {
	int folder;
	struct why *why;
};

/* A tile was computed: write it, unless it is there and cannot change. */
static bool
write_tile(void *ctx, unsigned level, const struct tile_level *l)
{
	struct writer *w = ctx;
	char path[TILE_PATH_MAX];

	tile_path((int)level, l->number, l->width, path);
	if (l->width == TILE_WIDTH && files_exist(w->folder, path))
		return true;
	return files_write(w->folder, path, l->hash,
	    (size_t)l->width * MERKLE_HASH, w->why);
}

bool
tree_write_tiles(const struct tree *t, int folder, struct why *why)
{
	struct writer w = { folder, why };
	struct tiles *tiles = buf_alloc(1, sizeof(*tiles));
	bool good = true;
	size_t i;

	tiles->hear = write_tile;
	tiles->ctx = &w;
	for (i = 0; i < t->count && good; i++)
		good = tiles_add(tiles, &t->leaf[i]);
	good = good && tiles_end(tiles);
	free(tiles);
	return good;
}

/* Write the bundle that ends with the last leaf. */
static bool
write_bundle(const struct tree *t, int folder, struct buf *b, struct why *why)
{
	unsigned width = (unsigned)(t->count % TILE_WIDTH);
	char path[TILE_PATH_MAX];

	tile_path(-1, (t->count - 1) / TILE_WIDTH,
	    width == 0 ? TILE_WIDTH : width, path);
	return files_write(folder, path, b->bytes, b->size, why);
}

static void
add_entry(struct tree *t, struct buf *b, struct cur entry)
{
	size_t size = cur_left(&entry);

	buf_byte(b, (char)(size >> 8));
	buf_byte(b, (char)(size & 0xff));
	buf_add(b, entry.base + entry.pos, size);
	add_leaf(t, entry);
}

bool
tree_append(struct tree *t, int folder, const struct cur *entry, size_t count,
    struct why *why)
{
	const struct from here = { .folder = folder };
	unsigned width = (unsigned)(t->count % TILE_WIDTH);
	struct buf b = { 0 };
	bool good = width == 0 ||
	    get_bundle(&here, t->count / TILE_WIDTH, width, &b, why);
	size_t i;

	for (i = 0; i < count && good; i++) {
		if (cur_left(&entry[i]) > TREE_ENTRY_MAX) {
			good = why_not(why, WHY_LIMIT, "an entry is too long");
			break;
		}
		add_entry(t, &b, entry[i]);
		if (t->count % TILE_WIDTH != 0 && i + 1 < count)
			continue;
		good = write_bundle(t, folder, &b, why);
		if (t->count % TILE_WIDTH == 0)
			b.size = 0;
	}
	good = good && tree_write_tiles(t, folder, why);
	buf_free(&b);
	return good;
}
