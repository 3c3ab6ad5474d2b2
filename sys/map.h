/*
 * map.h - memory: a file as memory, and a block between guard pages.
 *
 * Only files of ours (databases) are mapped.  A file to be scanned never is:
 * whoever can truncate a mapped file can kill the process that reads it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_MAP_H
#define CANDOR_SYS_MAP_H

#include "lib/base/why.h"

#include <stddef.h>
#include <stdint.h>

struct map {
	const void *at;
	size_t size;
};

/* Map the whole regular file fd (borrowed for the call) read-only. */
bool map_open(int fd, struct map *out, struct why *why);
void map_close(struct map *m);

/*
 * A block of size bytes (rounded up to pages), zero, without access to the
 * page before and the page after.  No memory is used until it is touched.
 */
struct block {
	uint8_t *at;
	size_t size;
};

/* Unmapped by block_close(), which is safe on a closed one. */
bool block_open(size_t size, struct block *out, struct why *why);

/*
 * The same for what is filled front to back: in pages of BLOCK_LARGE bytes,
 * which it begins with, where the kernel has them.  Touching a byte uses a
 * whole page, but filling one takes a third of the time.
 */
#define BLOCK_LARGE ((size_t)2 << 20)
bool block_open_large(size_t size, struct block *out, struct why *why);

void block_close(struct block *b);

/* Give the memory from offset off on back; it reads as zero again. */
void block_forget(const struct block *b, size_t off);

#endif
