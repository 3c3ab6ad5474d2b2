/*
 * update_compile.c - make databases of texts, and install them.
 *
 * For feeds that are texts: ClamAV's, and folders of rules.  The texts are
 * read by candor-compile, caged.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/update.h"

#include "cmd/candor/complaints.h"
#include "lib/base/hex.h"
#include "lib/db/db.h"
#include "proc/compiler/client.h"
#include "sys/map.h"
#include "sys/memfd.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SAID_MOST 20u /* complaints printed */

/* The first two: a compiler reads no differences. */
static const char *
two_lines(const char *text, char *room, size_t size)
{
	const char *end = text != NULL ? strchr(text, '\n') : NULL;

	if (end == NULL)
		return NULL;
	end = strchr(end + 1, '\n');
	snprintf(room, size, "%.*s",
	    end != NULL ? (int)(end + 1 - text) : (int)strlen(text), text);
	return room;
}

static bool
compile(const struct inputs *in, struct update_made *out, struct why *why)
{
	char keys[PROTOCOL_FILE];
	struct compiler_job job = {
		.database_fd = out->database_fd,
		.texts_fd = out->texts_fd,
		.keys = two_lines(out->keys, keys, sizeof(keys)),
	};
	struct compiler_report report = { 0 };
	bool is_done;

	complaints_make_job(in, &job);
	is_done =
	    compiler_run(&job, &report, why) && complaints_allow(&report, why);
	complaints_print(stderr, in, &report, SAID_MOST, false);
	complaints_free_job(&job);
	compiler_report_free(&report);
	return is_done;
}

/* What the database says of itself. */
static bool
look_at(struct update_made *out, struct why *why)
{
	struct db_info info;
	struct map map;
	struct db db;
	bool is_good;

	if (!map_open(out->database_fd, &map, why))
		return false;
	is_good = db_open(&db, map.at, map.size, why);
	if (is_good) {
		db_info_get(&db, &info);
		out->signatures = info.signatures;
		hex_write(info.id, 8, out->id);
	}
	map_close(&map);
	if (is_good && out->signatures == 0)
		return why_not(why, WHY_BROKEN,
		    "there are no signatures in it");
	return is_good;
}

bool
update_compile(const struct inputs *in, struct update_made *out,
    struct why *why)
{
	out->database_fd = out->texts_fd = -1;
	return memfd_open(&out->database_fd, why) &&
	    memfd_open(&out->texts_fd, why) && compile(in, out, why) &&
	    memfd_seal(&out->database_fd, why) &&
	    memfd_seal(&out->texts_fd, why) && look_at(out, why);
}

void
update_made_close(struct update_made *made)
{
	if (made->database_fd != -1)
		close(made->database_fd);
	if (made->texts_fd != -1)
		close(made->texts_fd);
	made->database_fd = made->texts_fd = -1;
}

bool
update_put_file(struct installing *i, const char *name, int fd, struct why *why)
{
	struct store_file f = { .place = STORE_NEW, .name = name, .from = fd };
	struct stat s;

	if (fstat(fd, &s) == -1 || lseek(fd, 0, SEEK_SET) == -1)
		return why_not(why, WHY_SYSTEM, "%.60s", name);
	f.size = (uint64_t)s.st_size;
	return installing_file(i, &f, why);
}

bool
update_put_made(struct installing *i, const struct feeds_one *feed,
    const struct update_made *made, struct why *why)
{
	char name[FEED_NAME_MAX + 16];

	snprintf(name, sizeof(name), "%s.cand", feed->name);
	if (!update_put_file(i, name, made->database_fd, why))
		return false;
	snprintf(name, sizeof(name), "%s.cand.src", feed->name);
	return update_put_file(i, name, made->texts_fd, why);
}

enum update_end
update_fail(struct installing *i, const struct feeds_one *feed,
    const char *mirror, const char *word, const struct why *why)
{
	struct why inner;

	update_complain(feed, mirror, why);
	if (i->aide.program != NULL &&
	    !update_remember(i, word, mirror, why->text, &inner))
		update_complain(feed, NULL, &inner);
	return why->kind == WHY_FORGED ? UPDATE_ATTENTION : UPDATE_TROUBLE;
}
