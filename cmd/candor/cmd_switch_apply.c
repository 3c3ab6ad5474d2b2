/*
 * cmd_switch_apply.c - candor switch apply, undo: leave the banned product,
 * and come back.
 *
 * Nothing is changed before it was said what is to be, and somebody agreed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/infile.h"
#include "cmd/candor/print.h"
#include "cmd/candor/switch_work.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define REPORT_MAX ((size_t)64 << 20)

#define FIELD(name) offsetof(struct switch_options, name)
#define ROW_STATE                                                            \
	{                                                                    \
		"state", 0, OPTION_WORD, FIELD(state), "FOLDER", NULL, 0, 0, \
		    "where the journal is, and what is kept "                \
		    "(default: " SWITCH_STATE ")"                            \
	}
#define ROW_SOCKET                                                           \
	{                                                                    \
		"socket", 0, OPTION_WORD, FIELD(socket), "PATH", NULL, 0, 0, \
		    "candord's control socket"                               \
	}
#define ROW_CONFIG                                                           \
	{                                                                    \
		"config", 0, OPTION_WORD, FIELD(config), "FILE", NULL, 0, 0, \
		    "candord's configuration (default: "                     \
		    "/etc/candor/candor.conf); what is carried over is "     \
		    "written into FILE.d/switch.conf"                        \
	}

static const struct option_row apply_options[] = {
	{ "yes", 'y', OPTION_FLAG, FIELD(yes), NULL, NULL, 0, 0,
	    "do it without asking" },
	{ "unconfirmed", 0, OPTION_FLAG, FIELD(unconfirmed), NULL, NULL, 0, 0,
	    "also what is held with low confidence" },
	{ "scan-only", 0, OPTION_FLAG, FIELD(scan_only), NULL, NULL, 0, 0,
	    "go on if Candor's guard does not protect here: files are looked "
	    "at by candor scan only" },
	{ "until", 0, OPTION_WORD, FIELD(until), "STEP", NULL, 0, 0,
	    "stop after this step, by name or number" },
	{ "settings", 's', OPTION_WORDS, FIELD(settings), "[TASK=]FILE", NULL,
	    0, 0,
	    "exported settings to carry over, as for switch plan; default: "
	    "the product's own program is asked" },
	ROW_CONFIG,
	{ "data", 0, OPTION_WORD, FIELD(data), "FOLDER", NULL, 0, 0,
	    "data files to use" },
	ROW_STATE,
	ROW_SOCKET,
};
static const struct option_row undo_options[] = {
	{ "yes", 'y', OPTION_FLAG, FIELD(yes), NULL, NULL, 0, 0,
	    "do it without asking" },
	ROW_CONFIG,
	ROW_STATE,
	ROW_SOCKET,
};

/* --- agreement ------------------------------------------------------------ */

/* EXIT_CLEAN: somebody agreed; EXIT_USAGE: nobody did. */
static int
ask_consent(const struct switch_options *o, const char *question)
{
	char answer[16] = "";

	if (o->yes)
		return EXIT_CLEAN;
	if (isatty(0) != 1 || isatty(1) != 1) {
		fputs("candor: nothing is changed without --yes, or an answer "
		      "at a terminal\n",
		    stderr);
		return EXIT_USAGE;
	}
	printf("%s [y/N] ", question);
	(void)fflush(stdout);
	if (fgets(answer, sizeof(answer), stdin) != NULL &&
	    (strcmp(answer, "y\n") == 0 || strcmp(answer, "yes\n") == 0))
		return EXIT_CLEAN;
	fputs("candor: nothing was changed\n", stderr);
	return EXIT_USAGE;
}

/* Changes are root's, and one at a time. */
static bool
begin_work(struct switch_work *w, const struct switch_options *o)
{
	*w = (struct switch_work){ .o = o, .step = "begin" };
	w->plan.root = "";
	w->lent = json_array();
	if (geteuid() != 0) {
		fputs("candor: only root can do this\n", stderr);
		return false;
	}
	if (switch_log_open(&w->log, o->state, true, &w->why))
		return true;
	print_why(&w->why);
	json_decref(w->lent);
	switch_log_close(&w->log);
	return false;
}

