/*
 * t.c - the test vocabulary.  See t.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t.h"

#include <sys/mman.h>

#include <stdlib.h>
#include <string.h>

#define T_PAGE ((size_t)4096)

const uint8_t *
t_fence(const void *bytes, size_t size)
{
	static uint8_t *room;

	if (room == NULL) {
		room = mmap(NULL, T_ROOM + T_PAGE, PROT_READ | PROT_WRITE,
		    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
		if (room == MAP_FAILED ||
		    mprotect(room + T_ROOM, T_PAGE, PROT_NONE) != 0)
			abort();
	}
	if (size > T_ROOM)
		abort();
	if (size > 0)
		memcpy(room + T_ROOM - size, bytes, size);
	return room + T_ROOM - size;
}
