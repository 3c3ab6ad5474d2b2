/*
 * cmd_selftest.c - candor selftest: is this program as closed as we say?
 *
 * Becomes candor-selftest, which tries what the ban says such a program could
 * do, on this machine, with the programs that are installed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/print.h"
#include "sys/beside.h"
#include "sys/spawn.h"

#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static int
cmd_selftest_run(const struct command *self, int argc, char **argv)
{
	static char program[] = "candor-selftest", charges[] = "charges";
	char path[PATH_MAX];
	struct why why = { 0 };
	int rest = 0, i, n = 2;
	enum options_end end = options_parse(self, NULL, argc, argv, &rest);
	char **word;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	word = buf_alloc((size_t)argc + 3, sizeof(*word));
	word[0] = program;
	word[1] = charges;
	for (i = rest; i < argc; i++)
		word[n++] =
		    strncmp(argv[i], "charge-", 7) == 0 ? argv[i] + 7 : argv[i];
	if (beside_program(program, path, sizeof(path), &why)) {
		(void)execv(path, word);
		(void)why_not(&why, WHY_SYSTEM, "%s", path);
	}
	print_why(&why);
	free(word);
	return EXIT_TROUBLE;
}

const struct command selftest_command = {
	.name = "selftest",
	.arguments = "[charge-N|NAME]...",
	.summary = "Try what the ban says such a program could do",
	.details = "Needs no root and no network, and takes less than a "
		   "minute.  Every trial is told in a sentence, with its "
		   "outcome; docs/charges.md says what stands behind each.  "
		   "Exit code: 0 all held, 1 one did not, 64 wrong usage.",
	.run = cmd_selftest_run,
};