static void
end_work(struct switch_work *w)
{
	free(w->leave);
	json_decref(w->report);
	switch_plan_free(&w->plan);
	json_decref(w->lent);
	ban_footprints_close(&w->data);
	switch_log_close(&w->log);
}

/* --- apply ---------------------------------------------------------------- */

/* A report that was kept, if it is what the journal says. */
static json_t *
read_kept(struct switch_work *w, const json_t *outcome)
{
	struct buf text = { 0 };
	json_t *report = NULL;
	char hash[CHAIN_HEX];

	if (infile_read(w->log.folder, switch_text(outcome, "name"), REPORT_MAX,
		&text, &w->why)) {
		chain_hash(text.bytes, text.size, hash);
		if (strcmp(hash, switch_text(outcome, "sha256")) == 0)
			report = json_loadb(text.bytes, text.size, 0, NULL);
	}
	buf_free(&text);
	return report;
}

/* The report the round began with: false if there is one, and it is not what
   it was.  There is none if we were interrupted before. */
static bool
read_report(struct switch_work *w)
{
	size_t count, i;
	struct switch_act *act = switch_log_acts(&w->log, &count);
	bool is_there = false;

	for (i = 0; i < count && !is_there; i++)
		if (strcmp(act[i].kind, "scan") == 0 &&
		    act[i].state == ACT_DONE) {
			is_there = true;
			w->report = read_kept(w, act[i].outcome);
		}
	free(act);
	w->has_report = is_there;
	return !is_there || w->report != NULL;
}

static void
print_leaves(const struct switch_work *w)
{
	size_t i;
	int pass;

	for (pass = 0; pass < 2; pass++)
		for (i = 0; i < w->leaves; i++) {
			const struct leave *l = &w->leave[i];

			if (switch_is_wanted(w, l) != (pass == 0))
				continue;
			printf("  %s %-8s ", pass == 0 ? "-" : "?",
			    leave_kind_word[l->kind]);
			escape_text(stdout, l->name, strlen(l->name));
			printf("%s%s%s\n", leave_is_rpms(l) ? " (rpm)" : "",
			    l->is_agent ? " (agent: last)" : "",
			    pass == 0 ? ""
				      : " (not confirmed: stays, unless "
					"--unconfirmed)");
		}
}

static void
print_told_only(const json_t *report)
{
	const json_t *list = json_object_get(report, "findings"), *one;
	size_t i;

	json_array_foreach(list, i, one) if (leave_is_told_only(one))
	{
		const char *name = switch_text(one, "name");

		printf("  ! ");
		escape_text(stdout, name, strlen(name));
		printf(": %s; nothing is done about it\n",
		    switch_text(one, "state"));
	}
}

/* The report of this round, old or new, and what is to go. */
static int
find_work(struct switch_work *w, enum switch_round round)
{
	w->leave = buf_alloc(LEAVE_MAX, sizeof(*w->leave));
	if (round == SWITCH_APPLY && !read_report(w)) {
		fprintf(stderr,
		    "candor: %s: the first report of this switch-over is not "
		    "there or was changed\n",
		    w->log.path);
		return EXIT_TROUBLE;
	}
	if (w->report == NULL && (w->report = switch_scan(w)) == NULL) {
		fputs("candor: candor ban scan could not be done\n", stderr);
		return EXIT_TROUBLE;
	}
	w->leaves = leave_from_report(w->report, w->leave);
	return EXIT_CLEAN;
}

/* Keep what was found as the report the round begins with. */
static bool
keep_report(struct switch_work *w)
{
	json_t *report;

	w->step = "discover";
	report = switch_scan_kept(w, "before");
	if (report == NULL)
		return false;
	json_decref(w->report);
	w->report = report;
	w->leaves = leave_from_report(w->report, w->leave);
	return true;
}

/* Write down that it begins, with what was found; or that it goes on. */
static bool
write_begin(struct switch_work *w, enum switch_round round)
{
	const char *event = round == SWITCH_APPLY ? "resume" : "begin";

	if (switch_log_add(&w->log, event, switch_who(w->o), &w->why) < 0)
		return false;
	if (round == SWITCH_APPLY && !switch_settle(w))
		return false;
	return w->has_report || keep_report(w);
}

