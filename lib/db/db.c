/*
 * db.c - map a database and read its records.  The contract is in db.h, the
 * bytes are described in layout.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/db.h"

#include "lib/db/element.h"
#include "lib/db/record.h"
#include "lib/db/row.h"

#include <inttypes.h>
#include <string.h>

static const uint32_t record_size[DB_SECTION_COUNT] = {
#define SECTION(tag, record) record,
#define TABLE(tag, columns)  1,
	SECTION_TABLE
#undef TABLE
#undef SECTION
};

static const char *const section_name[DB_SECTION_COUNT] = {
#define SECTION(tag, record) #tag,
#define TABLE(tag, columns)  #tag,
	SECTION_TABLE
#undef TABLE
#undef SECTION
};

/* Check everything of the header that is not a section. */
static bool
check_header(struct cur header, uint64_t size, struct why *why)
{
	uint32_t version, sections;
	uint64_t stated;

	if (!cur_match(&header, DB_MAGIC, DB_MAGIC_SIZE))
		return why_not(why, WHY_BROKEN, "not a Candor database");
	version = cur_u32le(&header);
	sections = cur_u32le(&header);
	stated = cur_u64le(&header);
	if (!cur_ok(&header))
		return why_not(why, WHY_BROKEN, "database: header is cut off");
	if (version != DB_VERSION)
		return why_not(why, WHY_BROKEN,
		    "database: layout version %" PRIu32 ", this program reads "
		    "%u",
		    version, DB_VERSION);
	if (sections != DB_SECTION_COUNT)
		return why_not(why, WHY_BROKEN,
		    "database: %" PRIu32 " sections, not %d", sections,
		    (int)DB_SECTION_COUNT);
	if (stated != size)
		return why_not(why, WHY_BROKEN,
		    "database: %" PRIu64 " bytes long, header says %" PRIu64,
		    size, stated);
	return true;
}

/* Take the next entry of the section table; *end is where the last ended. */
static bool
read_section(struct db *db, struct cur *table, uint32_t want, uint64_t *end,
    struct why *why)
{
	uint32_t number = cur_u32le(table);
	uint32_t record = cur_u32le(table);
	uint64_t off = cur_u64le(table);
	uint64_t size = cur_u64le(table);
	const char *name = section_name[want];

	if (!cur_ok(table) || number != want || record != record_size[want])
		return why_not(why, WHY_BROKEN,
		    "database: section %s is not where it must be", name);
	if (off % DB_ALIGN != 0 || off < *end || size % record != 0 ||
	    size / record > UINT32_MAX)
		return why_not(why, WHY_BROKEN,
		    "database: section %s is misplaced", name);
	if (!cur_at(&db->map, off, size, &db->section[want]))
		return why_not(why, WHY_BROKEN,
		    "database: section %s is beyond the end", name);
	*end = off + size;
	db->count[want] = (uint32_t)(size / record);
	if (db_columns((enum db_section)want) > 0 &&
	    !db_table_open(db, (enum db_section)want))
		return why_not(why, WHY_BROKEN, "database: table %s is cut off",
		    name);
	return true;
}

/* Check the few things whose absence every search would stumble over. */
static bool
check_plan(const struct db *db, struct why *why)
{
	if (db->count[DB_HASH_NAME] > db->signatures ||
	    db->count[DB_RULE_NAME] !=
		db->signatures - db->count[DB_HASH_NAME] ||
	    db->count[DB_RULE] != db->count[DB_RULE_NAME])
		return why_not(why, WHY_BROKEN,
		    "database: names of other than %" PRIu32 " signatures",
		    db->signatures);
	if (db->count[DB_ALWAYS_FIRST] != DB_TARGETS + 1)
		return why_not(why, WHY_BROKEN,
		    "database: ALWAYS_FIRST has %" PRIu32 " records, not %u",
		    db->count[DB_ALWAYS_FIRST], DB_TARGETS + 1);
	if (db->count[DB_TRIGGER_FIRST] < 1)
		return why_not(why, WHY_BROKEN,
		    "database: TRIGGER_FIRST is empty");
	if (db->count[DB_HASH_TABLE] > DB_HASH_TABLES_MAX)
		return why_not(why, WHY_BROKEN,
		    "database: %" PRIu32 " hash tables, at most %u",
		    db->count[DB_HASH_TABLE], DB_HASH_TABLES_MAX);
	return true;
}

