/*
 * filesystem.h - what the type number of a file system tells (statfs(2)).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_FILESYSTEM_H
#define CANDOR_SYS_FILESYSTEM_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Is it answered by this kernel alone, from memory or a disk?  Only such may
 * be touched directly: behind any other (FUSE, NFS, CIFS, 9p, autofs, and
 * whatever is not known here) may stand somebody who never answers.
 */
bool filesystem_is_local(uint64_t type);

/* Does the kernel show itself there (/proc, /sys and their like)? */
bool filesystem_is_of_kernel(uint64_t type);

#endif
