/*
 * switch_rpm.c - remove packages of rpm, and bring them back.  The contract is
 * in switch_rpm.h.
 *
 * Spec:    rpm(8) of rpm 4.11 to 4.18.
 *
 * rpm -e alone is used.  What it refuses (another package needs it, a script
 * of its own fails) is told in its words, and stops: --nodeps and --noscripts
 * are somebody's decision.  Whether a package is gone rpm is asked, whatever
 * it ended with; of databases that it does not read, candor ban scan.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_rpm.h"

#include "cmd/candor/ban_print.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/infile.h"
#include "cmd/candor/switch_packages.h"
#include "sys/run.h"

#include <sys/stat.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LINES_MAX 30u               /* of what rpm said, shown */
#define SAID_MAX  ((size_t)1 << 20) /* bytes of it, read */

/* --- what rpm knows ------------------------------------------------------- */

/* Its packages, a line each: name, and name-version-release.machine. */
static bool
list_all(struct switch_work *w, struct buf *out)
{
	const char *const argv[] = { SWITCH_RPM, "-qa", "--qf",
		SWITCH_RPM_MARK "%{NAME} %{NVRA}\n", NULL };
	struct buf lock = { 0 };

	buf_cut(out, 0);
	buf_add(out, "", 0);
	if (!run_is_there(SWITCH_RPM))
		return true;
	switch_rpm_path("%{_rpmlock_path}", &lock);
	packages_wait_for(lock.bytes);
	buf_free(&lock);
	if (act_ask(argv, out))
		return true;
	buf_cut(out, 0);
	return why_not(&w->why, WHY_NOTHING, "rpm does not list its packages");
}

/* What rpm takes for one package, and for no option. */
static bool
is_label(const char *text)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				      "0123456789.+-_@:~^";

	return text[0] != '\0' && text[0] != '-' &&
	    strspn(text, letters) == strlen(text);
}

/* The packages of that name, or that one package, in the list. */
static json_t *
find_in(const struct buf *list, const char *name, const char *label)
{
	struct cur all = cur_from(list->bytes, list->size), line, first;
	json_t *found = json_array();

	while (switch_rpm_line(&all, &line)) {
		struct buf text = { 0 };

		if (!cur_until(&line, ' ', &first) || cur_left(&line) == 0)
			continue;
		buf_add(&text, line.base + line.pos, cur_left(&line));
		if (label != NULL ? strcmp(text.bytes, label) == 0
				  : first.size == strlen(name) &&
			    memcmp(first.base, name, first.size) == 0)
			json_array_append_new(found,
			    ban_print_string(text.bytes));
		buf_free(&text);
	}
	return found;
}

static bool
is_installed(const struct buf *list, const char *label)
{
	json_t *found = find_in(list, NULL, label);
	bool is_so = json_array_size(found) > 0;

	json_decref(found);
	return is_so;
}

/* --- what its databases say ----------------------------------------------- */

static bool
is_to_go(const struct switch_work *w, const struct leave *l, bool agents)
{
	return leave_is_rpms(l) && l->is_agent == agents &&
	    switch_is_wanted(w, l);
}

/* Packages as they stand now in databases of rpm. */
struct standing {
	json_t *report;
	struct leave *leave;
	size_t count;
};

static bool
standing_read(struct switch_work *w, struct standing *out)
{
	out->leave = buf_alloc(LEAVE_MAX, sizeof(*out->leave));
	out->count = 0;
	out->report = switch_scan_lists(w);
	if (out->report == NULL)
		return why_not(&w->why, WHY_NOTHING,
		    "the lists of packages cannot be read");
	out->count = leave_from_report(out->report, out->leave);
	return true;
}

static void
standing_free(struct standing *s)
{
	json_decref(s->report);
	free(s->leave);
}

/* Is it where rpm has its database? */
static bool
is_rpms_own(const char *database)
{
	struct buf theirs = { 0 }, ours = { 0 };
	char *a, *b;
	bool is_so;

	switch_rpm_path("%{_dbpath}", &theirs);
	buf_add(&ours, database, (size_t)(strrchr(database, '/') - database));
	a = realpath(theirs.bytes, NULL);
	b = realpath(ours.bytes, NULL);
	is_so = a != NULL && b != NULL && strcmp(a, b) == 0;
	free(a);
	free(b);
	buf_free(&theirs);
	buf_free(&ours);
	return is_so;
}

/* Are there changes that SQLite has not written back yet?  Those rpm sees, and
   candor ban scan does not. */
