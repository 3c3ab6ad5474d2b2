/*
 * row.h - packed tables: rows of small integers in as few bits as they need.
 *
 * Rows lie in blocks of DB_BLOCK.  A block says of each column its least value
 * and how many bits what is above that takes; so a table of millions of
 * offsets that rise takes a byte or two a row, and any row is found at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_DB_ROW_H
#define CANDOR_DB_ROW_H

#include "lib/db/db.h"

/* Columns of a section; 0: it is no packed table. */
uint32_t db_columns(enum db_section section);

/* Make the table in a section known, for db_open(): its rows are counted. */
MUST_CHECK bool db_table_open(struct db *db, enum db_section section);

/* Read row i: as many values as the table has columns. */
MUST_CHECK bool db_row_get(const struct db *db, enum db_section section,
    uint32_t i, uint32_t *out);

/* Are its blocks behind each other, and is it no longer than they are? */
MUST_CHECK bool db_table_sweep(const struct db *db, enum db_section section);

#endif
