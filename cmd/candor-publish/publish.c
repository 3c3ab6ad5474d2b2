/*
 * publish.c - what enough have cosigned becomes what is served.
 * See publish.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/publish.h"

#include "cmd/feed/files.h"
#include "lib/trust/client.h"
#include "lib/trust/proof.h"
#include "lib/trust/prove.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROOF_MAX (NOTE_MAX + 4096u) /* bytes */

/* --- quorums -------------------------------------------------------------- */

bool
publish_is_enough(const struct trust_root *root, const struct note *n,
    struct why *why)
{
	const struct trust_policy *p = &root->policy;
	struct trust_cosigned c;

	if (!trust_policy_ask(p, n, &c, why))
		return false;
	if (c.is_logged && trust_policy_holds(p, c.by))
		return true;
	return why_not(why, WHY_FORGED,
	    "no quorum: %d of the %zu cosigners of root %" PRIu64
	    " are not enough",
	    __builtin_popcount(c.by), p->witness_count, root->version);
}

static bool
read_root(const struct view *v, size_t i, struct trust_root *out,
    struct why *why)
{
	const struct buf *b = &v->root[i].note;
	struct note n;

	return note_read(cur_from(b->bytes, b->size), &n, why) &&
	    trust_root_read(n.text, out, why);
}

/* --- pieces --------------------------------------------------------------- */

static void
add_part(struct buf *to, const void *bytes, size_t size)
{
	const char head[4] = { (char)(size >> 24), (char)(size >> 16),
		(char)(size >> 8), (char)size };

	buf_add(to, head, sizeof(head));
	buf_add(to, bytes, size);
}

static bool
make_proof(const struct view *v, uint64_t index, struct cur note,
    struct buf *out, struct why *why)
{
	struct merkle_hash path[MERKLE_PROOF_MAX];
	size_t count =
	    prove_inclusion(v->tree.leaf, v->tree.count, index, path);
	char *text = buf_alloc(1, PROOF_MAX);
	size_t size = 0;
	bool good =
	    trust_proof_write(index, path, count, note, text, PROOF_MAX, &size);

	buf_add(out, text, size);
	free(text);
	return good || why_not(why, WHY_LIMIT, "a proof is too long");
}

/* --- roots ---------------------------------------------------------------- */

static void
root_name(uint64_t version, const char *ending, char out[48])
{
	(void)snprintf(out, 48, "root/%" PRIu64 ".%s", version, ending);
}

/* The root of a version that is not in this log, but in one before. */
static bool
read_older(const struct view *v, uint64_t version, struct buf *bytes,
    struct trust_root *out, struct why *why)
{
	struct note n;
	char name[48];

	root_name(version, "note", name);
	if (!files_exist(v->from.folder, name))
		return why_not(why, WHY_BROKEN,
		    "%s is missing: copy the folder root of the older log's "
		    "tree",
		    name);
	return infile_read(v->from.folder, name, TRUST_ENTRY_MAX, bytes, why) &&
	    note_read(cur_from(bytes->bytes, bytes->size), &n, why) &&
	    trust_root_read(n.text, out, why);
}

/*
 * Have those seen a root in the log whom the root before trusts?  The first of
 * all is its own judge.  Of the first of a later epoch, they must have
 * cosigned this log, although its key is not theirs.
 */
static bool
is_seen(const struct view *v, size_t i, const struct trust_root *this,
    const struct note *n, struct why *why)
{
	struct trust_root *before = buf_alloc(1, sizeof(*before));
	struct trust_cosigned c;
	struct buf bytes = { 0 };
	bool good;

	if (i == 0 && this->version == 1)
		good = publish_is_enough(this, n, why);
	else if (i > 0)
		good = read_root(v, i - 1, before, why) &&
		    publish_is_enough(before, n, why);
	else {
		good = read_older(v, this->version - 1, &bytes, before, why) &&
		    trust_policy_ask(&before->policy, n, &c, why);
		if (good && !trust_policy_holds(&before->policy, c.by))
			good = why_not(why, WHY_FORGED,
			    "the cosigners of the log before have not "
			    "cosigned this one");
	}
	buf_free(&bytes);
	free(before);
	return good;
}

/* A root without a proof gets one. */
static bool
prove_one(const struct view *v, size_t i, const struct trust_root *this,
    struct cur note, struct why *why)
{
	struct buf proof = { 0 };
	struct note n;
	char name[48];
	bool good = note_read(note, &n, why) && is_seen(v, i, this, &n, why) &&
	    make_proof(v, v->root[i].index, note, &proof, why);

