/*
 * cmd_switch_status.c - candor switch status, evidence: where a switch-over
 * stands, and what an auditor gets of it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/print.h"
#include "cmd/candor/switch_work.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct asked {
	struct switch_options o;
	const char *check;
	bool json;
};

#define FIELD(name) offsetof(struct asked, name)
#define ROW_STATE                                                              \
	{                                                                      \
		"state", 0, OPTION_WORD, FIELD(o.state), "FOLDER", NULL, 0, 0, \
		    "where the journal is (default: " SWITCH_STATE ")"         \
	}

static const struct option_row status_options[] = {
	{ "json", 0, OPTION_FLAG, FIELD(json), NULL, NULL, 0, 0,
	    "print one JSON object" },
	{ "data", 0, OPTION_WORD, FIELD(o.data), "FOLDER", NULL, 0, 0,
	    "data files to use" },
	ROW_STATE,
	{ "socket", 0, OPTION_WORD, FIELD(o.socket), "PATH", NULL, 0, 0,
	    "candord's control socket" },
};
static const struct option_row evidence_options[] = {
	{ "output", 'o', OPTION_WORD, FIELD(o.output), "FILE", NULL, 0, 0,
	    "write it there (default: standard output); it must not be there "
	    "yet" },
	{ "check", 0, OPTION_WORD, FIELD(check), "FILE", NULL, 0, 0,
	    "look whether an evidence file holds" },
	ROW_STATE,
};

/* --- status --------------------------------------------------------------- */

static const char *const round_words[] = { "not begun", "under way",
	"being undone", "done", "undone" };

static size_t
count_state(const struct switch_log *l, enum switch_act_state state)
{
	size_t count, i, n = 0;
	struct switch_act *act = switch_log_acts(l, &count);

	for (i = 0; i < count; i++)
		n += act[i].state == state;
	free(act);
	return n;
}

/* The names of what is found, each with its state. */
static json_t *
list_findings(const json_t *report)
{
	const json_t *list = json_object_get(report, "findings"), *one;
	json_t *out = json_array();
	size_t i;

	json_array_foreach(list, i, one) json_array_append_new(out,
	    json_pack("{s:s, s:s}", "name", switch_text(one, "name"), "state",
		switch_text(one, "state")));
	return out;
}

static json_t *
steps_done(const struct switch_log *l)
{
	size_t count, i;
	const struct switch_step *step = switch_steps(&count);
	json_t *out = json_array();

	for (i = 0; i < count; i++)
		if (switch_log_step_done(l, step[i].name))
			json_array_append_new(out, json_string(step[i].name));
	return out;
}

static json_t *
gather(struct switch_work *w)
{
	static const char *const by[] = { "nothing", "scan", "guard" };
	size_t first;
	enum switch_round round = switch_log_round(&w->log, &first);
	json_t *report = switch_scan(w);
	json_t *s = json_pack("{s:s, s:s, s:o, s:s, s:o, s:I, s:I, s:s, s:I}",
	    "type", "switch_status", "round", round_words[round], "steps_done",
	    steps_done(&w->log), "candor_protects_by", by[protect_look(w->o)],
	    "found", list_findings(report), "to_go",
	    (json_int_t)switch_findings(report), "interrupted",
	    (json_int_t)count_state(&w->log, ACT_OPEN), "journal_head",
	    w->log.chain.head, "journal_lines", (json_int_t)w->log.chain.count);

	json_decref(report);
	return s;
}

static void
say_status(const json_t *s)
{
	const json_t *list = json_object_get(s, "steps_done"), *one;
	const char *by = switch_text(s, "candor_protects_by");
	size_t i;

	printf("Switch-over: %s\n", switch_text(s, "round"));
	json_array_foreach(list, i, one)
	    printf("  done: %s\n", json_string_value(one));
	if (json_integer_value(json_object_get(s, "interrupted")) > 0)
		puts("  it was interrupted; candor switch apply or undo goes "
		     "on");
	printf("Candor: %s\n",
	    strcmp(by, "guard") == 0
		? protect_words(PROTECTS_BY_GUARD)
		: protect_words(strcmp(by, "scan") == 0 ? PROTECTS_BY_SCAN
							: PROTECTS_NOT));
	list = json_object_get(s, "found");
	puts(json_array_size(list) > 0 ? "Here:" : "Nothing of it is here.");
	json_array_foreach(list, i, one)
	{
		const char *name = switch_text(one, "name");

		fputs("  ", stdout);
		escape_text(stdout, name, strlen(name));
		printf(": %s\n", switch_text(one, "state"));
	}
	printf("Journal: %" JSON_INTEGER_FORMAT " lines, head %s\n",
	    json_integer_value(json_object_get(s, "journal_lines")),
	    switch_text(s, "journal_head"));
}

