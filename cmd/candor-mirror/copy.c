/*
 * copy.c - a mirror's copy of a feed.  See copy.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-mirror/copy.h"

#include "cmd/feed/files.h"
#include "cmd/feed/sources.h"
#include "lib/trust/client.h"
#include "lib/trust/tile.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- what is here --------------------------------------------------------- */

static bool
check_anchor(const struct copy *c, struct why *why)
{
	const struct view *v = &c->view;

	if (v->root_count == 0)
		return true;
	if (c->anchor.size == v->root[0].note.size &&
	    memcmp(c->anchor.bytes, v->root[0].note.bytes, c->anchor.size) == 0)
		return true;
	return why_not(why, WHY_FORGED,
	    "the log does not begin with the root that was given");
}

/* How much of the log is on disk: its own checkpoint need not be here yet. */
static uint64_t
size_here(const struct copy *c)
{
	struct why unused = { 0 };
	struct buf b = { 0 };
	struct cur text, line;
	uint64_t size = 0;

	if (files_exist(c->folder, "size") &&
	    infile_read(c->folder, "size", 32, &b, &unused)) {
		text = cur_from(b.bytes, b.size);
		if (!cur_until(&text, '\n', &line) ||
		    !checkpoint_number(line, &size))
			size = 0;
	}
	buf_free(&b);
	return size;
}

static bool
write_size(const struct copy *c, struct why *why)
{
	char text[32];
	int n = snprintf(text, sizeof(text), "%zu\n", c->tree.count);

	return files_write(c->folder, "size", text, (size_t)n, why);
}

/* Read the copy itself, then look elsewhere for more. */
static bool
load(struct copy *c, struct why *why)
{
	struct from here = { .folder = c->folder };
	uint64_t size = size_here(c);
	struct from there;

	view_close(&c->view);
	tree_free(&c->tree);
	if (!view_begin(c->where, &c->view, why))
		return false;
	there = c->view.from;
	c->view.from = here;
	if (!view_read(&c->view, size, why) || !check_anchor(c, why) ||
	    !tree_read(&c->tree, &here, size, NULL, NULL, why)) {
		c->view.from = there;
		return false;
	}
	c->view.from = there;
	return true;
}

bool
copy_open(const char *path, const char *where, const char *anchor,
    struct copy *out, struct why *why)
{
	memset(out, 0, sizeof(*out));
	out->view.from.folder = -1;
	out->where = where;
	return infile_read(AT_FDCWD, anchor, TRUST_ENTRY_MAX, &out->anchor,
		   why) &&
	    files_open(path, &out->folder, why) && load(out, why);
}

/* --- growing -------------------------------------------------------------- */

static bool
is_root(const struct view *v, uint64_t index)
{
	size_t i;

	for (i = 0; i < v->root_count; i++)
		if (v->root[i].index == index)
			return true;
	return false;
}

/* Entries that were checked, on their way into the copy. */
struct taking {
	struct copy *copy;
	bool is_first; /* the copy was empty: nobody promised old files yet */
	uint64_t last; /* number of the last entry */
	struct buf entry[TILE_WIDTH];
	size_t count;
};

/* Files and sources of an entry, unless it is a root. */
static bool
take_files(const struct taking *t, uint64_t index, struct cur entry,
    struct why *why)
{
	const struct copy *c = t->copy;
	struct trust_release *r;
	struct note n;
	bool good;

	if (is_root(&c->view, index))
		return true;
	r = buf_alloc(1, sizeof(*r));
	good = note_read(entry, &n, why) &&
	    trust_release_read(n.text, r, why) &&
	    view_files(&c->view.from, r, c->folder, why) &&
	    sources_copy(&c->view.from, r, c->folder, why);
	free(r);
	return good || (t->is_first && index != t->last);
}

/* Write down what was gathered. */
static bool
flush(struct taking *t, struct why *why)
{
	struct cur *entry = buf_alloc(TILE_WIDTH, sizeof(*entry));
	size_t i;
	bool good;

	for (i = 0; i < t->count; i++)
		entry[i] = cur_from(t->entry[i].bytes, t->entry[i].size);
	good = t->count == 0 ||
	    tree_append(&t->copy->tree, t->copy->folder, entry, t->count, why);
	for (i = 0; i < t->count; i++)
		buf_free(&t->entry[i]);
	t->count = 0;
	free(entry);
	return good;
}

/* An entry, which must still be what was checked. */
static bool
take_entry(void *ctx, uint64_t index, struct cur entry, struct why *why)
{
	struct taking *t = ctx;
	struct merkle_hash leaf;

	merkle_leaf(entry.base + entry.pos, cur_left(&entry), &leaf);
	if (memcmp(&leaf, &t->copy->view.tree.leaf[index], sizeof(leaf)) != 0)
		return why_not(why, WHY_FORGED, "an entry changed meanwhile");
	if (!take_files(t, index, entry, why))
		return false;
	buf_add(&t->entry[t->count++], entry.base + entry.pos,
	    cur_left(&entry));
	return (index + 1) % TILE_WIDTH != 0 || flush(t, why);
}

