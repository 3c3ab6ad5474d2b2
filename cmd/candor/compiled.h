/*
 * compiled.h - a database made on the fly from text, and remembered.
 *
 * It is kept in the user's cache folder ($XDG_CACHE_HOME/candor, mode 0700)
 * under a name made of everything that decides its bytes: the inputs' names,
 * inodes, sizes and times, and which compiler read them.  An input that was
 * changed within the last two seconds is compiled and not remembered: it may
 * be changed again without its times telling.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_COMPILED_H
#define CANDOR_CMD_COMPILED_H

#include "cmd/candor/inputs.h"
#include "lib/base/why.h"

#define COMPILED_KEPT 16 /* databases remembered, the latest used */

struct compiled {
	const char *path; /* what to call it; borrowed from the inputs */
	int fd;           /* read-only, the caller's to close */
	int texts_fd;     /* the same, or -1 */
};

/* Make or find the database of the inputs that are not compiled already. */
bool compiled_get(const struct inputs *in, struct compiled *out,
    struct why *why);

#endif
