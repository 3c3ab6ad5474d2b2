/*
 * rpm.c - the packages that rpm has installed, in its own database.
 *
 * Format:  rpmdb.sqlite, which SQLite knows (its headers are in the column
 *          blob of the table Packages); Packages.db (ndb), by rpm_header.c;
 *          Packages, a hash of Berkeley DB, by rpm_berkeley.c.
 * Input:   hostile: SQLite, inside the cage, has a copy in memory and is told
 *          to believe nothing of the schema.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/kinds.h"
#include "proc/reader/rpm_berkeley.h"
#include "proc/reader/rpm_header.h"

#include <sqlite3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define DATABASE_MAX ((uint64_t)384 << 20)
#define BLOB_MAX     (64 << 20)

static const char sqlite_magic[] = "SQLite format 3"; /* and its zero */

/* Berkeley DB, hash, of either order of bytes: at offset 12. */
static const char *const berkeley_magic[] = { "\x61\x15\x06\x00",
	"\x00\x06\x15\x61" };

static bool
starts_with(const struct input *in, size_t off, const void *bytes, size_t size)
{
	return in->head_size >= off + size &&
	    memcmp(in->head + off, bytes, size) == 0;
}

static bool
is_berkeley(const struct input *in)
{
	size_t i;

	for (i = 0; i < sizeof(berkeley_magic) / sizeof(berkeley_magic[0]); i++)
		if (starts_with(in, 12, berkeley_magic[i], 4))
			return true;
	return false;
}

bool
rpm_is(const struct input *in)
{
	return starts_with(in, 0, sqlite_magic, sizeof(sqlite_magic)) ||
	    starts_with(in, 0, RPM_NDB_MAGIC, 4) || is_berkeley(in);
}

/* --- telling -------------------------------------------------------------- */

struct telling {
	struct say *say;
	uint64_t packages, broken;
};

static void
tell_file(void *self, struct cur folder, struct cur name)
{
	const struct telling *t = self;
	char path[READER_TEXT];

	if (folder.size == 0 || folder.base[0] != '/' ||
	    folder.size + name.size > sizeof(path))
		return;
	memcpy(path, folder.base, folder.size);
	if (name.size > 0)
		memcpy(path + folder.size, name.base, name.size);
	say_seen(t->say, READER_PATH, 0,
	    cur_from(path, folder.size + name.size), (struct cur){ 0 });
}

static void
tell_package(struct telling *t, struct cur blob)
{
	static struct cur room[RPM_FOLDERS_MAX];
	struct rpm_header h;
	char version[200];

	if (!rpm_header_read(blob, &h)) {
		t->broken++;
		return;
	}
	/* A key that was imported; whose it is does not make it a product. */
	if (cur_is(&h.name, "gpg-pubkey"))
		return;
	t->packages++;
	snprintf(version, sizeof(version), "%.*s-%.*s",
	    h.version.size < 90 ? (int)h.version.size : 90,
	    h.version.size > 0 ? (const char *)h.version.base : "",
	    h.release.size < 90 ? (int)h.release.size : 90,
	    h.release.size > 0 ? (const char *)h.release.base : "");
	say_seen(t->say, READER_PACKAGE, READER_ROW, h.name,
	    cur_from(version, strlen(version)));
	say_seen(t->say, READER_SUPPLIER, READER_ELSE, h.vendor, h.name);
	say_seen(t->say, READER_SUPPLIER, READER_ELSE, h.packager, h.name);
	if (!rpm_header_files(&h, room, tell_file, t))
		t->broken++;
}

static void
say_end(const struct telling *t)
{
	char text[80];

	say_count(t->say, "packages", t->packages);
	snprintf(text, sizeof(text), "%llu are broken",
	    (unsigned long long)t->broken);
	if (t->broken > 0)
		say_blind(t->say, "packages", text);
}

/* --- SQLite --------------------------------------------------------------- */

