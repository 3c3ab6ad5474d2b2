/*
 * candor-publish - what a feed's publishers, rebuilders and mirrors type.
 *
 * Holds:     what its user may read; for as long as it signs, one secret key.
 * Hears:     its command line; folders and servers named there.
 * Says:      files of a feed, signatures, and what it made of others' feeds.
 * If owned:  it could sign with the key it was given.  So every role has a
 *            key of its own, no key is enough, and databases are compiled by
 *            candor-compile, in its cage.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor-publish/commands.h"

#include "cmd/candor/escape.h"

#include <stdio.h>
#include <string.h>

static const struct command *const commands[] = {
	&key_command,
	&init_command,
	&root_command,
	&draft_command,
	&sign_command,
	&merge_command,
	&append_command,
	&cosign_command,
	&check_command,
	&rebuild_command,
	&bundle_command,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

int
publish_why(const struct command *c, const struct why *why)
{
	fprintf(stderr, PUBLISH " %s: ", c->name);
	escape_text(stderr, why->text, strlen(why->text));
	if (why->kind == WHY_SYSTEM && why->err != 0)
		fprintf(stderr, ": %s", strerror(why->err));
	fputc('\n', stderr);
	return EXIT_REFUSED;
}

static void
print_commands(FILE *to)
{
	fputs("Usage: " PUBLISH " COMMAND [OPTIONS] [ARGUMENTS]\n\n", to);
	options_print_list(commands, COMMANDS, "", to);
	fputs("\nEvery command has --help.\n", to);
}

static const struct command *
find(const char *name)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++)
		if (strcmp(commands[i]->name, name) == 0)
			return commands[i];
	return NULL;
}

/* help --man COMMAND: its options, for the manual. */
static int
help(int argc, char **argv)
{
	const struct command *c = argc == 4 ? find(argv[3]) : NULL;

	if (argc < 3) {
		print_commands(stdout);
		return EXIT_DONE;
	}
	if (c == NULL || strcmp(argv[2], "--man") != 0)
		return EXIT_USAGE;
	options_print_man(c, stdout);
	return EXIT_DONE;
}

int
main(int argc, char **argv)
{
	const struct command *c;
	int code;

	if (argc < 2) {
		print_commands(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0) {
		puts(PUBLISH " " CANDOR_VERSION);
		return EXIT_DONE;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "help") == 0)
		return help(argc, argv);
	c = find(argv[1]);
	if (c == NULL) {
		fprintf(stderr, PUBLISH ": there is no command '%s'\n",
		    argv[1]);
		print_commands(stderr);
		return EXIT_USAGE;
	}
	code = c->run(c, argc - 1, argv + 1);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return EXIT_REFUSED;
	return code;
}