bool
db_open(struct db *db, const void *map, size_t size, struct why *why)
{
	struct cur table;
	uint64_t end;
	uint32_t i;

	*db = (struct db){ .map = cur_from(map, size) };
	if (!check_header(db->map, size, why))
		return false;
	end = DB_HEADER_SIZE + DB_SECTION_COUNT * DB_ENTRY_SIZE;
	if (!cur_at(&db->map, DB_HEADER_SIZE, end - DB_HEADER_SIZE, &table))
		return why_not(why, WHY_BROKEN,
		    "database: section table is cut off");
	for (i = 0; i < DB_SECTION_COUNT; i++)
		if (!read_section(db, &table, i, &end, why))
			return false;
	table = db->map;
	if (!cur_seek(&table, DB_SIGNATURES_OFF))
		return why_not(why, WHY_BROKEN, "database: header is cut off");
	db->signatures = cur_u32le(&table);
	return check_plan(db, why);
}

bool
db_record(const struct db *db, enum db_section section, uint32_t i,
    struct cur *out)
{
	return cur_at(&db->section[section], (uint64_t)i * record_size[section],
	    record_size[section], out);
}

struct cur
db_text(const struct db *db, uint32_t off)
{
	struct cur text = db->section[DB_TEXT];
	struct cur out = cur_from("", 0);
	uint16_t size;

	if (!cur_seek(&text, off))
		return out;
	size = cur_u16le(&text);
	if (!cur_ok(&text) || !cur_take(&text, size, &out))
		return cur_from("", 0);
	return out;
}

/*
 * Where what a row of a table points to ends: where that of the next row
 * begins, or at the end of the section it points into.  first is the row's
 * own; it stands in the first column.
 */
static bool
read_count(const struct db *db, enum db_section section, uint32_t i,
    enum db_section into, uint32_t first, uint32_t *count)
{
	uint32_t next[DB_COLUMNS_MAX], end = db->count[into];

	if (i + 1 < db->count[section]) {
		if (!db_row_get(db, section, i + 1, next))
			return false;
		end = next[0];
	}
	if (first >= end || end > db->count[into])
		return false;
	*count = end - first;
	return true;
}

bool
db_rule_get(const struct db *db, uint32_t i, struct db_rule *out)
{
	uint32_t r[6];

	if (!db_row_get(db, DB_RULE, i, r) || r[3] >= DB_TARGETS ||
	    r[5] > UINT8_MAX || r[2] > UINT16_MAX ||
	    r[2] > db->count[DB_STRING] || r[1] > db->count[DB_STRING] - r[2])
		return false;
	out->signature = db->count[DB_HASH_NAME] + i;
	out->guard = r[0] == 0 ? DB_NOTHING : r[0] - 1;
	out->string = r[1];
	out->string_count = r[2];
	out->target = (uint8_t)r[3];
	out->program = r[4];
	out->handler = (uint8_t)r[5];
	return true;
}

