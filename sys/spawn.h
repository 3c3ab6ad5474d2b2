/*
 * spawn.h - start a helper program with a channel and nothing else.
 *
 * The helper gets: 0, 1 as /dev/null; 2 as ours, for what it has to say
 * before it closes itself in; 3 its end of the channel; 4 and up the
 * descriptors it is lent.  Its environment is fixed, its session its own (a
 * Ctrl-C meant for us does not reach it), and where the kernel lets us it is
 * process 1 of a process namespace.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_SPAWN_H
#define CANDOR_SYS_SPAWN_H

#include "lib/base/why.h"

#include <sys/types.h>

#include <stddef.h>

#define SPAWN_CHANNEL  3  /* in the helper */
#define SPAWN_LENT     4  /* the first of the descriptors lent */
#define SPAWN_LENT_MAX 60 /* how many there may be */

struct spawned {
	pid_t pid;   /* -1 once reaped */
	int channel; /* our end, close-on-exec, or -1 */
};

/* Start path with argv (NULL at its end) and lend it count descriptors. */
bool spawn_start(const char *path, const char *const *argv, const int *fd,
    size_t count, struct spawned *out, struct why *why);

/*
 * The same for one that will use hundreds of megabytes: its C library asks
 * the kernel for large pages where those are to be had for the asking.  Many
 * a page is then made, and found, at once.
 */
bool spawn_start_large(const char *path, const char *const *argv, const int *fd,
    size_t count, struct spawned *out, struct why *why);

/*
 * Start path with argv as a neighbour: a process that shares our namespaces
 * (it has to see the machine, and who its clients are), with a channel as 3
 * and nothing lent.  As uid and gid, without other groups, unless uid is -1.
 */
bool spawn_neighbour(const char *path, const char *const *argv, uid_t uid,
    gid_t gid, struct spawned *out, struct why *why);

/*
 * fork(), but into a process namespace of its own where that can be had.
 * *pid is 0 in the child.  For programs with one thread.
 */
bool spawn_fork(pid_t *pid, struct why *why);

/* Kill it if it still runs, reap it and close the channel. */
void spawn_end(struct spawned *s);

/* Reap it, waiting: its wait status (as waitpid gives it). */
int spawn_wait(struct spawned *s);

/* "exit 1", "signal 31 (Bad system call)" into out. */
void spawn_say_status(int status, char *out, size_t size);

#endif
