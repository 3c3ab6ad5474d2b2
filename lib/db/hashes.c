/*
 * hashes.c - look digests up in a database.  The contract is in hashes.h, the
 * bytes are described in layout.h (HASH_TABLE and the three after it).
 *
 * Rows lie together by the size of what was hashed, so the table of sizes
 * answers both whether to hash at all and where to look; rows of one size
 * are found by halving, from where a uniform digest ought to be.  A detection keeps 128 bits of a digest, which
 * nobody meets by accident and whoever can craft gains an alarm at most; an
 * allow list keeps them all.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/hashes.h"

#include "lib/db/hash_table.h"
#include "lib/db/record.h"
#include "lib/db/row.h"

#include <string.h>

bool
hash_table_get(const struct db *db, uint32_t i, struct hash_table *out)
{
	struct cur r;
	uint64_t rows, sizes;

	if (!db_record(db, DB_HASH_TABLE, i, &r))
		return false;
	out->of = cur_u8(&r);
	out->digest = cur_u8(&r);
	out->allow = cur_u8(&r);
	out->key = cur_u8(&r);
	out->width = cur_u32le(&r);
	rows = cur_u64le(&r);
	out->count = cur_u32le(&r);
	out->size_count = cur_u32le(&r);
	sizes = cur_u64le(&r);
	if (out->width < 1 || out->width > 4 || out->key < 16 ||
	    out->key > 32 || sizes >= db->count[DB_HASH_SIZE] ||
	    out->size_count >= db->count[DB_HASH_SIZE] - sizes)
		return false;
	out->db = db;
	out->sizes = (uint32_t)sizes;
	return cur_at(&db->section[DB_HASH_ROW], rows,
	    (uint64_t)out->count * (out->key + out->width), &out->rows);
}

bool
hash_row_get(const struct hash_table *t, uint32_t i, struct hash_row *out)
{
	uint32_t size = t->key + t->width, at;
	struct cur r;

	if (i >= t->count || !cur_at(&t->rows, (uint64_t)i * size, size, &r) ||
	    !cur_take(&r, t->key, &out->key))
		return false;
	out->signature = 0;
	for (at = 0; at < t->width; at++)
		out->signature |= (uint32_t)cur_u8(&r) << (8 * at);
	return true;
}

bool
hash_size_rows(const struct hash_table *t, uint32_t size, uint32_t *first,
    uint32_t *end)
{
	uint32_t row[3];

	if (size > t->size_count ||
	    !db_row_get(t->db, DB_HASH_SIZE, t->sizes + size, row))
		return false;
	*first = row[2];
	*end = t->count;
	if (size < t->size_count) {
		if (!db_row_get(t->db, DB_HASH_SIZE, t->sizes + size + 1, row))
			return false;
		*end = row[2];
	}
	return *first <= *end && *end <= t->count;
}

uint64_t
hash_size_get(const struct hash_table *t, uint32_t i)
{
	uint32_t row[3];

	if (!db_row_get(t->db, DB_HASH_SIZE, t->sizes + i, row))
		return UINT64_MAX;
	return (uint64_t)row[0] << 32 | row[1];
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
	uint32_t first, end;

	return find_table(db, of, kind, allow, &t) &&
	    ((hash_size_rows(&t, t.size_count, &first, &end) && first < end) ||
		find_size(&t, size) != DB_NOTHING);
}

/*
 * Digests are uniform: among many rows, narrow [*low, *high) to a stretch
 * around where this one ought to be, if its ends show that it is in there.
 */
static void
narrow(const struct hash_table *t, const uint8_t *digest, uint32_t *low,
    uint32_t *high)
{
	uint32_t top = (uint32_t)digest[0] << 24 | (uint32_t)digest[1] << 16 |
	    (uint32_t)digest[2] << 8 | digest[3];
	uint32_t count = *high - *low, slack = 64, from, to;
	uint64_t middle = *low + ((uint64_t)count * top >> 32);
	struct hash_row row;

	while (slack < count / slack)
		slack *= 2;
	slack *= 2;
	from =
	    middle > *low + (uint64_t)slack ? (uint32_t)middle - slack : *low;
	to = *high - middle > slack ? (uint32_t)middle + slack : *high;
	if (from > *low && hash_row_get(t, from, &row) &&
	    memcmp(row.key.base, digest, t->key) < 0)
		*low = from;
	if (to < *high && hash_row_get(t, to, &row) &&
	    memcmp(row.key.base, digest, t->key) >= 0)
		*high = to;
}

/* The first row of [low, high) whose key is not below digest. */
static uint32_t
find_key(const struct hash_table *t, const uint8_t *digest, uint32_t low,
    uint32_t high)
{
	struct hash_row row;

	narrow(t, digest, &low, &high);
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

/* Lower *signature to that of a row with digest, not below from. */
static bool
find_row(const struct hash_table *t, uint32_t size, const uint8_t *digest,
    uint32_t from, uint32_t *signature)
{
	struct hash_row row;
	uint32_t at, end;

	if (!hash_size_rows(t, size, &at, &end))
		return false;
	for (at = find_key(t, digest, at, end); at < end; at++) {
		if (!hash_row_get(t, at, &row) ||
		    memcmp(row.key.base, digest, t->key) != 0)
			return false;
		if (row.signature < from)
			continue;
		if (row.signature < *signature)
			*signature = row.signature;
		return true;
	}
	return false;
}

bool
hashes_find(const struct db *db, enum hash_of of, unsigned kind, bool allow,
    const uint8_t *digest, uint64_t size, uint32_t from, uint32_t *signature)
{
	uint32_t number, least = UINT32_MAX;
	struct hash_table t;
	bool is_found;

	if (!find_table(db, of, kind, allow, &t))
		return false;
	is_found = find_row(&t, t.size_count, digest, from, &least);
	number = find_size(&t, size);
	if (number != DB_NOTHING && find_row(&t, number, digest, from, &least))
		is_found = true;
	if (is_found)
		*signature = least;
	return is_found;
}
