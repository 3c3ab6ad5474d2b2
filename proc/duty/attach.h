/*
 * attach.h - come to the supervisor instead of being started by it.
 *
 * For a process in a unit of its own (docs/daemon.md): it is given the path of
 * a socket, and waits there until candord wants it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_DUTY_ATTACH_H
#define CANDOR_PROC_DUTY_ATTACH_H

#include "lib/base/why.h"

#include <stdbool.h>
#include <stdint.h>

/* Wait for the channel, and have it as that descriptor; *supervisor becomes
   the number of the process at its other end. */
bool attach_wait(const char *path, int channel, uint32_t *supervisor,
    struct why *why);

#endif
