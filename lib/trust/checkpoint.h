/*
 * checkpoint.h - what a log says it holds.
 *
 * Spec: C2SP tlog-checkpoint v1.0.0: the text of a signed note,
 *     ORIGIN, SIZE, BASE64(ROOT), a line each.
 * Extension lines are refused: nobody audits them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_CHECKPOINT_H
#define CANDOR_TRUST_CHECKPOINT_H

#include "lib/base/cur.h"
#include "lib/base/why.h"
#include "lib/trust/merkle.h"

struct checkpoint {
	struct cur origin; /* borrowed from the text */
	uint64_t size;     /* entries; below 2^63 */
	struct merkle_hash root;
};

bool checkpoint_read(struct cur text, struct checkpoint *out, struct why *why);

/* A number as logs write it: decimal, no leading zero, below 2^63. */
bool checkpoint_number(struct cur text, uint64_t *out);

#endif
