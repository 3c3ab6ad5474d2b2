/*
 * targets.h - what a command would write must not be what it reads.
 *
 * Asked before anything is opened for writing.  Whoever renames files
 * meanwhile gets what he made: this is against slips, not against attacks.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_TARGETS_H
#define CANDOR_CMD_TARGETS_H

#include "cmd/candor/inputs.h"
#include "cmd/candor/options.h"
#include "lib/base/why.h"

#include <stdbool.h>

/*
 * May a compiled file be put at path?  Not in the place of an input, and of
 * nothing else but an empty file or one that begins with magic.
 */
bool targets_may_build(const char *path, const char *magic,
    const struct inputs *in, struct why *why);

/*
 * May a scan of these paths print into output and report (NULL or "-": not
 * into a file)?  Only folders may be both named and written into.
 */
bool targets_may_print(const char *output, const char *report,
    const struct words *path, struct why *why);

#endif
