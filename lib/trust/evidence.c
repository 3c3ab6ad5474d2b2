/*
 * evidence.c - a text that convicts a log.  See evidence.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/evidence.h"

#include <inttypes.h>
#include <string.h>

#define MAGIC "candor-evidence/v1\n"

/* Lines of which there may be several: "KEYWORD HASH". */
struct proof {
	bool is_there;
	struct merkle_hash root; /* of the second tree's beginning */
	size_t count;
	struct merkle_hash hash[MERKLE_PROOF_MAX];
};

/* --- reading -------------------------------------------------------------- */

static bool
read_keys(struct cur *text, struct trust_evidence *out, struct why *why)
{
	struct cur key;

	if (!cur_match(text, MAGIC, sizeof(MAGIC) - 1) ||
	    !text_value(text, "log", &key))
		return why_not(why, WHY_BROKEN,
		    "evidence: it begins with candor-evidence/v1 and log");
	if (!vkey_read(key, &out->log, why))
		return false;
	while (text_value(text, "cosigner", &key)) {
		if (out->cosigner_count == TRUST_WITNESSES_MAX)
			return why_not(why, WHY_LIMIT,
			    "evidence: more than %u cosigners",
			    TRUST_WITNESSES_MAX);
		if (!vkey_read(key, &out->cosigner[out->cosigner_count++], why))
			return false;
	}
	return true;
}

static bool
read_proof(struct cur *text, struct proof *out, struct why *why)
{
	struct cur word;

	memset(out, 0, sizeof(*out));
	out->is_there = text_value(text, "root", &word);
	if (out->is_there && !text_hash(word, &out->root))
		return why_not(why, WHY_BROKEN,
		    "evidence: the root is malformed");
	while (text_value(text, "hash", &word))
		if (!out->is_there || out->count == MERKLE_PROOF_MAX ||
		    !text_hash(word, &out->hash[out->count++]))
			return why_not(why, WHY_BROKEN,
			    "evidence: a hash is malformed, or one too many");
	return true;
}

/* Take a note of the log's out, and see who cosigned it. */
static bool
read_note(struct cur bytes, const struct trust_evidence *e,
    struct checkpoint *tree, struct note_signature *said, struct why *why)
{
	struct note n;

	if (!note_read(bytes, &n, why) || !checkpoint_read(n.text, tree, why))
		return false;
	if (!cur_is(&tree->origin, e->log.name))
		return why_not(why, WHY_BROKEN,
		    "evidence: a checkpoint of another log");
	if (!note_verify(&n, &e->log, 1, said, why))
		return false;
	if (!said[0].is_there)
		return why_not(why, WHY_FORGED,
		    "evidence: a checkpoint that the log did not sign");
	return note_verify(&n, e->cosigner, e->cosigner_count, said, why);
}

/* Is neither tree the beginning of the other? */
static bool
is_forked(const struct trust_evidence *e, const struct proof *p)
{
	struct merkle_growth g = { e->first.size, e->second.size, p->root,
		e->second.root };

	if (e->first.size == e->second.size)
		return !merkle_is_same(&e->first.root, &e->second.root);
	return p->is_there && !merkle_is_same(&e->first.root, &p->root) &&
	    merkle_grows(&g, p->hash, p->count);
}

/* Judge; said is of the first and of the second. */
static void
judge(const struct proof *p, struct note_signature said[][TRUST_WITNESSES_MAX],
    struct trust_evidence *e)
{
	bool is_growing = e->first.size < e->second.size;
	size_t i;

	e->is_log_guilty = is_forked(e, p);
	for (i = 0; i < e->cosigner_count; i++)
		if (said[0][i].is_there && said[1][i].is_there &&
		    (e->is_log_guilty ||
			(is_growing && said[0][i].time > said[1][i].time)))
			e->guilty |= UINT32_C(1) << i;
}

bool
trust_evidence_read(struct cur text, struct trust_evidence *out,
    struct why *why)
{
	struct note_signature said[2][TRUST_WITNESSES_MAX];
	struct cur line, first, second;
	uint64_t size[2];
	struct proof proof;

