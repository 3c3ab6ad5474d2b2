/*
 * files.h - a file for a library that wants the name of one.
 *
 * libhivex opens a file by its name and asks for its size.  In the cage there
 * are no names, and asking would kill: open(), fcntl() and fstat() of files.c
 * come before the C library's, for shared libraries alone (our own code calls
 * open64() and so on), and know the one file that is lent.  So does read(),
 * which gives other bytes for it, if some are lent.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_READER_FILES_H
#define CANDOR_PROC_READER_FILES_H

#include <stddef.h>
#include <stdint.h>

#define FILES_NAME "lent" /* of the one file there is */

/* Who opens it by that name gets fd, once, and closes it. */
void files_lend(int fd, uint64_t size);

/* The same, but read() gives these bytes; they stay yours. */
void files_lend_bytes(int fd, const uint8_t *bytes, size_t size);

#endif