static bool
tell_rows(sqlite3 *db, struct telling *t, struct why *why)
{
	sqlite3_stmt *rows = NULL;
	int end;

	if (sqlite3_prepare_v2(db, "SELECT blob FROM Packages", -1, &rows,
		NULL) != SQLITE_OK)
		return why_not(why, WHY_BROKEN,
		    "a database of SQLite, but not rpm's, or broken");
	while ((end = sqlite3_step(rows)) == SQLITE_ROW) {
		const void *blob = sqlite3_column_blob(rows, 0);
		int size = sqlite3_column_bytes(rows, 0);

		if (blob != NULL && size > 0)
			tell_package(t, cur_from(blob, (size_t)size));
		else
			t->broken++;
	}
	(void)sqlite3_finalize(rows);
	say_end(t);
	return end == SQLITE_DONE ||
	    why_not(why, WHY_BROKEN, "rpm's database is broken");
}

/* What a schema that somebody else wrote may not do. */
static void
distrust(sqlite3 *db)
{
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_VIEW, 0, NULL);
	(void)sqlite3_db_config(db, SQLITE_DBCONFIG_ENABLE_TRIGGER, 0, NULL);
	(void)sqlite3_limit(db, SQLITE_LIMIT_LENGTH, BLOB_MAX);
	(void)sqlite3_limit(db, SQLITE_LIMIT_ATTACHED, 0);
	(void)sqlite3_exec(db,
	    "PRAGMA cell_size_check = 1; PRAGMA temp_store = MEMORY", NULL,
	    NULL, NULL);
}

static bool
read_sqlite(uint8_t *bytes, uint64_t size, struct telling *t, struct why *why)
{
	sqlite3 *db = NULL;
	bool is_read = false;

	/* A journal beside it (WAL) is none that could be opened here. */
	if (size > 20 && bytes[18] == 2 && bytes[19] == 2)
		bytes[18] = bytes[19] = 1;
	if (sqlite3_open_v2(":memory:", &db,
		SQLITE_OPEN_READWRITE | SQLITE_OPEN_MEMORY,
		NULL) == SQLITE_OK &&
	    sqlite3_deserialize(db, "main", bytes, (sqlite3_int64)size,
		(sqlite3_int64)size,
		SQLITE_DESERIALIZE_READONLY) == SQLITE_OK) {
		distrust(db);
		is_read = tell_rows(db, t, why);
	} else
		(void)why_not(why, WHY_BROKEN, "SQLite cannot open it");
	(void)sqlite3_close(db);
	return is_read;
}

/* --- all ------------------------------------------------------------------ */

static bool
read_ndb(const uint8_t *bytes, uint64_t size, struct telling *t,
    struct why *why)
{
	struct rpm_ndb n;
	struct cur blob;

	if (!rpm_ndb_open(cur_from(bytes, (size_t)size), &n))
		return why_not(why, WHY_BROKEN, "rpm's database is broken");
	while (rpm_ndb_next(&n, &blob))
		tell_package(t, blob);
	t->broken += n.broken;
	say_end(t);
	return true;
}

static bool
read_berkeley(const uint8_t *bytes, uint64_t size, struct telling *t,
    struct why *why)
{
	uint8_t *room = malloc(BLOB_MAX);
	struct rpm_berkeley b;
	struct cur blob;
	bool is_one;

	if (room == NULL)
		return why_not(why, WHY_LIMIT, "no memory for it");
	is_one = rpm_berkeley_open(cur_from(bytes, (size_t)size), room,
	    BLOB_MAX, &b);
	while (is_one && rpm_berkeley_next(&b, &blob))
		tell_package(t, blob);
	free(room);
	if (!is_one)
		return why_not(why, WHY_BROKEN, "rpm's database is broken");
	t->broken += b.broken;
	if (size % b.page_size != 0)
		t->broken++;
	say_end(t);
	return true;
}

bool
rpm_read(struct input *in, struct say *say, struct why *why)
{
	struct telling t = { .say = say };
	uint8_t *bytes;
	bool is_read;

	bytes = input_read_all(in, DATABASE_MAX, why);
	if (bytes == NULL)
		return false;
	if (is_berkeley(in))
		is_read = read_berkeley(bytes, in->size, &t, why);
	else if (starts_with(in, 0, RPM_NDB_MAGIC, 4))
		is_read = read_ndb(bytes, in->size, &t, why);
	else
		is_read = read_sqlite(bytes, in->size, &t, why);
	free(bytes);
	return is_read;
}

void
rpm_warm_up(void)
{
	char byte;

	(void)sqlite3_initialize();
	sqlite3_randomness(1, &byte); /* opens a device the first time */
}
