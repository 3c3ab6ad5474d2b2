/*
 * attributes.h - everything a file is besides its bytes and its name.
 *
 * Owner, mode, times, extended attributes (access lists and capabilities are
 * among them) and inode flags, taken from one descriptor and put on another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_ATTRIBUTES_H
#define CANDOR_SYS_ATTRIBUTES_H

#include "lib/base/why.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define ATTRIBUTES_EXTENDED  64u    /* of one file; with more it fails */
#define ATTRIBUTES_VALUE_MAX 65536u /* XATTR_SIZE_MAX, xattr(7) */
#define ATTRIBUTES_NAME_MAX  255u

struct attribute {
	char *name; /* owned */
	uint8_t *value;
	size_t size;
};

struct attributes {
	uint32_t mode; /* permission bits, set-id and sticky included */
	uint32_t uid, gid;
	int64_t atime_s, mtime_s;
	uint32_t atime_ns, mtime_ns;
	bool has_flags;
	uint32_t flags; /* FS_*_FL of ioctl_iflags(2), those a user may set */
	struct attribute extended[ATTRIBUTES_EXTENDED];
	size_t extended_count;
};

/* What could not be put on a file.  Of the mode, set-id bits stay off without
   the owner, and the group's without the access list. */
#define ATTRIBUTES_OWNER 1u
#define ATTRIBUTES_MODE  2u
#define ATTRIBUTES_TIMES 4u
#define ATTRIBUTES_EXTRA 8u
#define ATTRIBUTES_FLAGS 16u

/* Read them all; on failure nothing needs freeing. */
bool attributes_read(int fd, struct attributes *out, struct why *why);

/*
 * Put them on fd, all but the flags, which could forbid what is still to be
 * done; the ATTRIBUTES_* that did not succeed.
 */
uint32_t attributes_apply(int fd, const struct attributes *a);

/* Put the flags on, last; 0 or ATTRIBUTES_FLAGS. */
uint32_t attributes_apply_flags(int fd, const struct attributes *a);

/* Take off what forbids to move a file (immutable, append-only), if it is
   there; false if that is not allowed. */
bool attributes_loosen(int fd, const struct attributes *a);

/* Add a copy; false if there is no room or memory. */
bool attributes_add(struct attributes *a, const char *name, const void *value,
    size_t size);

void attributes_free(struct attributes *a);

#endif
