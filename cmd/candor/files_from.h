/*
 * files_from.h - paths listed in a file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_FILES_FROM_H
#define CANDOR_CMD_FILES_FROM_H

#include "cmd/candor/buf.h"
#include "cmd/candor/options.h"
#include "lib/base/why.h"

/*
 * Read the file name ("-": standard input) into list and add the paths in it
 * to out, which borrows from list.  With a NUL anywhere in it paths end at
 * NULs, else at line feeds; empty ones are left out.
 */
bool files_from(const char *name, struct buf *list, struct words *out,
    struct why *why);

#endif
