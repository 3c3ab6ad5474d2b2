/*
 * cmd_guard.c - candor guard test: is what is infected denied here?
 *
 * The EICAR test file is written into a folder and opened.  Exit: 0 denied, 1
 * not, 2 it could not be tried.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/eicar.h"
#include "cmd/candor/escape.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#define EXIT_DENIED  0
#define EXIT_OPENED  1
#define EXIT_UNTRIED 2

struct config {
	char none; /* no options */
};

static int
say(const char *path, int error)
{
	const char *what = "was opened: nothing protects this folder";
	int code = EXIT_OPENED;

	if (error == EPERM) {
		what = "was denied";
		code = EXIT_DENIED;
	} else if (error != 0) {
		what = strerror(error);
		code = EXIT_UNTRIED;
	}
	escape_text(stdout, path, strlen(path));
	printf(": the test file %s\n", what);
	return code;
}

static int
cmd_guard_test_run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	const char *folder;
	int rest;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	options_free(self, &c);
	if (argc - rest > 1)
		return options_complain(self, "one folder is expected");
	folder = argc > rest ? argv[rest] : ".";
	return say(folder, eicar_try(folder));
}

const struct command guard_test_command = {
	.name = "guard test",
	.arguments = "[FOLDER]",
	.summary = "See whether what is infected is denied",
	.details =
	    "Writes the EICAR test file into the folder (default: the "
	    "working folder), opens it, and removes it. Exit code: 0 it "
	    "was denied, 1 it was not, 2 it could not be tried, 64 wrong "
	    "usage.",
	.run = cmd_guard_test_run,
};
