/*
 * switch_steps.c - the steps of lib/ban/plan_steps.c, as they are done.
 *
 * Each looks first whether it is so already, so that one that was interrupted
 * is done again from its beginning.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_export.h"
#include "cmd/candor/switch_work.h"
#include "lib/base/ascii.h"
#include "sys/run.h"
#include "sys/tree.h"

#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SYSTEMCTL "/usr/bin/systemctl"
#define PATIENCE  180000u

bool
switch_is_wanted(const struct switch_work *w, const struct leave *l)
{
	return !l->is_unconfirmed || w->o->unconfirmed;
}

/* --- Candor protects ------------------------------------------------------ */

static bool
discover(struct switch_work *w)
{
	size_t i, asked = 0;

	for (i = 0; i < w->leaves; i++)
		asked += !switch_is_wanted(w, &w->leave[i]);
	switch_say("%zu things are to go", w->leaves - asked);
	if (asked > 0)
		switch_say("%zu are not confirmed and stay (--unconfirmed)",
		    asked);
	return true;
}

/* Where systemd runs, candord is started and stays so. */
static bool
start_candord(struct switch_work *w)
{
	const char *const known[] = { SYSTEMCTL, "cat", "--", "candord.service",
		NULL };
	const char *const active[] = { SYSTEMCTL, "is-active", "--quiet", "--",
		"candord.service", NULL };
	const char *const argv[] = { SYSTEMCTL, "enable", "--now", "--",
		"candord.service", NULL };
	struct buf text = { 0 };
	bool is_wanted = access("/run/systemd/system", F_OK) == 0 &&
	    act_ask(known, &text) && !act_ask(active, &text);

	buf_free(&text);
	return !is_wanted ||
	    act_run(w, argv,
		json_pack("[[s,s,s,s,s]]", SYSTEMCTL, "disable", "--now", "--",
		    "candord.service"),
		PATIENCE);
}

static bool
stage(struct switch_work *w)
{
	return protect_configure(w, SWITCH_WATCH) && start_candord(w);
}

static bool
verify(struct switch_work *w)
{
	enum switch_protects p;

	return protect_probe(w, false, &p) ||
	    switch_needs(w,
		"candor status says what is wrong; candor update, or "
		"reinstall Candor");
}

/* Nothing is stopped unless Candor blocks by itself, or somebody said that
   scanning is enough. */
static bool
is_enough(struct switch_work *w)
{
	enum switch_protects p;

	if (!protect_probe(w, true, &p))
		return switch_needs(w, "candor status says what is wrong");
	if (p == PROTECTS_BY_GUARD || w->o->scan_only)
		return true;
	(void)why_not(&w->why, WHY_NOTHING,
	    "Candor finds the test file, but does not deny it");
	return switch_needs(w,
	    "start candord with [guard] enabled = yes and prevent = yes "
	    "(candor guard status), or accept with --scan-only that nothing "
	    "is denied when it is opened");
}

static bool
arm(struct switch_work *w)
{
	return protect_configure(w, SWITCH_ARM) && is_enough(w);
}

static bool
stop_old(struct switch_work *w)
{
	return is_enough(w) && services_stop(w, false);
}

/* --- removing ------------------------------------------------------------- */

static bool
is_copied(struct switch_work *w, const char *path)
{
	size_t count, i;
	struct switch_act *act = switch_log_acts(&w->log, &count);
	bool is_so = false;

	for (i = 0; i < count; i++)
		is_so = is_so ||
		    (strcmp(act[i].kind, "copy") == 0 &&
			act[i].state == ACT_DONE &&
			strcmp(switch_text(act[i].act, "path"), path) == 0);
	free(act);
	return is_so;
}

static bool
has_packages(const struct switch_work *w, bool agents)
{
	size_t i;

	for (i = 0; i < w->leaves; i++)
		if (w->leave[i].kind == LEAVE_PACKAGE &&
		    w->leave[i].is_agent == agents &&
		    switch_is_wanted(w, &w->leave[i]))
			return true;
	return false;
}

