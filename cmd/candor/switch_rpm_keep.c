/*
 * switch_rpm_keep.c - keep a package of rpm before it is removed.  The
 * contract is in switch_rpm.h.
 *
 * Spec:    rpm(8) of rpm 4.11 to 4.18 for --query and its formats.
 *
 * A path of the package may lead over the system's links (/etc/init.d is one
 * on Red Hat's): a file is kept by the path it really has, so that it comes
 * back through no link.  Each copy is compared with its file.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_rpm.h"

#include "cmd/candor/switch_manifest.h"
#include "cmd/candor/switch_packages.h"
#include "sys/tree.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct keeping {
	struct switch_work *w;
	const char *package;
	int keep, tree; /* STATE/keep, and NUMBER.tree in it */
	uint64_t missing;
};

/* --- its files ------------------------------------------------------------ */

/* Is the copy what its file is? */
static bool
is_same(struct switch_work *w, int from, const char *name, int to,
    const char *as)
{
	struct manifest here, kept = { 0 };
	bool is_good = manifest_make(from, name, &here, &w->why) &&
	    manifest_make(to, as, &kept, &w->why) &&
	    (strcmp(here.hash, kept.hash) == 0 ||
		why_not(&w->why, WHY_NOTHING, "%s changes while it is copied",
		    name));

	manifest_free(&here);
	manifest_free(&kept);
	return is_good;
}

/* Copy what is there to its place in the tree, whose folders are there. */
static bool
keep_one(struct keeping *k, const char *path)
{
	const char *name, *as = strrchr(path, '/') + 1;
	struct stat st;
	int from = tree_open_parent(path, &name);
	int to = packages_open_in_tree(k->tree, path);
	bool is_good = true;

	if (from == -1 || to == -1)
		is_good = why_not(&k->w->why, WHY_SYSTEM, "%s: not kept", path);
	else if (fstatat(from, name, &st, AT_SYMLINK_NOFOLLOW) == -1)
		k->missing++;
	else if (faccessat(to, as, F_OK, AT_SYMLINK_NOFOLLOW) == -1)
		is_good = tree_copy(from, name, to, as, true, &k->w->why) &&
		    (S_ISDIR(st.st_mode) || is_same(k->w, from, name, to, as));
	if (from != -1)
		(void)close(from);
	if (to != -1)
		(void)close(to);
	return is_good;
}

/* And the folders it is in before. */
static bool
keep_with_folders(struct keeping *k, const char *path)
{
	struct buf folder = { 0 };
	const char *at = path;
	int there = packages_open_in_tree(k->tree, path);
	bool is_good = true;

	if (there != -1)
		(void)close(there);
	while (there == -1 && is_good && (at = strchr(at + 1, '/')) != NULL) {
		buf_cut(&folder, 0);
		buf_add(&folder, path, (size_t)(at - path));
		is_good = keep_one(k, folder.bytes);
	}
	buf_free(&folder);
	return is_good && keep_one(k, path);
}

/* The folder of a path, without links on the way; NULL and errno. */
static char *
find_folder(const char *path)
{
	struct buf folder = { 0 };
	char *real;

	buf_add(&folder, path, (size_t)(strrchr(path, '/') - path) + 1);
	real = realpath(folder.bytes, NULL);
	buf_free(&folder);
	return real;
}

/* A path of the package's list. */
static bool
keep_path(struct keeping *k, const char *path)
{
	struct buf whole = { 0 };
	char *folder = find_folder(path);
	bool is_good;

	if (folder == NULL) {
		k->missing++;
		return errno == ENOENT || errno == ENOTDIR ||
		    why_not(&k->w->why, WHY_SYSTEM, "%s: not kept", path);
	}
	buf_text(&whole, strcmp(folder, "/") == 0 ? "" : folder);
	buf_text(&whole, strrchr(path, '/'));
	is_good = keep_with_folders(k, whole.bytes);
	/* rpm puts a setting that was changed in the place of that. */
	buf_text(&whole, ".rpmsave");
	if (is_good && switch_is_there(whole.bytes))
		is_good = keep_with_folders(k, whole.bytes);
	free(folder);
	buf_free(&whole);
	return is_good;
}

