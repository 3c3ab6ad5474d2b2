/*
 * signature.c - what a database says of a signature: its name and where it
 * was written.  The contract is in db.h, the bytes are described in layout.h.
 *
 * Names are rows of a packed table;
 * file, line and kind are told once for all signatures on consecutive lines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/db.h"
#include "lib/db/record.h"
#include "lib/db/row.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

uint32_t
db_signature_count(const struct db *db)
{
	return db->signatures;
}

bool
db_run_get(const struct db *db, uint32_t i, struct db_run *out)
{
	struct cur r;

	if (!db_record(db, DB_RUN, i, &r))
		return false;
	out->first = cur_u32le(&r);
	out->line = cur_u32le(&r);
	out->file = cur_u16le(&r);
	out->kind = cur_u8(&r);
	out->flags = cur_u8(&r);
	if (i == UINT32_MAX || !db_record(db, DB_RUN, i + 1, &r))
		return false; /* the last only says where the others end */
	out->end = cur_u32le(&r);
	return out->first < out->end && out->end <= db->signatures;
}

bool
db_run_find(const struct db *db, uint32_t index, struct db_run *out)
{
	uint32_t low = 0, high = db->count[DB_RUN];

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (!db_run_get(db, middle, out))
			high = middle;
		else if (index < out->first)
			high = middle;
		else if (index >= out->end)
			low = middle + 1;
		else
			return true;
	}
	return false;
}

enum name_column {
	NAME_TEXT,
	NAME_FIRST,
	NAME_SECOND,
	NAME_FORM,
	NAME_COLUMNS
};

static bool
read_name(const struct db *db, uint32_t index, uint32_t value[NAME_COLUMNS])
{
	uint32_t hashes = db->count[DB_HASH_NAME];

	if (index < hashes)
		return db_row_get(db, DB_HASH_NAME, index, value);
	return db_row_get(db, DB_RULE_NAME, index - hashes, value);
}

/* Put a name together from its family and up to two numbers. */
static bool
form_name(const struct db *db, const uint32_t value[NAME_COLUMNS],
    struct db_signature *out)
{
	struct cur family = db_text(db, value[NAME_TEXT]);
	char *end = (char *)out->text + (family.size > 255 ? 0 : family.size);
	size_t room = DB_NAME_MAX - (size_t)(end - (char *)out->text);
	uint32_t form = value[NAME_FORM];
	int more = 0;

	if (family.size > 255)
		return false;
	if (family.size > 0)
		memcpy(out->text, family.base, family.size);
	switch (form) {
	case DB_FORM_PLAIN:
		break;
	case DB_FORM_ONE:
		more = snprintf(end, room, "-%" PRIu32, value[NAME_FIRST]);
		break;
	case DB_FORM_TWO:
		more = snprintf(end, room, "-%" PRIu32 "-%" PRIu32,
		    value[NAME_FIRST], value[NAME_SECOND]);
		break;
	case DB_FORM_TAIL:
		more = snprintf(end, room, "%" PRIu32, value[NAME_FIRST]);
		break;
	default:
		return false;
	}
	out->name = cur_from(out->text, family.size + (size_t)more);
	return true;
}

bool
db_signature_get(const struct db *db, uint32_t index, struct db_signature *out)
{
	uint32_t value[NAME_COLUMNS];
	struct db_run run;
	struct cur file;

	if (!read_name(db, index, value) || !form_name(db, value, out) ||
	    !db_run_find(db, index, &run) ||
	    !db_record(db, DB_FILE, run.file, &file))
		return false;
	out->feed = db_text(db, cur_u32le(&file));
	out->file = db_text(db, cur_u32le(&file));
	out->kind = run.kind;
	out->flags = run.flags;
	out->line = run.line + (index - run.first);
	return true;
}

bool
db_signature_kind(const struct db *db, uint32_t index, uint32_t *kind,
    uint32_t *flags)
{
	struct db_run run;

	if (!db_run_find(db, index, &run))
		return false;
	*kind = run.kind;
	*flags = run.flags;
	return true;
}
