/*
 * sweep.c - check every record of a database.
 *
 * db check and installation do this once; a scan does not, and bounds each
 * record where it uses it.  Records are read with the functions the search
 * reads them with, so the two cannot differ about a field.
 *
 * The one-pass matcher's section and the programs are checked by the folders
 * that know them: search_sweep() in lib/eval calls all three.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/db/db.h"

#include "lib/crypto/digest.h"
#include "lib/db/element.h"
#include "lib/db/hash_table.h"
#include "lib/db/record.h"
#include "lib/db/row.h"

#include <inttypes.h>
#include <string.h>

/* Say that record i of a section is broken. */
static bool
broken(struct why *why, const char *section, uint32_t i)
{
	return why_not(why, WHY_BROKEN, "database: %s %" PRIu32 " is broken",
	    section, i);
}

/* Does the id equal the SHA-256 of everything but itself? */
static bool
sweep_id(const struct db *db, struct why *why)
{
	static const uint8_t zero[DB_ID_SIZE];
	const uint8_t *map = db->map.base;
	uint8_t id[DIGEST_SIZE_MAX];
	struct digest d;

	digest_init(&d, DIGEST_SHA256);
	digest_add(&d, map, DB_ID_OFF);
	digest_add(&d, zero, DB_ID_SIZE);
	digest_add(&d, map + DB_ID_OFF + DB_ID_SIZE,
	    db->map.size - DB_ID_OFF - DB_ID_SIZE);
	digest_end(&d, id);
	if (memcmp(id, map + DB_ID_OFF, DB_ID_SIZE) != 0)
		return why_not(why, WHY_FORGED,
		    "database: contents do not have the hash in the header");
	return true;
}

/* Runs follow each other from the first signature to behind the last. */
static bool
sweep_runs(const struct db *db, struct why *why)
{
	uint32_t i, at = 0, kind = 0;
	struct db_run run;

	for (i = 0; i + 1 < db->count[DB_RUN]; i++) {
		if (!db_run_get(db, i, &run) || run.first != at ||
		    run.kind < kind ||
		    run.line > UINT32_MAX - (run.end - run.first))
			return broken(why, "run", i);
		at = run.end;
		kind = run.kind;
	}
	return (at == db->signatures && db->count[DB_RUN] > 0) ||
	    broken(why, "run", i);
}

static bool
sweep_signatures(const struct db *db, struct why *why)
{
	struct db_signature s;
	uint32_t i;

	if (!sweep_runs(db, why))
		return false;
	for (i = 0; i < db->signatures; i++)
		if (!db_signature_get(db, i, &s) || s.name.size == 0)
			return broken(why, "signature", i);
	return true;
}

/* Check that the rows of a size rise by key, then signature. */
static bool
sweep_rows(const struct db *db, const struct hash_table *t, uint32_t first,
    uint32_t end)
{
	struct hash_row last = { 0 }, row;
	uint32_t i;

	for (i = first; i < end; i++) {
		int order;

		if (!hash_row_get(t, i, &row) ||
		    row.signature >= db->signatures)
			return false;
		order = i == first
		    ? -1
		    : memcmp(last.key.base, row.key.base, t->key);
		if (order > 0 || (order == 0 && last.signature > row.signature))
			return false;
		last = row;
	}
	return true;
}

/* Check that sizes rise, and each one's rows follow those of the last. */
static bool
sweep_sizes(const struct db *db, const struct hash_table *t)
{
	uint32_t i, first, end, at = 0;

	for (i = 0; i < t->size_count; i++) {
		if ((i > 0 && hash_size_get(t, i - 1) >= hash_size_get(t, i)) ||
		    !hash_size_rows(t, i, &first, &end) || first != at ||
		    !sweep_rows(db, t, first, end))
			return false;
		at = end;
	}
	return hash_size_rows(t, i, &first, &end) && first == at &&
	    end == t->count && sweep_rows(db, t, first, end);
}

