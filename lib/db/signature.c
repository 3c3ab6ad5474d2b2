/*
 * signature.c - what a database says of a signature: its name and where it
 * was written.  The contract is in db.h, the bytes are described in layout.h.
 *
 * Names lie in blocks of numbers, each in as many bits as its block needs;
 * file, line and kind are told once for all signatures on consecutive lines.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/db.h"
#include "lib/db/record.h"

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

/* What NAME_BLOCK says of one field. */
struct field {
	uint32_t least;
	uint8_t bits;
};

enum name_field {
	NAME_TEXT,
	NAME_FIRST,
	NAME_SECOND,
	NAME_FORM,
	NAME_FIELDS
};

/* Read count bits, up to 32, at bit at of NAME. */
static bool
read_bits(const struct db *db, uint64_t at, uint32_t count, uint32_t *out)
{
	uint32_t shift = at % 8, bytes = (shift + count + 7) / 8, i;
	uint64_t v = 0;
	struct cur r;

	if (!cur_at(&db->section[DB_NAME], at / 8, bytes, &r))
		return false;
	for (i = 0; i < bytes; i++)
		v |= (uint64_t)cur_u8(&r) << (8 * i);
	*out = (uint32_t)(v >> shift & (((uint64_t)1 << count) - 1));
	return true;
}

/* Read the fields of a name. */
static bool
read_name(const struct db *db, uint32_t index, uint32_t value[NAME_FIELDS])
{
	static const uint8_t most[NAME_FIELDS] = { 32, 32, 16, 2 };
	struct field field[NAME_FIELDS];
	uint32_t i, whole = 0;
	uint64_t at;
	struct cur r;

	if (index >= db->signatures ||
	    !db_record(db, DB_NAME_BLOCK, index / DB_NAME_COUNT, &r))
		return false;
	at = (uint64_t)cur_u32le(&r) * 8;
	field[NAME_TEXT].least = cur_u32le(&r);
	field[NAME_FIRST].least = cur_u32le(&r);
	field[NAME_SECOND].least = cur_u16le(&r);
	field[NAME_FORM].least = cur_u8(&r);
	for (i = 0; i < NAME_FIELDS; i++) {
		field[i].bits = cur_u8(&r);
		if (field[i].bits > most[i])
			return false;
		whole += field[i].bits;
	}
	at += (uint64_t)whole * (index % DB_NAME_COUNT);
	for (i = 0; i < NAME_FIELDS; i++) {
		if (!read_bits(db, at, field[i].bits, &value[i]))
			return false;
		value[i] += field[i].least;
		at += field[i].bits;
	}
	return true;
}

/* Put a name together from its family and up to two numbers. */
static bool
form_name(const struct db *db, const uint32_t value[NAME_FIELDS],
    struct db_signature *out)
{
	struct cur family = db_text(db, value[NAME_TEXT]);
	uint32_t form = value[NAME_FORM];
	int more = 0;

	if (family.size > 255 || form > 2)
		return false;
	if (family.size > 0)
		memcpy(out->text, family.base, family.size);
	if (form == 1)
		more = snprintf((char *)out->text + family.size,
		    DB_NAME_MAX - family.size, "-%" PRIu32, value[NAME_FIRST]);
	if (form == 2)
		more = snprintf((char *)out->text + family.size,
		    DB_NAME_MAX - family.size, "-%" PRIu32 "-%" PRIu32,
		    value[NAME_FIRST], value[NAME_SECOND]);
	out->name = cur_from(out->text, family.size + (size_t)more);
	return true;
}

bool
db_signature_get(const struct db *db, uint32_t index, struct db_signature *out)
{
	uint32_t value[NAME_FIELDS];
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
