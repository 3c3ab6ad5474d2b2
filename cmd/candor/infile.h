/*
 * infile.h - a small file, whole.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_INFILE_H
#define CANDOR_CMD_INFILE_H

#include "cmd/candor/buf.h"
#include "lib/base/why.h"

#include <stdbool.h>

/* Append the file path of folder (or AT_FDCWD) to out; false if it cannot be
   read, or has more than most bytes. */
bool infile_read(int folder, const char *path, size_t most, struct buf *out,
    struct why *why);

#endif
