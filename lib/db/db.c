/*
 * db.c - map a database and read its records.  The contract is in db.h, the
 * bytes are described in layout.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/db.h"

#include "lib/db/record.h"

#include <inttypes.h>
#include <string.h>

static const uint32_t record_size[DB_SECTION_COUNT] = {
#define SECTION(tag, record) record,
	SECTION_TABLE
#undef SECTION
};

static const char *const section_name[DB_SECTION_COUNT] = {
#define SECTION(tag, record) #tag,
	SECTION_TABLE
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
	return true;
}

/* Check the few things whose absence every search would stumble over. */
static bool
check_plan(const struct db *db, struct why *why)
{
	uint32_t blocks = db->signatures / DB_NAME_COUNT +
	    (db->signatures % DB_NAME_COUNT != 0);

	if (db->count[DB_NAME_BLOCK] != blocks)
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

bool
db_rule_get(const struct db *db, uint32_t i, struct db_rule *out)
{
	struct cur r;

	if (!db_record(db, DB_RULE, i, &r))
		return false;
	out->signature = cur_u32le(&r);
	out->guard = cur_u32le(&r);
	out->string = cur_u32le(&r);
	out->string_count = cur_u16le(&r);
	out->target = cur_u8(&r);
	out->handler = cur_u8(&r);
	out->program = cur_u32le(&r);
	return out->target < DB_TARGETS &&
	    out->string_count <= db->count[DB_STRING] &&
	    out->string <= db->count[DB_STRING] - out->string_count;
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

/*
 * Read the range a record opens with: from what it says to what the next
 * record of its section says, or to the end of the section it points into.
 * The rest of the record is left in r.
 */
static bool
read_range(const struct db *db, enum db_section section, uint32_t i,
    enum db_section into, struct cur *r, uint32_t *first, uint32_t *count)
{
	uint32_t end = db->count[into];
	struct cur next;

	if (!db_record(db, section, i, r))
		return false;
	if (i + 1 < db->count[section]) {
		if (!db_record(db, section, i + 1, &next))
			return false;
		end = cur_u32le(&next);
	}
	*first = cur_u32le(r);
	if (*first >= end || end > db->count[into])
		return false;
	*count = end - *first;
	return true;
}

bool
db_string_get(const struct db *db, uint32_t i, struct db_string *out)
{
	struct cur r;
	uint32_t name;

	if (!read_range(db, DB_STRING, i, DB_PATTERN, &r, &out->pattern,
		&out->pattern_count))
		return false;
	name = cur_u32le(&r);
	out->overlaps = (name & DB_STRING_OVERLAPS) != 0;
	out->name = db_text(db, name & ~DB_STRING_OVERLAPS);
	return true;
}

bool
db_pattern_get(const struct db *db, uint32_t i, struct db_pattern *out)
{
	struct cur r;
	uint8_t flags;

	if (!read_range(db, DB_PATTERN, i, DB_PART, &r, &out->part,
		&out->part_count) ||
	    !db_record(db, DB_HOW, cur_u32le(&r), &r))
		return false;
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

bool
db_part_get(const struct db *db, uint32_t i, struct db_part *out)
{
	struct cur r;
	uint32_t element, size, literal;
	uint8_t literal_size;

	if (!db_record(db, DB_PART, i, &r))
		return false;
	element = cur_u32le(&r);
	if (!db_record(db, DB_SHAPE, cur_u32le(&r), &r))
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
	return out->min <= out->max && out->max <= DB_PART_MAX &&
	    (literal_size == 0 || out->rare < literal_size) &&
	    out->distance + literal_size <= out->max &&
	    cur_at(&db->section[DB_ELEMENT], element, size, &out->element) &&
	    cur_at(&out->element, literal, literal_size, &out->literal);
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
	struct cur r;

	if (!db_record(db, DB_TRIGGER, i, &r))
		return false;
	out->rule = cur_u32le(&r);
	out->part = cur_u32le(&r);
	out->distance = cur_u16le(&r);
	return out->rule < db->count[DB_RULE];
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

/* Read entries i and i + 1 of an index into a section of count records. */
static bool
get_range(const struct cur *index, uint32_t i, uint32_t count, uint32_t *first,
    uint32_t *end)
{
	struct cur r;

	if (!cur_at(index, (uint64_t)i * 4, 8, &r))
		return false;
	*first = cur_u32le(&r);
	*end = cur_u32le(&r);
	return *first <= *end && *end <= count;
}

bool
db_trigger_range(const struct db *db, uint32_t literal, uint32_t *first,
    uint32_t *end)
{
	return get_range(&db->section[DB_TRIGGER_FIRST], literal,
	    db->count[DB_TRIGGER], first, end);
}

bool
db_always_range(const struct db *db, uint32_t target, uint32_t *first,
    uint32_t *end)
{
	return get_range(&db->section[DB_ALWAYS_FIRST], target,
	    db->count[DB_ALWAYS], first, end);
}

bool
db_always_get(const struct db *db, uint32_t i, uint32_t *rule)
{
	struct cur r;

	if (!db_record(db, DB_ALWAYS, i, &r))
		return false;
	*rule = cur_u32le(&r);
	return *rule < db->count[DB_RULE];
}

/* Find the rule of a signature: both rise together. */
static bool
find_rule(const struct db *db, uint32_t signature, struct db_rule *out)
{
	uint32_t low = 0, high = db->count[DB_RULE];

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (!db_rule_get(db, middle, out))
			return false;
		if (out->signature == signature)
			return true;
		if (out->signature < signature)
			low = middle + 1;
		else
			high = middle;
	}
	return false;
}

struct cur
db_string_name(const struct db *db, uint32_t index, uint32_t string)
{
	struct db_rule rule;
	struct db_string s;

	if (!find_rule(db, index, &rule) || string >= rule.string_count ||
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
