/*
 * glob.h - patterns of paths and of signature names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_POLICY_GLOB_H
#define CANDOR_POLICY_GLOB_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Does the whole of path fit pattern?  ? is any one byte but a slash, * any
 * number of them, ** any number of any bytes; everything else is itself.  A
 * pattern that fits a folder fits what is in it.
 */
bool glob_fits_path(const char *pattern, const char *path, size_t size);

/* The same, but a pattern that fits a folder does not fit what is in it. */
bool glob_fits_file(const char *pattern, const char *path, size_t size);

/* The same for a name, where slashes are nothing special. */
bool glob_fits_name(const char *pattern, const char *name, size_t size);

#endif
