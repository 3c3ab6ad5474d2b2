/*
 * files.h - files of a feed: written so that they last.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FEED_FILES_H
#define CANDOR_FEED_FILES_H

#include "cmd/candor/infile.h"
#include "lib/base/why.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Open a folder to work in; made, if its last part alone is missing. */
bool files_open(const char *path, int *folder, struct why *why);

/* Open it and keep everybody else out until the descriptor *lock closes. */
bool files_lock(int folder, int *lock, struct why *why);

/*
 * Write a file so that it is there whole or not at all, and stays there after
 * a power cut; missing folders above it are made.
 */
bool files_write(int folder, const char *path, const void *bytes, size_t size,
    struct why *why);

bool files_exist(int folder, const char *path);

/* Make the folders above path. */
bool files_make_above(int folder, const char *path, struct why *why);

/* After files in a folder were named: make their names last. */
bool files_settle(int folder, const char *path, struct why *why);

#endif