/* Removing a package may take what it worked with: that is copied. */
static bool
copy_all(struct switch_work *w, bool agents)
{
	bool is_good = true;
	size_t i;

	for (i = 0; is_good && i < w->leaves && has_packages(w, agents); i++) {
		const struct leave *l = &w->leave[i];

		if (l->kind != LEAVE_PATH || l->is_agent != agents ||
		    !switch_is_wanted(w, l) || is_copied(w, l->name) ||
		    !switch_is_there(l->name))
			continue;
		switch_say("copy %s", l->name);
		is_good = act_copy(w, l->name);
	}
	return is_good ||
	    switch_needs(w,
		"what is written above; --state on another disk, if it is "
		"room that is missing");
}

static bool
remove_packages(struct switch_work *w)
{
	return copy_all(w, false) && packages_remove(w, false) &&
	    modules_unload(w) && is_enough(w);
}

static bool
remove_agent(struct switch_work *w)
{
	return services_stop(w, true) && copy_all(w, true) &&
	    packages_remove(w, true);
}

/* --- residue -------------------------------------------------------------- */

/* What is found now goes, too. */
static bool
look_again(struct switch_work *w)
{
	json_t *now = switch_scan(w);
	size_t i;

	if (now == NULL)
		return why_not(&w->why, WHY_NOTHING,
		    "candor ban scan could not be done");
	json_array_extend(json_object_get(w->report, "findings"),
	    json_object_get(now, "findings"));
	json_decref(now);
	w->leaves = leave_from_report(w->report, w->leave);
	for (i = 0; i < w->leaves; i++)
		if (!switch_is_wanted(w, &w->leave[i]) &&
		    w->leave[i].kind == LEAVE_PATH &&
		    switch_is_there(w->leave[i].name))
			switch_say("%s stays: not confirmed", w->leave[i].name);
	return true;
}

static bool
is_empty(const char *path)
{
	DIR *d = opendir(path);
	const struct dirent *e;
	bool is_so = d != NULL;

	while (is_so && (e = readdir(d)) != NULL)
		is_so =
		    strcmp(e->d_name, ".") == 0 || strcmp(e->d_name, "..") == 0;
	if (d != NULL)
		(void)closedir(d);
	return is_so;
}

/* Is a folder called as the vendor is ("kaspersky")? */
static bool
is_vendors(const char *path, const char *vendor)
{
	const char *name = strrchr(path, '/') + 1;
	size_t i, size = strcspn(vendor, " ,");

	for (i = 0; i < size && name[i] != '\0'; i++)
		if (ascii_lower((uint8_t)name[i]) !=
		    ascii_lower((uint8_t)vendor[i]))
			return false;
	return i == size && size > 0 && name[i] == '\0';
}

/* A folder called as the vendor, if nothing is in it any more. */
static bool
move_emptied(struct switch_work *w, const struct leave *l)
{
	char parent[TREE_PATH];
	char *slash;

	(void)snprintf(parent, sizeof(parent), "%s", l->name);
	slash = strrchr(parent, '/');
	if (slash == parent)
		return true;
	*slash = '\0';
	if (!is_vendors(parent, l->vendor) || !switch_is_there(parent))
		return true;
	if (!is_empty(parent)) {
		switch_say("%s is not empty: what is in it no sign names",
		    parent);
		return true;
	}
	return act_move(w, parent);
}

static bool
move_all(struct switch_work *w)
{
	bool is_good = true;
	size_t i;

	for (i = 0; is_good && i < w->leaves; i++) {
		const struct leave *l = &w->leave[i];

		if (l->kind != LEAVE_PATH || !switch_is_wanted(w, l) ||
		    !switch_is_there(l->name))
			continue;
		switch_say("move away %s", l->name);
		is_good = act_move(w, l->name);
	}
	for (i = 0; is_good && i < w->leaves; i++)
		if (w->leave[i].kind == LEAVE_PATH &&
		    switch_is_wanted(w, &w->leave[i]) &&
		    !switch_is_there(w->leave[i].name))
			is_good = move_emptied(w, &w->leave[i]);
	return is_good ||
	    switch_needs(w,
		"look at what is written above, then candor "
		"switch apply again");
}

