/*
 * literal.h - find where any of very many literals stand: the one pass.
 *
 * A literal set is a few sections of the database, made once at build time by
 * lib/compile/literal_build.c and read here in place.  Matching is without
 * regard to ASCII case (the caller confirms exactly), so one set serves all
 * patterns.  Literals are 2 to LITERAL_MAX bytes.
 *
 * A candidate says: the literal's folded bytes equal the folded bytes at this
 * offset.  Every occurrence is told, in no particular order inside a window,
 * each exactly once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_MATCH_LITERAL_H
#define CANDOR_MATCH_LITERAL_H

#include "lib/base/arena.h"
#include "lib/base/cur.h"
#include "lib/base/why.h"

#define LITERAL_MAX 32u /* bytes of a literal that are used */

struct literal_set; /* flat, in the arena; borrows the section */

/*
 * Check the section's plan and tables so far as the scan relies on them, and
 * make a set that reads them.  NULL and why when they are broken.  The fastest
 * implementation that this machine has is used, if on a kilobyte of test input
 * it finds what plain C finds.
 */
const struct literal_set *literal_open(struct arena *a, struct cur section,
    struct why *why);

/* Name of the implementation that did not, so that plain C is used; or NULL. */
const char *literal_refused(const struct literal_set *set);

/* Check everything in the section (db check). */
bool literal_sweep(const struct literal_set *set, struct why *why);

struct literal_hit {
	uint32_t literal; /* number given at build time */
	uint32_t offset;  /* of its first byte, in the window's bytes */
};

/*
 * Told batches of hits.  False stops the scan.
 */
typedef bool (*literal_hit_fn)(void *ctx, const struct literal_hit *hit,
    size_t count);

/*
 * Find every literal that ENDS in bytes[seen .. size): bytes[0 .. seen) was
 * part of the window before and is there so that nothing is lost at the seam.
 * size is at most 2^31.  False if the listener stopped it.
 */
bool literal_scan(const struct literal_set *set, const uint8_t *bytes,
    size_t size, size_t seen, literal_hit_fn told, void *ctx);

#endif
