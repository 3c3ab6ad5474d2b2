/*
 * hash_table.h - records of the hash sections, for hashes.c and sweep.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_DB_HASH_TABLE_H
#define CANDOR_DB_HASH_TABLE_H

#include "lib/db/db.h"

struct hash_table {
	uint32_t of, digest, allow;
	uint32_t key; /* bytes of a digest that are kept */
	uint32_t bits;
	uint32_t count;
	uint32_t any; /* some row is for things of any size */
	uint32_t size_count;
	struct cur rows, buckets, sizes;
};

struct hash_row {
	struct cur key;
	uint32_t size; /* number of a size, or DB_NOTHING */
	uint32_t signature;
};

MUST_CHECK bool hash_table_get(const struct db *db, uint32_t i,
    struct hash_table *out);
MUST_CHECK bool hash_row_get(const struct hash_table *t, uint32_t i,
    struct hash_row *out);
MUST_CHECK bool hash_bucket_get(const struct hash_table *t, uint32_t bucket,
    uint32_t *first, uint32_t *end);

/* Size number i, or UINT64_MAX. */
uint64_t hash_size_get(const struct hash_table *t, uint32_t i);

/* Which bucket a digest is in. */
uint32_t hash_bucket_of(const struct hash_table *t, const uint8_t *digest);

#endif
