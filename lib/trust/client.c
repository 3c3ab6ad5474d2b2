/*
 * client.c - what a client makes of what a mirror gave it.  See client.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/client.h"

#include "lib/crypto/digest.h"

#include <inttypes.h>
#include <string.h>

/* Say what came out; false, so that ending is one statement. */
static bool
end(struct trust_answer *out, enum trust_outcome outcome)
{
	out->outcome = outcome;
	return false;
}

/* Cut a part that stands behind its size. */
static bool
cut(struct cur *c, struct cur *part)
{
	uint32_t size = cur_u32be(c);

	return cur_ok(c) && cur_take(c, size, part);
}

static bool
is_same(struct cur a, struct cur b)
{
	return cur_left(&a) == cur_left(&b) &&
	    memcmp(a.base + a.pos, b.base + b.pos, cur_left(&a)) == 0;
}

/* --- V2: the chain of roots ----------------------------------------------- */

/* Did the log and a quorum of this policy see it? */
static bool
is_witnessed(const struct trust_policy *p, const struct trust_proof *proof,
    bool is_its_log, struct why *why)
{
	struct trust_cosigned c;

	if (!trust_policy_ask(p, &proof->note, &c, why))
		return false;
	if (is_its_log && !c.is_logged)
		return why_not(why, WHY_FORGED,
		    "the checkpoint is not signed by the log");
	if (!trust_policy_holds(p, c.by))
		return why_not(why, WHY_FORGED,
		    "the checkpoint has no quorum: %d have cosigned it",
		    __builtin_popcount(c.by));
	return true;
}

/*
 * Is a root in the log of the policy before it?  A log that is to be replaced
 * may refuse to say so: then the new log must have it, and the quorum of the
 * old policy must have cosigned that log.
 */
static bool
root_is_logged(const struct trust_root *before, const struct trust_root *r,
    struct cur entry, struct cur text, struct trust_proof *proof,
    struct why *why)
{
	const struct vkey *log = &before->policy.log;
	bool is_old;

	if (!trust_proof_read(text, proof, why))
		return false;
	if (!trust_proof_holds(proof, entry))
		return why_not(why, WHY_FORGED,
		    "root: the proof does not show that it is in the log");
	is_old = cur_is(&proof->tree.origin, log->name);
	if (!is_old && !cur_is(&proof->tree.origin, r->policy.log.name))
		return why_not(why, WHY_FORGED,
		    "root: the proof is of another log");
	return is_witnessed(&before->policy, proof, is_old, why) &&
	    (is_old || is_witnessed(&r->policy, proof, true, why));
}

/* Take the root that the administrator trusts. */
static bool
begin(const struct trust_input *in, const struct trust_state *old,
    struct note *anchor, struct trust_answer *out)
{
	struct why *why = &out->why;

	if (!note_read(in->anchor, anchor, why) ||
	    !trust_root_read(anchor->text, &out->root, why))
		return false;
	if (old->feed[0] != '\0' && strcmp(old->feed, out->root.feed) != 0)
		return why_not(why, WHY_BROKEN, "the state is of another feed");
	memcpy(out->state.feed, out->root.feed, sizeof(out->state.feed));
	return true;
}

/* Is this the one that the administrator trusts?  (Who signed it may
   differ.) */
static bool
is_anchor(const struct note *anchor, struct cur entry, struct cur proof,
    struct trust_answer *out)
{
	struct why *why = &out->why;
	struct note n;

	if (!note_read(entry, &n, why))
		return false;
	if (!is_same(n.text, anchor->text))
		return why_not(why, WHY_FORGED,
		    "the mirror has another root %" PRIu64
		    " than the one that is trusted here",
		    out->root.version);
	if (!trust_role_signed(&out->root.root, &n, why))
		return false;
	/* A later one was logged under a root that is not known here. */
	if (out->root.version > 1)
		return true;
	if (!root_is_logged(&out->root, &out->root, entry, proof, &out->proof,
		why))
		return false;
	return out->proof.index == 0 ||
	    why_not(why, WHY_FORGED, "root: the first is the log's first");
}

