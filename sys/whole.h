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

/*
 * Have all that is written to an empty file go past the kernel's memory, to
 * the disk; false where that is not to be had.  Every write must then begin
 * and end at a multiple of WHOLE_DIRECT, in the file and in memory, until
 * whole_ordinary().  It holds for all that share the descriptor.
 */
#define WHOLE_DIRECT 4096u
bool whole_direct(int fd);
void whole_ordinary(int fd);

/* Have what was written so far begin its way to the disk. */
void whole_hurry(int fd);

/* Wait until it is there; who must be sure asks again himself. */
void whole_sync(int fd);

#endif
