/*
 * view.c - all of a feed's log, read and checked.  See view.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/feed/view.h"

#include "cmd/feed/files.h"

#include <stdlib.h>
#include <string.h>

bool
view_begin(const char *where, struct view *out, struct why *why)
{
	memset(out, 0, sizeof(*out));
	rules_begin(&out->rules);
	return from_open(where, &out->from, why);
}

void
view_close(struct view *v)
{
	size_t i;

	for (i = 0; i < v->root_count; i++)
		buf_free(&v->root[i].note);
	free(v->root);
	v->root = NULL;
	v->root_count = v->root_room = 0;
	buf_free(&v->bytes);
	tree_free(&v->tree);
	from_close(&v->from);
}

/* An entry: may it stand there?  Keep it if it is a root. */
static bool
add_entry(void *ctx, uint64_t index, struct cur entry, struct why *why)
{
	struct view *v = ctx;
	struct view_root *r;

	if (!rules_add(&v->rules, entry, why))
		return false;
	if (v->rules.has_release)
		return true;
	v->root = buf_grow(v->root, &v->root_room, v->root_count + 1,
	    sizeof(v->root[0]));
	r = &v->root[v->root_count++];
	*r = (struct view_root){ .index = index };
	buf_add(&r->note, entry.base + entry.pos, cur_left(&entry));
	return true;
}

bool
view_read(struct view *v, uint64_t size, struct why *why)
{
	return tree_read(&v->tree, &v->from, size, add_entry, v, why);
}

bool
view_check(const struct view *v, const struct note *n,
    const struct checkpoint *c, struct why *why)
{
	const struct vkey *log = &v->rules.root.policy.log;
	struct note_signature said;
	struct merkle_hash root;

	if (!cur_is(&c->origin, log->name))
		return why_not(why, WHY_FORGED,
		    "the checkpoint is of another log than the root's");
	if (!note_verify(n, log, 1, &said, why))
		return false;
	if (!said.is_there)
		return why_not(why, WHY_FORGED,
		    "the checkpoint is not signed by the log");
	tree_root(&v->tree, c->size, &root);
	if (memcmp(&root, &c->root, sizeof(root)) != 0)
		return why_not(why, WHY_FORGED,
		    "the entries are not what the checkpoint says");
	return rules_end(&v->rules, why);
}

bool
view_open(const char *where, struct view *out, struct why *why)
{
	struct view *v = out;

	if (view_begin(where, v, why) &&
	    from_get(&v->from, "checkpoint", NOTE_MAX, &v->bytes, why) &&
	    note_read(cur_from(v->bytes.bytes, v->bytes.size), &v->note, why) &&
	    checkpoint_read(v->note.text, &v->checkpoint, why) &&
	    view_read(v, v->checkpoint.size, why) &&
	    view_check(v, &v->note, &v->checkpoint, why))
		return true;
	view_close(out);
	return false;
}

bool
view_release(const struct view *v, uint64_t index, struct buf *bytes,
    struct trust_release *out, struct why *why)
{
	struct note n;

	return tree_entry(&v->from, v->tree.count, index, bytes, why) &&
	    note_read(cur_from(bytes->bytes, bytes->size), &n, why) &&
	    trust_release_read(n.text, out, why);
}

/* A blob: look at it, or copy it to a folder that lacks it. */
static bool
have_blob(const struct from *f, uint64_t size,
    const uint8_t sha256[DIGEST_SIZE_MAX], int folder, struct why *why)
{
	struct from_want want = { .size = size };
	char path[FROM_BLOB_PATH];

	memcpy(want.sha256, sha256, sizeof(want.sha256));
	from_blob_path(sha256, path);
	if (folder == -1)
		return from_check(f, path, &want, why);
	if (files_exist(folder, path))
		return true;
	return from_copy(f, path, &want, folder, path, why);
}

bool
view_files(const struct from *f, const struct trust_release *r, int folder,
    struct why *why)
{
	struct why inner = { 0 };
	size_t i;

	for (i = 0; i < r->file_count; i++)
		if (!have_blob(f, r->file[i].size, r->file[i].sha256, folder,
			&inner))
			return why_not(why, inner.kind, "R6: %.60s: %.150s",
			    r->file[i].name, inner.text);
	for (i = 0; i < r->delta_count; i++)
		if (!have_blob(f, r->delta[i].size, r->delta[i].sha256, folder,
			&inner))
			return why_not(why, inner.kind, "R6: a delta: %.180s",
			    inner.text);
	return true;
}
