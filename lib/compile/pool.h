/*
 * pool.h - memory that is only given back all at once, for the compiler.
 *
 * lib/compile may allocate: it runs in its own process, which ends with its
 * work.  The ceiling is named at birth; reaching it is a failure like any
 * other (NULL), never an abort.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_POOL_H
#define CANDOR_COMPILE_POOL_H

#include <stdbool.h>
#include <stddef.h>

struct pool_block;

struct pool {
	struct pool_block *block;
	size_t used;    /* bytes cut from the newest block */
	size_t total;   /* bytes of all blocks and vectors */
	size_t ceiling; /* total may not pass this */
};

/*
 * An empty pool of at most ceiling bytes; all its blocks given back (vectors
 * are left to pool_vector_free()).
 */
void pool_init(struct pool *p, size_t ceiling);
void pool_fini(struct pool *p);

/* All that was cut from blocks given back, to be used again. */
void pool_reset(struct pool *p);

/* Zeroed room for count things of size bytes, or NULL at the ceiling. */
__attribute__((warn_unused_result)) void *pool_alloc(struct pool *p,
    size_t count, size_t size);

/*
 * A heap block of size bytes, whatever is in them, which can be given back by
 * itself, and must be; or NULL at the ceiling.
 */
__attribute__((warn_unused_result)) void *pool_take(struct pool *p,
    size_t size);
void pool_give(struct pool *p, void *block, size_t size);

/* A copy of size bytes with a zero byte after them, or NULL. */
__attribute__((warn_unused_result)) char *pool_text(struct pool *p,
    const void *bytes, size_t size);

/*
 * Make room for one more element in a vector: *array holds count elements of
 * size bytes and has room for *room.  False at the ceiling.  Vectors are
 * heap blocks of their own and are freed with pool_vector_free().
 */
__attribute__((warn_unused_result)) bool pool_vector_grow(struct pool *p,
    void **array, size_t *room, size_t count, size_t size);

/* The same for more elements at once, without room to spare. */
__attribute__((warn_unused_result)) bool pool_vector_reserve(struct pool *p,
    void **array, size_t *room, size_t count, size_t more, size_t size);
void pool_vector_free(struct pool *p, void **array, size_t *room, size_t size);

#endif