static int
tell(const struct asked *c, const json_t *s)
{
	const char *round = switch_text(s, "round");
	char *text;

	if (c->json) {
		text = json_dumps(s, JSON_COMPACT | JSON_SORT_KEYS);
		puts(text != NULL ? text : "");
		free(text);
	} else {
		say_status(s);
	}
	if (strcmp(round, round_words[SWITCH_APPLY]) == 0 ||
	    strcmp(round, round_words[SWITCH_UNDO]) == 0)
		return EXIT_FOUND;
	return json_integer_value(json_object_get(s, "to_go")) > 0 ? EXIT_FOUND
								   : EXIT_CLEAN;
}

static int
status(const struct asked *c)
{
	struct switch_work w = { .o = &c->o };
	json_t *s;
	int code = EXIT_TROUBLE;

	if (!switch_log_open(&w.log, c->o.state, false, &w.why)) {
		print_why(&w.why);
	} else if (ban_footprints_open(c->o.data, &w.data)) {
		s = gather(&w);
		code = tell(c, s);
		json_decref(s);
		ban_footprints_close(&w.data);
	}
	switch_log_close(&w.log);
	return fflush(stdout) == 0 ? code : EXIT_TROUBLE;
}

static int
run_status(const struct command *self, int argc, char **argv)
{
	struct asked c = { .o = { .state = SWITCH_STATE,
			       .socket = SWITCH_SOCKET } };
	int rest = 0, code;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	code = rest != argc ? options_complain(self, "no argument is wanted")
			    : status(&c);
	options_free(self, &c);
	return code;
}

/* --- evidence ------------------------------------------------------------- */

static int
evidence(const struct asked *c)
{
	struct switch_log l;
	struct why why = { 0 };
	bool is_good;

	if (c->check != NULL)
		return evidence_check(c->check);
	is_good = switch_log_open(&l, c->o.state, false, &why);
	if (is_good && l.chain.count == 0)
		is_good = why_not(&why, WHY_NOTHING,
		    "%s: there was no switch-over", c->o.state);
	is_good = is_good &&
	    evidence_write(&l, c->o.output != NULL ? c->o.output : "-", &why);
	if (!is_good)
		print_why(&why);
	switch_log_close(&l);
	return is_good ? EXIT_CLEAN : EXIT_TROUBLE;
}

static int
run_evidence(const struct command *self, int argc, char **argv)
{
	struct asked c = { .o = { .state = SWITCH_STATE } };
	int rest = 0, code;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (rest != argc)
		code = options_complain(self, "no argument is wanted");
	else if (c.check != NULL && c.o.output != NULL)
		code = options_complain(self, "--check writes nothing");
	else
		code = evidence(&c);
	options_free(self, &c);
	return fflush(stdout) == 0 ? code : EXIT_TROUBLE;
}

const struct command switch_status_command = {
	.name = "switch status",
	.arguments = "",
	.summary = "Say where a switch-over stands, and what protects",
	.details =
	    "Tries the test file, and looks for what is to go. Exit code: 0 "
	    "nothing of it is here and nothing is under way, 1 otherwise, 2 "
	    "the journal cannot be read or was changed, 64 wrong usage.",
	.option = status_options,
	.option_count = sizeof(status_options) / sizeof(status_options[0]),
	.run = run_status,
};

const struct command switch_evidence_command = {
	.name = "switch evidence",
	.arguments = "",
	.summary = "Write, or check, the evidence of a switch-over",
	.details =
	    "The journal, the reports of candor ban scan and the lists of "
	    "files, with their hashes. Exit code: 0 written, or it holds; 1 "
	    "it does not hold; 2 it could not be written or read; 64 wrong "
	    "usage.",
	.option = evidence_options,
	.option_count = sizeof(evidence_options) / sizeof(evidence_options[0]),
	.run = run_evidence,
};
