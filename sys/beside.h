/*
 * beside.h - where programs and data files of ours lie: beside the program
 * that runs (BUILD/bin, BUILD/data), else where they were installed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_BESIDE_H
#define CANDOR_SYS_BESIDE_H

#include "lib/base/why.h"

#include <stdbool.h>
#include <stddef.h>

/* A program: in the folder of the running one, else in that for helpers. */
bool beside_program(const char *name, char *path, size_t size, struct why *why);

/*
 * A data file or a folder of them: in data beside the folder of the running
 * program if it is there, else where it would be installed, whether it is
 * there or not.  False if the path has no room.
 */
bool beside_data(const char *name, char *path, size_t size);

#endif
