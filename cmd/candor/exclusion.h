/*
 * exclusion.h - what is left out, by kind, and where it is written down.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_EXCLUSION_H
#define CANDOR_CMD_EXCLUSION_H

#include "lib/base/why.h"

#include <stdbool.h>

/* What such an exclusion takes out of sight, for a person; NULL: there is no
   such kind. */
const char *exclusion_reach(const char *kind);

/* Add it to, or take it off, the file that candor guard exclude keeps in that
   folder (which is made).  *is_changed: it was not, or was, there. */
bool exclusion_write(const char *folder, bool is_added, const char *kind,
    const char *value, bool *is_changed, struct why *why);

#endif
