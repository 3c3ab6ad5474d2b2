/*
 * cosigned.h - what a witness has cosigned, on disk.
 *
 * A folder with a file for each log, called by the SHA-256 of its origin:
 * "SIZE BASE64(ROOT) ORIGIN".  Replaced whole, and durable before the
 * cosignature leaves.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FEED_COSIGNED_H
#define CANDOR_FEED_COSIGNED_H

#include "lib/base/why.h"
#include "lib/trust/witness.h"

#include <stdbool.h>

/* Open the folder (made if it is missing) and lock it: one witness at a time.
   *folder and *lock are descriptors. */
bool cosigned_open(const char *path, int *folder, int *lock, struct why *why);

/* Fill in size and root of a log; a log without a file has size 0. */
bool cosigned_read(int folder, struct witness_log *log, struct why *why);

/* Write them down. */
bool cosigned_write(int folder, const struct witness_log *log, struct why *why);

#endif