static bool
keep_files(struct keeping *k)
{
	struct buf list = { 0 };
	struct cur all, line;
	bool is_good =
	    switch_rpm_ask("-q", "[%{FILENAMES}\n]", k->package, &list) ||
	    why_not(&k->w->why, WHY_NOTHING,
		"rpm does not list the files "
		"of %s",
		k->package);

	all = cur_from(list.bytes, list.size);
	while (is_good && cur_left(&all) > 0 && cur_line(&all, &line)) {
		struct buf path = { 0 };

		buf_add(&path, line.base, line.size);
		if (leave_is_path(path.bytes))
			is_good = keep_path(k, path.bytes);
		else if (line.size > 0)
			is_good = why_not(&k->w->why, WHY_NOTHING,
			    "%s has a file that cannot be kept: %.100s",
			    k->package, path.bytes);
		buf_free(&path);
	}
	buf_free(&list);
	return is_good;
}

/* --- its entry ------------------------------------------------------------ */

/* A tag that may not be there: "(none)", or older rpm does not know it. */
static void
ask_tag(const char *package, const char *format, struct switch_rpm_tag *t)
{
	struct buf text = { 0 };

	if (switch_rpm_ask("-q", format, package, &text) &&
	    strcmp(text.bytes, "(none)") != 0) {
		if (!t->is_text)
			(void)switch_rpm_read_base64(&text, &t->value);
		else if (strspn(text.bytes, "0123456789abcdef") == text.size)
			buf_add(&t->value, text.bytes, text.size);
	}
	buf_free(&text);
}

/* The file that puts the entry back. */
static bool
make_entry(struct keeping *k, struct buf *out)
{
	static const char *const format[] = { "%{DSAHEADER:base64}",
		"%{RSAHEADER:base64}", "%{SHA1HEADER}", "%{SHA256HEADER}" };
	struct switch_rpm_tag tag[] = { { .tag = 267 }, { .tag = 268 },
		{ .tag = 269, .is_text = true },
		{ .tag = 273, .is_text = true } };
	size_t count = sizeof(tag) / sizeof(tag[0]), i;
	struct buf text = { 0 }, header = { 0 };
	bool is_good = switch_rpm_ask("-q", "%{HEADERIMMUTABLE:base64}",
			   k->package, &text) &&
	    switch_rpm_read_base64(&text, &header) &&
	    switch_rpm_header_is_whole(&header);

	if (!is_good)
		(void)why_not(&k->w->why, WHY_NOTHING,
		    "rpm does not give its entry of %s", k->package);
	for (i = 0; is_good && i < count; i++)
		ask_tag(k->package, format[i], &tag[i]);
	if (is_good)
		switch_rpm_file(k->package, &header, tag, count, out);
	for (i = 0; i < count; i++)
		buf_free(&tag[i].value);
	buf_free(&text);
	buf_free(&header);
	return is_good;
}

/* Does rpm read it, with digests, and as that package? */
static bool
is_read_by_rpm(struct keeping *k, const char *path)
{
	struct buf text = { 0 };
	bool is_good = switch_rpm_ask("-qp", "%{NVRA}", path, &text) &&
	    strcmp(text.bytes, k->package) == 0;

	if (!is_good)
		(void)why_not(&k->w->why, WHY_NOTHING,
		    "rpm does not read what was kept of its entry of %s",
		    k->package);
	buf_free(&text);
	return is_good;
}

