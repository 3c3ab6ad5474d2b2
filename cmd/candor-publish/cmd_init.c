/*
 * cmd_init.c - candor-publish init: begin a feed's log.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/commands.h"

#include "cmd/candor-publish/feed.h"

#include <stddef.h>

struct config {
	const char *origin;
};

static const struct option_row options[] = {
	{ "origin", 0, OPTION_WORD, offsetof(struct config, origin), "NAME",
	    NULL, 0, 0,
	    "what log and feed are called: a name nobody else uses, such as "
	    "log.example.org/db" },
};

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	char text[VKEY_TEXT_MAX];
	struct why why = { 0 };
	struct secret log;
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_DONE : EXIT_USAGE;
	if (c.origin == NULL || rest + 1 != argc)
		return options_complain(self, "a FEED and --origin are wanted");
	if (!feed_make(argv[rest], c.origin, &log, &why))
		return publish_why(self, &why);
	vkey_write(&log.key, text);
	puts(text);
	return EXIT_DONE;
}

const struct command init_command = {
	.program = PUBLISH,
	.name = "init",
	.arguments = "--origin NAME FEED",
	.summary = "Begin a feed's log in the folder FEED, and print its key",
	.details = "FEED/log.key is the log's secret key; FEED/tree is what "
		   "is served.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
