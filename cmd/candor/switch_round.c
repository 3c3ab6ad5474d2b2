/*
 * switch_round.c - what begins, resumes and undoes a switch-over: who and
 * what is at work, what is found, what was interrupted, and the way back.
 * The contract is in switch_work.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_work.h"

#include "cmd/candor/ban_look.h"
#include "cmd/candor/ban_print.h"
#include "cmd/candor/print.h"
#include "cmd/candor/switch_rpm.h"
#include "sys/beside.h"
#include "sys/whole.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- who, and with what -------------------------------------------------- */

static void
set_user(json_t *who, const char *name, uid_t uid)
{
	const struct passwd *p = getpwuid(uid);

	json_object_set_new(who, name,
	    json_pack("{s:I, s:o}", "uid", (json_int_t)uid, "name",
		ban_print_string(p != NULL ? p->pw_name : "")));
}

/* Who logged in, whoever he became since; no audit, no word. */
static void
set_login(json_t *who)
{
	char text[24] = "";
	int fd = open("/proc/self/loginuid", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd != -1 ? whole_read(fd, text, sizeof(text) - 1) : -1;
	unsigned long uid = n > 0 ? strtoul(text, NULL, 10) : UINT_MAX;

	if (fd != -1)
		(void)close(fd);
	if (uid < UINT_MAX)
		set_user(who, "login", (uid_t)uid);
}

static void
add_hashed(json_t *list, int folder, const char *path, const char *called)
{
	char hash[CHAIN_HEX];

	if (act_hash(folder, path, hash))
		json_array_append_new(list,
		    json_pack("{s:s, s:s}", "path", called, "sha256", hash));
}

static json_t *
programs(void)
{
	static const char *const name[] = { "candord", "candor-broker",
		"candor-worker", "candor-compile", "candor-guard",
		"candor-opener", "candor-quarantine" };
	json_t *list = json_array();
	struct why why = { 0 };
	char path[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", path, sizeof(path) - 1);
	size_t i;

	path[n > 0 ? n : 0] = '\0';
	add_hashed(list, AT_FDCWD, path, path);
	for (i = 0; i < sizeof(name) / sizeof(name[0]); i++)
		if (beside_program(name[i], path, sizeof(path), &why))
			add_hashed(list, AT_FDCWD, path, path);
	return list;
}

static json_t *
databases(void)
{
	static const char folder[] = "/var/lib/candor";
	json_t *list = json_array();
	DIR *d = opendir(folder);
	const struct dirent *e;
	char path[PATH_MAX];

	while (d != NULL && (e = readdir(d)) != NULL) {
		size_t size = strlen(e->d_name);

		if (size < 5 || strcmp(e->d_name + size - 5, ".cand") != 0)
			continue;
		(void)snprintf(path, sizeof(path), "%s/%s", folder, e->d_name);
		add_hashed(list, dirfd(d), e->d_name, path);
	}
	if (d != NULL)
		(void)closedir(d);
	return list;
}

json_t *
switch_who(const struct switch_options *o)
{
	json_t *line = json_object(), *who = json_object();
	char host[256] = "";

	set_user(who, "user", getuid());
	set_login(who);
	if (gethostname(host, sizeof(host) - 1) == 0)
		json_object_set_new(who, "host", ban_print_string(host));
	json_object_set_new(line, "who", who);
	json_object_set_new(line, "candor", json_string(print_version()));
	json_object_set_new(line, "programs", programs());
	json_object_set_new(line, "databases", databases());
	json_object_set_new(line, "options",
	    json_pack("{s:b, s:b, s:b}", "yes", o->yes, "unconfirmed",
		o->unconfirmed, "scan_only", o->scan_only));
	return line;
}

/* --- what is found ------------------------------------------------------- */

static json_t *
look(struct switch_work *w, bool lists_only)
{
	struct ban_place place = { -1, NULL, 0, "" };
	struct ban_wanted wanted = { 0 };
	struct ban_seen seen;
	json_t *report;
	int root = open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (root == -1)
		return NULL;
	place.root = root;
	ban_seen_open(&w->data.set, &seen);
	ban_look_lists(&place, &seen);
	if (!lists_only) {
		ban_look_tree(root, false, &seen, &wanted);
		ban_wanted_look(&wanted, &place, &seen);
		ban_look_running(&seen);
		ban_wanted_free(&wanted);
	}
	report = ban_seen_report(&seen, "machine", "this machine");
	ban_seen_close(&seen);
	(void)close(root);
	return report;
}

json_t *
switch_scan(struct switch_work *w)
{
	return look(w, false);
}

json_t *
switch_scan_lists(struct switch_work *w)
{
	return look(w, true);
}

static bool
keep_report(struct switch_work *w, json_int_t number, const json_t *report,
    json_t *outcome)
{
	char *text = json_dumps(report, JSON_COMPACT | JSON_SORT_KEYS);
	char name[60], hash[CHAIN_HEX];
	struct buf line = { 0 };
	int fd;
	bool is_good;

	(void)snprintf(name, sizeof(name), "scan-%" JSON_INTEGER_FORMAT ".json",
	    number);
	buf_text(&line, text != NULL ? text : "");
	buf_byte(&line, '\n');
	chain_hash(line.bytes, line.size, hash);
	fd = openat(w->log.folder, name,
	    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC, 0600);
	is_good = text != NULL && fd != -1 &&
	    whole_write(fd, line.bytes, line.size) && fsync(fd) == 0;
	if (!is_good)
		(void)why_not(&w->why, WHY_SYSTEM, "%s/%s: cannot be written",
		    w->log.path, name);
	if (fd != -1)
		(void)close(fd);
	json_object_set_new(outcome, "name", json_string(name));
	json_object_set_new(outcome, "sha256", json_string(hash));
	free(text);
	buf_free(&line);
	return is_good;
}

json_t *
switch_scan_kept(struct switch_work *w, const char *name)
{
	json_int_t number =
	    act_begin(w, "scan", json_pack("{s:s}", "name", name));
	json_t *report, *outcome;
	bool is_good;

	if (number < 0)
		return NULL;
	report = switch_scan(w);
	outcome = json_object();
	is_good = report != NULL && keep_report(w, number, report, outcome);
	if (act_end(w, number, is_good, outcome))
		return report;
	json_decref(report);
	return NULL;
}

size_t
switch_findings(const json_t *report)
{
	const json_t *list = json_object_get(report, "findings"), *one;
	size_t i, count = 0;

	json_array_foreach(list, i, one) count += !leave_is_told_only(one);
	return count;
}

/* --- what was interrupted ------------------------------------------------- */

/* Is a file what the act would have made it? */
static bool
is_written(const struct switch_act *a)
{
	char now[CHAIN_HEX];

	return act_hash(AT_FDCWD, switch_text(a->act, "path"), now) &&
	    strcmp(now, switch_text(a->act, "after")) == 0;
}

static bool
settle_one(struct switch_work *w, const struct switch_act *a)
{
	bool is_done = false, is_known = true;
	struct why why = w->why;

	(void)why_not(&w->why, WHY_NOTHING, "interrupted");
	if (strcmp(a->kind, "move") == 0)
		is_done = act_move_settle(w, a);
	else if (strcmp(a->kind, "write") == 0)
		is_done = is_written(a);
	else if (strcmp(a->kind, "copy") == 0 || strcmp(a->kind, "pack") == 0 ||
	    strcmp(a->kind, "keep") == 0)
		act_forget(w, a->number);
	else
		is_known = false;
	(void)act_end(w, a->number, is_done,
	    json_pack("{s:b, s:b}", "settled", true, "interrupted", !is_known));
	w->why = why;
	return w->log.chain.count > (uint64_t)a->number;
}

bool
switch_settle(struct switch_work *w)
{
	size_t count, i;
	struct switch_act *act = switch_log_acts(&w->log, &count);
	bool is_good = true;

	w->step = "settle";
	for (i = 0; is_good && i < count; i++)
		if (act[i].state == ACT_OPEN) {
			printf("     %s was interrupted in \"%s\"\n",
			    act[i].kind, act[i].step);
			is_good = settle_one(w, &act[i]);
		}
	free(act);
	return is_good;
}

/* --- the way back -------------------------------------------------------- */

/* May there be something of it to undo? */
static bool
is_undoable(const struct switch_act *a)
{
	bool may_be = a->state == ACT_DONE ||
	    json_is_true(json_object_get(a->outcome, "interrupted"));

	if (a->state == ACT_BACK)
		return false;
	if (strcmp(a->kind, "run") == 0)
		return (may_be || a->is_undoing) &&
		    json_object_get(a->act, "back") != NULL;
	if (strcmp(a->kind, "move") == 0 || strcmp(a->kind, "purge") == 0 ||
	    strcmp(a->kind, "erase") == 0)
		return true;
	return a->state != ACT_FAILED &&
	    (strcmp(a->kind, "write") == 0 || strcmp(a->kind, "copy") == 0 ||
		strcmp(a->kind, "unload") == 0);
}

/* Commands that undo one, but for what is so already: we may have been
   interrupted while we undid it. */
static bool
undo_run(struct switch_work *w, const struct switch_act *a)
{
	const char *program = switch_text(a->act, "program");
	const json_t *back = json_object_get(a->act, "back");
	const json_t *argv = json_object_get(a->act, "argv");
	const char *name = json_string_value(json_array_get(argv, 2));

	if (name != NULL && strcmp(program, "/usr/sbin/groupdel") == 0)
		return act_group_bring(w, name, back);
	if (name != NULL && strcmp(program, "/usr/sbin/userdel") == 0 &&
	    getpwnam(name) != NULL)
		return true;
	return act_run_back(w, back);
}

static bool
undo_kind(struct switch_work *w, const struct switch_act *a)
{
	json_t *list;
	bool is_good;

	if (strcmp(a->kind, "move") == 0)
		return act_move_back(w, a);
	if (strcmp(a->kind, "copy") == 0)
		return act_copy_back(w, a);
	if (strcmp(a->kind, "write") == 0)
		return act_write_back(w, a) && protect_reload(w);
	if (strcmp(a->kind, "purge") == 0)
		return packages_back(w, a);
	if (strcmp(a->kind, "erase") == 0)
		return switch_rpm_back(w, a);
	if (strcmp(a->kind, "run") == 0)
		return undo_run(w, a);
	list = json_pack("[[s,s,s]]", "/usr/sbin/modprobe", "--",
	    switch_text(a->act, "module"));
	is_good = act_run_back(w, list);
	json_decref(list);
	return is_good;
}

/* What a person would call it. */
static void
say_act(const struct switch_act *a, const char *how)
{
	const char *what = switch_text(a->act, "path");
	char *words = NULL;

	if (what[0] == '\0')
		what = switch_text(a->act, "module");
	if (what[0] == '\0') {
		words =
		    json_dumps(json_object_get(a->act,
				   strcmp(a->kind, "run") == 0 ? "back"
							       : "packages"),
			JSON_COMPACT | JSON_ENCODE_ANY);
		what = words != NULL ? words : "";
	}
	switch_say("%s %s: %s", a->kind, what, how);
	free(words);
}

static bool
undo_one(struct switch_work *w, const struct switch_act *a, size_t *lost)
{
	json_t *line;
	bool is_good;

	w->why = (struct why){ 0 };
	if (switch_log_add(&w->log, "undoing",
		json_pack("{s:I}", "of", a->number), &w->why) < 0)
		return false;
	is_good = undo_kind(w, a);
	say_act(a, is_good ? "came back" : "DID NOT COME BACK");
	if (!is_good)
		switch_say("  %s", w->why.text);
	*lost += !is_good;
	line = json_pack("{s:I, s:b, s:s}", "of", a->number, "ok", is_good,
	    "why", is_good ? "" : w->why.text);
	return switch_log_add(&w->log, "undo-result", line, &w->why) >= 0;
}

bool
switch_undo(struct switch_work *w, size_t *lost)
{
	size_t count, i;
	struct switch_act *act = switch_log_acts(&w->log, &count);
	bool is_good = true;

	*lost = 0;
	w->step = "undo";
	for (i = count; is_good && i-- > 0;) {
		if (strcmp(act[i].kind, "end") == 0)
			switch_say("process %s: started again with its "
				   "service, if it has one",
			    switch_text(act[i].act, "program"));
		if (is_undoable(&act[i]))
			is_good = undo_one(w, &act[i], lost);
	}
	free(act);
	return is_good;
}
