/*
 * cvd.h - read a container of signatures: .cvd, .cld and .cud.
 *
 * The format is in cvd.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_CLAM_CVD_H
#define CANDOR_COMPILE_CLAM_CVD_H

#include "lib/base/cur.h"
#include "lib/base/why.h"
#include "lib/compile/compile.h"

/* Is this ending a container's? */
bool cvd_is_ending(const char *ending);

/*
 * Verify and read bytes, called name, into ir; feed is its number.  A
 * container that does not hold is a complaint and nothing of it is loaded.
 * False only at the memory ceiling.
 */
bool cvd_read(struct ir *ir, const char *name, uint32_t feed, struct cur bytes,
    const struct compile_options *options, struct why *why);

/* What a container that holds says of itself. */
struct cvd_facts {
	uint64_t version, signatures;
	uint64_t seconds; /* since 1970, when it was built; or 0 */
	struct cur tar;   /* its members: borrowed from bytes or unpacked */
};

/*
 * Only verify: WHY_FORGED if what was signed is something else, WHY_BROKEN if
 * it is no container.  One that is not signed (.cud) does not hold.
 */
struct pool;
bool cvd_verify(const char *name, struct cur bytes,
    const struct compile_options *options, struct pool *unpacked,
    struct cvd_facts *out, struct why *why);

#endif
