/*
 * switch_protect.c - does Candor protect?  Configure it, and see.  The
 * contract is in switch_work.h.
 *
 * What is believed is what is seen: the test file is given to candor scan, and
 * written where the guard has to deny it.  Another product may deny it as
 * well, so the guard counts only if candord says that it prevents.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/switch_work.h"

#include "cmd/candor/control.h"
#include "cmd/candor/eicar.h"
#include "cmd/candor/infile.h"
#include "lib/wire/value.h"
#include "sys/memfd.h"
#include "sys/run.h"

#include <sys/stat.h>
#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define DROP_IN "switch.conf"
#define TRIES   40 /* of half a second: the guard may be starting */

/* If somebody said that it need not be there. */
#define TRIES_FEW 6

const char *
protect_words(enum switch_protects p)
{
	switch (p) {
	case PROTECTS_BY_GUARD:
		return "Candor's guard: what is infected cannot be opened";
	case PROTECTS_BY_SCAN:
		return "candor scan, which somebody has to run: nothing is "
		       "denied when it is opened";
	case PROTECTS_NOT:
	default:
		return "nothing of Candor's";
	}
}

/* --- what candord says ---------------------------------------------------- */

struct told {
	long guard; /* 0 off, 1 reports, 2 prevents; -1 candord is silent */
	struct buf drop_ins;
};

static void
take_metric(void *ctx, const struct line *l)
{
	struct told *t = ctx;

	if (l->words > 2 && strcmp(l->word[1], "guard_state") == 0)
		t->guard = strtol(l->word[2], NULL, 10);
}

static void
take_drop_ins(void *ctx, const struct line *l)
{
	struct told *t = ctx;
	struct cur c = l->rest[0];

	buf_cut(&t->drop_ins, 0);
	while (cur_left(&c) > 0)
		buf_byte(&t->drop_ins, (char)cur_u8(&c));
}

/* Ask candord; free drop_ins in any case. */
static void
ask_candord(const struct switch_options *o, struct told *out)
{
	struct buf answer = { 0 };
	struct why why = { 0 };

	*out = (struct told){ .guard = -1 };
	if (control_ask(o->socket, "status\n", &answer, &why) &&
	    control_is_whole(&answer)) {
		out->guard = 0;
		line_each(&answer, "metric", take_metric, out);
		line_each(&answer, "drop-ins", take_drop_ins, out);
		if (out->drop_ins.size > 0)
			(void)value_get(out->drop_ins.bytes);
	}
	buf_free(&answer);
}

/* --- the configuration ---------------------------------------------------- */

/* Where files of the configuration are; yours. */
static char *
find_drop_ins(const struct switch_options *o)
{
	struct buf path = { 0 };
	struct told t;
	char *folder;

	ask_candord(o, &t);
	if (t.drop_ins.size > 0 && t.drop_ins.bytes[0] == '/') {
		folder = buf_copy(t.drop_ins.bytes);
	} else {
		buf_text(&path, o->config);
		buf_text(&path, ".d");
		folder = path.bytes;
	}
	buf_free(&t.drop_ins);
	return folder;
}

bool
protect_reload(struct switch_work *w)
{
	struct buf answer = { 0 };
	struct told t;
	bool is_good = true;

	ask_candord(w->o, &t);
	if (t.guard >= 0) {
		is_good = control_ask(w->o->socket, "configure\n", &answer,
			      &w->why) &&
		    (control_is_whole(&answer) ||
			why_not(&w->why, WHY_BROKEN,
			    "candord does not take the configuration"));
		buf_cut(&answer, 0);
		is_good = is_good &&
		    control_ask(w->o->socket, "reload\n", &answer, &w->why);
	}
	buf_free(&answer);
	buf_free(&t.drop_ins);
	return is_good;
}

/* What STATE/conf has for a state of the way. */
static bool
read_prepared(struct switch_work *w, enum switch_guard how, struct buf *out)
{
	static const char *const name[] = { "watch.conf", "arm.conf",
		"alone.conf" };
	int folder = act_folder(w, "conf");
	bool is_good = folder != -1 &&
	    infile_read(folder, name[how], CONFIG_FILE_MAX, out, &w->why);

	if (folder != -1)
		(void)close(folder);
	return is_good;
}

