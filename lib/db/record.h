/*
 * record.h - how a database's records are reached; for lib/db only.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_DB_RECORD_H
#define CANDOR_DB_RECORD_H

#include "lib/db/db.h"

/* View record i of a section. */
MUST_CHECK bool db_record(const struct db *db, enum db_section section,
    uint32_t i, struct cur *out);

/* View the text at off; an empty one if it is not whole. */
struct cur db_text(const struct db *db, uint32_t off);

/* A stretch of signatures written one line after the other. */
struct db_run {
	uint32_t first; /* signature */
	uint32_t end;   /* behind its last */
	uint32_t line;  /* of first */
	uint32_t file, kind, flags;
};

MUST_CHECK bool db_run_get(const struct db *db, uint32_t i, struct db_run *out);

/* Find the run a signature is in. */
MUST_CHECK bool db_run_find(const struct db *db, uint32_t index,
    struct db_run *out);

#endif