static bool
keep_entry(struct keeping *k, json_int_t number, json_t *outcome)
{
	struct buf entry = { 0 }, path = { 0 };
	char name[40], hash[CHAIN_HEX];
	bool is_good;

	(void)snprintf(name, sizeof(name), "%" JSON_INTEGER_FORMAT ".rpm",
	    number);
	buf_text(&path, k->w->log.path);
	buf_text(&path, "/keep/");
	buf_text(&path, name);
	is_good = make_entry(k, &entry) &&
	    packages_write_file(k->w, k->keep, name, &entry, 0600) &&
	    is_read_by_rpm(k, path.bytes);
	if (is_good) {
		chain_hash(entry.bytes, entry.size, hash);
		json_object_set_new(outcome, "entry_sha256", json_string(hash));
	}
	buf_free(&entry);
	buf_free(&path);
	return is_good;
}

/* --- both ----------------------------------------------------------------- */

/* What the tree is, in words, whose hash goes into the journal. */
static bool
keep_words(struct keeping *k, json_int_t number, json_t *outcome)
{
	struct manifest m;
	char tree[40], name[40];
	bool is_good;

	(void)snprintf(tree, sizeof(tree), "%" JSON_INTEGER_FORMAT ".tree",
	    number);
	(void)snprintf(name, sizeof(name), "%" JSON_INTEGER_FORMAT ".manifest",
	    number);
	is_good = manifest_make(k->keep, tree, &m, &k->w->why) &&
	    packages_write_file(k->w, k->keep, name, &m.text, 0600);
	json_object_set_new(outcome, "sha256", json_string(m.hash));
	json_object_set_new(outcome, "missing",
	    json_integer((json_int_t)k->missing));
	manifest_free(&m);
	return is_good;
}

static bool
keep_all(struct keeping *k, json_int_t number, json_t *outcome)
{
	char name[40];
	bool is_good;

	(void)snprintf(name, sizeof(name), "%" JSON_INTEGER_FORMAT ".tree",
	    number);
	if (mkdirat(k->keep, name, 0700) == 0)
		k->tree = openat(k->keep, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (k->tree == -1)
		return why_not(&k->w->why, WHY_SYSTEM, "%s: cannot be made",
		    name);
	is_good = keep_files(k) && keep_entry(k, number, outcome) &&
	    keep_words(k, number, outcome) && syncfs(k->keep) == 0;
	(void)close(k->tree);
	return is_good;
}

static json_t *
kept_as(json_int_t number, const char *package, const json_t *outcome)
{
	return json_pack("{s:I, s:s, s:s, s:s}", "number", number, "package",
	    package, "manifest", switch_text(outcome, "sha256"), "entry",
	    switch_text(outcome, "entry_sha256"));
}

/* Was it kept in this round already? */
static json_t *
find_kept(struct switch_work *w, const char *package)
{
	size_t count, i;
	struct switch_act *act = switch_log_acts(&w->log, &count);
	json_t *kept = NULL;

	for (i = 0; kept == NULL && i < count; i++)
		if (strcmp(act[i].kind, "keep") == 0 &&
		    act[i].state == ACT_DONE &&
		    strcmp(switch_text(act[i].act, "package"), package) == 0)
			kept = kept_as(act[i].number, package, act[i].outcome);
	free(act);
	return kept;
}

json_t *
switch_rpm_keep(struct switch_work *w, const char *package)
{
	struct keeping k = { .w = w, .package = package, .tree = -1 };
	json_t *outcome, *kept = find_kept(w, package);
	json_int_t number;
	bool is_good;

	if (kept != NULL || (k.keep = act_folder(w, "keep")) == -1)
		return kept;
	number = act_begin(w, "keep", json_pack("{s:s}", "package", package));
	if (number >= 0) {
		outcome = json_object();
		is_good = keep_all(&k, number, outcome);
		kept = kept_as(number, package, outcome);
		if (!is_good)
			act_forget(w, number);
		is_good = act_end(w, number, is_good, outcome);
		if (!is_good) {
			json_decref(kept);
			kept = NULL;
		}
	}
	(void)close(k.keep);
	if (kept != NULL)
		switch_say("%s: kept as keep/%" JSON_INTEGER_FORMAT ".tree and "
			   ".rpm",
		    package, number);
	if (kept != NULL && k.missing > 0)
		switch_say("%s: %" PRIu64 " of its files were not there",
		    package, k.missing);
	return kept;
}
