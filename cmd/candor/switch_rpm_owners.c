/*
 * switch_rpm_owners.c - whose the files are that are to go.  The contract is
 * in switch_rpm.h.
 *
 * Nothing of a package is moved away under it: what belongs to a package of
 * which nothing says that it goes stops the step.  rpm is asked twice: for
 * each path, because it knows it by other names, too, over the system's
 * links; and for all files of all packages, for what is in a folder that goes.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_rpm.h"

#include "sys/run.h"

#include <string.h>

#define NAME_SHOWN 100u

/* Is it the name of a package that goes? */
static bool
goes(const struct switch_work *w, struct cur name)
{
	size_t i;

	for (i = 0; i < w->leaves; i++)
		if (leave_is_rpms(&w->leave[i]) &&
		    switch_is_wanted(w, &w->leave[i]) &&
		    strlen(w->leave[i].name) == name.size &&
		    memcmp(w->leave[i].name, name.base, name.size) == 0)
			return true;
	return false;
}

static bool
is_anothers(struct switch_work *w, const char *path, struct cur name)
{
	(void)why_not(&w->why, WHY_NOTHING,
	    "%s belongs to %.*s, a package of rpm of which nothing says that "
	    "it goes",
	    path, (int)(name.size < NAME_SHOWN ? name.size : NAME_SHOWN),
	    (const char *)name.base);
	return switch_needs(w,
	    "look whose it is; if it is to go: rpm -e, then candor switch "
	    "apply again");
}

/* The path itself, by whichever name. */
static bool
is_ours(struct switch_work *w, const char *path)
{
	const char *const argv[] = { SWITCH_RPM, "-qf", "--qf",
		SWITCH_RPM_MARK "%{NAME}\n", path, NULL };
	struct buf text = { 0 };
	struct cur all, name;
	bool is_good = true;

	if (act_ask(argv, &text)) {
		all = cur_from(text.bytes, text.size);
		while (is_good && switch_rpm_line(&all, &name))
			is_good = goes(w, name) || is_anothers(w, path, name);
	}
	buf_free(&text);
	return is_good;
}

static bool
is_to_go(const struct switch_work *w, const struct leave *l, bool agents)
{
	return l->kind == LEAVE_PATH && l->is_agent == agents &&
	    switch_is_wanted(w, l) && switch_is_there(l->name);
}

/* Is it in something that is to go, and there? */
static bool
is_inside(const struct switch_work *w, bool agents, const char *path)
{
	size_t i;

	for (i = 0; i < w->leaves; i++)
		if (w->leave[i].kind == LEAVE_PATH &&
		    leave_is_below(path, w->leave[i].name) &&
		    is_to_go(w, &w->leave[i], agents))
			return switch_is_there(path);
	return false;
}

/* "NAME PATH", as rpm's database has it. */
static bool
is_line_ours(struct switch_work *w, bool agents, struct cur line)
{
	struct buf path = { 0 };
	struct cur name;
	bool is_good = true;

	if (cur_until(&line, ' ', &name) && cur_left(&line) > 0) {
		buf_add(&path, line.base + line.pos, cur_left(&line));
		is_good = !is_inside(w, agents, path.bytes) || goes(w, name) ||
		    is_anothers(w, path.bytes, name);
	}
	buf_free(&path);
	return is_good;
}

static bool
are_all_ours(struct switch_work *w, bool agents)
{
	const char *const argv[] = { SWITCH_RPM, "-qa", "--qf",
		"[" SWITCH_RPM_MARK "%{=NAME} %{FILENAMES}\n]", NULL };
	struct buf text = { 0 };
	struct cur all, line;
	bool is_good = act_ask(argv, &text) ||
	    why_not(&w->why, WHY_NOTHING, "rpm does not list its files");

	all = cur_from(text.bytes, text.size);
	while (is_good && switch_rpm_line(&all, &line))
		is_good = is_line_ours(w, agents, line);
	buf_free(&text);
	return is_good;
}

bool
switch_rpm_are_ours(struct switch_work *w, bool agents)
{
	bool is_good = true;
	size_t i;

	if (!run_is_there(SWITCH_RPM))
		return true;
	for (i = 0; is_good && i < w->leaves; i++)
		if (is_to_go(w, &w->leave[i], agents))
			is_good = is_ours(w, w->leave[i].name);
	return is_good && are_all_ours(w, agents);
}