static bool
follow(struct cur entry, struct cur proof, struct trust_answer *out)
{
	struct why *why = &out->why;
	struct note n;

	out->before = out->root;
	return note_read(entry, &n, why) &&
	    trust_root_read(n.text, &out->root, why) &&
	    trust_root_follows(&out->before, &out->root, &n, why) &&
	    root_is_logged(&out->before, &out->root, entry, proof, &out->proof,
		why);
}

/* Keep the newest root in mind; the one that was known must be the same. */
static bool
remember(struct cur entry, const struct trust_state *old,
    struct trust_answer *out)
{
	uint8_t sum[DIGEST_SIZE_MAX];
	struct note n;

	if (!note_read(entry, &n, &out->why))
		return false;
	digest_of(DIGEST_SHA256, n.text.base + n.text.pos, cur_left(&n.text),
	    sum);
	if (out->root.version == old->root_version &&
	    memcmp(sum, old->root_sha256, sizeof(sum)) != 0)
		return why_not(&out->why, WHY_FORGED,
		    "the mirror has another root %" PRIu64
		    " than the one that is known",
		    out->root.version);
	if (out->root.version <= old->root_version)
		return true;
	out->state.root_version = out->root.version;
	memcpy(out->state.root_sha256, sum, sizeof(sum));
	out->is_changed = true;
	return true;
}

static bool
walk_roots(const struct trust_input *in, const struct trust_state *old,
    struct trust_answer *out)
{
	struct cur roots = in->roots, entry, proof;
	uint64_t version, first;
	struct note anchor;

	if (!begin(in, old, &anchor, out))
		return false;
	first = out->root.version;
	for (version = 1; cur_left(&roots) > 0; version++) {
		if (!cut(&roots, &entry) || !cut(&roots, &proof) ||
		    version > TRUST_ROOTS_COUNT)
			return why_not(&out->why, WHY_BROKEN,
			    "roots: not pairs of a note and a proof, at most "
			    "%u",
			    TRUST_ROOTS_COUNT);
		if (version < first)
			continue;
		if (version == first ? !is_anchor(&anchor, entry, proof, out)
				     : !follow(entry, proof, out))
			return false;
		if (!remember(entry, old, out))
			return false;
	}
	if (version <= first)
		return why_not(&out->why, WHY_BROKEN,
		    "roots: they end before version %" PRIu64, first);
	return true;
}

/* Is it too late for this root, by this clock or, if that is behind, by the
   witnesses'? */
static bool
is_expired(const struct trust_input *in, uint64_t quorum_time,
    struct trust_answer *out)
{
	uint64_t now = in->now;

	if (trust_clock_is_behind(quorum_time, now, in->build_time))
		now = quorum_time;
	if (out->root.expires > now)
		return false;
	(void)why_not(&out->why, WHY_FORGED,
	    "root %" PRIu64 " expired at %" PRIu64 "; this clock says %" PRIu64
	    ", the witnesses %" PRIu64,
	    out->root.version, out->root.expires, in->now, quorum_time);
	return true;
}

static void
start(const struct trust_state *old, struct trust_answer *out)
{
	memset(out, 0, sizeof(*out));
	out->outcome = TRUST_BAD;
	out->state = *old;
}

bool
trust_client_roots(const struct trust_input *in, const struct trust_state *old,
    struct trust_answer *out)
{
	start(old, out);
	if (cur_left(&in->roots) > TRUST_ROOTS_MAX)
		return why_not(&out->why, WHY_LIMIT,
		    "roots: more than %zu bytes", TRUST_ROOTS_MAX);
	if (!walk_roots(in, old, out))
		return false;
	if (out->root.version >= old->root_version)
		return true;
	(void)why_not(&out->why, WHY_FORGED,
	    "the mirror knows roots up to %" PRIu64 ", not to %" PRIu64,
	    out->root.version, old->root_version);
	return end(out, TRUST_ROLLBACK);
}

