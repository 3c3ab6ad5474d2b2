/*
 * proof.h - what comes with a release: a proof that it is in the log, and a
 * ladder from older trees to this one.
 *
 * Proof, C2SP tlog-proof (2025-12-18), without its "extra" line:
 *
 *     c2sp.org/tlog-proof@v1
 *     index N
 *     BASE64                  of each hash of the inclusion proof
 *                             (an empty line)
 *     checkpoint              a signed note
 *
 * Ladder, ours:
 *
 *     candor-ladder/v1
 *     size M                  of the tree it begins with
 *     BASE64                  roots of that tree's full subtrees, the
 *                             largest first; one for each bit of M
 *                             (an empty line)
 *     BASE64                  leaf hashes of M, M + 1 ...
 *
 * Whoever knows the root of any tree from M on can check with it that the log
 * only grew, and all ask for the same bytes.  An ordinary consistency proof
 * would have to be asked for with the size one knows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_PROOF_H
#define CANDOR_TRUST_PROOF_H

#include "lib/trust/checkpoint.h"
#include "lib/trust/note.h"

struct trust_proof {
	uint64_t index; /* of the entry */
	size_t count;
	struct merkle_hash path[MERKLE_PROOF_MAX];
	struct cur checkpoint;  /* the signed note, borrowed */
	struct note note;       /* the same, taken apart */
	struct checkpoint tree; /* what it says */
};

bool trust_proof_read(struct cur text, struct trust_proof *out,
    struct why *why);

/* Write one; false if room is short. */
bool trust_proof_write(uint64_t index, const struct merkle_hash *path,
    size_t count, struct cur checkpoint, char *out, size_t room, size_t *size);

/* Does it show that these bytes are the entry? */
MUST_CHECK bool trust_proof_holds(const struct trust_proof *p,
    struct cur entry);

#define TRUST_LADDER_MAX 1000u             /* leaves of a ladder */
#define TRUST_LEAVES_MAX ((size_t)1 << 20) /* leaves of tiles */

/* A tree, and leaves that came after it. */
struct trust_ladder {
	struct merkle_tree base;
	size_t count;      /* leaves */
	struct cur leaves; /* borrowed: lines, or the hashes themselves */
	bool is_raw;       /* the latter */
};

bool trust_ladder_read(struct cur text, struct trust_ladder *out,
    struct why *why);

/* The same from the tiles of level 0, one behind the other, from the first. */
bool trust_ladder_of_tiles(struct cur hashes, struct trust_ladder *out,
    struct why *why);

/* Write one; false if room is short or there are too many leaves. */
bool trust_ladder_write(const struct merkle_tree *base,
    const struct merkle_hash *leaf, size_t count, char *out, size_t room,
    size_t *size);

/* Leaf number base.size + i. */
void trust_ladder_leaf(const struct trust_ladder *l, size_t i,
    struct merkle_hash *out);

/* What a ladder says of an older tree. */
enum trust_growth {
	TRUST_GREW,     /* the older tree is the beginning of this one */
	TRUST_FORKED,   /* it is not, and that is proved */
	TRUST_BELOW,    /* it is older than where the ladder begins */
	TRUST_NO_LADDER /* the ladder does not lead to this tree */
};

/*
 * Ask a ladder to tree of an older one; a size of 0 is the beginning of all.
 * at becomes the older tree as this log has it, if the ladder reaches it.
 */
enum trust_growth trust_ladder_ask(const struct trust_ladder *l,
    const struct checkpoint *tree, uint64_t old_size,
    const struct merkle_hash *old_root, struct merkle_tree *at);

/*
 * The consistency proof (RFC 6962) from the tree at, as trust_ladder_ask()
 * left it, to that at the end of the ladder.  How many hashes out has.
 */
size_t trust_ladder_prove(const struct trust_ladder *l,
    const struct merkle_tree *at, struct merkle_hash out[MERKLE_PROOF_MAX]);

#endif