bool
db_guard_get(const struct db *db, uint32_t i, struct db_guard *out)
{
	struct cur r;
	uint8_t has;
	uint32_t at;

	if (!db_record(db, DB_GUARD, i, &r))
		return false;
	has = cur_u8(&r);
	out->has_size = (has & DB_GUARD_SIZE) != 0;
	out->has_entry = (has & DB_GUARD_ENTRY) != 0;
	out->has_sections = (has & DB_GUARD_SECTIONS) != 0;
	out->is_never = (has & DB_GUARD_NEVER) != 0;
	out->depth = cur_u8(&r);
	out->container = cur_u16le(&r);
	for (at = 0; at < DB_INTERMEDIATES; at++)
		out->intermediate[at] = cur_u16le(&r);
	(void)cur_u32le(&r);
	out->size_min = cur_u64le(&r);
	out->size_max = cur_u64le(&r);
	out->entry_min = cur_u64le(&r);
	out->entry_max = cur_u64le(&r);
	out->sections_min = cur_u64le(&r);
	out->sections_max = cur_u64le(&r);
	return out->depth <= DB_INTERMEDIATES;
}

bool
db_string_get(const struct db *db, uint32_t i, struct db_string *out)
{
	uint32_t r[3];

	if (!db_row_get(db, DB_STRING, i, r) ||
	    !read_count(db, DB_STRING, i, DB_PATTERN, r[0],
		&out->pattern_count))
		return false;
	out->pattern = r[0];
	out->overlaps = r[2] != 0;
	out->name = db_text(db, r[1]);
	return true;
}

bool
db_pattern_get(const struct db *db, uint32_t i, struct db_pattern *out)
{
	uint32_t row[2];
	struct cur r;
	uint8_t flags;

	if (!db_row_get(db, DB_PATTERN, i, row) ||
	    !read_count(db, DB_PATTERN, i, DB_PART, row[0], &out->part_count) ||
	    !db_record(db, DB_HOW, row[1], &r))
		return false;
	out->part = row[0];
	(void)cur_u16le(&r);
	flags = cur_u8(&r);
	out->nocase = (flags & DB_PATTERN_NOCASE) != 0;
	out->wide = (flags & DB_PATTERN_WIDE) != 0;
	out->offset = cur_u8(&r);
	out->section = cur_u32le(&r);
	out->value = cur_u32le(&r);
	out->max_shift = cur_u32le(&r);
	return out->offset < DB_OFFSET_KINDS;
}

/* The bytes a part is searched by: in its elements, or where those point. */
static bool
read_literal(struct db_part *part, uint32_t at, uint32_t size)
{
	struct cur program = part->element;
	struct element e;

	if ((at & DB_LITERAL_SAME) == 0) {
		if (!cur_at(&part->element, at, size, &part->literal))
			return false;
	} else if (!cur_seek(&program, at & ~DB_LITERAL_SAME) ||
	    !element_read(&program, part->heap, &e) ||
	    (e.op != ELEMENT_LITERAL && e.op != ELEMENT_FOLDED) ||
	    !cur_at(&e.bytes, 0, size, &part->literal)) {
		return false;
	}
	part->literal_off = (uint64_t)(part->literal.base - part->heap->base);
	return true;
}

bool
db_part_get(const struct db *db, uint32_t i, struct db_part *out)
{
	struct cur r;
	uint32_t row[2], size, literal;
	uint8_t literal_size;

	if (!db_row_get(db, DB_PART, i, row) ||
	    !db_record(db, DB_SHAPE, row[1], &r))
		return false;
	out->gap_min = cur_u32le(&r);
	out->gap_max = cur_u32le(&r);
	size = cur_u32le(&r);
	literal = cur_u32le(&r);
	out->distance = cur_u16le(&r);
	out->min = cur_u16le(&r);
	out->max = cur_u16le(&r);
	literal_size = cur_u8(&r);
	out->rare = cur_u8(&r);
	out->heap = &db->section[DB_ELEMENT];
	return out->min <= out->max && out->max <= DB_PART_MAX &&
	    (literal_size == 0 || out->rare < literal_size) &&
	    out->distance + literal_size <= out->max &&
	    cur_at(&db->section[DB_ELEMENT], row[0], size, &out->element) &&
	    read_literal(out, literal, literal_size);
}

