/*
 * switch_packages.c - remove packages, after making of each a .deb to install
 * again.  The contract is in switch_work.h.
 *
 * Spec:    dpkg(1), dpkg-query(1), dpkg-deb(1) of dpkg 1.21; Debian Policy 7
 *          and 10.7 for what a package's control files are.
 *
 * A package that is purged takes its settings with it, and nobody may have
 * its .deb any more.  So, as dpkg-repack does, one is put together of the
 * files that are installed and the control files dpkg has of it; the folders
 * the product works in are copied besides (switch_steps.c).
 *
 * dpkg alone is used: apt-get would also do what somebody else left undone.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_work.h"

#include "cmd/candor/infile.h"
#include "cmd/candor/switch_packages.h"
#include "cmd/candor/switch_rpm.h"
#include "sys/run.h"
#include "sys/tree.h"
#include "sys/whole.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DPKG       "/usr/bin/dpkg"
#define DPKG_QUERY "/usr/bin/dpkg-query"
#define DPKG_DEB   "/usr/bin/dpkg-deb"
#define DPKG_LOCK  "/var/lib/dpkg/lock"

/* --- what dpkg knows ------------------------------------------------------ */

static bool
ask_dpkg(const char *what, const char *package, struct buf *out)
{
	const char *const argv[] = { DPKG_QUERY, what, package, NULL };

	return run_is_there(DPKG_QUERY) && act_ask(argv, out);
}

/* "installed", "config-files", …; "" if it does not know it. */
static void
state_of(const char *package, struct buf *out)
{
	const char *const argv[] = { DPKG_QUERY, "-W", "-f=${db:Status-Status}",
		package, NULL };

	buf_cut(out, 0);
	if (!run_is_there(DPKG_QUERY) || !act_ask(argv, out))
		buf_cut(out, 0);
	buf_add(out, "", 0);
}

static bool
is_state(const char *package, const char *state)
{
	struct buf text = { 0 };
	bool is_so;

	state_of(package, &text);
	is_so = strcmp(text.bytes, state) == 0;
	buf_free(&text);
	return is_so;
}

void
packages_wait_for(const char *lock)
{
	int fd = open(lock, O_RDWR | O_CLOEXEC | O_NOFOLLOW);
	unsigned i;

	for (i = 0; fd != -1 && i < 1200; i++) {
		struct flock held = { .l_type = F_WRLCK, .l_whence = SEEK_SET };

		if (fcntl(fd, F_GETLK, &held) == -1 || held.l_type == F_UNLCK)
			break;
		(void)usleep(50000);
	}
	if (fd != -1)
		(void)close(fd);
}

/* --- packing -------------------------------------------------------------- */

struct packing {
	struct switch_work *w;
	const char *package;
	int tree; /* the folder the package is put together in */
	uint64_t missing;
};