/* --- V3 to V9: the log ---------------------------------------------------- */

/* V1 and V3: take latest apart. */
static bool
read_latest(const struct trust_input *in, struct cur *entry,
    struct trust_answer *out)
{
	struct cur latest = in->latest, proof, ladder;
	struct why *why = &out->why;

	if (cur_left(&latest) > TRUST_LATEST_MAX || !cut(&latest, entry) ||
	    !cut(&latest, &proof) || !cut(&latest, &ladder) ||
	    cur_left(&latest) > 0)
		return why_not(why, WHY_BROKEN,
		    "latest: not a release, a proof and a ladder in %u bytes",
		    TRUST_LATEST_MAX);
	if (cur_left(entry) > TRUST_ENTRY_MAX)
		return why_not(why, WHY_LIMIT,
		    "latest: a release has at most %u bytes", TRUST_ENTRY_MAX);
	if (!trust_proof_read(proof, &out->proof, why) ||
	    !trust_ladder_read(ladder, &out->ladder, why))
		return false;
	if (!cur_is(&out->proof.tree.origin, out->root.policy.log.name))
		return why_not(why, WHY_FORGED,
		    "latest: the checkpoint is of another log");
	return true;
}

/* The ladder that was asked for: that of latest, or all tiles. */
static bool
use_tiles(const struct trust_input *in, struct trust_answer *out)
{
	if (cur_left(&in->leaves) == 0)
		return true;
	return trust_ladder_of_tiles(in->leaves, &out->ladder, &out->why);
}

/* V7 and V8 for a tree that is not older than what is known. */
static bool
only_grew(const struct trust_state *known, bool has_quorum,
    struct trust_answer *out)
{
	const struct checkpoint *tree = &out->proof.tree;
	enum trust_growth grew = trust_ladder_ask(&out->ladder, tree,
	    known->size, &known->root, &out->known);

	/* No ladder is needed to see two roots of one size. */
	if (grew == TRUST_FORKED ||
	    (known->size == tree->size &&
		!merkle_is_same(&known->root, &tree->root))) {
		(void)why_not(&out->why, WHY_FORGED,
		    "the log has signed two trees, of %" PRIu64 " and %" PRIu64
		    " entries, of which neither is the beginning of the other",
		    known->size, tree->size);
		return end(out, TRUST_EQUIVOCATION);
	}
	if (grew == TRUST_NO_LADDER)
		return why_not(&out->why, WHY_FORGED,
		    "latest: the ladder does not lead to this tree");
	if (grew == TRUST_BELOW && !has_quorum)
		return true; /* ends there anyway */
	if (grew == TRUST_BELOW) {
		(void)why_not(&out->why, WHY_LIMIT,
		    "the ladder begins at %" PRIu64 ", not at %" PRIu64,
		    out->ladder.base.size, known->size);
		return end(out, TRUST_BEHIND);
	}
	return true;
}

/* V4 to V9. */
static bool
check_log(const struct trust_input *in, const struct trust_state *known,
    struct cur entry, uint64_t *quorum_time, struct trust_answer *out)
{
	const struct trust_policy *policy = &out->root.policy;
	const struct checkpoint *tree = &out->proof.tree;
	struct trust_cosigned c;
	bool has_quorum;