/* Write it; what candord refuses is taken back. */
static bool
install(struct switch_work *w, const char *path, const struct buf *text)
{
	static const char nothing[] =
	    "# candor switch: candord refused what was here.\n";
	struct buf before = { 0 };
	struct why why = { 0 };
	bool is_good;

	if (!infile_read(AT_FDCWD, path, CONFIG_FILE_MAX, &before, &why)) {
		buf_cut(&before, 0);
		buf_text(&before, nothing);
	}
	is_good = act_write(w, path, text);
	if (is_good && !protect_reload(w)) {
		why = w->why;
		(void)act_write(w, path, &before);
		w->why = why;
		(void)switch_needs(w,
		    "candor config check says what is wrong with the "
		    "configuration");
		is_good = false;
	}
	buf_free(&before);
	return is_good;
}

bool
protect_configure(struct switch_work *w, enum switch_guard how)
{
	char *folder = find_drop_ins(w->o);
	struct buf text = { 0 }, path = { 0 };
	bool is_good = read_prepared(w, how, &text);

	buf_text(&path, folder);
	buf_text(&path, "/" DROP_IN);
	is_good = is_good && install(w, path.bytes, &text);
	if (is_good)
		switch_say("configuration: %s", path.bytes);
	free(folder);
	buf_free(&text);
	buf_free(&path);
	return is_good;
}

/* --- seeing it ------------------------------------------------------------ */

/* Does candor scan find it, given the bytes themselves? */
static bool
is_found_by_scan(void)
{
	char self[PATH_MAX];
	const char *const argv[] = { self, "scan", "-i", "--no-progress", "-",
		NULL };
	ssize_t n = readlink("/proc/self/exe", self, sizeof(self) - 1);
	struct why why = { 0 };
	int fd = -1, status = 0;
	bool is_found = false;

	self[n > 0 ? n : 0] = '\0';
	if (n <= 0 || !memfd_open(&fd, &why))
		return false;
	if (eicar_write(fd) && lseek(fd, 0, SEEK_SET) == 0)
		is_found = run_program(argv, fd, -1, 120000, &status, &why) &&
		    WIFEXITED(status) && WEXITSTATUS(status) == EXIT_FOUND;
	(void)close(fd);
	return is_found;
}

/* Is it denied in STATE/probe, and does candord say it prevents? */
static bool
is_denied_by_guard(const struct switch_options *o)
{
	struct buf folder = { 0 };
	struct told t;
	bool is_denied;

	ask_candord(o, &t);
	buf_text(&folder, o->state);
	buf_text(&folder, "/probe");
	(void)mkdir(folder.bytes, 0700);
	is_denied = t.guard == 2 && eicar_try(folder.bytes) == EPERM;
	(void)rmdir(folder.bytes);
	buf_free(&folder);
	buf_free(&t.drop_ins);
	return is_denied;
}

enum switch_protects
protect_look(const struct switch_options *o)
{
	if (is_denied_by_guard(o))
		return PROTECTS_BY_GUARD;
	return is_found_by_scan() ? PROTECTS_BY_SCAN : PROTECTS_NOT;
}

/* The guard may still be starting, where candord runs. */
static enum switch_protects
look_patiently(const struct switch_options *o, unsigned tries)
{
	enum switch_protects p = protect_look(o);
	struct told t;

	while (tries-- > 0 && p != PROTECTS_BY_GUARD) {
		ask_candord(o, &t);
		buf_free(&t.drop_ins);
		if (t.guard < 0)
			break;
		(void)usleep(500000);
		p = protect_look(o);
	}
	return p;
}

bool
protect_probe(struct switch_work *w, bool may_wait, enum switch_protects *out)
{
	static const char *const word[] = { "nothing", "scan", "guard" };
	json_int_t number =
	    act_begin(w, "probe", json_pack("{s:s}", "with", "EICAR"));

	if (number < 0)
		return false;
	*out = look_patiently(w->o,
	    !may_wait             ? 0
		: w->o->scan_only ? TRIES_FEW
				  : TRIES);
	switch_say("the test file is caught by %s", protect_words(*out));
	if (*out == PROTECTS_NOT)
		(void)why_not(&w->why, WHY_NOTHING,
		    "Candor does not find the test file");
	return act_end(w, number, *out != PROTECTS_NOT,
	    json_pack("{s:s}", "caught_by", word[*out]));
}
