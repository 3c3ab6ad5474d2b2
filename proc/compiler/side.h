/*
 * side.h - write the side file with the source texts (lib/db/layout.h).
 *
 * It is large, is written front to back but for its header, and nobody reads
 * it soon: so its owner may have it written past the kernel's memory
 * (whole_direct()), for which every write begins and ends at a multiple of
 * SIDE_ALIGN, in the file and in memory.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_COMPILER_SIDE_H
#define CANDOR_PROC_COMPILER_SIDE_H

#include "lib/base/why.h"
#include "lib/db/layout.h"

#include <stdalign.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SIDE_ALIGN 4096u
#define SIDE_BLOCK ((size_t)1 << 20) /* bytes written at once */

struct side {
	int fd;
	uint64_t size; /* of what was added, the header's room included */
	size_t have;   /* of that, bytes that are not written yet */
	alignas(SIDE_ALIGN) uint8_t first[SIDE_ALIGN]; /* once it is written */
	alignas(SIDE_ALIGN) uint8_t block[SIDE_BLOCK];
};

/* Begin with room for the header; fd is borrowed. */
void side_init(struct side *s, int fd);

/* Add bytes, as they are or veiled by where they will stand. */
bool side_add(struct side *s, const uint8_t *bytes, size_t size, bool is_veiled,
    struct why *why);

/* Write what is left, and the header, of DB_TEXTS_HEADER_SIZE bytes. */
bool side_end(struct side *s, const uint8_t *header, struct why *why);

#endif
