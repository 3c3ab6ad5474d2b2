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

#include <stdbool.h>
#include <stdint.h>

/* An opened database: flat, borrows the mapping.  Its fields are db.c's. */
struct db {
	struct cur map;
	struct cur section[DB_SECTION_COUNT];
	uint32_t count[DB_SECTION_COUNT]; /* records */
	uint32_t signatures;
};

#define DB_MAX 8 /* databases one scan may use */

/* Check size bytes at map and make db read them.  Keeps map. */
bool db_open(struct db *db, const void *map, size_t size, struct why *why);

/* Check every record of an opened database. */
bool db_sweep(const struct db *db, struct why *why);

uint32_t db_signature_count(const struct db *db);

#define DB_NAME_MAX 288u /* bytes of a signature's name, numbers included */

struct db_signature {
	struct cur name; /* not terminated; points into text: do not copy */
	uint8_t text[DB_NAME_MAX];
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

/*
 * The texts side file: check it belongs to db; look a signature's text up.
 * It is written into room, which has DB_LINE_MAX bytes.
 */
#define DB_LINE_MAX 65536u

struct db_texts {
	const struct db *db;
	struct cur file;
};
bool db_texts_open(const struct db *db, const void *map, size_t size,
    struct db_texts *out, struct why *why);
bool db_texts_get(const struct db_texts *texts, uint32_t index, uint8_t *room,
    struct cur *out);

/*
 * Records that rules are made of: for the search.  Each _get is the only
 * reader of its record, whoever asks; it bounds what it reads and leaves the
 * ranges it names to the _get of those.
 */
struct db_rule {
	uint32_t signature;
	uint32_t guard;  /* or DB_NOTHING */
	uint32_t string; /* first */
	uint32_t string_count;
	uint8_t target;
	uint8_t handler; /* enum kind + 1, DB_HANDLER_SAME, or 0 */
	uint32_t program;
};

struct db_guard {
	bool has_size, has_entry, has_sections, is_never;
	uint32_t depth; /* of intermediate that count */
	uint16_t container;
	uint16_t intermediate[DB_INTERMEDIATES];
	uint64_t size_min, size_max, entry_min, entry_max;
	uint64_t sections_min, sections_max;
};

struct db_string {
	uint32_t pattern; /* first */
	uint32_t pattern_count;
	bool overlaps; /* every start counts */
	struct cur name;
};

struct db_pattern {
	uint32_t part; /* first */
	uint32_t part_count;
	bool nocase, wide;
	uint8_t offset; /* enum db_offset */
	uint32_t section, value, max_shift;
};

struct db_part {
	uint32_t gap_min, gap_max; /* gap_max may be DB_NOTHING */
	struct cur element;
	const struct cur *heap; /* the section it is part of */
	struct cur literal;     /* empty if it has none; veiled */
	uint64_t literal_off;   /* of literal in heap */
	uint32_t distance;      /* of literal from the start of the part */
	uint32_t min, max;      /* bytes a match has */
	uint32_t rare;          /* index of literal's rarest byte */
};

struct db_program {
	struct cur code;
	uint32_t strings; /* a rule that uses it has at least so many */
};

struct db_trigger {
	uint32_t rule;
	uint32_t part; /* or DB_NOTHING */
	uint32_t distance;
};

struct db_literal_set {
	struct cur section; /* lib/match/literal.h */
	uint32_t targets;   /* bit t: for objects of target t */
};

MUST_CHECK bool db_rule_get(const struct db *db, uint32_t i,
    struct db_rule *out);
MUST_CHECK bool db_guard_get(const struct db *db, uint32_t i,
    struct db_guard *out);
MUST_CHECK bool db_string_get(const struct db *db, uint32_t i,
    struct db_string *out);
MUST_CHECK bool db_pattern_get(const struct db *db, uint32_t i,
    struct db_pattern *out);
MUST_CHECK bool db_part_get(const struct db *db, uint32_t i,
    struct db_part *out);
MUST_CHECK bool db_program_get(const struct db *db, uint32_t i,
    struct db_program *out);
MUST_CHECK bool db_trigger_get(const struct db *db, uint32_t i,
    struct db_trigger *out);

MUST_CHECK bool db_literal_set_get(const struct db *db, uint32_t i,
    struct db_literal_set *out);

/* The triggers of a literal: [*first, *end). */
MUST_CHECK bool db_trigger_range(const struct db *db, uint32_t literal,
    uint32_t *first, uint32_t *end);

/* The rules of target that have no trigger: [*first, *end) of always. */
MUST_CHECK bool db_always_range(const struct db *db, uint32_t target,
    uint32_t *first, uint32_t *end);
struct db_always_rule {
	uint32_t rule;
	enum db_always why;
};
MUST_CHECK bool db_always_get(const struct db *db, uint32_t i,
    struct db_always_rule *out);

/* What db info --plan prints of a literal. */
struct db_literal {
	uint32_t first, end; /* its triggers */
	uint32_t size;       /* bytes */
	uint32_t often;      /* occurrences in 2^30 bytes of ordinary files */
};
MUST_CHECK bool db_literal_get(const struct db *db, uint32_t i,
    struct db_literal *out);

/* enum sig_kind of a signature; false if there is none. */
MUST_CHECK bool db_signature_kind(const struct db *db, uint32_t index,
    uint32_t *kind, uint32_t *flags);

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
