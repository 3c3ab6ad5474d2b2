/*
 * pack_join.c - take the rules of other databases into one of hashes.
 *
 * Three processes share the work: one reads hashes, two read rules and make
 * of them what is compared and what is searched for, all from the same files,
 * which so have the same numbers.  What is about rules is taken as it stands;
 * only texts and the numbers of signatures move.
 *
 * The others' databases are bytes like any other: what is looked at is bounded
 * (lib/db), and what is copied is bounded again where it is used.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/pack.h"

#include "lib/db/record.h"
#include "lib/db/row.h"

static bool
broken(struct pack *p)
{
	return why_not(p->why, WHY_BROKEN,
	    "the other processes' work does not fit this one's");
}

/* Copy a table whose column is an offset in TEXT. */
static bool
copy_moved(struct pack *p, const struct db *db, enum db_section section,
    uint32_t column, uint32_t by)
{
	uint32_t row[DB_COLUMNS_MAX], i;

	for (i = 0; i < db->count[section]; i++) {
		if (!db_row_get(db, section, i, row))
			return broken(p);
		row[column] += by;
		table_add(&p->table[section], row);
	}
	return true;
}

/* Tell the places of its signatures as if they had been read here. */
static bool
copy_places(struct pack *p, const struct db *db)
{
	struct db_run run;
	uint32_t i, k;

	for (i = 0; i + 1 < db->count[DB_RUN]; i++) {
		if (!db_run_get(db, i, &run) || run.kind == SIG_HASH ||
		    run.file >= p->ir->file_count)
			return broken(p);
		for (k = run.first; k < run.end; k++) {
			const struct pack_place at = { run.file,
				run.line + (k - run.first), run.flags,
				(enum sig_kind)run.kind };

			pack_place(p, &at);
		}
	}
	return true;
}

/* Take sections as they stand. */
static void
borrow(struct pack *p, const struct db *db, const enum db_section *section,
    size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		p->borrowed[section[i]] = db->section[section[i]];
}

/* What is searched for. */
static bool
join_searched(struct pack *p)
{
	static const enum db_section same[] = { DB_LITERAL, DB_LITERAL_SET,
		DB_TRIGGER_FIRST, DB_TRIGGER, DB_ALWAYS_FIRST, DB_ALWAYS };
	const struct db *db = p->searched;
	struct db_info info;

	if (db->count[DB_FILE] != p->ir->file_count)
		return broken(p);
	borrow(p, db, same, sizeof(same) / sizeof(*same));
	db_info_get(db, &info);
	p->triggers = info.triggers;
	p->untriggered = info.untriggered;
	return true;
}

bool
pack_join(struct pack *p)
{
	static const enum db_section same[] = { DB_RULE, DB_GUARD, DB_PATTERN,
		DB_HOW, DB_PART, DB_SHAPE, DB_ELEMENT, DB_PROGRAM, DB_CODE };
	const struct db *db = p->compared;
	size_t texts = p->section[DB_TEXT].size;
	struct db_info info;

	if (db->count[DB_HASH_NAME] != 0 || p->rule_count != 0 ||
	    db->count[DB_FILE] != p->ir->file_count || texts > UINT32_MAX ||
	    db->section[DB_TEXT].size > UINT32_MAX - texts ||
	    db->signatures > UINT32_MAX - 1 - p->hash_count)
		return broken(p);
	output_add(&p->section[DB_TEXT], db->section[DB_TEXT].base,
	    db->section[DB_TEXT].size);
	borrow(p, db, same, sizeof(same) / sizeof(*same));
	db_info_get(db, &info);
	p->body = info.body;
	p->logical = info.logical;
	p->yara = info.yara;
	return join_searched(p) &&
	    copy_moved(p, db, DB_RULE_NAME, 0, (uint32_t)texts) &&
	    copy_moved(p, db, DB_STRING, 1, (uint32_t)texts) &&
	    copy_places(p, db);
}
