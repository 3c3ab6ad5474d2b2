/*
 * cdiff.h - ClamAV's differences: from one version of a database to the next.
 *
 * The format is in cdiff.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_CLAM_CDIFF_H
#define CANDOR_COMPILE_CLAM_CDIFF_H

#include "lib/base/cur.h"
#include "lib/base/why.h"
#include "lib/compile/clam/tar.h"
#include "lib/compile/compile.h"

#define CDIFF_MEMBERS_MAX 64u

struct pool;

/* The members of a database that is being changed. */
struct cdiff_members {
	struct tar_member one[CDIFF_MEMBERS_MAX];
	size_t count;
};

/* Take the members of a container apart. */
bool cdiff_members(struct cur tar, struct cdiff_members *out, struct why *why);

/*
 * Apply a .cdiff, which must be signed, and be the one that makes version.
 * What it writes is cut from pool.
 */
bool cdiff_apply(struct cdiff_members *m, struct cur file, uint64_t version,
    const struct compile_options *options, struct pool *pool, struct why *why);

/* Run a script that was verified and unpacked. */
bool cdiff_run(struct cdiff_members *m, struct cur script, struct pool *pool,
    struct why *why);

/*
 * Make a .cld of members: the header is the first line of their .info.  It
 * says nothing about whether that holds: cvd_verify() does.
 */
bool cdiff_make_cld(const struct cdiff_members *m, struct pool *pool,
    struct cur *out, struct why *why);

#endif
