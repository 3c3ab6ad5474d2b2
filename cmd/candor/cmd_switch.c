/*
 * cmd_switch.c - candor switch plan: leave the banned product, on paper.
 *
 * Reads exported settings and looks for folders; changes nothing.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"
#include "cmd/candor/switch_plan.h"

#include <stdio.h>

struct switch_options {
	struct words settings;
	const char *root, *output;
	bool json;
};

#define FIELD(name) offsetof(struct switch_options, name)

static const struct option_row options[] = {
	{ "settings", 's', OPTION_WORDS, FIELD(settings), "[TASK=]FILE", NULL,
	    0, 0,
	    "settings that kesl-control --get-settings TASK --file FILE wrote; "
	    "may be given again" },
	{ "root", 0, OPTION_WORD, FIELD(root), "FOLDER", NULL, 0, 0,
	    "the machine's root folder, if it is not this one" },
	{ "json", 0, OPTION_FLAG, FIELD(json), NULL, NULL, 0, 0,
	    "print a JSON object a line" },
	{ "output", 'o', OPTION_WORD, FIELD(output), "FILE", NULL, 0, 0,
	    "write what is carried over as a configuration; it must not be "
	    "there yet" },
};

/* Write the configuration if it is wanted; said if it was not possible. */
static bool
write_configuration(const struct switch_plan *p, const char *path)
{
	struct buf text = { 0 };
	FILE *to = NULL;
	bool is_good = true;

	if (path == NULL)
		return true;
	is_good = switch_plan_configuration(p, &text) &&
	    (to = confout_open(path)) != NULL;
	if (is_good) {
		fwrite(text.bytes, 1, text.size, to);
		is_good = fflush(to) == 0 && ferror(to) == 0;
	}
	if (to != NULL && to != stdout)
		is_good = fclose(to) == 0 && is_good;
	buf_free(&text);
	return is_good;
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct switch_options c = { 0 };
	struct switch_plan p = { 0 };
	bool is_good = true;
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	size_t i;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (rest != argc)
		return options_complain(self, "no argument is wanted");
	p.root = c.root != NULL ? c.root : "";
	switch_plan_find(&p);
	for (i = 0; i < c.settings.count; i++)
		is_good = switch_plan_add(&p, c.settings.word[i]) && is_good;
	if (c.json)
		switch_print_json(&p);
	else
		switch_print_text(&p);
	is_good = is_good && p.troubles == 0;
	is_good = write_configuration(&p, c.output) && is_good;
	switch_plan_free(&p);
	options_free(self, &c);
	return fflush(stdout) == 0 && ferror(stdout) == 0 && is_good
	    ? EXIT_CLEAN
	    : EXIT_TROUBLE;
}

const struct command switch_plan_command = {
	.name = "switch plan",
	.arguments = "",
	.summary = "Say how to leave the banned product for Candor",
	.details =
	    "The steps in order, what becomes of each exported setting "
	    "(exact, narrower, or left out and why), and what is lost. TASK is "
	    "a task's name or number, schedule or product; without it the "
	    "settings have to tell. Nothing is changed. "
	    "Exit code: 0 everything was understood, "
	    "2 not everything (the rest is printed), 64 wrong usage.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
