/*
 * ndb.h - read lines of body signatures.  The grammar is in ndb.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_CLAM_NDB_H
#define CANDOR_COMPILE_CLAM_NDB_H

#include "lib/compile/clam/line.h"

bool ndb_read(struct line *l); /* .ndb .ndu */

#endif
