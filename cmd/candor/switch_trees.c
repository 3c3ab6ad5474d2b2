/*
 * switch_trees.c - move what is to go into STATE/keep, and back.  The
 * contract is in switch_work.h.
 *
 * Folders are opened through no link, trees are walked through none, and a
 * tree in which something is mounted is left where it is.  What is kept is
 * compared with what was there before anything is removed, and what comes
 * back with what was kept.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_work.h"

#include "cmd/candor/switch_manifest.h"
#include "sys/run.h"
#include "sys/tree.h"
#include "sys/whole.h"

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/fs.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define SPARE ((uint64_t)32 << 20) /* bytes that stay free */

bool
switch_is_there(const char *path)
{
	const char *name;
	int folder = tree_open_parent(path, &name);
	bool is_there = folder != -1 &&
	    faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;

	if (folder != -1)
		(void)close(folder);
	return is_there;
}

/* Is what is in a folder of root's root's, too, and not to be changed by
   others? */
static bool
is_roots(int folder, const char *name, mode_t type)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    (st.st_mode & S_IFMT) == type && st.st_uid == 0 &&
	    (st.st_mode & 022) == 0;
}

bool
switch_is_roots(const char *path)
{
	struct buf part = { 0 };
	const char *at = path;
	bool is_good = path[0] == '/' && is_roots(AT_FDCWD, "/", S_IFDIR);

	while (is_good && (at = strchr(at + 1, '/')) != NULL) {
		buf_cut(&part, 0);
		buf_add(&part, path, (size_t)(at - path));
		is_good = is_roots(AT_FDCWD, part.bytes, S_IFDIR);
	}
	buf_free(&part);
	return is_good && is_roots(AT_FDCWD, path, S_IFREG) &&
	    run_is_there(path);
}

/* --- a tree, and where it is kept ----------------------------------------- */

struct place {
	int folder, keep; /* open */
	const char *name;
	char as[40];     /* in keep */
	char hidden[60]; /* beside name, while it comes back */
};

static bool
place_open(struct switch_work *w, const char *path, json_int_t number,
    struct place *out)
{
	int way = tree_open_parent(path, &out->name);

