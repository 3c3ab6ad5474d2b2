/*
 * pool.c - the compiler's memory.  The contract is in pool.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pool.h"

#include "lib/base/ckd.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define POOL_BLOCK ((size_t)1 << 20)
#define POOL_ALIGN alignof(max_align_t)

struct pool_block {
	struct pool_block *next;
	size_t size;
	alignas(max_align_t) unsigned char bytes[];
};

void
pool_init(struct pool *p, size_t ceiling)
{
	*p = (struct pool){ .ceiling = ceiling };
}

void
pool_fini(struct pool *p)
{
	while (p->block != NULL) {
		struct pool_block *next = p->block->next;

		free(p->block);
		p->block = next;
	}
	p->used = p->total = 0;
}

void
pool_reset(struct pool *p)
{
	struct pool_block *keep = p->block;

	if (keep == NULL || keep->size != POOL_BLOCK) {
		pool_fini(p);
		return;
	}
	while (keep->next != NULL) {
		struct pool_block *next = keep->next;

		keep->next = next->next;
		p->total -= next->size + sizeof(*next);
		free(next);
	}
	memset(keep->bytes, 0, p->used);
	p->used = 0;
}

/* Put a new block with room for size bytes in front. */
static bool
pool_add_block(struct pool *p, size_t size)
{
	struct pool_block *block;
	size_t whole;

	if (size < POOL_BLOCK)
		size = POOL_BLOCK;
	if (ckd_add(&whole, size, sizeof(*block)) || p->total > p->ceiling ||
	    whole > p->ceiling - p->total)
		return false;
	block = calloc(1, whole);
	if (block == NULL)
		return false;
	block->next = p->block;
	block->size = size;
	p->block = block;
	p->used = 0;
	p->total += whole;
	return true;
}

void *
pool_alloc(struct pool *p, size_t count, size_t size)
{
	size_t bytes;
	void *at;

	if (ckd_mul(&bytes, count, size) ||
	    ckd_add(&bytes, bytes, POOL_ALIGN - 1))
		return NULL;
	bytes &= ~(size_t)(POOL_ALIGN - 1);
	if ((p->block == NULL || bytes > p->block->size - p->used) &&
	    !pool_add_block(p, bytes))
		return NULL;
	at = p->block->bytes + p->used;
	p->used += bytes;
	return at;
}

void *
pool_take(struct pool *p, size_t size)
{
	void *block;

	if (p->total > p->ceiling || size > p->ceiling - p->total)
		return NULL;
	block = malloc(size);
	if (block != NULL)
		p->total += size;
	return block;
}

void
pool_give(struct pool *p, void *block, size_t size)
{
	free(block);
	p->total -= size;
}

char *
pool_text(struct pool *p, const void *bytes, size_t size)
{
	char *copy;

	if (size == SIZE_MAX)
		return NULL;
	copy = pool_alloc(p, 1, size + 1);
	if (copy != NULL && size > 0)
		memcpy(copy, bytes, size);
	return copy;
}

/* Make room for room_new elements in all, which is more than there is. */
static bool
pool_vector_resize(struct pool *p, void **array, size_t *room, size_t room_new,
    size_t size)
{
	size_t bytes, had = *room * size;
	void *grown;

	if (ckd_mul(&bytes, room_new, size) || p->total > p->ceiling ||
	    bytes - had > p->ceiling - p->total)
		return false;
	grown = realloc(*array, bytes);
	if (grown == NULL)
		return false;
	memset((unsigned char *)grown + had, 0, bytes - had);
	*array = grown;
	*room = room_new;
	p->total += bytes - had;
	return true;
}

bool
pool_vector_grow(struct pool *p, void **array, size_t *room, size_t count,
    size_t size)
{
	if (count < *room)
		return true;
	return pool_vector_resize(p, array, room,
	    *room < 16 ? 16 : *room + *room / 2, size);
}

bool
pool_vector_reserve(struct pool *p, void **array, size_t *room, size_t count,
    size_t more, size_t size)
{
	size_t want;

	if (ckd_add(&want, count, more))
		return false;
	return want <= *room || pool_vector_resize(p, array, room, want, size);
}

void
pool_vector_free(struct pool *p, void **array, size_t *room, size_t size)
{
	free(*array);
	*array = NULL;
	p->total -= *room * size;
	*room = 0;
}
