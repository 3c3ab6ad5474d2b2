/*
 * switch_export.c - take the other product's settings while it is there, and
 * make Candor's configuration for each state of the way of them.
 *
 * Its own control program is asked: it runs as root already.  What it cannot
 * say is told, and stops nothing; --settings says more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_work.h"

#include "cmd/candor/infile.h"
#include "cmd/candor/switch_export.h"
#include "sys/run.h"
#include "sys/whole.h"

#include <sys/stat.h>

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PATIENCE 60000u

/* --- their settings ------------------------------------------------------ */

/* Ask FOLDER/bin/NAME-control for a task, and take in what it wrote. */
static void
export_task(struct switch_work *w, const char *control, const char *task)
{
	struct buf file = { 0 };
	json_t *given;
	const char *argv[] = { control, "--get-settings", task, "--file", NULL,
		NULL };
	struct why none = { 0 };

	buf_text(&file, w->log.path);
	buf_text(&file, "/export/");
	buf_text(&file, strrchr(control, '/') + 1);
	buf_byte(&file, '-');
	buf_text(&file, task);
	buf_text(&file, ".ini");
	argv[4] = file.bytes;
	(void)unlink(file.bytes);
	if (act_run(w, argv, NULL, PATIENCE) && access(file.bytes, R_OK) == 0) {
		/* The plan borrows the file's name. */
		given = json_sprintf("%s=%s", task, file.bytes);
		json_array_append_new(w->lent, given);
		(void)switch_plan_add(&w->plan, json_string_value(given));
		switch_say("task %s: %s", task, file.bytes);
	} else {
		switch_say("task %s could not be exported", task);
		w->why = none;
	}
	buf_free(&file);
}

/* The product's own program for its settings, if there is one. */
static void
export_from(struct switch_work *w, const char *folder)
{
	static const char *const task[] = { "1", "2", "3", "4", "6", "20" };
	struct buf control = { 0 };
	size_t i;

	buf_text(&control, folder);
	buf_text(&control, "/bin");
	buf_text(&control, strrchr(folder, '/'));
	buf_text(&control, "-control");
	if (switch_is_roots(control.bytes))
		for (i = 0; i < sizeof(task) / sizeof(task[0]); i++)
			export_task(w, control.bytes, task[i]);
	buf_free(&control);
}

static bool
gather(struct switch_work *w)
{
	int folder = act_folder(w, "export");
	bool is_good = folder != -1;
	size_t i;

	if (folder != -1)
		(void)close(folder);
	for (i = 0; is_good && i < w->o->settings.count; i++)
		is_good = switch_plan_add(&w->plan, w->o->settings.word[i]) ||
		    why_not(&w->why, WHY_NOTHING, "%s cannot be read",
			w->o->settings.word[i]);
	for (i = 0; is_good && w->o->settings.count == 0 && i < w->leaves; i++)
		if (w->leave[i].kind == LEAVE_PATH &&
		    switch_is_wanted(w, &w->leave[i]))
			export_from(w, w->leave[i].name);
	if (is_good)
		switch_say("settings: %zu exact, %zu narrower, %zu left out; "
			   "candor switch plan tells which",
		    w->plan.how[PLAN_EXACT], w->plan.how[PLAN_NARROWER],
		    w->plan.how[PLAN_LEFT_OUT]);
	return is_good;
}

/* --- what the configuration says already --------------------------------- */

static void
take_given(struct switch_work *w, int folder, const char *name)
{
	struct config_troubles *t = buf_alloc(1, sizeof(*t));
	struct config *c = buf_alloc(1, sizeof(*c));
	void *room = buf_alloc(1, CONFIG_ARENA);
	struct buf text = { 0 };
	struct arena a;
	struct why why = { 0 };
	int key;

	memset(t, 0, sizeof(*t));
	arena_init(&a, room, CONFIG_ARENA);
	if (config_init(c, &a) &&
	    infile_read(folder, name, CONFIG_FILE_MAX, &text, &why)) {
		(void)config_read(c, &a, cur_from(text.bytes, text.size), t);
		for (key = 0; key < KEY_COUNT; key++)
			if (c->value[key].line != 0)
				w->plan.is_given[key] = true;
	}
	buf_free(&text);
	free(room);
	free(c);
	free(t);
}