static bool
is_until(const char *until, const char *name, size_t number)
{
	char text[20];

	(void)snprintf(text, sizeof(text), "%zu", number);
	return until != NULL &&
	    (strcmp(until, name) == 0 || strcmp(until, text) == 0);
}

static void
print_stopped(const struct switch_work *w, const struct switch_step *s)
{
	fprintf(stderr, "candor: \"%s\" could not be done", s->name);
	if (w->why.text[0] != '\0') {
		fputs(": ", stderr);
		escape_text(stderr, w->why.text, strlen(w->why.text));
		if (w->why.err != 0)
			fprintf(stderr, ": %s", strerror(w->why.err));
	}
	fputs("\ncandor: nothing after it was done; candor switch apply goes "
	      "on from there, candor switch undo goes back\n",
	    stderr);
	if (w->person[0] != '\0')
		fprintf(stderr, "candor: somebody has to: %s\n", w->person);
}

/* One step: done, and written down. */
static bool
run_step(struct switch_work *w, const struct switch_step *s)
{
	json_t *line;
	bool is_good;

	w->step = s->name;
	w->why = (struct why){ 0 };
	w->person[0] = '\0';
	is_good = s->run(w);
	line = json_pack("{s:s, s:b, s:s}", "step", s->name, "ok", is_good,
	    "why", is_good ? "" : w->why.text);
	if (!is_good)
		print_stopped(w, s);
	return switch_log_add(&w->log, "step", line, &w->why) >= 0 && is_good;
}

/* EXIT_CLEAN: all of them are done, or those that were asked for. */
static int
run_steps(struct switch_work *w, bool *is_whole)
{
	size_t count, i;
	const struct switch_step *step = switch_steps(&count);

	*is_whole = false;
	for (i = 0; i < count; i++) {
		bool is_done = switch_log_step_done(&w->log, step[i].name);

		printf("%2zu. %s%s\n", i + 1, step[i].name,
		    is_done ? ": done before" : "");
		(void)fflush(stdout);
		if (!is_done && !run_step(w, &step[i]))
			return EXIT_TROUBLE;
		if (is_until(w->o->until, step[i].name, i + 1))
			return EXIT_CLEAN;
	}
	*is_whole = true;
	return EXIT_CLEAN;
}

static int
finish(struct switch_work *w)
{
	json_t *now = switch_scan(w);
	size_t left = now != NULL ? switch_findings(now) : 1;

	json_decref(now);
	if (switch_log_add(&w->log, "end",
		json_pack("{s:I}", "left", (json_int_t)left), &w->why) < 0 ||
	    !evidence_write(&w->log, NULL, &w->why)) {
		print_why(&w->why);
		return EXIT_TROUBLE;
	}
	return left == 0 ? EXIT_CLEAN : EXIT_FOUND;
}

static bool
is_step(const char *until)
{
	size_t count, i;
	const struct switch_step *step = switch_steps(&count);

	for (i = 0; i < count; i++)
		if (is_until(until, step[i].name, i + 1))
			return true;
	return until == NULL;
}

/* What is done once it is agreed. */
static int
go(struct switch_work *w, enum switch_round round)
{
	bool is_whole = false;
	int code;

	if (!write_begin(w, round)) {
		print_why(&w->why);
		return EXIT_TROUBLE;
	}
	code = run_steps(w, &is_whole);
	return code == EXIT_CLEAN && is_whole ? finish(w) : code;
}

