/*
 * offset.h - read where a pattern may stand.  The grammar is in offset.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_CLAM_OFFSET_H
#define CANDOR_COMPILE_CLAM_OFFSET_H

#include "lib/compile/clam/line.h"

/* Read c, an offset of a signature with this target, into out. */
bool offset_read(struct line *l, struct cur c, uint8_t target,
    struct ir_offset *out);

#endif
