/*
 * publish.h - a checkpoint that enough have cosigned becomes what is served.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PUBLISH_PUBLISH_H
#define CANDOR_PUBLISH_PUBLISH_H

#include "cmd/feed/view.h"

/*
 * Check that the note (a checkpoint of all that v has read) satisfies the
 * policy of the root in force, and that of the root before for a root that
 * has no proof yet.  Then write, each whole, into the tree of v:
 *
 *     root/N.note root/N.proof   of roots that have none yet
 *     roots                      all of them
 *     checkpoint                 the note
 *     latest                     the last release, its proof, the ladder
 */
bool publish(const struct view *v, struct cur note, struct why *why);

/* Have those signed a checkpoint whom a root's policy wants? */
bool publish_is_enough(const struct trust_root *root, const struct note *n,
    struct why *why);

#endif
