/*
 * switch_log.c - the journal of a switch-over.  See switch_log.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_log.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/infile.h"
#include "sys/clock.h"
#include "sys/tree.h"
#include "sys/whole.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define JOURNAL_MAX ((size_t)256 << 20)

const char *
switch_text(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text != NULL ? text : "";
}

/* --- opening -------------------------------------------------------------- */

/* Make the folder, and those it is in. */
static bool
make_folder(const char *path, struct why *why)
{
	struct buf part = { 0 };
	const char *at = path;
	bool is_good = true;

	while (is_good && (at = strchr(at + 1, '/')) != NULL) {
		buf_cut(&part, 0);
		buf_add(&part, path, (size_t)(at - path));
		is_good = mkdir(part.bytes, 0755) == 0 || errno == EEXIST;
	}
	buf_free(&part);
	is_good = is_good && (mkdir(path, 0700) == 0 || errno == EEXIST);
	return is_good || why_not(why, WHY_SYSTEM, "%s: cannot be made", path);
}

/* Nobody else may have made or be able to change what is in it. */
static bool
open_folder(struct switch_log *l, struct why *why)
{
	const char *name;
	struct stat st;
	int above = tree_open_parent(l->path, &name);

	if (above != -1) {
		l->folder = openat(above, name,
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		(void)close(above);
	}
	if (l->folder == -1)
		return why_not(why, WHY_SYSTEM, "%s: cannot be opened",
		    l->path);
	if (fstat(l->folder, &st) == -1 || st.st_uid != geteuid() ||
	    (st.st_mode & 077) != 0)
		return why_not(why, WHY_BROKEN,
		    "%s: belongs to somebody else, or others may enter it",
		    l->path);
	return true;
}

/* Read what is there.  *tail: bytes of a last line that is not whole. */
static bool
read_lines(struct switch_log *l, size_t *tail, struct why *why)
{
	struct buf text = { 0 };
	struct cur all, line;
	const char *wrong = NULL;
	size_t whole;

	*tail = 0;
	if (!infile_read(l->folder, SWITCH_JOURNAL, JOURNAL_MAX, &text, why)) {
		buf_free(&text);
		return why->err == ENOENT;
	}
	for (whole = text.size; whole > 0 && text.bytes[whole - 1] != '\n';)
		whole--;
	*tail = text.size - whole;
	all = cur_from(text.bytes, whole);
	while (wrong == NULL && cur_left(&all) > 0 && cur_line(&all, &line)) {
		json_t *record = chain_take(&l->chain, line, &wrong);

		if (record != NULL)
			json_array_append_new(l->lines, record);
	}
	buf_free(&text);
	return wrong == NULL ||
	    why_not(why, WHY_FORGED,
		"%s/" SWITCH_JOURNAL ", line %" PRIu64 ": %s", l->path,
		l->chain.count + 1, wrong);
}

static bool
open_to_write(struct switch_log *l, size_t tail, struct why *why)
{
	struct stat st;

	l->fd = openat(l->folder, SWITCH_JOURNAL,
	    O_RDWR | O_APPEND | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (l->fd == -1 || fsync(l->folder) == -1 || fstat(l->fd, &st) == -1)
		return why_not(why, WHY_SYSTEM, "%s/" SWITCH_JOURNAL, l->path);
	if (tail > 0 &&
	    (ftruncate(l->fd, st.st_size - (off_t)tail) == -1 ||
		fsync(l->fd) == -1))
		return why_not(why, WHY_SYSTEM, "%s/" SWITCH_JOURNAL, l->path);
	return true;
}

/* What was started just before its parent was killed may hold it a moment. */
static bool
lock(int folder)
{
	unsigned i;

	for (i = 0; flock(folder, LOCK_EX | LOCK_NB) == -1; i++) {
		if (errno != EWOULDBLOCK || i == 10)
			return false;
		(void)usleep(100000);
	}
	return true;
}

bool
switch_log_open(struct switch_log *l, const char *path, bool to_write,
    struct why *why)
{
	size_t tail = 0;

	*l = (struct switch_log){ .path = path, .folder = -1, .fd = -1 };
	chain_init(&l->chain);
	l->lines = json_array();
	if (path[0] != '/')
		return why_not(why, WHY_BROKEN,
		    "%s: a path from the root is wanted", path);
	if (to_write && !make_folder(path, why))
		return false;
	if (!to_write && access(path, F_OK) == -1 && errno == ENOENT)
		return true;
	if (!open_folder(l, why))
		return false;
	if (to_write && !lock(l->folder))
		return why_not(why, WHY_SYSTEM,
		    "%s: another candor switch is at work", path);
	return read_lines(l, &tail, why) &&
	    (!to_write || open_to_write(l, tail, why));
}

void
switch_log_close(struct switch_log *l)
{
	if (l->fd != -1)
		(void)close(l->fd);
	if (l->folder != -1)
		(void)close(l->folder);
	json_decref(l->lines);
	*l = (struct switch_log){ .folder = -1, .fd = -1 };
}

/* --- adding --------------------------------------------------------------- */

static void
set_times(json_t *record)
{
	struct timespec now = { 0 };
	struct tm tm;
	char day[40] = "", when[60];

	(void)clock_gettime(CLOCK_REALTIME, &now);
	if (gmtime_r(&now.tv_sec, &tm) != NULL)
		(void)strftime(day, sizeof(day), "%Y-%m-%dT%H:%M:%S", &tm);
	(void)snprintf(when, sizeof(when), "%s.%03ldZ", day,
	    now.tv_nsec / 1000000);
	json_object_set_new(record, "at", json_string(when));
	json_object_set_new(record, "mono_ns",
	    json_integer((json_int_t)clock_nanoseconds()));
}

/* Write it whole, or leave the file as it was. */
static bool
append(struct switch_log *l, const char *line)
{
	struct stat before;

	if (fstat(l->fd, &before) == -1)
		return false;
	if (whole_write(l->fd, line, strlen(line)) && fdatasync(l->fd) == 0)
		return true;
	if (ftruncate(l->fd, before.st_size) == 0)
		(void)fdatasync(l->fd);
	return false;
}

json_int_t
switch_log_add(struct switch_log *l, const char *event, json_t *record,
    struct why *why)
{
	json_int_t number = (json_int_t)l->chain.count;
	const char *wrong;
	json_t *again = NULL;
	char *line;

	json_object_set_new(record, "type", json_string("switch_journal"));
	json_object_set_new(record, "event", json_string(event));
	set_times(record);
	line = chain_write(&l->chain, record);
	json_decref(record);
	if (line == NULL)
		(void)why_not(why, WHY_LIMIT,
		    "a line of the journal is too long");
	else if (!append(l, line))
		(void)why_not(why, WHY_SYSTEM,
		    "%s/" SWITCH_JOURNAL ": cannot be written", l->path);
	else
		again = chain_take(&l->chain, cur_from(line, strlen(line) - 1),
		    &wrong);
	free(line);
	if (again == NULL)
		return -1;
	json_array_append_new(l->lines, again);
	return number;
}

/* --- reading -------------------------------------------------------------- */

static bool
is_event(const json_t *line, const char *event)
{
	return strcmp(switch_text(line, "event"), event) == 0;
}

enum switch_round
switch_log_round(const struct switch_log *l, size_t *first)
{
	static const struct {
		const char *event;
		enum switch_round round;
	} row[] = { { "begin", SWITCH_APPLY }, { "resume", SWITCH_APPLY },
		{ "end", SWITCH_DONE }, { "undo", SWITCH_UNDO },
		{ "undone", SWITCH_UNDONE } };
	enum switch_round round = SWITCH_NONE;
	const json_t *line;
	size_t i, k;

	*first = 0;
	json_array_foreach(l->lines, i, line)
	{
		for (k = 0; k < sizeof(row) / sizeof(row[0]); k++)
			if (is_event(line, row[k].event))
				round = row[k].round;
		if (is_event(line, "begin"))
			*first = i;
	}
	return round;
}

/* The act a line is about. */
static struct switch_act *
act_of(struct switch_act *act, size_t count, const json_t *line)
{
	const json_t *of = json_object_get(line, "of");
	size_t i;

	for (i = 0; json_is_integer(of) && i < count; i++)
		if (act[i].number == json_integer_value(of))
			return &act[i];
	return NULL;
}

static void
take_outcome(struct switch_act *a, const json_t *line)
{
	bool is_good = json_is_true(json_object_get(line, "ok"));

	if (is_event(line, "result")) {
		a->outcome = line;
		a->state = is_good ? ACT_DONE : ACT_FAILED;
	} else if (is_event(line, "undoing")) {
		a->is_undoing = true;
	} else if (is_event(line, "undo-result")) {
		a->is_undoing = false;
		a->state = is_good ? ACT_BACK : ACT_NOT_BACK;
	}
}

struct switch_act *
switch_log_acts(const struct switch_log *l, size_t *count)
{
	size_t first, i, n = 0;
	struct switch_act *act, *a;

	(void)switch_log_round(l, &first);
	act = buf_alloc(json_array_size(l->lines) + 1, sizeof(*act));
	for (i = first; i < json_array_size(l->lines); i++) {
		const json_t *line = json_array_get(l->lines, i);

		if (is_event(line, "intent"))
			act[n++] = (struct switch_act){ .number = (json_int_t)i,
				.act = json_object_get(line, "act"),
				.step = switch_text(line, "step"),
				.kind =
				    switch_text(json_object_get(line, "act"),
					"kind"),
				.state = ACT_OPEN };
		else if ((a = act_of(act, n, line)) != NULL)
			take_outcome(a, line);
	}
	*count = n;
	return act;
}

bool
switch_log_step_done(const struct switch_log *l, const char *step)
{
	size_t first, i;

	(void)switch_log_round(l, &first);
	for (i = first; i < json_array_size(l->lines); i++) {
		const json_t *line = json_array_get(l->lines, i);

		if (is_event(line, "step") &&
		    strcmp(switch_text(line, "step"), step) == 0 &&
		    json_is_true(json_object_get(line, "ok")))
			return true;
	}
	return false;
}