	root_name(this->version, "note", name);
	good = good &&
	    files_write(v->from.folder, name, v->root[i].note.bytes,
		v->root[i].note.size, why);
	root_name(this->version, "proof", name);
	good = good &&
	    files_write(v->from.folder, name, proof.bytes, proof.size, why);
	buf_free(&proof);
	return good;
}

/* Those of logs before this one. */
static bool
add_older(const struct view *v, struct buf *roots, struct why *why)
{
	uint64_t first = v->rules.root.version + 1 - v->root_count, n;
	struct trust_root *root = buf_alloc(1, sizeof(*root));
	bool good = true;
	char name[48];

	for (n = 1; n < first && good; n++) {
		struct buf note = { 0 }, proof = { 0 };

		root_name(n, "proof", name);
		good = read_older(v, n, &note, root, why) &&
		    infile_read(v->from.folder, name, PROOF_MAX, &proof, why);
		add_part(roots, note.bytes, note.size);
		add_part(roots, proof.bytes, proof.size);
		buf_free(&note);
		buf_free(&proof);
	}
	free(root);
	return good;
}

static bool
add_root(const struct view *v, size_t i, struct cur note, struct buf *roots,
    struct why *why)
{
	struct trust_root *this = buf_alloc(1, sizeof(*this));
	struct buf proof = { 0 };
	char name[48];
	bool good = read_root(v, i, this, why);

	root_name(this->version, "proof", name);
	if (good && !files_exist(v->from.folder, name))
		good = prove_one(v, i, this, note, why);
	good =
	    good && infile_read(v->from.folder, name, PROOF_MAX, &proof, why);
	add_part(roots, v->root[i].note.bytes, v->root[i].note.size);
	add_part(roots, proof.bytes, proof.size);
	buf_free(&proof);
	free(this);
	return good;
}

static bool
write_roots(const struct view *v, struct cur note, struct why *why)
{
	struct buf roots = { 0 };
	bool good = add_older(v, &roots, why);
	size_t i;

	for (i = 0; i < v->root_count && good; i++)
		good = add_root(v, i, note, &roots, why);
	good = good &&
	    files_write(v->from.folder, "roots", roots.bytes, roots.size, why);
	buf_free(&roots);
	return good;
}

/* --- latest --------------------------------------------------------------- */

/* The ladder with the last steps leaves. */
static bool
add_ladder(const struct view *v, size_t steps, struct buf *out, struct why *why)
{
	struct merkle_tree base = { 0 };
	char *text = buf_alloc(1, TRUST_LATEST_MAX);
	size_t from = v->tree.count - steps, size = 0, i;
	bool good;

	for (i = 0; i < from; i++)
		merkle_add(&base, &v->tree.leaf[i]);
	good = trust_ladder_write(&base, &v->tree.leaf[from], steps, text,
	    TRUST_LATEST_MAX, &size);
	add_part(out, text, size);
	free(text);
	return good || why_not(why, WHY_LIMIT, "a ladder is too long");
}

static bool
write_latest(const struct view *v, struct cur note, struct why *why)
{
	size_t count = v->tree.count, head;
	size_t steps = count < TRUST_LADDER_MAX ? count : TRUST_LADDER_MAX;
	struct buf out = { 0 }, entry = { 0 }, proof = { 0 };
	bool good = tree_entry(&v->from, count, count - 1, &entry, why) &&
	    make_proof(v, count - 1, note, &proof, why);

	add_part(&out, entry.bytes, entry.size);
	add_part(&out, proof.bytes, proof.size);
	head = out.size;
	good = good && add_ladder(v, steps, &out, why);
	/* A long release leaves less room for steps. */
	while (good && out.size > TRUST_LATEST_MAX && steps > 0) {
		buf_cut(&out, head);
		steps /= 2;
		good = add_ladder(v, steps, &out, why);
	}
	if (good && out.size > TRUST_LATEST_MAX)
		good = why_not(why, WHY_LIMIT, "the release is too long");
	good = good &&
	    files_write(v->from.folder, "latest", out.bytes, out.size, why);
	buf_free(&entry);
	buf_free(&proof);
	buf_free(&out);
	return good;
}

bool
publish(const struct view *v, struct cur note, struct why *why)
{
	struct note n;

	return note_read(note, &n, why) &&
	    publish_is_enough(&v->rules.root, &n, why) &&
	    write_roots(v, note, why) &&
	    files_write(v->from.folder, "checkpoint", note.base + note.pos,
		cur_left(&note), why) &&
	    write_latest(v, note, why);
}