static void
find_given(struct switch_work *w)
{
	struct buf folder = { 0 };
	const struct dirent *e;
	DIR *d;

	take_given(w, AT_FDCWD, w->o->config);
	buf_text(&folder, w->o->config);
	buf_text(&folder, ".d");
	d = opendir(folder.bytes);
	while (d != NULL && (e = readdir(d)) != NULL) {
		size_t size = strlen(e->d_name);

		if (size > 5 && strcmp(e->d_name + size - 5, ".conf") == 0 &&
		    strcmp(e->d_name, "switch.conf") != 0)
			take_given(w, dirfd(d), e->d_name);
	}
	if (d != NULL)
		(void)closedir(d);
	buf_free(&folder);
}

/* --- Candor's configuration ---------------------------------------------- */

#define EXTRAS_MAX 40u

/* The programs of theirs that run: the guard leaves them out meanwhile. */
static size_t
add_programs(const struct switch_work *w, struct switch_extra *extra, size_t n)
{
	const json_t *findings = json_object_get(w->report, "findings");
	const json_t *finding, *one, *list;
	size_t i, k, m;

	json_array_foreach(findings, i, finding)
	{
		list = json_object_get(finding, "evidence");
		json_array_foreach(list, k, one)
		{
			const char *path = switch_text(one, "detail");

			if (strcmp(switch_text(one, "type"), "process") != 0 ||
			    !leave_is_path(path) || n == EXTRAS_MAX)
				continue;
			for (m = 0; m < w->leaves; m++)
				if (w->leave[m].kind == LEAVE_PATH &&
				    leave_is_below(path, w->leave[m].name))
					break;
			if (m < w->leaves)
				extra[n++] = (struct switch_extra){
					KEY_EXCLUDE_PROCESS, path,
					"candor switch: until the other is "
					"gone, neither looks at the other"
				};
		}
	}
	return n;
}

static bool
write_text(struct switch_work *w, int folder, const char *name)
{
	struct buf text = { 0 };
	int fd = -1;
	bool is_good = switch_plan_configuration(&w->plan, &text) ||
	    why_not(&w->why, WHY_BROKEN,
		"the settings carried over are no configuration");

	if (is_good)
		fd = openat(folder, name,
		    O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW | O_CLOEXEC,
		    0600);
	if (fd != -1) {
		is_good =
		    whole_write(fd, text.bytes, text.size) && fsync(fd) == 0;
		(void)close(fd);
	} else {
		is_good = false;
	}
	buf_free(&text);
	return is_good || w->why.kind != WHY_NOTHING ||
	    why_not(&w->why, WHY_SYSTEM, "%s: cannot be written", name);
}

/* One for each state of the way, in STATE/conf. */
static bool
prepare(struct switch_work *w)
{
	static const char why[] = "candor switch: the guard";
	struct switch_extra extra[EXTRAS_MAX] = {
		{ KEY_GUARD_ENABLED, "yes", why },
		{ KEY_GUARD_PREVENT, "no", why },
	};
	size_t count = add_programs(w, extra, 2);
	int folder = act_folder(w, "conf");
	bool is_good = folder != -1;

	w->plan.extra = extra;
	w->plan.extras = count;
	is_good = is_good && write_text(w, folder, "watch.conf");
	extra[1].value = "yes";
	is_good = is_good && write_text(w, folder, "arm.conf");
	w->plan.extras = 2;
	is_good = is_good && write_text(w, folder, "alone.conf");
	w->plan.extra = NULL;
	w->plan.extras = 0;
	if (folder != -1) {
		(void)fsync(folder);
		(void)close(folder);
	}
	return is_good;
}

/* --- the firewall -------------------------------------------------------- */

void
export_firewall(struct switch_work *w)
{
	static const char *const tool[][4] = {
		{ "/usr/sbin/nft", "list", "ruleset", NULL },
		{ "/usr/sbin/iptables-save", NULL, NULL, NULL },
		{ "/usr/sbin/ip6tables-save", NULL, NULL, NULL },
	};
	struct why none = { 0 };
	size_t i;

	for (i = 0; i < sizeof(tool) / sizeof(tool[0]); i++)
		if (run_is_there(tool[i][0]) &&
		    !act_run(w, tool[i], NULL, PATIENCE))
			w->why = none; /* no rules may be read here */
}

bool
export_settings(struct switch_work *w)
{
	if (!gather(w))
		return false;
	find_given(w);
	export_firewall(w);
	return prepare(w);
}
