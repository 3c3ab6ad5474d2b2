/*
 * buf.h - a buffer that grows, for the command line only.
 *
 * Running out of memory ends the program with exit 2: nothing a command does
 * can go on without it, and its workers are other processes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_BUF_H
#define CANDOR_CMD_BUF_H

#include <stddef.h>
#include <stdint.h>

#define BUF_MAX ((size_t)1 << 32) /* bytes one buffer may grow to */

struct buf {
	char *bytes; /* owned; NULL while nothing was added */
	size_t size; /* in use */
	size_t room; /* allocated */
};

/* Append size bytes at bytes; they are followed by a NUL outside size. */
void buf_add(struct buf *b, const void *bytes, size_t size);
void buf_text(struct buf *b, const char *text);
void buf_byte(struct buf *b, char byte);

/* Cut back to size bytes (not more than are in use). */
void buf_cut(struct buf *b, size_t size);

void buf_free(struct buf *b);

/*
 * Make room in an array of things of size bytes each for at least want of
 * them: *room is how many fit.  Gives the array, perhaps moved; never NULL.
 */
void *buf_grow(void *array, size_t *room, size_t want, size_t size);

/* As malloc and strdup, but never NULL. */
void *buf_alloc(size_t count, size_t size);
char *buf_copy(const char *text);

#endif
