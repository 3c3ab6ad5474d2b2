/*
 * notify.h - tell a service manager how we are (sd_notify's protocol).
 *
 * One datagram of VARIABLE=VALUE lines to the socket in $NOTIFY_SOCKET.
 * Without one, nothing happens.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_NOTIFY_H
#define CANDOR_SYS_NOTIFY_H

#include <stdint.h>

void notify_send(const char *lines);

/* RELOADING=1 with the time it asks for. */
void notify_reloading(void);

/* How often it wants to hear WATCHDOG=1, in milliseconds; 0: never. */
uint64_t notify_watchdog_ms(void);

#endif