	out->folder = way == -1
	    ? -1
	    : openat(way, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (way != -1)
		(void)close(way);
	out->keep = act_folder(w, "keep");
	(void)snprintf(out->as, sizeof(out->as), "%" JSON_INTEGER_FORMAT,
	    number);
	(void)snprintf(out->hidden, sizeof(out->hidden),
	    ".candor-switch-%" JSON_INTEGER_FORMAT, number);
	if (out->folder == -1)
		return why_not(&w->why, WHY_SYSTEM,
		    "%s: its folder cannot be opened", path);
	return out->keep != -1;
}

static void
place_close(struct place *p)
{
	if (p->folder != -1)
		(void)close(p->folder);
	if (p->keep != -1)
		(void)close(p->keep);
}

static bool
is_in(int folder, const char *name)
{
	return faccessat(folder, name, F_OK, AT_SYMLINK_NOFOLLOW) == 0;
}

/* Is there room for so many bytes? */
static bool
has_room(struct switch_work *w, int folder, uint64_t bytes)
{
	struct statvfs s;
	uint64_t free_bytes;

	if (fstatvfs(folder, &s) == -1)
		return true; /* the copy will tell */
	free_bytes = (uint64_t)s.f_bavail * s.f_frsize;
	if (free_bytes >= bytes + SPARE)
		return true;
	return why_not(&w->why, WHY_LIMIT,
	    "keeping it takes %" PRIu64 " MiB, and %" PRIu64
	    " MiB are free where %s is",
	    (bytes + SPARE) >> 20, free_bytes >> 20, w->log.path);
}

/* Is name in folder what the hash says? */
static bool
is_same(struct switch_work *w, int folder, const char *name, const char *hash)
{
	struct manifest m;
	bool is_good = manifest_make(folder, name, &m, &w->why) &&
	    (strcmp(m.hash, hash) == 0 ||
		why_not(&w->why, WHY_NOTHING, "%s is not what it was", name));

	manifest_free(&m);
	return is_good;
}

static bool
write_manifest(struct switch_work *w, const struct place *p,
    const struct manifest *m)
{
	char name[60];
	int fd;
	bool is_good;

	(void)snprintf(name, sizeof(name), "%s.manifest", p->as);
	fd = openat(p->keep, name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	is_good = fd != -1 && whole_write(fd, m->text.bytes, m->text.size) &&
	    fsync(fd) == 0;
	if (fd != -1)
		(void)close(fd);
	return is_good ||
	    why_not(&w->why, WHY_SYSTEM, "%s: cannot be written", name);
}

/* The intent of an act on a tree: what it is now. */
static json_int_t
begin(struct switch_work *w, const char *kind, const char *path,
    const struct manifest *m)
{
	return act_begin(w, kind,
	    json_pack("{s:s, s:s, s:I, s:I}", "path", path, "manifest", m->hash,
		"entries", (json_int_t)m->entries, "bytes",
		(json_int_t)m->bytes));
}

/* Read what it is, for an act whose number will be the next line's. */
static bool
prepare(struct switch_work *w, const char *path, struct place *p,
    struct manifest *m)
{
	*m = (struct manifest){ 0 };
	return place_open(w, path, (json_int_t)w->log.chain.count, p) &&
	    manifest_make(p->folder, p->name, m, &w->why);
}

/* Copy it, and see that the copy is it. */
static bool
copy_checked(struct switch_work *w, const struct place *p, const char *hash)
{
	return tree_copy(p->folder, p->name, p->keep, p->as, false, &w->why) &&
	    fsync(p->keep) == 0 && is_same(w, p->keep, p->as, hash);
}

void
act_forget(struct switch_work *w, json_int_t number)
{
	static const char *const ending[] = { "", ".manifest", ".tree", ".deb",
		".rpm" };
	int keep = act_folder(w, "keep");
	struct why why = { 0 };
	char name[60];
	size_t i;

	for (i = 0; keep != -1 && i < sizeof(ending) / sizeof(ending[0]); i++) {
		(void)snprintf(name, sizeof(name), "%" JSON_INTEGER_FORMAT "%s",
		    number, ending[i]);
		if (is_in(keep, name))
			(void)tree_remove(keep, name, &why);
	}
	if (keep != -1)
		(void)close(keep);
}

/* --- copies -------------------------------------------------------------- */

bool
act_copy(struct switch_work *w, const char *path)
{
	struct place p = { .folder = -1, .keep = -1 };
	struct manifest m = { 0 };
	json_int_t number = -1;
	bool is_good = prepare(w, path, &p, &m) && has_room(w, p.keep, m.bytes);

	if (is_good)
		number = begin(w, "copy", path, &m);
	is_good = number >= 0;
	if (is_good) {
		is_good =
		    write_manifest(w, &p, &m) && copy_checked(w, &p, m.hash);
		if (!is_good)
			act_forget(w, number);
		is_good = act_end(w, number, is_good, NULL);
	}
	manifest_free(&m);
	place_close(&p);
	return is_good;
}

/* Bring the kept tree beside where it was, whole. */
static bool
bring_beside(struct switch_work *w, const struct place *p, const char *hash)
{
	if (is_in(p->folder, p->hidden) &&
	    !tree_remove(p->folder, p->hidden, &w->why))
		return false;
	return is_same(w, p->keep, p->as, hash) &&
	    tree_copy(p->keep, p->as, p->folder, p->hidden, false, &w->why) &&
	    is_same(w, p->folder, p->hidden, hash);
}

/* Give what is beside its name; what had it is removed. */
static bool
give_name(struct switch_work *w, const struct place *p)
{
	unsigned how =
	    is_in(p->folder, p->name) ? RENAME_EXCHANGE : RENAME_NOREPLACE;
	bool is_good =
	    renameat2(p->folder, p->hidden, p->folder, p->name, how) == 0 ||
	    why_not(&w->why, WHY_SYSTEM, "%s: cannot be put back", p->name);

	if (is_good && how == RENAME_EXCHANGE)
		is_good = tree_remove(p->folder, p->hidden, &w->why);
	return fsync(p->folder) == 0 && is_good;
}

bool
act_copy_back(struct switch_work *w, const struct switch_act *a)
{
	const char *path = switch_text(a->act, "path");
	const char *hash = switch_text(a->act, "manifest");
	struct place p = { .folder = -1, .keep = -1 };
	struct why why = { 0 };
	bool is_good = place_open(w, path, a->number, &p);

	/* What the package brought back may be it already. */
	if (is_good && is_in(p.folder, p.name) &&
	    is_same(w, p.folder, p.name, hash)) {
		if (is_in(p.folder, p.hidden))
			(void)tree_remove(p.folder, p.hidden, &why);
	} else {
		is_good =
		    is_good && bring_beside(w, &p, hash) && give_name(w, &p);
	}
	place_close(&p);
	return is_good;
}

/* --- moves --------------------------------------------------------------- */

/* By renaming, or else by a copy that was compared, and removal. */
static bool
move_away(struct switch_work *w, const struct place *p,
    const struct manifest *m, json_t *outcome)
{
	const char *how = "renamed";
	bool is_good = renameat2(p->folder, p->name, p->keep, p->as,
			   RENAME_NOREPLACE) == 0;

	if (is_good) {
		/* A folder's own times do not change by it; but see. */
		is_good = is_same(w, p->keep, p->as, m->hash);
		if (!is_good)
			(void)renameat2(p->keep, p->as, p->folder, p->name,
			    RENAME_NOREPLACE);
	} else {
		how = "copied";
		is_good = has_room(w, p->keep, m->bytes) &&
		    copy_checked(w, p, m->hash) &&
		    tree_remove(p->folder, p->name, &w->why);
	}
	json_object_set_new(outcome, "how", json_string(how));
	return fsync(p->keep) == 0 && fsync(p->folder) == 0 && is_good;
}

bool
act_move(struct switch_work *w, const char *path)
{
	struct place p = { .folder = -1, .keep = -1 };
	struct manifest m = { 0 };
	json_t *outcome = json_object();
	json_int_t number = -1;
	bool is_good = prepare(w, path, &p, &m);

	if (is_good)
		number = begin(w, "move", path, &m);
	is_good = number >= 0;
	if (is_good) {
		is_good =
		    write_manifest(w, &p, &m) && move_away(w, &p, &m, outcome);
		is_good = act_end(w, number, is_good, json_incref(outcome));
	}
	json_decref(outcome);
	manifest_free(&m);
	place_close(&p);
	return is_good;
}

/*
 * Is what is still there part of what is kept, and nothing new?  Folders
 * changed as they were emptied; everything else has to be as it was.
 */
static bool
is_rest(struct switch_work *w, const struct place *p)
{
	struct manifest left, kept;
	struct cur all, line;
	bool is_good = manifest_make(p->folder, p->name, &left, &w->why);

	is_good = manifest_make(p->keep, p->as, &kept, &w->why) && is_good;
	all = cur_from(left.text.bytes, left.text.size);
	while (is_good && cur_left(&all) > 0 && cur_line(&all, &line)) {
		struct buf text = { 0 };

		buf_add(&text, line.base, line.size);
		buf_byte(&text, '\n');
		is_good = strstr(text.bytes, "\"type\":\"folder\"") != NULL ||
		    strstr(kept.text.bytes, text.bytes) != NULL ||
		    why_not(&w->why, WHY_NOTHING,
			"something new is at %s; what was there is %s/keep/%s",
			p->name, w->log.path, p->as);
		buf_free(&text);
	}
	manifest_free(&left);
	manifest_free(&kept);
	return is_good;
}

bool
act_move_settle(struct switch_work *w, const struct switch_act *a)
{
	const char *hash = switch_text(a->act, "manifest");
	struct place p = { .folder = -1, .keep = -1 };
	bool is_done = false;

	/* A copy that is not whole is no loss: nothing was removed yet. */
	if (place_open(w, switch_text(a->act, "path"), a->number, &p) &&
	    is_in(p.keep, p.as)) {
		is_done = is_same(w, p.keep, p.as, hash) &&
		    (!is_in(p.folder, p.name) ||
			(is_rest(w, &p) &&
			    tree_remove(p.folder, p.name, &w->why)));
	}
	place_close(&p);
	return is_done;
}

/* Put back what has to take the place of what is left there. */
static bool
put_back(struct switch_work *w, const struct place *p, const char *hash)
{
	if (!is_in(p->folder, p->name) &&
	    renameat2(p->keep, p->as, p->folder, p->name, RENAME_NOREPLACE) ==
		0)
		return is_same(w, p->folder, p->name, hash);
	if (is_in(p->folder, p->name) && !is_rest(w, p))
		return false;
	return bring_beside(w, p, hash) && give_name(w, p);
}

bool
act_move_back(struct switch_work *w, const struct switch_act *a)
{
	const char *path = switch_text(a->act, "path");
	const char *hash = switch_text(a->act, "manifest");
	struct place p = { .folder = -1, .keep = -1 };
	bool is_good = place_open(w, path, a->number, &p);

	/* It was put back, and we were interrupted; or it never went. */
	if (is_good && is_in(p.folder, p.name) &&
	    is_same(w, p.folder, p.name, hash))
		is_good = true;
	else if (is_good && !is_in(p.keep, p.as))
		is_good = a->state == ACT_FAILED ||
		    why_not(&w->why, WHY_NOTHING, "%s: it is not in %s/keep",
			path, w->log.path);
	else
		is_good = is_good && put_back(w, &p, hash);
	if (p.folder != -1)
		(void)fsync(p.folder);
	place_close(&p);
	return is_good;
}
