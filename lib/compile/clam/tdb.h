/*
 * tdb.h - read the target description block of a logical signature.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_CLAM_TDB_H
#define CANDOR_COMPILE_CLAM_TDB_H

#include "lib/compile/clam/line.h"

#define TDB_TARGET_MAX 14u /* ClamAV has no higher target type */

/*
 * Read c into out's guard and handler.  False when the line is wrong, not for our functionality
 * level, or asks for something this version does not know.
 */
bool tdb_read(struct line *l, struct cur c, struct ir_rule *out);

#endif