static bool
sweep_hashes(const struct db *db, struct why *why)
{
	struct hash_table t;
	uint32_t i;

	for (i = 0; i < db->count[DB_HASH_TABLE]; i++)
		if (!hash_table_get(db, i, &t) || t.of > 2 || t.allow > 1 ||
		    t.digest >= DIGEST_KINDS ||
		    t.key > digest_size((enum digest_kind)t.digest) ||
		    !sweep_sizes(db, &t))
			return broken(why, "hash table", i);
	return true;
}

static bool
sweep_rules(const struct db *db, struct why *why)
{
	struct db_program program;
	struct db_guard guard;
	struct db_rule rule;
	uint32_t i;

	for (i = 0; i < db->count[DB_GUARD]; i++)
		if (!db_guard_get(db, i, &guard))
			return broken(why, "guard", i);
	for (i = 0; i < db->count[DB_RULE]; i++) {
		if (!db_rule_get(db, i, &rule) ||
		    (rule.guard != DB_NOTHING &&
			rule.guard >= db->count[DB_GUARD]) ||
		    !db_program_get(db, rule.program, &program) ||
		    program.strings > rule.string_count)
			return broken(why, "rule", i);
	}
	return true;
}

static bool
sweep_strings(const struct db *db, struct why *why)
{
	struct db_pattern pattern;
	struct db_string string;
	struct db_part part;
	uint32_t i;

	for (i = 0; i < db->count[DB_STRING]; i++)
		if (!db_string_get(db, i, &string))
			return broken(why, "string", i);
	for (i = 0; i < db->count[DB_PATTERN]; i++)
		if (!db_pattern_get(db, i, &pattern))
			return broken(why, "pattern", i);
	for (i = 0; i < db->count[DB_PART]; i++)
		if (!db_part_get(db, i, &part) || part.gap_min > part.gap_max ||
		    part.max == 0 || !element_check(part.element, part.heap))
			return broken(why, "part", i);
	return true;
}

static bool
sweep_triggers(const struct db *db, struct why *why)
{
	struct db_trigger t;
	uint32_t i, first, end, at = 0;

	for (i = 0; i + 1 < db->count[DB_TRIGGER_FIRST]; i++) {
		if (!db_trigger_range(db, i, &first, &end) || first != at)
			return broken(why, "trigger range", i);
		at = end;
	}
	if (at != db->count[DB_TRIGGER])
		return broken(why, "trigger range", i);
	for (i = 0; i < db->count[DB_TRIGGER]; i++)
		if (!db_trigger_get(db, i, &t) ||
		    (t.part != DB_NOTHING && t.part >= db->count[DB_PART]))
			return broken(why, "trigger", i);
	return true;
}

static bool
sweep_always(const struct db *db, struct why *why)
{
	struct db_rule rule;
	struct db_always_rule always;
	uint32_t target, first, end, at = 0;

	for (target = 0; target < DB_TARGETS; target++) {
		if (!db_always_range(db, target, &first, &end) || first != at)
			return broken(why, "always range", target);
		for (; at < end; at++)
			if (!db_always_get(db, at, &always) ||
			    !db_rule_get(db, always.rule, &rule) ||
			    rule.target != target)
				return broken(why, "always", at);
	}
	return at == db->count[DB_ALWAYS] ||
	    broken(why, "always range", target);
}

static bool
sweep_tables(const struct db *db, struct why *why)
{
	uint32_t i;

	for (i = 0; i < DB_SECTION_COUNT; i++)
		if (db_columns((enum db_section)i) > 0 &&
		    !db_table_sweep(db, (enum db_section)i))
			return broken(why, "packed table", i);
	return true;
}

bool
db_sweep(const struct db *db, struct why *why)
{
	return sweep_tables(db, why) && sweep_signatures(db, why) &&
	    sweep_hashes(db, why) && sweep_rules(db, why) &&
	    sweep_strings(db, why) && sweep_triggers(db, why) &&
	    sweep_always(db, why) && sweep_id(db, why);
}
