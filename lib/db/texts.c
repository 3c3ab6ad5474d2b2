/*
 * texts.c - read the side file with source texts.  The contract is in db.h,
 * the bytes are described at the end of layout.h.
 *
 * The files lie there as they were read.  A signature knows its file and
 * line; marks say where every DB_TEXTS_LINES-th line begins, and from there
 * lines are counted, as they are unveiled.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/db.h"
#include "lib/db/record.h"
#include "lib/db/veil.h"

#include <string.h>

bool
db_texts_open(const struct db *db, const void *map, size_t size,
    struct db_texts *out, struct why *why)
{
	struct cur file = cur_from(map, size), id = file;
	uint32_t version, files;
	uint64_t stated;

	if (!cur_match(&file, DB_TEXTS_MAGIC, DB_MAGIC_SIZE))
		return why_not(why, WHY_BROKEN, "not a file of source texts");
	version = cur_u32le(&file);
	files = cur_u32le(&file);
	stated = cur_u64le(&file);
	if (!cur_ok(&file) || version != DB_VERSION || stated != size ||
	    !cur_at(&id, DB_ID_OFF, DB_ID_SIZE, &id))
		return why_not(why, WHY_BROKEN,
		    "source texts: header is broken");
	if (files != db->count[DB_FILE] ||
	    memcmp(id.base, db->map.base + DB_ID_OFF, DB_ID_SIZE) != 0)
		return why_not(why, WHY_BROKEN,
		    "source texts belong to another database");
	*out = (struct db_texts){ .db = db, .file = cur_from(map, size) };
	return true;
}

/* Go to the mark before a line of a file; how many lines are between. */
static bool
seek_mark(const struct db_texts *texts, uint32_t file, uint32_t line,
    struct cur *out, uint32_t *between)
{
	uint64_t whole = texts->file.size, marks = 0, records;
	uint64_t off, size, mark;
	struct cur r;

	if (!cur_at(&texts->file, DB_TEXTS_HEADER_SIZE - 8, 8, &r))
		return false;
	marks = cur_u64le(&r);
	records = (uint64_t)texts->db->count[DB_FILE] * DB_TEXTS_FILE_SIZE;
	if (records > whole || marks > (whole - records) / 8)
		return false;
	marks = whole - marks * 8;
	records = marks - records;
	if (line == 0 || file >= texts->db->count[DB_FILE] ||
	    !cur_at(&texts->file, records + (uint64_t)file * DB_TEXTS_FILE_SIZE,
		DB_TEXTS_FILE_SIZE, &r))
		return false;
	off = cur_u64le(&r);
	size = cur_u64le(&r);
	mark = cur_u64le(&r);
	if (mark > texts->file.size / 8 ||
	    !cur_at(&texts->file,
		marks + (mark + (line - 1) / DB_TEXTS_LINES) * 8, 8, &r) ||
	    !cur_at(&texts->file, off, size, out))
		return false;
	*between = (line - 1) % DB_TEXTS_LINES;
	return cur_seek(out, cur_u64le(&r));
}

/* The next byte of a veiled text. */
static uint8_t
unveil(struct cur *text)
{
	uint64_t off = cur_where(text);

	return cur_u8(text) ^ veil_byte(off);
}

bool
db_texts_get(const struct db_texts *texts, uint32_t index, uint8_t *room,
    struct cur *out)
{
	struct db_run run;
	struct cur text;
	uint32_t between, size = 0;

	if (!db_run_find(texts->db, index, &run) ||
	    !seek_mark(texts, run.file, run.line + (index - run.first), &text,
		&between))
		return false;
	while (between > 0 && cur_left(&text) > 0)
		if (unveil(&text) == '\n')
			between--;
	if (cur_left(&text) == 0)
		return false;
	while (cur_left(&text) > 0 && size < DB_LINE_MAX) {
		room[size] = unveil(&text);
		if (room[size] == '\n')
			break;
		size++;
	}
	if (size > 0 && room[size - 1] == '\r')
		size--;
	*out = cur_from(room, size);
	return true;
}
