/*
 * rules.h - what may stand in the log of a feed, entry by entry.
 *
 *   R1  entry 0 is a root: version 1, or of a later epoch the one that names
 *       this log
 *   R2  every other entry is a release, or the root of the next version that
 *       names the same log
 *   R3  a checkpoint ends with a release: a root is never last
 *   R4  the serial of a release is its number in the log
 *   R5  enough of the keys have signed: of a root, those of the root before
 *       and its own; of a release, those of the root in force
 *   R6  every file of a release can be had, and hashes right: for whoever
 *       can fetch, so not here
 *
 * The log's operator asks this before he signs, mirror cosigners before they
 * cosign, and anybody who looks at a whole log.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_RULES_H
#define CANDOR_TRUST_RULES_H

#include "lib/trust/release.h"
#include "lib/trust/root.h"

struct rules {
	uint64_t count;         /* entries there were */
	bool may_end;           /* the last one was a release */
	bool has_release;       /* the last one's is in release */
	struct trust_root root; /* in force */
	struct trust_root next; /* one that is looked at */
	struct trust_release release;
};

/* Before entry 0. */
void rules_begin(struct rules *r);

/*
 * The next entry.  If it is a release, r->release is it, with sources and
 * notes borrowed from the entry; if it is a root, r->root is.  False and why
 * if it may not stand there; r must not be used any more then.
 */
bool rules_add(struct rules *r, struct cur entry, struct why *why);

/* May a checkpoint be signed here? */
bool rules_end(const struct rules *r, struct why *why);

#endif
