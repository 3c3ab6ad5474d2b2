/*
 * switch_rpm_files.c - the files of a package of rpm that was kept: what rpm
 * left of them, and the way back.  The contract is in switch_rpm.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_rpm.h"

#include "cmd/candor/escape.h"
#include "cmd/candor/switch_manifest.h"
#include "sys/run.h"
#include "sys/tree.h"

#include <sys/stat.h>

#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define DPKG_QUERY "/usr/bin/dpkg-query"

struct going {
	struct switch_work *w;
	json_int_t number; /* of the package, in STATE/keep */
	bool is_there;     /* rpm has it */
	uint64_t lost;
};

/* Walk what was kept of a package. */
static bool
walk_kept(struct going *g, tree_fn enter)
{
	const struct tree_visit v = { enter, NULL, g };
	int keep = act_folder(g->w, "keep");
	char name[40];
	bool is_good;

	(void)snprintf(name, sizeof(name), "%" JSON_INTEGER_FORMAT ".tree",
	    g->number);
	is_good = keep != -1 && tree_walk(keep, name, &v, &g->w->why);
	if (keep != -1)
		(void)close(keep);
	return is_good;
}

/* The folder of a path, to work in; -1: it is not there. */
static int
open_folder(const char *path, const char **name)
{
	int way = tree_open_parent(path, name), fd = -1;

	if (way != -1) {
		fd = openat(way, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		(void)close(way);
	}
	return fd;
}

/* Are two things the same in everything but their names? */
static bool
is_same(int a, const char *name_a, int b, const char *name_b)
{
	struct manifest first, second = { 0 };
	struct why why = { 0 };
	bool is_so = manifest_make(a, name_a, &first, &why) &&
	    manifest_make(b, name_b, &second, &why) &&
	    strcmp(first.hash, second.hash) == 0;

	manifest_free(&first);
	manifest_free(&second);
	return is_so;
}

static void
say_path(const char *path, const char *what)
{
	fputs("     ", stdout);
	escape_text(stdout, path, strlen(path));
	printf(": %s\n", what);
	(void)fflush(stdout);
}

/* --- what rpm left -------------------------------------------------------- */

/* A setting that was changed rpm renames: the same was kept. */
static void
drop_saved(const char *path, const struct tree_at *at)
{
	char saved[TREE_PATH + 16];
	const char *name;
	int folder;

	(void)snprintf(saved, sizeof(saved), "%s.rpmsave", path);
	folder = open_folder(saved, &name);

	if (folder != -1 &&
	    faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
	    is_same(folder, name, at->dir, at->name)) {
		if (unlinkat(folder, name, 0) == 0)
			say_path(saved, "kept under its own name, and removed");
		(void)fsync(folder);
	}
	if (folder != -1)
		(void)close(folder);
}

static bool
is_owned(const char *program, const char *how, const char *path)
{
	const char *const argv[] = { program, how, path, NULL };
	struct buf text = { 0 };
	bool is_so = run_is_there(program) && act_ask(argv, &text);

	buf_free(&text);
	return is_so;
}

/* Does another package have it?  dpkg knows /usr/lib/x as /lib/x, if its
   package says so. */
static bool
is_anothers(const char *path)
{
	return is_owned(SWITCH_RPM, "-qf", path) ||
	    is_owned(DPKG_QUERY, "-S", path) ||
	    (leave_is_below(path, "/usr") &&
		is_owned(DPKG_QUERY, "-S", path + strlen("/usr")));
}

/* Is it below a folder that goes by itself? */
static bool
goes_with_others(const struct switch_work *w, const char *path)
{
	size_t i;

	for (i = 0; i < w->leaves; i++)
		if (w->leave[i].kind == LEAVE_PATH &&
		    switch_is_wanted(w, &w->leave[i]) &&
		    leave_is_below(path, w->leave[i].name))
			return true;
	return false;
}

/* Move away what rpm left and nobody has.  Of a name that is not UTF-8 the
   journal could not say what was moved. */
static bool
move_left(struct switch_work *w, const char *path)
{
	bool is_told = escape_is_utf8(path, strlen(path));

	if (!switch_is_there(path) || goes_with_others(w, path) ||
	    is_anothers(path))
		return true;
	say_path(path,
	    is_told ? "rpm left it: moved away" : "rpm left it, and it stays");
	return !is_told || act_move(w, path);
}

static bool
sweep_one(void *self, const struct tree_at *at, struct why *why)
{
	struct going *g = self;
	char path[TREE_PATH + 2];

	(void)why; /* it is g->w's */
	if (at->depth == 0 || S_ISDIR(at->st.st_mode))
		return true;
	(void)snprintf(path, sizeof(path), "/%s", at->path);
	if (!move_left(g->w, path))
		return false;
	drop_saved(path, at);
	return true;
}

bool
switch_rpm_sweep(struct switch_work *w, const json_t *kept)
{
	struct going g = { .w = w,
		.number = json_integer_value(json_object_get(kept, "number")) };

	return walk_kept(&g, sweep_one);
}

/* --- the way back --------------------------------------------------------- */

/* Copy it beside its place, and give it its name when it is whole. */
static bool
bring(const struct going *g, const struct tree_at *at, int folder,
    const char *name)
{
	struct why *why = &g->w->why;
	char hidden[60];

	(void)snprintf(hidden, sizeof(hidden),
	    ".candor-switch-%" JSON_INTEGER_FORMAT, g->number);
	if (faccessat(folder, hidden, F_OK, AT_SYMLINK_NOFOLLOW) == 0 &&
	    !tree_remove(folder, hidden, why))
		return false;
	if (!tree_copy(at->dir, at->name, folder, hidden, true, why))
		return false;
	return renameat2(folder, hidden, folder, name, RENAME_NOREPLACE) == 0 ||
	    why_not(why, WHY_SYSTEM, "%s: cannot be put back", name);
}

static bool
is_back(const struct going *g, const struct tree_at *at, const char *path)
{
	const char *name;
	struct stat st;
	int folder = open_folder(path, &name);
	bool is_good;

	if (folder == -1)
		return why_not(&g->w->why, WHY_SYSTEM, "%s: no folder for it",
		    path);
	if (fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		is_good = bring(g, at, folder, name);
	else
		is_good = (S_ISDIR(st.st_mode) && S_ISDIR(at->st.st_mode)) ||
		    g->is_there || is_same(folder, name, at->dir, at->name) ||
		    why_not(&g->w->why, WHY_NOTHING, "something else is at %s",
			path);
	(void)close(folder);
	return is_good;
}

static bool
restore_one(void *self, const struct tree_at *at, struct why *why)
{
	struct going *g = self;
	char path[TREE_PATH + 2];

	(void)why; /* it is g->w's */
	(void)snprintf(path, sizeof(path), "/%s", at->path);
	if (at->depth == 0)
		return true;
	if (!is_back(g, at, path)) {
		say_path(path, g->w->why.text);
		g->lost++;
	}
	/* rpm may have been ended before we saw to that. */
	if (!S_ISDIR(at->st.st_mode))
		drop_saved(path, at);
	return true;
}

/* Is what was kept what it was? */
static bool
is_kept(struct switch_work *w, json_int_t number, const char *hash)
{
	struct manifest m = { 0 };
	int keep = act_folder(w, "keep");
	char name[40];
	bool is_good;

	(void)snprintf(name, sizeof(name), "%" JSON_INTEGER_FORMAT ".tree",
	    number);
	is_good = keep != -1 && manifest_make(keep, name, &m, &w->why) &&
	    (strcmp(m.hash, hash) == 0 ||
		why_not(&w->why, WHY_NOTHING, "%s/keep/%s is not what it was",
		    w->log.path, name));
	manifest_free(&m);
	if (keep != -1)
		(void)close(keep);
	return is_good;
}

bool
switch_rpm_restore(struct switch_work *w, const json_t *kept, bool is_there)
{
	struct going g = { .w = w,
		.is_there = is_there,
		.number = json_integer_value(json_object_get(kept, "number")) };

	return is_kept(w, g.number, switch_text(kept, "manifest")) &&
	    walk_kept(&g, restore_one) &&
	    (g.lost == 0 ||
		why_not(&w->why, WHY_NOTHING,
		    "%" PRIu64 " files of %s did not come back; they are "
		    "in %s/keep/%" JSON_INTEGER_FORMAT ".tree",
		    g.lost, switch_text(kept, "package"), w->log.path,
		    g.number));
}
