/*
 * listener.h - where clients come from.
 *
 * Nobody is turned away: while there are as many clients, or open files, as
 * may be, nobody is accepted, and whoever comes waits in the kernel's line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_CLAMD_LISTENER_H
#define CANDOR_PROC_CLAMD_LISTENER_H

#include "proc/clamd/front.h"

#define LISTENERS_MAX 16u

struct listener {
	struct ready_watch watch;
	struct listeners *all;
	bool is_local; /* a Unix socket */
};

struct listeners {
	struct front *front;
	struct listener one[LISTENERS_MAX];
	size_t count;
};

void listeners_open(struct listeners *l, struct front *f);

/* A listening socket that does not block, taken. */
bool listeners_add(struct listeners *l, int fd, bool is_local);

/* Accept from now on, if there is room; or do not. */
void listeners_set(struct listeners *l, bool accept);

void listeners_close(struct listeners *l);

#endif
