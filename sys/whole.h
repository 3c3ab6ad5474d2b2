/*
 * whole.h - read and write all of it, or say that it was less.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_WHOLE_H
#define CANDOR_SYS_WHOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/* Write size bytes; false with errno. */
bool whole_write(int fd, const void *bytes, size_t size);

/* Read up to size bytes from here, or from offset at; fewer only at the end.
   -1 with errno. */
ssize_t whole_read(int fd, void *bytes, size_t size);
ssize_t whole_pread(int fd, void *bytes, size_t size, uint64_t at);

/* Have what was written so far begin its way to the disk. */
void whole_hurry(int fd);

#endif
