/*
 * row.c - read packed tables.  The contract is in row.h, the bytes are
 * described in layout.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/row.h"

static const uint8_t column_count[DB_SECTION_COUNT] = {
#define SECTION(tag, record) 0,
#define TABLE(tag, columns)  columns,
	SECTION_TABLE
#undef TABLE
#undef SECTION
};

uint32_t
db_columns(enum db_section section)
{
	return column_count[section];
}

/* Bytes of what a block says of itself. */
static uint32_t
head_size(uint32_t columns)
{
	return 4 + 5 * columns;
}

/* Where the bits of the first block begin. */
static uint64_t
bits_at(const struct db *db, enum db_section section)
{
	uint64_t blocks =
	    ((uint64_t)db->count[section] + DB_BLOCK - 1) / DB_BLOCK;

	return 4 + blocks * head_size(column_count[section]);
}

bool
db_table_open(struct db *db, enum db_section section)
{
	struct cur c = db->section[section];

	db->count[section] = cur_u32le(&c);
	return cur_ok(&c) && c.size >= bits_at(db, section) + DB_TABLE_TAIL;
}

/* What a block says. */
struct block {
	uint64_t at;    /* of its bits, in bytes */
	uint32_t whole; /* bits of a row */
	uint32_t least[DB_COLUMNS_MAX];
	uint8_t bits[DB_COLUMNS_MAX];
};

static bool
block_get(const struct db *db, enum db_section section, uint32_t i,
    struct block *out)
{
	uint32_t columns = column_count[section], k;
	struct cur r;

	if (!cur_at(&db->section[section], 4 + (uint64_t)i * head_size(columns),
		head_size(columns), &r))
		return false;
	out->at = bits_at(db, section) + cur_u32le(&r);
	out->whole = 0;
	for (k = 0; k < columns; k++)
		out->least[k] = cur_u32le(&r);
	for (k = 0; k < columns; k++) {
		out->bits[k] = cur_u8(&r);
		out->whole += out->bits[k];
		if (out->bits[k] > 32)
			return false;
	}
	return true;
}

bool
db_row_get(const struct db *db, enum db_section section, uint32_t i,
    uint32_t *out)
{
	const struct cur *table = &db->section[section];
	struct block b;
	uint32_t k;
	uint64_t at;
	struct cur r;

	if (i >= db->count[section] ||
	    !block_get(db, section, i / DB_BLOCK, &b))
		return false;
	at = b.at * 8 + (uint64_t)b.whole * (i % DB_BLOCK);
	for (k = 0; k < column_count[section]; at += b.bits[k++]) {
		out[k] = b.least[k];
		if (b.bits[k] == 0)
			continue;
		/* 8 bytes hold 7 bits to pass over and up to 32. */
		if (!cur_at(table, at / 8, 8, &r))
			return false;
		out[k] += (uint32_t)(cur_u64le(&r) >> at % 8 &
		    (((uint64_t)1 << b.bits[k]) - 1));
	}
	return true;
}

bool
db_table_sweep(const struct db *db, enum db_section section)
{
	uint32_t left = db->count[section], i, rows;
	uint64_t at = bits_at(db, section);
	struct block b;

	for (i = 0; left > 0; i++, left -= rows) {
		rows = left < DB_BLOCK ? left : DB_BLOCK;
		if (!block_get(db, section, i, &b) || b.at != at)
			return false;
		at += ((uint64_t)b.whole * rows + 7) / 8;
	}
	return db->section[section].size == at + DB_TABLE_TAIL;
}
