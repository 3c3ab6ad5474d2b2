/*
 * sandbox_users.h - stay who we are in a user namespace of our own.
 *
 * Until its maps are written, a process in a new user namespace is nobody: it
 * may not mount, and a namespace inside it cannot be made.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_SANDBOX_USERS_H
#define CANDOR_SYS_SANDBOX_USERS_H

struct sandbox_users {
	char uid[40], gid[40]; /* lines for /proc/self/uid_map and gid_map */
};

/* Before the namespace is made: who are we? */
void sandbox_users_init(struct sandbox_users *u);

/* Inside it.  Safe between fork and exec; what fails shows later, as a layer
 * that is missing. */
void sandbox_users_keep(const struct sandbox_users *u);

#endif
