/*
 * proof.c - proofs that come with a release.  See proof.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/proof.h"

#include "lib/base/base64.h"
#include "lib/trust/text.h"

#include <inttypes.h>
#include <string.h>

#define PROOF_MAGIC  "c2sp.org/tlog-proof@v1\n"
#define LADDER_MAGIC "candor-ladder/v1\n"
#define LEAF_LINE    (BASE64_SIZE(MERKLE_HASH) + 1)

bool
trust_proof_read(struct cur text, struct trust_proof *out, struct why *why)
{
	struct cur line;

	memset(out, 0, sizeof(*out));
	if (!cur_match(&text, PROOF_MAGIC, sizeof(PROOF_MAGIC) - 1) ||
	    !text_number(&text, "index", &out->index))
		return why_not(why, WHY_BROKEN,
		    "proof: it begins with c2sp.org/tlog-proof@v1 and index");
	while (cur_until(&text, '\n', &line) && cur_left(&line) > 0) {
		if (out->count == MERKLE_PROOF_MAX)
			return why_not(why, WHY_BROKEN,
			    "proof: more than %u hashes", MERKLE_PROOF_MAX);
		if (!text_hash(line, &out->path[out->count++]))
			return why_not(why, WHY_BROKEN,
			    "proof: hash %zu is malformed", out->count);
	}
	out->checkpoint = text;
	return note_read(text, &out->note, why) &&
	    checkpoint_read(out->note.text, &out->tree, why);
}

bool
trust_proof_write(uint64_t index, const struct merkle_hash *path, size_t count,
    struct cur checkpoint, char *out, size_t room, size_t *size)
{
	struct text_out to = text_to(out, room);
	size_t i;

	text_add(&to, PROOF_MAGIC "index %" PRIu64 "\n", index);
	for (i = 0; i < count; i++)
		text_add_hash(&to, &path[i]);
	text_add(&to, "\n");
	text_add_bytes(&to, checkpoint);
	*size = to.size;
	return text_is_whole(&to) && count <= MERKLE_PROOF_MAX;
}

bool
trust_proof_holds(const struct trust_proof *p, struct cur entry)
{
	struct merkle_hash leaf;

	merkle_leaf(entry.base + entry.pos, cur_left(&entry), &leaf);
	return merkle_includes(p->index, p->tree.size, &leaf, p->path, p->count,
	    &p->tree.root);
}

/* One root for each bit of the size, the largest first. */
static bool
read_base(struct cur *text, struct merkle_tree *out)
{
	struct cur line;
	unsigned height;

	for (height = 63; height < 64; height--)
		if ((out->size >> height & 1) != 0 &&
		    (!cur_until(text, '\n', &line) ||
			!text_hash(line, &out->left[height])))
			return false;
	return cur_until(text, '\n', &line) && cur_left(&line) == 0;
}

bool
trust_ladder_read(struct cur text, struct trust_ladder *out, struct why *why)
{
	struct merkle_hash leaf;
	struct cur leaves, line;
	size_t i;

	memset(out, 0, sizeof(*out));
	if (!cur_match(&text, LADDER_MAGIC, sizeof(LADDER_MAGIC) - 1) ||
	    !text_number(&text, "size", &out->base.size) ||
	    !read_base(&text, &out->base))
		return why_not(why, WHY_BROKEN,
		    "ladder: it begins with candor-ladder/v1, size, a hash for "
		    "each of its bits and an empty line");
	out->leaves = leaves = text;
	out->count = cur_left(&text) / LEAF_LINE;
	if (out->count > TRUST_LADDER_MAX ||
	    cur_left(&text) != out->count * LEAF_LINE)
		return why_not(why, WHY_BROKEN,
		    "ladder: not at most %u lines of a hash", TRUST_LADDER_MAX);
	for (i = 0; i < out->count; i++)
		if (!cur_take(&leaves, LEAF_LINE - 1, &line) ||
		    !cur_match(&leaves, "\n", 1) || !text_hash(line, &leaf))
			return why_not(why, WHY_BROKEN,
			    "ladder: leaf %zu is malformed", i + 1);
	return true;
}

bool
trust_ladder_of_tiles(struct cur hashes, struct trust_ladder *out,
    struct why *why)
{
	memset(out, 0, sizeof(*out));
	out->leaves = hashes;
	out->is_raw = true;
	out->count = cur_left(&hashes) / MERKLE_HASH;
	if (out->count > TRUST_LEAVES_MAX ||
	    cur_left(&hashes) != out->count * MERKLE_HASH)
		return why_not(why, WHY_BROKEN,
		    "tiles: not at most %zu hashes of %u bytes",
		    TRUST_LEAVES_MAX, MERKLE_HASH);
	return true;
}