static bool
has_more(const char *database)
{
	struct buf path = { 0 };
	struct stat st;
	bool is_so;

	buf_text(&path, database);
	buf_text(&path, "-wal");
	is_so = stat(path.bytes, &st) == 0 && st.st_size > 0;
	buf_free(&path);
	return is_so;
}

/* A package that stands in a database: can rpm remove it there, or has it? */
static bool
is_rpms(const char *name, const char *in, const struct buf *list)
{
	json_t *labels = find_in(list, name, NULL);
	struct buf database = { 0 };
	bool is_so;

	buf_text(&database, in[0] == '/' ? "" : "/");
	buf_text(&database, in);
	is_so = is_rpms_own(database.bytes) &&
	    (json_array_size(labels) > 0 || has_more(database.bytes));
	json_decref(labels);
	buf_free(&database);
	return is_so;
}

/* Where a package of that name stands that rpm does not know, or NULL. */
static const char *
find_unknown(const struct standing *s, const char *name, const struct buf *list)
{
	size_t i;

	for (i = 0; i < s->count; i++)
		if (leave_is_rpms(&s->leave[i]) &&
		    strcmp(s->leave[i].name, name) == 0 &&
		    !is_rpms(name, s->leave[i].in, list))
			return s->leave[i].in;
	return NULL;
}

/* Is none among those that are to go that rpm cannot remove? */
static bool
are_known(struct switch_work *w, bool agents, const struct buf *list)
{
	struct standing s;
	bool is_good = standing_read(w, &s);
	const char *in = NULL, *name = NULL;
	size_t i;

	for (i = 0; is_good && in == NULL && i < w->leaves; i++)
		if (is_to_go(w, &w->leave[i], agents)) {
			name = w->leave[i].name;
			in = find_unknown(&s, name, list);
		}
	if (in != NULL) {
		in += in[0] == '/';
		(void)why_not(&w->why, WHY_NOTHING, "%s stands in /%s, and %s",
		    name, in,
		    run_is_there(SWITCH_RPM)
			? "rpm does not know it (rpm --eval %_dbpath says "
			  "which database it reads)"
			: "there is no " SWITCH_RPM " to remove it with");
		is_good = switch_needs(w,
		    "remove it with the rpm that has that database, or take "
		    "the database away if it is nobody's any more; then candor "
		    "switch apply again");
	}
	standing_free(&s);
	return is_good;
}

/* --- keeping -------------------------------------------------------------- */

static bool
is_among(const json_t *kept, const char *label)
{
	const json_t *one;
	size_t i;

	json_array_foreach(kept, i, one) if (strcmp(switch_text(one, "package"),
						 label) == 0) return true;
	return false;
}

/* All packages of a name, which may be there for two machines. */
static bool
keep_named(struct switch_work *w, const struct buf *list, const char *name,
    json_t *kept)
{
	json_t *labels = find_in(list, name, NULL), *one, *as;
	bool is_good = true;
	size_t i;

	json_array_foreach(labels, i, one)
	{
		const char *label = json_string_value(one);

		if (!is_good || is_among(kept, label))
			continue;
		as = is_label(label) ? switch_rpm_keep(w, label) : NULL;
		if (!is_label(label))
			(void)why_not(&w->why, WHY_NOTHING,
			    "rpm has a package that it calls %s: not what a "
			    "package is called",
			    label);
		is_good = as != NULL && json_array_append_new(kept, as) == 0;
	}
	json_decref(labels);
	return is_good;
}

/* Keep all that are to go and that rpm has. */
static bool
keep_all(struct switch_work *w, bool agents, const struct buf *list,
    json_t *kept)
{
	bool is_good = true;
	size_t i;

	for (i = 0; is_good && i < w->leaves; i++)
		if (is_to_go(w, &w->leave[i], agents))
			is_good = keep_named(w, list, w->leave[i].name, kept);
	return is_good;
}

/* --- removing ------------------------------------------------------------- */

