/*
 * infile.h - a file, whole: its bytes, if it is small, or their hash.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_INFILE_H
#define CANDOR_CMD_INFILE_H

#include "cmd/candor/buf.h"
#include "lib/base/why.h"
#include "lib/crypto/digest.h"

#include <stdbool.h>

/* Append the file path of folder (or AT_FDCWD) to out; false if it cannot be
   read, or has more than most bytes. */
bool infile_read(int folder, const char *path, size_t most, struct buf *out,
    struct why *why);

/* Append what is left of fd, until its end or until more than most bytes came:
   the caller sees by how much out grew.  False, with errno, if it cannot be
   read. */
bool infile_rest(int fd, size_t most, struct buf *out);

/* The SHA-256 of a file open for reading, from its beginning, and its size.
   False, with errno, if it cannot be read. */
bool infile_hash(int fd, uint8_t sha256[DIGEST_SIZE_MAX], uint64_t *size);

#endif
