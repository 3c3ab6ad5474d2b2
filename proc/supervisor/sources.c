/*
 * sources.c - which databases are used, opened for the broker.
 *
 * Compiled ones are opened as they are and looked at once (db_open), so that
 * a bad one is refused before anybody depends on it.  Of all texts one database
 * is made by "candor db build", whose compiler is caged; no byte of a text is
 * looked at here.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/supervisor/supervisor.h"

#include "lib/policy/feed.h"
#include "sys/beside.h"
#include "sys/map.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <glob.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* What is being put together; becomes supervisor.sources when it is whole. */
static struct {
	struct sources fresh;
	char text[SOURCES][256];
	size_t text_count;
} plan;

static void
close_all(struct sources *from)
{
	size_t i;

	for (i = 0; i < from->count; i++)
		(void)close(from->fd[i]);
	from->count = 0;
}

/* Is it a database?  What the broker and the workers will check again. */
static bool
check(int fd, const char *path, struct why *why)
{
	struct map map;
	struct why inner;
	struct db db;
	bool is_good;

	if (!map_open(fd, &map, &inner))
		return why_not(why, inner.kind, "%.150s: %.80s", path,
		    inner.text);
	is_good = db_open(&db, map.at, map.size, &inner);
	if (!is_good)
		(void)why_not(why, WHY_BROKEN, "%.150s: %.80s", path,
		    inner.text);
	map_close(&map);
	return is_good;
}

static bool
add_compiled(const char *path, const char *name, struct why *why)
{
	struct sources *to = &plan.fresh;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "%.160s: cannot open", path);
	if (to->count == DB_MAX) {
		(void)close(fd);
		return why_not(why, WHY_LIMIT, "more than %d databases",
		    DB_MAX);
	}
	if (!check(fd, path, why)) {
		(void)close(fd);
		return false;
	}
	(void)snprintf(to->path[to->count], sizeof(to->path[0]), "%s", name);
	to->fd[to->count++] = fd;
	return true;
}

static bool
is_compiled(const char *path)
{
	size_t len = strlen(path);

	return len > 5 && strcmp(path + len - 5, ".cand") == 0;
}

/* All compiled files of a pattern; false without any, or after trouble. */
static bool
add_matching(const char *pattern, bool *is_any, struct why *why)
{
	bool is_fine = true;
	glob_t found;
	size_t i;

	*is_any = glob(pattern, 0, NULL, &found) == 0;
	if (!*is_any)
		return true;
	for (i = 0; i < found.gl_pathc && is_fine; i++)
		is_fine =
		    add_compiled(found.gl_pathv[i], found.gl_pathv[i], why);
	globfree(&found);
	return is_fine;
}

/* A folder with databases is those; any other is one of texts. */
static bool
add_path(const char *path, struct why *why)
{
	char pattern[512];
	struct stat s;
	bool is_any = false;

	if (stat(path, &s) == -1)
		return why_not(why, WHY_SYSTEM, "%.160s: cannot open", path);
	if (S_ISDIR(s.st_mode)) {
		(void)snprintf(pattern, sizeof(pattern), "%s/*.cand", path);
		if (!add_matching(pattern, &is_any, why) || is_any)
			return is_any && why->kind == WHY_NOTHING;
	} else if (is_compiled(path)) {
		return add_compiled(path, path, why);
	}
	if (plan.text_count == SOURCES || strlen(path) >= sizeof(plan.text[0]))
		return why_not(why, WHY_LIMIT, "too many databases");
	(void)snprintf(plan.text[plan.text_count++], sizeof(plan.text[0]), "%s",
	    path);
	return true;
}

static bool
add_default(struct why *why)
{
	char house[1024];
	bool is_any, is_fed;

	return add_matching(FEED_PUT_THERE, &is_any, why) &&
	    add_matching(FEED_DATABASES, &is_fed, why) &&
	    (is_any || is_fed ||
		(beside_data("rules.cand", house, sizeof(house)) &&
		    add_compiled(house, house, why)));
}

/* --- texts --------------------------------------------------------------- */

static bool
build(struct supervisor *s, struct why *why)
{
	const char *argv[SOURCES + 6] = { "candor", "db", "build", "-o" };
	const char *slash = strrchr(s->control_path, '/');
	char program[1024];
	size_t i, n = 4;

	(void)snprintf(s->build_path, sizeof(s->build_path),
	    "%.*s/database-%d.cand",
	    (int)(slash != NULL ? slash - s->control_path : 0), s->control_path,
	    (int)getpid());
	argv[n++] = s->build_path;
	for (i = 0; i < plan.text_count; i++)
		argv[n++] = plan.text[i];
	argv[n] = NULL;
	(void)unlink(s->build_path);
	return beside_program("candor", program, sizeof(program), why) &&
	    spawn_neighbour(program, argv, (uid_t)-1, (gid_t)-1, &s->builder,
		why);
}

static void
take(struct supervisor *s)
{
	plan.fresh.generation = s->sources.generation + 1;
	close_all(&s->sources);
	s->sources = plan.fresh;
	plan.fresh.count = 0;
}

bool
sources_open(struct supervisor *s, bool *is_building, struct why *why)
{
	const struct config_value *v = &s->config.value[KEY_DATABASE];
	bool is_fine = true;
	size_t i;

	*is_building = false;
	why->kind = WHY_NOTHING;
	close_all(&plan.fresh);
	plan.text_count = 0;
	for (i = 0; i < v->count && is_fine; i++)
		is_fine = add_path(v->word[i], why);
	if (v->count == 0)
		is_fine = add_default(why);
	if (is_fine && plan.text_count > 0) {
		*is_building = is_fine = build(s, why);
		return is_fine;
	}
	if (!is_fine) {
		close_all(&plan.fresh);
		return false;
	}
	take(s);
	return true;
}

bool
sources_finish(struct supervisor *s, int status, struct why *why)
{
	char texts[sizeof(s->build_path) + 8], how[80];
	bool is_fine = status == 0;

	spawn_say_status(status, how, sizeof(how));
	if (is_fine)
		is_fine = add_compiled(s->build_path, plan.text[0], why);
	else
		(void)why_not(why, WHY_BROKEN,
		    "the databases could not be compiled: %s", how);
	(void)unlink(s->build_path);
	(void)snprintf(texts, sizeof(texts), "%s.src", s->build_path);
	(void)unlink(texts);
	if (!is_fine) {
		close_all(&plan.fresh);
		return false;
	}
	take(s);
	return true;
}

struct cur
sources_feed(const struct sources *s, uint32_t base)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (event_base(s->generation, (uint32_t)i) == base)
			return feed_of_path(s->path[i]);
	return cur_from("", 0);
}
