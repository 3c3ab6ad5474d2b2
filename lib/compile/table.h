/*
 * table.h - write packed tables (lib/db/layout.h): rows of small integers in
 * as few bits as they need.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_TABLE_H
#define CANDOR_COMPILE_TABLE_H

#include "lib/compile/output.h"
#include "lib/db/layout.h"

/* Starts all zero but for columns. */
struct table {
	uint32_t columns;
	uint32_t rows;
	uint32_t row[DB_BLOCK][DB_COLUMNS_MAX]; /* of the last block */
	struct compile_output heads, bits;
};

/* Add a row: as many values as the table has columns. */
void table_add(struct table *t, const uint32_t *row);

/* Write the whole to out, and give its memory back. */
void table_end(struct table *t, struct compile_output *out);

void table_fini(struct table *t);

#endif