/* Fetch and keep all entries from where the copy ends. */
static bool
take_entries(struct copy *c, uint64_t size, struct why *why)
{
	struct taking *t = buf_alloc(1, sizeof(*t));
	struct tree known = { 0 };
	bool good;
	size_t i;

	t->copy = c;
	t->is_first = c->tree.count == 0;
	t->last = size - 1;
	known.leaf = buf_grow(NULL, &known.room, c->tree.count + 1,
	    sizeof(known.leaf[0]));
	known.count = c->tree.count;
	if (known.count > 0)
		memcpy(known.leaf, c->tree.leaf,
		    known.count * sizeof(known.leaf[0]));
	good = tree_read(&known, &c->view.from, size, take_entry, t, why) &&
	    flush(t, why);
	for (i = 0; i < t->count; i++)
		buf_free(&t->entry[i]);
	tree_free(&known);
	free(t);
	return good;
}

static bool
take(struct copy *c, const struct note *n, const struct checkpoint *point,
    struct why *why)
{
	return view_read(&c->view, point->size, why) && check_anchor(c, why) &&
	    view_check(&c->view, n, point, why) &&
	    take_entries(c, point->size, why) && write_size(c, why);
}

bool
copy_grow(struct copy *c, struct cur note, struct why *why)
{
	struct checkpoint point;
	struct merkle_hash root;
	struct why unused = { 0 };
	struct note n;

	if (!note_read(note, &n, why) || !checkpoint_read(n.text, &point, why))
		return false;
	if (point.size <= c->tree.count) {
		tree_root(&c->tree, point.size, &root);
		return memcmp(&root, &point.root, sizeof(root)) == 0 ||
		    why_not(why, WHY_FORGED,
			"the checkpoint is of another log");
	}
	if (take(c, &n, &point, why))
		return true;
	/* What was read of it is not trusted: back to what is here. */
	(void)load(c, &unused);
	return false;
}

/* --- following ------------------------------------------------------------ */

/* As of when a quorum vouches for a checkpoint; 0 if none does. */
static uint64_t
time_of(const struct copy *c, const struct buf *checkpoint, uint64_t *size)
{
	const struct trust_policy *p = &c->view.rules.root.policy;
	struct trust_cosigned by;
	struct why unused = { 0 };
	struct checkpoint point;
	struct note n;

	*size = 0;
	if (!note_read(cur_from(checkpoint->bytes, checkpoint->size), &n,
		&unused) ||
	    !checkpoint_read(n.text, &point, &unused) ||
	    !trust_policy_ask(p, &n, &by, &unused))
		return 0;
	*size = point.size;
	return trust_policy_time(p, &by);
}

/* Is what was fetched newer than what is here? */
static bool
is_newer(const struct copy *c, const struct buf *fetched)
{
	struct buf old = { 0 };
	struct why unused = { 0 };
	uint64_t size, old_size = 0, time, old_time = 0;

	time = time_of(c, fetched, &size);
	if (files_exist(c->folder, "checkpoint") &&
	    infile_read(c->folder, "checkpoint", NOTE_MAX, &old, &unused))
		old_time = time_of(c, &old, &old_size);
	buf_free(&old);
	return time > 0 &&
	    (size > old_size || (size == old_size && time > old_time));
}

static bool
fetch(const struct copy *c, const char *name, size_t most, struct why *why)
{
	struct buf b = { 0 };
	bool good = from_get(&c->view.from, name, most, &b, why) &&
	    files_write(c->folder, name, b.bytes, b.size, why);

	buf_free(&b);
	return good;
}

/* Notes and proofs of single roots, for people. */
static bool
fetch_roots(const struct copy *c, struct why *why)
{
	uint64_t last = c->view.rules.root.version, n; /* of every epoch */
	char name[48];

	for (n = 1; n <= last; n++) {
		(void)snprintf(name, sizeof(name), "root/%" PRIu64 ".proof", n);
		if (files_exist(c->folder, name))
			continue;
		if (!fetch(c, name, 2 * NOTE_MAX, why))
			return false;
		(void)snprintf(name, sizeof(name), "root/%" PRIu64 ".note", n);
		if (!fetch(c, name, NOTE_MAX, why))
			return false;
	}
	return fetch(c, "roots", TRUST_ROOTS_MAX, why);
}

bool
copy_follow(struct copy *c, struct why *why)
{
	struct buf checkpoint = { 0 }, latest = { 0 };
	bool good =
	    from_get(&c->view.from, "checkpoint", NOTE_MAX, &checkpoint, why) &&
	    from_get(&c->view.from, "latest", TRUST_LATEST_MAX, &latest, why) &&
	    copy_grow(c, cur_from(checkpoint.bytes, checkpoint.size), why);

	/* Fetched at two moments of a tree that changes? */
	if (good &&
	    memmem(latest.bytes, latest.size, checkpoint.bytes,
		checkpoint.size) == NULL)
		good = why_not(why, WHY_BROKEN,
		    "the tree changed meanwhile: later");
	if (good && is_newer(c, &checkpoint))
		good = fetch_roots(c, why) &&
		    files_write(c->folder, "checkpoint", checkpoint.bytes,
			checkpoint.size, why) &&
		    files_write(c->folder, "latest", latest.bytes, latest.size,
			why);
	buf_free(&checkpoint);
	buf_free(&latest);
	return good;
}
