/*
 * memfd.h - bytes without a name: files in memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_MEMFD_H
#define CANDOR_SYS_MEMFD_H

#include "lib/base/why.h"

#include <stdbool.h>

/* An empty file in memory, open for writing; the caller's to close. */
bool memfd_open(int *fd, struct why *why);

/* Nobody shall change it any more: seal *fd and replace it by a read-only
   descriptor of the same file. */
bool memfd_seal(int *fd, struct why *why);

#endif