/* /lib/x is /usr/lib/x, and /lib /usr/lib, where that is the system's link. */
static void
find_merged(const char *path, char *out, size_t room)
{
	static const char *const top[] = { "/bin", "/sbin", "/lib", "/lib32",
		"/lib64", "/libx32" };
	char want[40], target[40];
	size_t i;

	(void)snprintf(out, room, "%s", path);
	for (i = 0; i < sizeof(top) / sizeof(top[0]); i++) {
		ssize_t n;

		if (!leave_is_below(path, top[i]))
			continue;
		(void)snprintf(want, sizeof(want), "usr%s", top[i]);
		n = readlink(top[i], target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		if (strcmp(target[0] == '/' ? target + 1 : target, want) == 0)
			(void)snprintf(out, room, "/usr%s", path);
	}
}

int
packages_open_in_tree(int tree, const char *path)
{
	struct open_how how = { .flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS };
	const char *slash = strrchr(path, '/');
	char folder[2048]; /* paths of the list are shorter */

	(void)snprintf(folder, sizeof(folder), ".%.*s/", (int)(slash - path),
	    path);
	return (int)syscall(SYS_openat2, tree, folder, &how, sizeof(how));
}

/* One path of the package, which may have been deleted. */
static bool
pack_path(struct packing *p, const char *path)
{
	char merged[2048]; /* a path that leave_is_path() takes is shorter */
	const char *name;
	int from, to;
	bool is_good = true;

	find_merged(path, merged, sizeof(merged));
	from = tree_open_parent(merged, &name);
	if (from == -1 ||
	    faccessat(from, name, F_OK, AT_SYMLINK_NOFOLLOW) == -1) {
		p->missing++;
	} else {
		to = packages_open_in_tree(p->tree, path);
		is_good = to != -1
		    ? tree_copy(from, name, to, strrchr(path, '/') + 1, true,
			  &p->w->why)
		    : why_not(&p->w->why, WHY_SYSTEM, "%s: not in its package",
			  path);
		if (to != -1)
			(void)close(to);
	}
	if (from != -1)
		(void)close(from);
	return is_good;
}

static bool
pack_files(struct packing *p)
{
	struct buf list = { 0 };
	struct cur all, line;
	bool is_good = ask_dpkg("-L", p->package, &list) ||
	    why_not(&p->w->why, WHY_NOTHING, "dpkg-query -L %s failed",
		p->package);

	all = cur_from(list.bytes, list.size);
	while (is_good && cur_left(&all) > 0 && cur_line(&all, &line)) {
		struct buf path = { 0 };

		buf_add(&path, line.base, line.size);
		/* "/." and "diverted by …" are no paths of files. */
		if (leave_is_path(path.bytes))
			is_good = pack_path(p, path.bytes);
		buf_free(&path);
	}
	buf_free(&list);
	return is_good;
}

bool
packages_write_file(struct switch_work *w, int folder, const char *name,
    const struct buf *text, mode_t mode)
{
	int fd = openat(folder, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	bool is_good = fd != -1 && whole_write(fd, text->bytes, text->size) &&
	    fchmod(fd, mode) == 0;

	if (fd != -1)
		is_good = close(fd) == 0 && is_good;
	return is_good ||
	    why_not(&w->why, WHY_SYSTEM, "%s: cannot be written", name);
}

/* Does a line begin a field that dpkg keeps for itself? */
static bool
is_dpkgs_own(struct cur line)
{
	static const char *const own[] = {
		"Status:", "Conffiles:", "Config-Version:"
	};
	size_t i;

	for (i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		if (line.size >= strlen(own[i]) &&
		    memcmp(line.base, own[i], strlen(own[i])) == 0)
			return true;
	return false;
}

/* The stanza of its status without those. */
static bool
pack_stanza(struct packing *p, int control)
{
	struct buf status = { 0 }, text = { 0 };
	struct cur all, line;
	bool is_left_out = false, is_good;

	is_good = ask_dpkg("-s", p->package, &status) ||
	    why_not(&p->w->why, WHY_NOTHING, "dpkg-query -s %s failed",
		p->package);
	all = cur_from(status.bytes, status.size);
	while (is_good && cur_left(&all) > 0 && cur_line(&all, &line)) {
		if (line.size == 0)
			continue;
		if (line.base[0] != ' ') /* else the field goes on */
			is_left_out = is_dpkgs_own(line);
		if (is_left_out)
			continue;
		buf_add(&text, line.base, line.size);
		buf_byte(&text, '\n');
	}
	is_good = is_good &&
	    packages_write_file(p->w, control, "control", &text, 0644);
	buf_free(&status);
	buf_free(&text);
	return is_good;
}

/* One of postinst, conffiles, …, which dpkg names. */
static bool
pack_control_file(struct packing *p, int control, const char *name)
{
	const char *const argv[] = { DPKG_QUERY, "--control-show", p->package,
		name, NULL };
	static const char *const scripts[] = { "preinst", "postinst", "prerm",
		"postrm", "config" };
	struct buf text = { 0 };
	mode_t mode = 0644;
	bool is_good;
	size_t i;

	if (strcmp(name, "md5sums") == 0 || !leave_is_name(name))
		return true;
	for (i = 0; i < sizeof(scripts) / sizeof(scripts[0]); i++)
		if (strcmp(name, scripts[i]) == 0)
			mode = 0755;
	is_good = act_ask(argv, &text) ||
	    why_not(&p->w->why, WHY_NOTHING, "%s of %s cannot be read", name,
		p->package);
	is_good =
	    is_good && packages_write_file(p->w, control, name, &text, mode);
	buf_free(&text);
	return is_good;
}

static bool
pack_control(struct packing *p)
{
	struct buf list = { 0 };
	struct cur all, line;
	int control = -1;
	bool is_good;

	if (mkdirat(p->tree, "DEBIAN", 0755) == 0)
		control = openat(p->tree, "DEBIAN",
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (control == -1)
		return why_not(&p->w->why, WHY_SYSTEM,
		    "DEBIAN: cannot be made");
	is_good = fchmod(control, 0755) == 0 && pack_stanza(p, control) &&
	    (ask_dpkg("--control-list", p->package, &list) ||
		why_not(&p->w->why, WHY_NOTHING,
		    "dpkg-query --control-list %s failed", p->package));
	all = cur_from(list.bytes, list.size);
	while (is_good && cur_left(&all) > 0 && cur_line(&all, &line)) {
		struct buf name = { 0 };

		buf_add(&name, line.base, line.size);
		is_good = pack_control_file(p, control, name.bytes);
		buf_free(&name);
	}
	buf_free(&list);
	(void)close(control);
	return is_good;
}

static bool
build(struct switch_work *w, json_int_t number, json_t *outcome)
{
	struct buf tree = { 0 }, deb = { 0 };
	const char *argv[] = { DPKG_DEB, "-Zgzip", "-z1", "--build", NULL, NULL,
		NULL };
	char name[40], hash[CHAIN_HEX];
	int keep = act_folder(w, "keep");
	bool is_good;

	(void)snprintf(name, sizeof(name), "/keep/%" JSON_INTEGER_FORMAT,
	    number);
	buf_text(&tree, w->log.path);
	buf_text(&tree, name);
	buf_text(&deb, tree.bytes);
	buf_text(&tree, ".tree");
	buf_text(&deb, ".deb");
	argv[4] = tree.bytes;
	argv[5] = deb.bytes;
	is_good = keep != -1 &&
	    act_run_plain(w, argv, number, PACKAGES_PATIENCE, outcome);
	(void)snprintf(name, sizeof(name), "%" JSON_INTEGER_FORMAT ".deb",
	    number);
	is_good = is_good && act_hash(keep, name, hash);
	if (is_good)
		json_object_set_new(outcome, "sha256", json_string(hash));
	if (keep != -1) {
		(void)syncfs(keep);
		(void)close(keep);
	}
	buf_free(&tree);
	buf_free(&deb);
	return is_good;
}

/* The tree, the .deb of it, and no tree again. */
static bool
pack_into(struct packing *p, json_int_t number, json_t *outcome)
{
	int keep = act_folder(p->w, "keep");
	struct why why = { 0 };
	char name[40];
	bool is_good = false;

	if (keep == -1)
		return false;
	(void)snprintf(name, sizeof(name), "%" JSON_INTEGER_FORMAT ".tree",
	    number);
	if (mkdirat(keep, name, 0755) == 0)
		p->tree = openat(keep, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (p->tree == -1)
		(void)why_not(&p->w->why, WHY_SYSTEM, "%s: cannot be made",
		    name);
	else
		is_good = fchmod(p->tree, 0755) == 0 && pack_files(p) &&
		    pack_control(p) && build(p->w, number, outcome);
	json_object_set_new(outcome, "missing",
	    json_integer((json_int_t)p->missing));
	if (p->tree != -1) {
		(void)close(p->tree);
		(void)tree_remove(keep, name, &why);
	}
	(void)close(keep);
	return is_good;
}

/* Did this round make a .deb of a package already? */
static bool
is_packed(struct switch_work *w, const char *package, json_int_t *number)
{
	size_t count, i;
	struct switch_act *act = switch_log_acts(&w->log, &count);
	bool is_there = false;

	for (i = 0; i < count; i++)
		if (strcmp(act[i].kind, "pack") == 0 &&
		    act[i].state == ACT_DONE &&
		    strcmp(switch_text(act[i].act, "package"), package) == 0) {
			*number = act[i].number;
			is_there = true;
		}
	free(act);
	return is_there;
}

static bool
pack(struct switch_work *w, const char *package, json_int_t *number)
{
	struct packing p = { .w = w, .package = package, .tree = -1 };
	json_t *outcome;
	bool is_good;

	if (is_packed(w, package, number))
		return true;
	*number = act_begin(w, "pack", json_pack("{s:s}", "package", package));
	if (*number < 0)
		return false;
	outcome = json_object();
	is_good = pack_into(&p, *number, outcome);
	if (!is_good)
		act_forget(w, *number);
	if (is_good && p.missing > 0)
		switch_say("%s: %" PRIu64 " of its files were not there",
		    package, p.missing);
	return act_end(w, *number, is_good, outcome);
}

/* --- removing ------------------------------------------------------------- */

/* Pack what is installed; what was only left behind has nothing to pack. */
static bool
pack_all(struct switch_work *w, bool agents, json_t *names, json_t *debs)
{
	size_t i;

	for (i = 0; i < w->leaves; i++) {
		const struct leave *l = &w->leave[i];
		json_int_t number;

		if (l->kind != LEAVE_PACKAGE || leave_is_rpms(l) ||
		    l->is_agent != agents || !switch_is_wanted(w, l) ||
		    is_state(l->name, "") || is_state(l->name, "not-installed"))
			continue;
		json_array_append_new(names, json_string(l->name));
		if (is_state(l->name, "config-files"))
			continue;
		if (!pack(w, l->name, &number))
			return false;
		switch_say("%s: packed as keep/%" JSON_INTEGER_FORMAT ".deb",
		    l->name, number);
		json_array_append_new(debs, json_integer(number));
	}
	return true;
}

static bool
are_gone(struct switch_work *w, const json_t *names)
{
	const json_t *one;
	size_t i;

	json_array_foreach(names, i, one)
	{
		const char *name = json_string_value(one);

		if (!is_state(name, "") && !is_state(name, "not-installed"))
			return why_not(&w->why, WHY_NOTHING,
			    "%s is still there", name);
	}
	return true;
}

bool
packages_run(struct switch_work *w, const json_t *words, const char *lock,
    json_int_t number, json_t *outcome)
{
	const char **argv =
	    buf_alloc(json_array_size(words) + 1, sizeof(*argv));
	const json_t *one;
	bool is_good;
	size_t i;

	json_array_foreach(words, i, one) argv[i] = json_string_value(one);
	argv[json_array_size(words)] = NULL;
	packages_wait_for(lock);
	is_good = act_run_plain(w, argv, number, PACKAGES_PATIENCE, outcome);
	free(argv);
	return is_good;
}

json_t *
packages_note_groups(const struct switch_work *w)
{
	json_t *groups = json_object(), *back;
	size_t i;

	for (i = 0; i < w->leaves; i++)
		if (w->leave[i].kind == LEAVE_GROUP &&
		    (back = act_group_back(w->leave[i].name)) != NULL)
			json_object_set_new(groups, w->leave[i].name, back);
	return groups;
}

void
packages_bring_groups(struct switch_work *w, const json_t *groups)
{
	const char *name;
	json_t *back;

	json_object_foreach((json_t *)(uintptr_t)groups, name, back)(void)
	    act_group_bring(w, name, back);
}

static bool
purge(struct switch_work *w, const json_t *names, const json_t *debs)
{
	const char *const words[] = { DPKG, "--purge", "--", NULL };
	json_t *argv = act_words(words), *outcome = json_object(), *what;
	json_int_t number;
	bool is_good = false;

	json_array_extend(argv, (json_t *)(uintptr_t)names);
	what = json_pack("{s:O, s:O, s:o, s:o}", "packages", names, "debs",
	    debs, "argv", argv, "groups", packages_note_groups(w));
	number = act_begin(w, "purge", json_incref(what));
	if (number >= 0) {
		is_good = packages_run(w, argv, DPKG_LOCK, number, outcome) &&
		    are_gone(w, names);
		is_good = act_end(w, number, is_good, json_incref(outcome));
	}
	json_decref(outcome);
	json_decref(what);
	return is_good;
}

static bool
remove_dpkgs(struct switch_work *w, bool agents)
{
	json_t *names = json_array(), *debs = json_array();
	bool is_good = pack_all(w, agents, names, debs);

	if (is_good && json_array_size(names) > 0) {
		is_good = purge(w, names, debs);
		if (is_good)
			switch_say("%zu packages purged",
			    json_array_size(names));
		else
			(void)switch_needs(w,
			    "see what dpkg said; what depends on it may have "
			    "to be removed first");
	}
	json_decref(names);
	json_decref(debs);
	return is_good;
}

bool
packages_remove(struct switch_work *w, bool agents)
{
	return remove_dpkgs(w, agents) && switch_rpm_remove(w, agents);
}

/* Are they installed again, all of them? */
static bool
are_back(const json_t *packages, size_t wanted)
{
	const json_t *one;
	size_t i, back = 0;

	json_array_foreach(packages, i,
	    one) if (is_state(json_string_value(one), "installed")) back++;
	return back >= wanted;
}

bool
packages_back(struct switch_work *w, const struct switch_act *a)
{
	const json_t *debs = json_object_get(a->act, "debs"), *one;
	const json_t *packages = json_object_get(a->act, "packages");
	const char *const words[] = { DPKG, "--force-confold", "--install",
		NULL };
	json_t *argv, *commands;
	bool is_good;
	size_t i;

	if (are_back(packages, json_array_size(debs)))
		return true;
	argv = act_words(words);
	json_array_foreach(debs, i, one) json_array_append_new(argv,
	    json_sprintf("%s/keep/%" JSON_INTEGER_FORMAT ".deb", w->log.path,
		json_integer_value(one)));
	commands = json_pack("[o]", argv);
	packages_bring_groups(w, json_object_get(a->act, "groups"));
	packages_wait_for(DPKG_LOCK);
	is_good = act_run_back(w, commands);
	json_decref(commands);
	return is_good && are_back(packages, json_array_size(debs));
}
