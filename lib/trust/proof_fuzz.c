/*
 * proof_fuzz.c - any bytes as a proof, a ladder, tiles, evidence.  What is
 * read of the first two is written again, and is the same; evidence convicts
 * nobody, because nobody has signed any.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/trust/evidence.h"
#include "lib/trust/proof.h"

#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char out[NOTE_MAX + 65536];
static struct merkle_hash leaf[TRUST_LADDER_MAX];
static struct trust_proof proof;
static struct trust_ladder ladder;
static struct trust_evidence evidence;

static void
written(bool is_whole, const uint8_t *data, size_t size, const size_t *n)
{
	if (!is_whole || *n != size || memcmp(out, data, size) != 0)
		abort();
}

/* Whatever it leads to, a proof made from it holds. */
static void
use(const struct trust_ladder *l)
{
	struct merkle_hash path[MERKLE_PROOF_MAX], nothing = { { 0 } };
	struct checkpoint tree = { .size = l->base.size + l->count };
	struct merkle_tree at, all = l->base;
	struct merkle_growth g;
	struct merkle_hash h;
	size_t i, n;

	for (i = 0; i < l->count; i++) {
		trust_ladder_leaf(l, i, &h);
		merkle_add(&all, &h);
	}
	merkle_root(&all, &tree.root);
	if (trust_ladder_ask(l, &tree, l->base.size + l->count / 2, &nothing,
		&at) == TRUST_NO_LADDER)
		abort();
	if (at.size == 0)
		return;
	n = trust_ladder_prove(l, &at, path);
	g.old_size = at.size;
	g.size = tree.size;
	merkle_root(&at, &g.old_root);
	g.root = tree.root;
	if (!merkle_grows(&g, path, n))
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct cur text = cur_from(data, size);
	struct why why;
	size_t i, n;

	if (trust_proof_read(text, &proof, &why)) {
		written(trust_proof_write(proof.index, proof.path, proof.count,
			    proof.checkpoint, out, sizeof(out), &n),
		    data, size, &n);
		(void)!trust_proof_holds(&proof, text);
	}
	if (trust_ladder_read(text, &ladder, &why)) {
		for (i = 0; i < ladder.count; i++)
			trust_ladder_leaf(&ladder, i, &leaf[i]);
		written(trust_ladder_write(&ladder.base, leaf, ladder.count,
			    out, sizeof(out), &n),
		    data, size, &n);
		use(&ladder);
	}
	if (trust_ladder_of_tiles(text, &ladder, &why))
		use(&ladder);
	if (trust_evidence_read(text, &evidence, &why) &&
	    !evidence.is_log_guilty && evidence.guilty == 0)
		abort();
	return 0;
}