static int
apply(struct switch_work *w)
{
	size_t first;
	enum switch_round round = switch_log_round(&w->log, &first);
	int code;

	if (round == SWITCH_UNDO) {
		fputs("candor: this switch-over is being undone: candor switch "
		      "undo\n",
		    stderr);
		return EXIT_TROUBLE;
	}
	if (!ban_footprints_open(w->o->data, &w->data))
		return EXIT_TROUBLE;
	code = find_work(w, round);
	if (code != EXIT_CLEAN)
		return code;
	print_told_only(w->report);
	if (round != SWITCH_APPLY && switch_findings(w->report) == 0) {
		puts("Nothing is here that would have to go.");
		return EXIT_CLEAN;
	}
	puts(round == SWITCH_APPLY
		? "A switch-over is under way. What is to go:"
		: "What is to go, after Candor was seen to protect:");
	print_leaves(w);
	code = ask_consent(w->o,
	    "Stop and remove that? It can be undone: candor switch undo.");
	return code == EXIT_CLEAN ? go(w, round) : code;
}

/* A command that works on the journal: apply or undo. */
static int
run_work(const struct command *self, int argc, char **argv,
    int (*work)(struct switch_work *w))
{
	struct switch_options o = { .state = SWITCH_STATE,
		.socket = SWITCH_SOCKET,
		.config = SWITCH_CONFIG };
	struct switch_work w;
	int rest = 0, code;
	enum options_end end = options_parse(self, &o, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (rest != argc)
		code = options_complain(self, "no argument is wanted");
	else if (!is_step(o.until))
		code =
		    options_complain(self, "there is no step \"%s\"", o.until);
	else if (!begin_work(&w, &o))
		code = EXIT_TROUBLE;
	else {
		code = work(&w);
		end_work(&w);
	}
	options_free(self, &o);
	return fflush(stdout) == 0 ? code : EXIT_TROUBLE;
}

static int
run_apply(const struct command *self, int argc, char **argv)
{
	return run_work(self, argc, argv, apply);
}

/* --- undo ----------------------------------------------------------------- */

static int
go_back(struct switch_work *w)
{
	size_t lost = 0;

	if (switch_log_add(&w->log, "undo", switch_who(w->o), &w->why) < 0 ||
	    !switch_settle(w) || !switch_undo(w, &lost) ||
	    switch_log_add(&w->log, "undone",
		json_pack("{s:I}", "lost", (json_int_t)lost), &w->why) < 0 ||
	    !evidence_write(&w->log, NULL, &w->why)) {
		print_why(&w->why);
		return EXIT_TROUBLE;
	}
	if (lost == 0)
		puts("Everything came back.");
	else
		printf("%zu things did not come back: see above.\n", lost);
	return lost == 0 ? EXIT_CLEAN : EXIT_FOUND;
}

static int
undo(struct switch_work *w)
{
	size_t first;
	enum switch_round round = switch_log_round(&w->log, &first);
	int code;

	if (round == SWITCH_NONE || round == SWITCH_UNDONE) {
		puts("There is nothing to undo.");
		return EXIT_CLEAN;
	}
	code = ask_consent(w->o,
	    "Bring everything back, and take Candor's part out again?");
	return code == EXIT_CLEAN ? go_back(w) : code;
}

static int
run_undo(const struct command *self, int argc, char **argv)
{
	return run_work(self, argc, argv, undo);
}

const struct command switch_apply_command = {
	.name = "switch apply",
	.arguments = "",
	.summary = "Leave the banned product for Candor, step by step",
	.details =
	    "Does the steps of candor switch plan, each when the one before "
	    "was seen: Candor protects before the other is stopped. Every "
	    "step is written down before and after, and can be undone; called "
	    "again, it goes on where it stopped. Only root. Exit code: 0 done, "
	    "1 done but something is still found, 2 it stopped, 64 wrong "
	    "usage, or nobody agreed.",
	.option = apply_options,
	.option_count = sizeof(apply_options) / sizeof(apply_options[0]),
	.run = run_apply,
};

const struct command switch_undo_command = {
	.name = "switch undo",
	.arguments = "",
	.summary = "Undo a switch-over, whole or begun",
	.details =
	    "Backwards along the journal; says of each thing whether it came "
	    "back. Called again, it goes on where it stopped. Only root. Exit "
	    "code: 0 everything came back, 1 something did not, 2 it stopped, "
	    "64 wrong usage, or nobody agreed.",
	.option = undo_options,
	.option_count = sizeof(undo_options) / sizeof(undo_options[0]),
	.run = run_undo,
};
