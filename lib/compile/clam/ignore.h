/*
 * ignore.h - signatures that are switched off: .ign and .ign2.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_CLAM_IGNORE_H
#define CANDOR_COMPILE_CLAM_IGNORE_H

#include "lib/base/why.h"
#include "lib/compile/clam/line.h"

bool ignore_read(struct line *l);

/* Take every signature out of ir that ir->ignore names. */
bool ignore_apply(struct ir *ir, struct why *why);

#endif