/* What a program said, in its own words. */
static void
say_output(struct switch_work *w, json_int_t number)
{
	struct buf text = { 0 };
	struct cur all, line;
	struct why why = { 0 };
	char name[40];
	int folder = act_folder(w, "out");
	size_t i;

	(void)snprintf(name, sizeof(name), "%" JSON_INTEGER_FORMAT ".txt",
	    number);
	if (folder != -1)
		(void)infile_read(folder, name, SAID_MAX, &text, &why);
	all = cur_from(text.bytes, text.size);
	for (i = 0;
	     i < LINES_MAX && cur_left(&all) > 0 && cur_line(&all, &line);
	     i++) {
		fputs("     rpm: ", stdout);
		escape_text(stdout, line.base, line.size);
		putchar('\n');
	}
	if (cur_left(&all) > 0)
		switch_say("rpm: and more, in %s/out/%s", w->log.path, name);
	(void)fflush(stdout);
	buf_free(&text);
	if (folder != -1)
		(void)close(folder);
}

/* Which are gone, and which are not, whatever rpm ended with. */
static bool
are_gone(struct switch_work *w, const json_t *packages, json_t *outcome)
{
	struct buf list = { 0 };
	json_t *left = json_array(), *one;
	bool is_known = list_all(w, &list), is_good;
	size_t i;

	json_array_foreach(packages, i, one)
	{
		const char *label = json_string_value(one);
		bool is_left = !is_known || is_installed(&list, label);

		if (is_known)
			switch_say("%s: %s", label,
			    is_left ? "NOT removed" : "removed");
		if (is_left)
			json_array_append(left, one);
	}
	is_good = json_array_size(left) == 0;
	if (!is_good && is_known)
		(void)why_not(&w->why, WHY_NOTHING,
		    "rpm did not remove %zu of %zu packages",
		    json_array_size(left), json_array_size(packages));
	json_object_set_new(outcome, "left", left);
	buf_free(&list);
	return is_good;
}

/* The act is written down already. */
static bool
erase_begun(struct switch_work *w, const json_t *what, json_int_t number,
    json_t *outcome)
{
	struct buf lock = { 0 };
	bool is_run, is_good;

	switch_rpm_path("%{_rpmlock_path}", &lock);
	is_run = packages_run(w, json_object_get(what, "argv"), lock.bytes,
	    number, outcome);
	buf_free(&lock);
	say_output(w, number);
	if (json_object_get(outcome, "signal") != NULL)
		switch_say("rpm was ended by signal %" JSON_INTEGER_FORMAT,
		    json_integer_value(json_object_get(outcome, "signal")));
	is_good = are_gone(w, json_object_get(what, "packages"), outcome);
	if (is_good && !is_run) {
		switch_say("rpm ended with an error, as it said; but all of "
			   "them are removed");
		w->why = (struct why){ 0 };
	}
	return is_good;
}

static bool
erase(struct switch_work *w, json_t *kept)
{
	const char *const words[] = { SWITCH_RPM, "-e", NULL };
	json_t *packages = json_array(), *argv = act_words(words), *one, *what,
	       *outcome = json_object();
	json_int_t number;
	bool is_good = false;
	size_t i;

	json_array_foreach(kept, i, one)
	    json_array_append(packages, json_object_get(one, "package"));
	json_array_extend(argv, packages);
	what = json_pack("{s:o, s:O, s:o, s:o}", "packages", packages, "kept",
	    kept, "argv", argv, "groups", packages_note_groups(w));
	number = act_begin(w, "erase", json_incref(what));
	if (number >= 0) {
		is_good = erase_begun(w, what, number, outcome);
		is_good = act_end(w, number, is_good, json_incref(outcome));
	}
	json_decref(outcome);
	json_decref(what);
	return is_good ||
	    switch_needs(w,
		"see what rpm said: remove what needs it, or mend the script "
		"that failed; what is not removed works no more, for it was "
		"stopped. rpm -e --nodeps or --noscripts is yours to decide. "
		"Then candor switch apply again");
}

/* --- and after it --------------------------------------------------------- */

/* Of all that were kept in this round and are gone, also by somebody else. */
static bool
sweep(struct switch_work *w)
{
	size_t count, i;
	struct switch_act *act = switch_log_acts(&w->log, &count);
	struct buf list = { 0 };
	bool is_good = list_all(w, &list);

	for (i = 0; is_good && i < count; i++) {
		json_t *kept;

		if (strcmp(act[i].kind, "keep") != 0 ||
		    act[i].state != ACT_DONE ||
		    is_installed(&list, switch_text(act[i].act, "package")))
			continue;
		kept = json_pack("{s:I}", "number", act[i].number);
		is_good = switch_rpm_sweep(w, kept);
		json_decref(kept);
	}
	free(act);
	buf_free(&list);
	return is_good;
}

/* --- both ----------------------------------------------------------------- */

