/*
 * hashes.c - look digests up in a database.  The contract is in hashes.h, the
 * bytes are described in layout.h (HASH_TABLE and the three after it).
 *
 * Digests are uniform, so their top bits number a bucket of a few rows; rows
 * inside are found by halving.  A detection keeps 128 bits of a digest, which
 * nobody meets by accident and whoever can craft gains an alarm at most; an
 * allow list keeps them all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/hashes.h"

#include "lib/db/hash_table.h"

#include <string.h>

bool
hash_table_get(const struct db *db, uint32_t i, struct hash_table *out)
{
	struct cur r;
	uint64_t rows, buckets, sizes, row;

	if (!cur_at(&db->section[DB_HASH_TABLE], (uint64_t)i * 48, 48, &r))
		return false;
	out->of = cur_u8(&r);
	out->digest = cur_u8(&r);
	out->allow = cur_u8(&r);
	out->key = cur_u8(&r);
	out->bits = cur_u32le(&r);
	rows = cur_u64le(&r);
	out->count = cur_u32le(&r);
	out->any = cur_u32le(&r);
	buckets = cur_u64le(&r);
	sizes = cur_u64le(&r);
	out->size_count = cur_u32le(&r);
	row = out->key + DB_HASH_ROW_EXTRA;
	if (out->bits > DB_HASH_BITS_MAX || out->key < 16 || out->key > 32 ||
	    buckets > UINT32_MAX || sizes > UINT32_MAX)
		return false;
	return cur_at(&db->section[DB_HASH_ROW], rows, out->count * row,
		   &out->rows) &&
	    cur_at(&db->section[DB_HASH_BUCKET], buckets * 4,
		(((uint64_t)1 << out->bits) + 1) * 4, &out->buckets) &&
	    cur_at(&db->section[DB_HASH_SIZE], sizes * 8,
		(uint64_t)out->size_count * 8, &out->sizes);
}

bool
hash_row_get(const struct hash_table *t, uint32_t i, struct hash_row *out)
{
	struct cur r;
	uint32_t size = t->key + DB_HASH_ROW_EXTRA;

	if (i >= t->count || !cur_at(&t->rows, (uint64_t)i * size, size, &r) ||
	    !cur_take(&r, t->key, &out->key))
		return false;
	out->size = cur_u32le(&r);
	out->signature = cur_u32le(&r);
	return out->size == DB_NOTHING || out->size < t->size_count;
}

bool
hash_bucket_get(const struct hash_table *t, uint32_t bucket, uint32_t *first,
    uint32_t *end)
{
	struct cur r;

	if (!cur_at(&t->buckets, (uint64_t)bucket * 4, 8, &r))
		return false;
	*first = cur_u32le(&r);
	*end = cur_u32le(&r);
	return *first <= *end && *end <= t->count;
}

uint64_t
hash_size_get(const struct hash_table *t, uint32_t i)
{
	struct cur r;

	if (!cur_at(&t->sizes, (uint64_t)i * 8, 8, &r))
		return UINT64_MAX;
	return cur_u64le(&r);
}

uint32_t
hash_bucket_of(const struct hash_table *t, const uint8_t *digest)
{
	uint32_t top = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 |
	    (uint32_t)digest[2] << 8 | digest[3];

	return t->bits == 0 ? 0 : top >> (32 - t->bits);
}

/* Find the table of a kind of hash; false if the database has none. */
static bool
find_table(const struct db *db, enum hash_of of, unsigned kind, bool allow,
    struct hash_table *out)
{
	uint32_t i;

	for (i = 0; i < db->count[DB_HASH_TABLE]; i++)
		if (hash_table_get(db, i, out) && out->of == of &&
		    out->digest == kind && out->allow == (allow ? 1 : 0))
			return true;
	return false;
}

/* Find size among a table's sizes: its number, or DB_NOTHING. */
static uint32_t
find_size(const struct hash_table *t, uint64_t size)
{
	uint32_t low = 0, high = t->size_count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;
		uint64_t there = hash_size_get(t, middle);

		if (there == size)
			return middle;
		if (there < size)
			low = middle + 1;
		else
			high = middle;
	}
	return DB_NOTHING;
}

bool
hashes_want(const struct db *db, enum hash_of of, unsigned kind, bool allow,
    uint64_t size)
{
	struct hash_table t;

	return find_table(db, of, kind, allow, &t) &&
	    (t.any != 0 || find_size(&t, size) != DB_NOTHING);
}

/* The first row of [low, high) whose key is not below digest. */
static uint32_t
find_key(const struct hash_table *t, const uint8_t *digest, uint32_t low,
    uint32_t high)
{
	struct hash_row row;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (!hash_row_get(t, middle, &row))
			return high;
		if (memcmp(row.key.base, digest, t->key) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

bool
hashes_find(const struct db *db, enum hash_of of, unsigned kind, bool allow,
    const uint8_t *digest, uint64_t size, uint32_t from, uint32_t *signature)
{
	struct hash_table t;
	struct hash_row row;
	uint32_t at, end, number;

	if (!find_table(db, of, kind, allow, &t) ||
	    !hash_bucket_get(&t, hash_bucket_of(&t, digest), &at, &end))
		return false;
	number = find_size(&t, size);
	for (at = find_key(&t, digest, at, end); at < end; at++) {
		if (!hash_row_get(&t, at, &row) ||
		    memcmp(row.key.base, digest, t.key) != 0)
			return false;
		if (row.signature < from ||
		    (row.size != DB_NOTHING && row.size != number))
			continue;
		*signature = row.signature;
		return true;
	}
	return false;
}
