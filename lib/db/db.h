/*
 * db.h - read a compiled database (*.cand).
 *
 * The bytes are described in layout.h and nowhere else.  A database is mapped
 * read-only and may be hostile: db_open() checks header, section table, plan
 * and programs; everything else is bounded where it is used; db_sweep()
 * checks the whole (db check, installation).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_DB_DB_H
#define CANDOR_DB_DB_H

#include "lib/base/cur.h"
#include "lib/base/why.h"
#include "lib/db/layout.h"

/* db.c defines struct db; it is flat and borrows the mapping. */
struct db;

#define DB_MAX 8 /* databases one scan may use */

/* Check size bytes at map and make db read them.  Keeps map. */
bool db_open(struct db *db, const void *map, size_t size, struct why *why);

/* Check every record of an opened database. */
bool db_sweep(const struct db *db, struct why *why);

uint32_t db_signature_count(const struct db *db);

struct db_signature {
	struct cur name; /* not terminated */
	struct cur feed; /* display name of where it came from */
	uint32_t kind;   /* enum sig_kind */
	uint32_t flags;  /* SIG_* */
	uint32_t line;   /* in its text file */
	struct cur file; /* display path of that */
};

/* Describe signature number index; false if there is none or it is broken. */
bool db_signature_get(const struct db *db, uint32_t index,
    struct db_signature *out);

/* Name of string number string of signature index ("0", "$a"); may be "". */
struct cur db_string_name(const struct db *db, uint32_t index, uint32_t string);

/* The texts side file: check it belongs to db; look one text up. */
struct db_texts {
	struct cur file;
};
bool db_texts_open(const struct db *db, const void *map, size_t size,
    struct db_texts *out, struct why *why);
bool db_texts_get(const struct db_texts *texts, uint32_t index,
    struct cur *out);

/* What db info prints. */
struct db_info {
	uint64_t built; /* seconds since 1970 of the newest input that
	                           says so (CVD), or 0: never the clock */
	uint32_t signatures;
	uint32_t hashes, allows, body, logical, yara;
	uint32_t triggers;    /* literals in the one-pass matcher */
	uint32_t untriggered; /* rules without one: evaluated always */
	uint64_t size;        /* bytes */
	uint8_t id[32];       /* SHA-256 of the contents */
};
void db_info_get(const struct db *db, struct db_info *out);

#endif
