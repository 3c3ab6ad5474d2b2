/*
 * cachedir.h - the user's folder for what can be made again.
 *
 * It is used only if it is the user's own and nobody else can look into it or
 * write to it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_CACHEDIR_H
#define CANDOR_CMD_CACHEDIR_H

#include <stdbool.h>

/*
 * Open $XDG_CACHE_HOME/candor, else ~/.cache/candor, making it if need be;
 * -1: do without.  of_system: for root, without XDG_CACHE_HOME, that is
 * /var/cache/candor: sudo often leaves HOME as it was.
 */
int cachedir_open(bool of_system);

#endif
