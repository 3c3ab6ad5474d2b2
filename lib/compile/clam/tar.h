/*
 * tar.h - walk the members of a small tar archive in memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_CLAM_TAR_H
#define CANDOR_COMPILE_CLAM_TAR_H

#include "lib/base/cur.h"

#include <stdbool.h>

#define TAR_NAME_MAX 100u

struct tar_member {
	char name[TAR_NAME_MAX + 1]; /* letters, digits, "._-" only */
	struct cur bytes;
};

enum tar_step {
	TAR_MEMBER, /* out is a regular file */
	TAR_DONE,
	TAR_BROKEN
};

/* Cut the next regular file off c. */
enum tar_step tar_next(struct cur *c, struct tar_member *out);

#endif