static bool
has_any(const struct switch_work *w, bool agents)
{
	size_t i;

	for (i = 0; i < w->leaves; i++)
		if (is_to_go(w, &w->leave[i], agents))
			return true;
	return false;
}

bool
switch_rpm_remove(struct switch_work *w, bool agents)
{
	struct buf list = { 0 };
	json_t *kept;
	bool is_good = switch_rpm_are_ours(w, agents);

	if (!is_good || !has_any(w, agents))
		return is_good;
	kept = json_array();
	is_good = list_all(w, &list) && are_known(w, agents, &list) &&
	    keep_all(w, agents, &list, kept) &&
	    (json_array_size(kept) == 0 || erase(w, kept)) && sweep(w);
	json_decref(kept);
	buf_free(&list);
	return is_good;
}

/* --- the way back --------------------------------------------------------- */

/* The file that puts the entry back, if it is what was kept. */
static json_t *
find_entry(struct switch_work *w, const json_t *kept)
{
	json_int_t number = json_integer_value(json_object_get(kept, "number"));
	char name[40], hash[CHAIN_HEX] = "";
	int keep = act_folder(w, "keep");
	bool is_good;

	(void)snprintf(name, sizeof(name), "%" JSON_INTEGER_FORMAT ".rpm",
	    number);
	is_good = keep != -1 && act_hash(keep, name, hash) &&
	    strcmp(hash, switch_text(kept, "entry")) == 0;
	if (keep != -1)
		(void)close(keep);
	if (is_good)
		return json_sprintf("%s/keep/%s", w->log.path, name);
	(void)why_not(&w->why, WHY_NOTHING, "%s/keep/%s is not what it was",
	    w->log.path, name);
	return NULL;
}

/* Have rpm take the entries: nothing is unpacked, no script is run. */
static bool
put_entries(struct switch_work *w, const json_t *files)
{
	const char *const words[] = { SWITCH_RPM, "-i", "--justdb",
		"--nosignature", "--nodigest", "--ignoresize", NULL };
	const char *const more[] = { "--nodeps", "--force", "--ignorearch",
		"--ignoreos", NULL };
	json_t *argv = act_words(words), *extra = act_words(more), *commands;
	bool is_good;

	commands = json_pack("[o]", argv);
	json_array_extend(argv, (json_t *)(uintptr_t)files);
	is_good = act_run_back(w, commands);
	if (!is_good) {
		switch_say("rpm does not take its entries back as it would "
			   "now, so as they were: --nodeps --force");
		json_array_extend(argv, extra);
		is_good = act_run_back(w, commands);
	}
	json_decref(commands);
	json_decref(extra);
	return is_good;
}

/* Files first: rpm, and whoever listens to it, finds them. */
static bool
bring(struct switch_work *w, const struct buf *list, const json_t *kept,
    json_t *files)
{
	bool is_there = is_installed(list, switch_text(kept, "package"));
	bool is_good = switch_rpm_restore(w, kept, is_there);
	json_t *entry;

	/* It may have been ended after it took files, before its entry. */
	if (is_there)
		return is_good;
	entry = find_entry(w, kept);
	if (entry != NULL)
		json_array_append_new(files, entry);
	return is_good && entry != NULL;
}

/* What rpm does not have of them; the entries that are missing into files. */
static bool
bring_all(struct switch_work *w, const struct buf *list, const json_t *kept,
    json_t *files)
{
	struct why why = { 0 };
	const json_t *one;
	bool is_good = true;
	size_t i;

	json_array_foreach(kept, i, one) if (!bring(w, list, one, files))
	{
		is_good = false;
		why = w->why;
	}
	if (!is_good)
		w->why = why;
	return is_good;
}

bool
switch_rpm_back(struct switch_work *w, const struct switch_act *a)
{
	json_t *files = json_array();
	struct buf list = { 0 };
	bool is_good;

	if (!run_is_there(SWITCH_RPM))
		is_good =
		    why_not(&w->why, WHY_NOTHING, "there is no " SWITCH_RPM);
	else
		is_good = list_all(w, &list);
	if (is_good) {
		packages_bring_groups(w, json_object_get(a->act, "groups"));
		is_good =
		    bring_all(w, &list, json_object_get(a->act, "kept"), files);
	}
	if (json_array_size(files) > 0) {
		if (put_entries(w, files))
			switch_say("rpm has its entries again; the packages' "
				   "scripts were not run");
		else
			is_good = false;
	}
	json_decref(files);
	buf_free(&list);
	return is_good;
}