bool
db_program_get(const struct db *db, uint32_t i, struct db_program *out)
{
	struct cur r;
	uint32_t code, size;

	if (!db_record(db, DB_PROGRAM, i, &r))
		return false;
	code = cur_u32le(&r);
	size = cur_u32le(&r);
	out->strings = cur_u32le(&r);
	return cur_at(&db->section[DB_CODE], code, size, &out->code);
}

bool
db_trigger_get(const struct db *db, uint32_t i, struct db_trigger *out)
{
	uint32_t r[3];

	if (!db_row_get(db, DB_TRIGGER, i, r))
		return false;
	out->rule = r[0];
	out->part = r[1] == 0 ? DB_NOTHING : r[1] - 1;
	out->distance = r[2];
	return out->rule < db->count[DB_RULE] && out->distance <= DB_PART_MAX;
}

bool
db_literal_get(const struct db *db, uint32_t i, struct db_literal *out)
{
	uint32_t r[3], next[3];

	if (i == UINT32_MAX || !db_row_get(db, DB_TRIGGER_FIRST, i, r) ||
	    !db_row_get(db, DB_TRIGGER_FIRST, i + 1, next))
		return false;
	*out = (struct db_literal){ r[0], next[0], r[1], r[2] };
	return out->first <= out->end && out->end <= db->count[DB_TRIGGER];
}

bool
db_trigger_range(const struct db *db, uint32_t literal, uint32_t *first,
    uint32_t *end)
{
	struct db_literal l;

	if (!db_literal_get(db, literal, &l))
		return false;
	*first = l.first;
	*end = l.end;
	return true;
}

bool
db_literal_set_get(const struct db *db, uint32_t i, struct db_literal_set *out)
{
	uint64_t off, size;
	struct cur r;

	if (!db_record(db, DB_LITERAL_SET, i, &r))
		return false;
	off = cur_u64le(&r);
	size = cur_u64le(&r);
	out->targets = cur_u32le(&r);
	return out->targets != 0 && out->targets >> DB_TARGETS == 0 &&
	    cur_at(&db->section[DB_LITERAL], off, size, &out->section);
}

bool
db_always_range(const struct db *db, uint32_t target, uint32_t *first,
    uint32_t *end)
{
	struct cur r;

	if (!cur_at(&db->section[DB_ALWAYS_FIRST], (uint64_t)target * 4, 8, &r))
		return false;
	*first = cur_u32le(&r);
	*end = cur_u32le(&r);
	return *first <= *end && *end <= db->count[DB_ALWAYS];
}

bool
db_always_get(const struct db *db, uint32_t i, struct db_always_rule *out)
{
	uint32_t r[2];

	if (!db_row_get(db, DB_ALWAYS, i, r))
		return false;
	out->rule = r[0];
	out->why = (enum db_always)r[1];
	return r[0] < db->count[DB_RULE] && r[1] < DB_ALWAYS_KINDS;
}

struct cur
db_string_name(const struct db *db, uint32_t index, uint32_t string)
{
	struct db_rule rule;
	struct db_string s;

	if (index < db->count[DB_HASH_NAME] ||
	    !db_rule_get(db, index - db->count[DB_HASH_NAME], &rule) ||
	    string >= rule.string_count ||
	    !db_string_get(db, rule.string + string, &s))
		return cur_from("", 0);
	return s.name;
}

void
db_info_get(const struct db *db, struct db_info *out)
{
	struct cur h = db->map;

	*out = (struct db_info){ .size = db->map.size };
	memcpy(out->id, db->map.base + DB_ID_OFF, DB_ID_SIZE);
	if (!cur_seek(&h, DB_ID_OFF + DB_ID_SIZE))
		return;
	out->built = cur_u64le(&h);
	out->signatures = cur_u32le(&h);
	out->hashes = cur_u32le(&h);
	out->allows = cur_u32le(&h);
	out->body = cur_u32le(&h);
	out->logical = cur_u32le(&h);
	out->yara = cur_u32le(&h);
	out->triggers = cur_u32le(&h);
	out->untriggered = cur_u32le(&h);
}
