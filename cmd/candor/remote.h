/*
 * remote.h - have candord's workers look at files, not our own.
 *
 * The local socket's side of lib/wire/ask.h, with the shape of proc/crew: what
 * a worker of the daemon said of a file reaches the same listener.  The
 * databases come from the daemon, too, so that its numbers can be understood.
 * Names of members and matched bytes do not: a daemon's workers never say
 * those.
 *
 * A daemon that is restarted meanwhile is asked again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_REMOTE_H
#define CANDOR_CMD_REMOTE_H

#include "cmd/candor/databases.h"
#include "proc/crew/crew.h"

#include <stdbool.h>
#include <stdint.h>

#define REMOTE_SOCKET "/run/candor/candor.sock"

struct remote;

/* Connect, and open the daemon's databases into d (which is empty, and has to
   stay where it is). */
struct remote *remote_open(const char *path, struct databases *d,
    struct why *why);

/* Whom to tell, from now on; given() is not used. */
void remote_listen(struct remote *r, const struct crew_listener *listener);

/* As crew_submit(), crew_turn() and crew_pending(). */
bool remote_submit(struct remote *r, const struct crew_file *file,
    struct why *why);
bool remote_turn(struct remote *r, int timeout_ms, struct why *why);
size_t remote_pending(const struct remote *r);

/* SANDBOX_* layers in force in its workers. */
uint32_t remote_layers(const struct remote *r);

void remote_close(struct remote **r);

#endif
