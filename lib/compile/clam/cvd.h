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

#endif
