/*
 * memfd.h - bytes without a name: a stream becomes a file in memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_MEMFD_H
#define CANDOR_SYS_MEMFD_H

#include "lib/base/why.h"

#include <stdint.h>

/*
 * Read in until its end and put the bytes into a sealed file in memory that
 * nobody can change.  *fd is read-only and the caller's to close.  WHY_LIMIT
 * if there are more than budget bytes.
 */
bool memfd_from_stream(int in, uint64_t budget, int *fd, uint64_t *size,
    struct why *why);

/* An empty file in memory, open for writing; the caller's to close. */
bool memfd_open(int *fd, struct why *why);

/* Nobody shall change it any more: seal *fd and replace it by a read-only
   descriptor of the same file. */
bool memfd_seal(int *fd, struct why *why);

#endif
