/*
 * difference.h - make a delta (lib/trust/delta.h) from one file to another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PUBLISH_DIFFERENCE_H
#define CANDOR_PUBLISH_DIFFERENCE_H

#include "cmd/candor/buf.h"
#include "lib/base/cur.h"

/*
 * Append the delta from old to new to out.  Runs of 64 bytes that both have
 * are found wherever they stand.  False as soon as it has more than most
 * bytes: then it is not worth having.
 */
bool difference_make(struct cur old, struct cur new, size_t most,
    struct buf *out);

#endif
