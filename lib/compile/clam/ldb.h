/*
 * ldb.h - read lines of logical signatures.  The grammar is in ldb.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_CLAM_LDB_H
#define CANDOR_COMPILE_CLAM_LDB_H

#include "lib/compile/clam/line.h"

bool ldb_read(struct line *l); /* .ldb .ldu */

#endif
