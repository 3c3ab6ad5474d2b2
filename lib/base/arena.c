/*
 * arena.c - one scan's memory.  The contract is in arena.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/arena.h"

#include "lib/base/ckd.h"

#include <string.h>

#define ARENA_ALIGN 16u

#if !defined(__has_feature)
#define __has_feature(x) 0
#endif
#if defined(__SANITIZE_ADDRESS__) || __has_feature(address_sanitizer)
#include <sanitizer/asan_interface.h>
#else
#define ASAN_POISON_MEMORY_REGION(at, n)   ((void)(at), (void)(n))
#define ASAN_UNPOISON_MEMORY_REGION(at, n) ((void)(at), (void)(n))
#endif

void
arena_init(struct arena *a, void *mem, size_t size)
{
	a->base = mem;
	a->size = size;
	a->used = 0;
	ASAN_POISON_MEMORY_REGION(mem, size);
}

void *
arena_alloc(struct arena *a, size_t count, size_t size)
{
	size_t bytes, padded;
	void *at;

	if (ckd_mul(&bytes, count, size) ||
	    ckd_add(&padded, bytes, ARENA_ALIGN - 1))
		return NULL;
	padded &= ~(size_t)(ARENA_ALIGN - 1);
	if (padded > a->size - a->used)
		return NULL;
	at = a->base + a->used;
	a->used += padded;
	ASAN_UNPOISON_MEMORY_REGION(at, bytes);
	return memset(at, 0, bytes);
}

void *
arena_rest(struct arena *a, size_t *size)
{
	*size = a->size - a->used;
	ASAN_UNPOISON_MEMORY_REGION(a->base + a->used, *size);
	return a->base + a->used;
}

void
arena_keep(struct arena *a, size_t size)
{
	size_t left = a->size - a->used;
	size_t padded = size;

	/* The last bytes of the block may be too few to round up to. */
	if (size <= left && left - size >= ARENA_ALIGN)
		padded = (size + ARENA_ALIGN - 1) & ~(size_t)(ARENA_ALIGN - 1);
	if (padded > left)
		padded = left;
	a->used += padded;
	ASAN_POISON_MEMORY_REGION(a->base + a->used, a->size - a->used);
}

size_t
arena_mark(const struct arena *a)
{
	return a->used;
}

void
arena_reset(struct arena *a, size_t mark)
{
	ASAN_POISON_MEMORY_REGION(a->base + mark, a->used - mark);
	a->used = mark;
}
