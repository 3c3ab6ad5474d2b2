/*
 * confine.h - keep one thing, give up the rest: for processes that need a
 * network or a folder, and so cannot enter the cage (sandbox.h).
 *
 * Called once, early in main(), before anything from outside is read.  In
 * force afterwards, always: no new privileges, no capabilities, no tracing,
 * no core, no other program (execve kills), none of the calls that reach into
 * the kernel's inside.  Where the kernel has them: Landlock, which leaves
 * only the paths named here; a network namespace without a network for who
 * does not need one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_CONFINE_H
#define CANDOR_SYS_CONFINE_H

#include "lib/base/why.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct confine {
	bool has_network;        /* may open sockets */
	const char *const *read; /* paths to read below; ends with NULL; or
	                            NULL: none */
	int read_fd;             /* a file or folder to read below, or -1 */
	int write_fd;    /* a folder to make files and folders in, or -1 */
	bool keeps_user; /* else root becomes nobody; with write_fd, the
	                            owner of that folder in any case */
};

/* *layers says what is in force: SANDBOX_* of sandbox.h. */
bool confine_enter(const struct confine *c, uint32_t *layers, struct why *why);

#endif
