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

static uint64_t chance = 1;

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

void
t_seed(uint64_t seed)
{
	chance = seed;
}

/* Knuth's MMIX generator; its high bits are the better ones. */
uint32_t
t_below(uint32_t n)
{
	chance = chance * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(chance >> 33) % n;
}