bool
trust_ladder_write(const struct merkle_tree *base,
    const struct merkle_hash *leaf, size_t count, char *out, size_t room,
    size_t *size)
{
	struct text_out to = text_to(out, room);
	unsigned height;
	size_t i;

	text_add(&to, LADDER_MAGIC "size %" PRIu64 "\n", base->size);
	for (height = 63; height < 64; height--)
		if ((base->size >> height & 1) != 0)
			text_add_hash(&to, &base->left[height]);
	text_add(&to, "\n");
	for (i = 0; i < count; i++)
		text_add_hash(&to, &leaf[i]);
	*size = to.size;
	return text_is_whole(&to) && count <= TRUST_LADDER_MAX;
}

void
trust_ladder_leaf(const struct trust_ladder *l, size_t i,
    struct merkle_hash *out)
{
	size_t width = l->is_raw ? MERKLE_HASH : LEAF_LINE;
	struct cur rest = l->leaves, leaf;

	memset(out, 0, sizeof(*out));
	if (i >= l->count || !cur_skip(&rest, i * width) ||
	    !cur_take(&rest, l->is_raw ? width : width - 1, &leaf))
		return;
	if (l->is_raw)
		memcpy(out->bytes, leaf.base + leaf.pos, MERKLE_HASH);
	else
		/* It was read before: it is a hash. */
		(void)!text_hash(leaf, out);
}

enum trust_growth
trust_ladder_ask(const struct trust_ladder *l, const struct checkpoint *tree,
    uint64_t old_size, const struct merkle_hash *old_root,
    struct merkle_tree *at)
{
	struct merkle_tree t = l->base;
	struct merkle_hash root, leaf;
	size_t i;

	memset(at, 0, sizeof(*at));
	if (tree->size < t.size || tree->size - t.size != l->count)
		return TRUST_NO_LADDER;
	for (i = 0; i < l->count; i++) {
		if (t.size == old_size)
			*at = t;
		trust_ladder_leaf(l, i, &leaf);
		merkle_add(&t, &leaf);
	}
	if (t.size == old_size)
		*at = t;
	merkle_root(&t, &root);
	if (!merkle_is_same(&root, &tree->root))
		return TRUST_NO_LADDER;
	if (old_size == 0)
		return TRUST_GREW;
	if (at->size != old_size)
		return TRUST_BELOW;
	merkle_root(at, &root);
	return merkle_is_same(&root, old_root) ? TRUST_GREW : TRUST_FORKED;
}

/* The root of leaves from .. to - 1 of the log. */
static void
root_of(const struct trust_ladder *l, uint64_t from, uint64_t to,
    struct merkle_hash *out)
{
	struct merkle_tree t;
	struct merkle_hash leaf;
	uint64_t i;

	memset(&t, 0, sizeof(t));
	for (i = from; i < to; i++) {
		trust_ladder_leaf(l, (size_t)(i - l->base.size), &leaf);
		merkle_add(&t, &leaf);
	}
	merkle_root(&t, out);
}

/*
 * The proof is the subtree that ends the older tree, then on every level the
 * sibling: a full subtree of the older tree on the left, or leaves that came
 * later on the right.
 */
size_t
trust_ladder_prove(const struct trust_ladder *l, const struct merkle_tree *at,
    struct merkle_hash out[MERKLE_PROOF_MAX])
{
	uint64_t size = l->base.size + l->count, last = at->size - 1;
	unsigned level;
	size_t count = 0;

	if (at->size == 0 || at->size >= size)
		return 0;
	level = (unsigned)__builtin_ctzll(at->size);
	if (at->size != UINT64_C(1) << level)
		out[count++] = at->left[level];
	for (; (size - 1) >> level > 0; level++) {
		uint64_t sibling = (last >> level) ^ 1;
		uint64_t from = sibling << level, to;

		if (sibling < last >> level) {
			out[count++] = at->left[level];
			continue;
		}
		if (from >= size)
			continue;
		to = size - from > UINT64_C(1) << level
		    ? from + (UINT64_C(1) << level)
		    : size;
		root_of(l, from, to, &out[count++]);
	}
	return count;
}
