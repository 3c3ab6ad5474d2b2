/*
 * listen.h - sockets that others connect to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_LISTEN_H
#define CANDOR_SYS_LISTEN_H

#include "lib/base/why.h"

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>

/*
 * A listening Unix socket of type (SOCK_STREAM or SOCK_SEQPACKET) at path,
 * with these permissions, and of this group unless it is -1.  What a server
 * that is gone left there is replaced; one that answers is not.  A missing
 * last folder of the path is made (0755).
 */
bool listen_unix(const char *path, int type, mode_t mode, gid_t group, int *fd,
    struct why *why);

/*
 * A listening TCP socket at "HOST:PORT", "[HOST]:PORT"; HOST is an address in
 * numbers, localhost, or * for all.  No name is looked up anywhere.
 */
bool listen_tcp(const char *address, int *fd, struct why *why);

/* Accept one client: close-on-exec, not blocking; -1 if there is none now. */
int listen_accept(int fd);

/* Connect to a Unix socket. */
bool listen_connect(const char *path, int type, int *fd, struct why *why);

/*
 * Sockets a service manager opened for us (systemd's LISTEN_FDS), found by
 * the names their unit gave them.  The first call reads the environment and
 * clears it.  Gives the next of that name not given before, or -1.
 */
int listen_inherited(const char *name);

struct listen_peer {
	uid_t uid;
	gid_t gid;
	pid_t pid;
};

/* Who connected; false if the kernel does not say (TCP). */
bool listen_peer_get(int fd, struct listen_peer *out);

/* All other groups of who connected, at most room; false if the kernel does
   not say, or there are more. */
bool listen_peer_groups(int fd, gid_t *out, size_t room, size_t *count);

/* Is this user root, the owner, or a member of the group (if it has a
   name)?  Members are looked up in the system's databases. */
bool listen_peer_is_admin(const struct listen_peer *peer, uid_t owner,
    const char *group);

#endif
