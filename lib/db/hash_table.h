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
	uint32_t key;   /* bytes of a digest that are kept */
	uint32_t width; /* bytes of a signature's number in a row */
	uint32_t count;
	uint32_t size_count;
	struct cur rows;
	const struct db *db;
	uint32_t sizes; /* the first row of HASH_SIZE */
};

struct hash_row {
	struct cur key;
	uint32_t signature;
};

MUST_CHECK bool hash_table_get(const struct db *db, uint32_t i,
    struct hash_table *out);
MUST_CHECK bool hash_row_get(const struct hash_table *t, uint32_t i,
    struct hash_row *out);
/*
 * The rows of size number size, or, if that is size_count, of any size:
 * [*first, *end).
 */
MUST_CHECK bool hash_size_rows(const struct hash_table *t, uint32_t size,
    uint32_t *first, uint32_t *end);

/* Size number i, or UINT64_MAX. */
uint64_t hash_size_get(const struct hash_table *t, uint32_t i);

#endif