/* A group goes with its number and members written down. */
static void
remove_group(struct switch_work *w, const char *name)
{
	const char *const argv[] = { "/usr/sbin/groupdel", "--", name, NULL };
	json_t *back = act_group_back(name);
	struct why none = { 0 };

	if (back == NULL || !run_is_there(argv[0])) {
		json_decref(back);
		return;
	}
	if (act_run(w, argv, back, PATIENCE)) {
		switch_say("group %s removed", name);
	} else {
		switch_say("group %s stays: %s", name, w->why.text);
		w->why = none;
	}
}

static void
remove_user(struct switch_work *w, const char *name)
{
	const char *const argv[] = { "/usr/sbin/userdel", "--", name, NULL };
	const struct passwd *p = getpwnam(name);
	struct why none = { 0 };
	char uid[20], gid[20];

	if (p == NULL || p->pw_uid == 0 || !run_is_there(argv[0]))
		return;
	(void)snprintf(uid, sizeof(uid), "%u", (unsigned)p->pw_uid);
	(void)snprintf(gid, sizeof(gid), "%u", (unsigned)p->pw_gid);
	if (act_run(w, argv,
		json_pack("[[s,s,s,s,s,s,s,s,s,s,s,s]]", "/usr/sbin/useradd",
		    "-M", "-u", uid, "-g", gid, "-d", p->pw_dir, "-s",
		    p->pw_shell, "--", name),
		PATIENCE)) {
		switch_say("user %s removed", name);
	} else {
		switch_say("user %s stays: %s", name, w->why.text);
		w->why = none;
	}
}

static void
remove_accounts(struct switch_work *w)
{
	size_t i;

	for (i = 0; i < w->leaves; i++)
		if (w->leave[i].kind == LEAVE_USER &&
		    switch_is_wanted(w, &w->leave[i]))
			remove_user(w, w->leave[i].name);
	for (i = 0; i < w->leaves; i++)
		if (w->leave[i].kind == LEAVE_GROUP &&
		    switch_is_wanted(w, &w->leave[i]))
			remove_group(w, w->leave[i].name);
}

static bool
clean(struct switch_work *w)
{
	const char *const argv[] = { SYSTEMCTL, "daemon-reload", NULL };

	/* What is left of packages (dpkg's rc) is found now. */
	if (!look_again(w) || !packages_remove(w, false) ||
	    !packages_remove(w, true) || !move_all(w))
		return false;
	remove_accounts(w);
	export_firewall(w);
	if (access("/run/systemd/system", F_OK) == 0)
		(void)act_run(w, argv, NULL, PATIENCE);
	return protect_configure(w, SWITCH_ALONE) && is_enough(w);
}

static bool
attest(struct switch_work *w)
{
	json_t *after = switch_scan_kept(w, "after.json");
	size_t left;

	if (after == NULL)
		return false;
	left = switch_findings(after);
	json_decref(after);
	if (left == 0)
		switch_say("candor ban scan finds nothing that was to go");
	else
		switch_say("candor ban scan still finds %zu: look at it", left);
	return true;
}

/* The names are those of the plan, in its order. */
static const struct switch_step steps[] = {
	{ "discover", discover },
	{ "export", export_settings },
	{ "stage", stage },
	{ "verify", verify },
	{ "arm", arm },
	{ "stop the old", stop_old },
	{ "probe", is_enough },
	{ "remove packages", remove_packages },
	{ "remove the agent", remove_agent },
	{ "clean residue", clean },
	{ "attest", attest },
};

const struct switch_step *
switch_steps(size_t *count)
{
	*count = sizeof(steps) / sizeof(steps[0]);
	return steps;
}
