/*
 * eicar.h - the EICAR test file, which everybody calls infected.
 *
 * It is not in this program as it is, or the program would be denied itself.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_EICAR_H
#define CANDOR_CMD_EICAR_H

#include <stdbool.h>

/* Write its bytes. */
bool eicar_write(int fd);

/*
 * Write it into a folder, open it, and remove it: 0 if it was opened, EPERM
 * if it was denied (or taken away), another errno if it could not be tried.
 */
int eicar_try(const char *folder);

#endif