	memset(out, 0, sizeof(*out));
	if (!read_keys(&text, out, why))
		return false;
	if (!text_number(&text, "first", &size[0]) ||
	    !text_number(&text, "second", &size[1]))
		return why_not(why, WHY_BROKEN, "evidence: no sizes");
	if (!read_proof(&text, &proof, why))
		return false;
	if (!cur_until(&text, '\n', &line) || cur_left(&line) > 0 ||
	    !cur_take(&text, size[0], &first) ||
	    !cur_take(&text, size[1], &second) || cur_left(&text) > 0)
		return why_not(why, WHY_BROKEN,
		    "evidence: not two checkpoints of these sizes");
	if (!read_note(first, out, &out->first, said[0], why) ||
	    !read_note(second, out, &out->second, said[1], why))
		return false;
	if (out->first.size > out->second.size)
		return why_not(why, WHY_BROKEN,
		    "evidence: the first tree is the larger one");
	judge(&proof, said, out);
	if (!out->is_log_guilty && out->guilty == 0)
		return why_not(why, WHY_FORGED, "evidence: it proves nothing");
	return true;
}

/* --- writing -------------------------------------------------------------- */

/* Name those who cosigned both. */
static bool
write_cosigners(const struct trust_policy *p, struct cur first,
    struct cur second, struct text_out *out)
{
	struct trust_cosigned a, b;
	char key[VKEY_TEXT_MAX];
	struct note n;
	struct why why;
	size_t i;

	if (!note_read(first, &n, &why) || !trust_policy_ask(p, &n, &a, &why) ||
	    !note_read(second, &n, &why) || !trust_policy_ask(p, &n, &b, &why))
		return false;
	for (i = 0; i < p->witness_count; i++)
		if ((a.by & b.by) >> i & 1) {
			vkey_write(&p->witness[i], key);
			text_add(out, "cosigner %s\n", key);
		}
	return true;
}

static void
write_proof(const struct trust_answer *a, struct text_out *out)
{
	struct merkle_hash hash[MERKLE_PROOF_MAX], root;
	size_t i, count = trust_ladder_prove(&a->ladder, &a->known, hash);

	merkle_root(&a->known, &root);
	text_add(out, "root ");
	text_add_hash(out, &root);
	for (i = 0; i < count; i++) {
		text_add(out, "hash ");
		text_add_hash(out, &hash[i]);
	}
}

bool
trust_evidence_write(const struct trust_answer *a,
    const struct trust_state *old, char *out, size_t room, size_t *size,
    struct trust_evidence *proved)
{
	bool is_older = a->proof.tree.size < old->size;
	struct cur first = is_older ? a->proof.checkpoint : old->checkpoint;
	struct cur second = is_older ? old->checkpoint : a->proof.checkpoint;
	struct text_out to = text_to(out, room);
	char key[VKEY_TEXT_MAX];
	struct why why;

	*size = 0;
	if ((a->outcome != TRUST_EQUIVOCATION &&
		a->outcome != TRUST_ROLLBACK) ||
	    cur_left(&first) == 0 || cur_left(&second) == 0)
		return false;
	vkey_write(&a->root.policy.log, key);
	text_add(&to, MAGIC "log %s\n", key);
	if (!write_cosigners(&a->root.policy, first, second, &to))
		return false;
	text_add(&to, "first %zu\nsecond %zu\n", cur_left(&first),
	    cur_left(&second));
	if (a->outcome == TRUST_EQUIVOCATION &&
	    old->size < a->proof.tree.size && a->known.size == old->size)
		write_proof(a, &to);
	text_add(&to, "\n");
	text_add_bytes(&to, first);
	text_add_bytes(&to, second);
	*size = to.size;
	/* What does not convince a stranger is no evidence. */
	return text_is_whole(&to) &&
	    trust_evidence_read(cur_from(out, to.size), proved, &why);
}
