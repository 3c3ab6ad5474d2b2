/*
 * filesystem.h - what the type of a file system tells: its number (statfs(2))
 * or its name (mountinfo, proc(5)).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_FILESYSTEM_H
#define CANDOR_SYS_FILESYSTEM_H

#include <stdbool.h>
#include <stdint.h>

enum filesystem_sort {
	FILESYSTEM_REMOTE,  /* somebody else answers, or never does: NFS, FUSE,
	                      and whatever is not known here */
	FILESYSTEM_LOCAL,   /* a disk, or memory: this kernel alone answers */
	FILESYSTEM_LAYERS,  /* overlay: with its files those of others are
	                      opened */
	FILESYSTEM_STACKED, /* ecryptfs: the same, and the others' look
	                      different */
	FILESYSTEM_KERNEL,  /* the kernel shows itself: proc, sysfs, cgroup2 */
	FILESYSTEM_TRIGGER  /* autofs: who touches it waits for a mount */
};

enum filesystem_sort filesystem_sort_of(uint64_t number);
enum filesystem_sort filesystem_sort_named(const char *name);

/*
 * Is it answered by this kernel alone, from memory or a disk?  Only such may
 * be touched directly: behind any other may stand somebody who never answers.
 */
bool filesystem_is_local(uint64_t number);

/* Does the kernel show itself there? */
bool filesystem_is_of_kernel(uint64_t number);

#endif