	if (!trust_policy_ask(policy, &out->proof.note, &c, &out->why))
		return false;
	if (!c.is_logged)
		return why_not(&out->why, WHY_FORGED,
		    "latest: the checkpoint is not signed by the log");
	has_quorum = trust_policy_holds(policy, c.by);
	/* What the log itself signed convicts it, whoever else did. */
	if (tree->size >= known->size &&
	    (!use_tiles(in, out) || !only_grew(known, has_quorum, out)))
		return false;
	if (!has_quorum)
		return why_not(&out->why, WHY_FORGED,
		    "latest: the checkpoint has no quorum: %d have cosigned it",
		    __builtin_popcount(c.by));
	*quorum_time = trust_policy_time(policy, &c);
	if (tree->size < known->size) {
		(void)why_not(&out->why, WHY_FORGED,
		    "the mirror has %" PRIu64 " entries, of %" PRIu64
		    " that are known",
		    tree->size, known->size);
		return end(out, TRUST_ROLLBACK);
	}
	if (out->proof.index + 1 != tree->size)
		return why_not(&out->why, WHY_FORGED,
		    "latest: the release is not the newest entry");
	if (!trust_proof_holds(&out->proof, entry))
		return why_not(&out->why, WHY_FORGED,
		    "latest: the proof does not show that the release is in "
		    "the log");
	return true;
}

/* --- V10 to V12: the release ---------------------------------------------- */

static bool
check_release(const struct trust_input *in, struct cur entry,
    struct trust_answer *out)
{
	const struct trust_release *r = &out->release;
	struct why *why = &out->why;
	struct note n;

	if (!note_read(entry, &n, why) ||
	    !trust_release_read(n.text, &out->release, why))
		return false;
	if (strcmp(r->feed, out->root.feed) != 0)
		return why_not(why, WHY_FORGED,
		    "latest: the release is of another feed");
	if (r->serial != out->proof.index)
		return why_not(why, WHY_FORGED,
		    "latest: the release has another serial than its place in "
		    "the log");
	if (r->root != out->root.version)
		return why_not(why, WHY_FORGED,
		    "latest: the release is governed by root %" PRIu64
		    ", the newest is %" PRIu64,
		    r->root, out->root.version);
	if (!trust_role_signed(&out->root.release, &n, why))
		return false;
	if (r->engine_min <= in->engine)
		return true;
	(void)why_not(why, WHY_LIMIT,
	    "the release needs a program that knows %" PRIu64
	    "; this one knows %" PRIu64,
	    r->engine_min, in->engine);
	return end(out, TRUST_ENGINE);
}

/* V12: keep what was accepted. */
static void
accept(const struct trust_state *known, uint64_t quorum_time,
    struct trust_answer *out)
{
	const struct checkpoint *tree = &out->proof.tree;
	struct trust_state *s = &out->state;
	bool is_new = tree->size > known->size;

	out->outcome = is_new ? TRUST_ACCEPTED : TRUST_UNCHANGED;
	if (is_new) {
		s->epoch = out->root.epoch;
		s->size = tree->size;
		s->root = tree->root;
		/* A release can't be newer than the witnesses' word of it. */
		s->release_time = out->release.time < quorum_time
		    ? out->release.time
		    : quorum_time;
	}
	if (is_new || quorum_time > s->quorum_time) {
		s->checkpoint = out->proof.checkpoint;
		out->is_changed = true;
	}
	if (quorum_time > s->quorum_time)
		s->quorum_time = quorum_time;
}

void
trust_client_check(const struct trust_input *in, const struct trust_state *old,
    struct trust_answer *out)
{
	struct trust_state known = *old;
	uint64_t quorum_time = 0;
	struct cur entry;

	if (!trust_client_roots(in, old, out))
		return;
	/* Another log begins anew. */
	if (out->root.epoch > old->epoch) {
		known.size = 0;
		memset(&known.root, 0, sizeof(known.root));
	}
	if (!read_latest(in, &entry, out) ||
	    !check_log(in, &known, entry, &quorum_time, out))
		return;
	if (is_expired(in,
		quorum_time > old->quorum_time ? quorum_time : old->quorum_time,
		out)) {
		(void)end(out, TRUST_EXPIRED);
		return;
	}
	if (check_release(in, entry, out))
		accept(&known, quorum_time, out);
}

const char *
trust_outcome_name(enum trust_outcome outcome)
{
	static const char *const name[] = { "BAD", "ACCEPTED", "UNCHANGED",
		"BEHIND", "ROLLBACK", "EQUIVOCATION", "EXPIRED", "ENGINE" };

	return name[outcome];
}
