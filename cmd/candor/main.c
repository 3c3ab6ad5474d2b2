/*
 * candor - the command a person types.
 *
 * Holds:     what its user may read; the databases, mapped read-only.
 * Hears:     its command line; checked frames from its own workers.
 * Says:      findings, on standard output.
 * If owned:  all its user could do.  So it parses no byte of a scanned file
 *            and no signature: workers and candor-compile, both caged, do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"
#include "cmd/candor/print.h"

#include <locale.h>
#include <stdio.h>
#include <string.h>

/* What is one word, then groups: "db build" next to "db info". */
static const struct command *const commands[] = {
	&scan_command,
	&explain_command,
	&status_command,
	&update_command,
	&notify_command,
	&selftest_command,
	&quarantine_list_command,
	&quarantine_show_command,
	&quarantine_restore_command,
	&quarantine_delete_command,
	&quarantine_export_command,
	&quarantine_purge_command,
	&guard_exclude_command,
	&guard_off_command,
	&guard_on_command,
	&guard_status_command,
	&guard_test_command,
	&config_check_command,
	&config_import_command,
	&config_show_command,
	&db_build_command,
	&db_check_command,
	&db_info_command,
	&db_list_command,
	&db_show_command,
	&feed_add_command,
	&feed_list_command,
	&feed_remove_command,
	&log_evidence_command,
	&log_show_command,
	&log_verify_command,
	&ban_list_command,
	&ban_show_command,
	&ban_check_command,
	&ban_timeline_command,
	&ban_screen_command,
	&ban_scan_command,
	&ban_merge_command,
	&ban_check_data_command,
	&switch_plan_command,
	&switch_apply_command,
	&switch_status_command,
	&switch_undo_command,
	&switch_evidence_command,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_commands(FILE *to)
{
	fputs("Usage: candor COMMAND [OPTIONS] [ARGUMENTS]\n\n", to);
	options_print_list(commands, COMMANDS, "", to);
	fputs("\nEvery command has --help, in full in its manual. candor "
	      "--version says which\nthis is.\n",
	    to);
}

/*
 * Find the command that the first words name; *words is how many of them
 * belong to the name.
 */
static const struct command *
find_command(int count, char **word, int *words)
{
	size_t i;

	for (i = 0; i < COMMANDS; i++) {
		const char *name = commands[i]->name;
		const char *space = strchr(name, ' ');
		size_t first =
		    space != NULL ? (size_t)(space - name) : strlen(name);

		if (strlen(word[0]) != first ||
		    strncmp(word[0], name, first) != 0)
			continue;
		*words = space != NULL ? 2 : 1;
		if (space == NULL ||
		    (count > 1 && strcmp(word[1], space + 1) == 0))
			return commands[i];
	}
	return NULL;
}

static bool
is_group(const char *word)
{
	size_t len = strlen(word), i;

	for (i = 0; i < COMMANDS; i++)
		if (strncmp(commands[i]->name, word, len) == 0 &&
		    commands[i]->name[len] == ' ')
			return true;
	return false;
}

static void
print_group(const char *word, FILE *to)
{
	fprintf(to, "Usage: candor %s COMMAND [OPTIONS] [ARGUMENTS]\n\n", word);
	options_print_list(commands, COMMANDS, word, to);
}

/* Words that name no command: half of one, with a wish for help perhaps. */
static int
answer(int count, char **word)
{
	if (!is_group(word[0])) {
		fprintf(stderr, "candor: there is no command '%s'\n", word[0]);
		print_commands(stderr);
		return EXIT_USAGE;
	}
	if (count > 1 &&
	    (strcmp(word[1], "--help") == 0 || strcmp(word[1], "-h") == 0)) {
		print_group(word[0], stdout);
		return EXIT_CLEAN;
	}
	if (count > 1)
		fprintf(stderr, "candor: there is no command '%s %s'\n",
		    word[0], word[1]);
	print_group(word[0], stderr);
	return EXIT_USAGE;
}

/* candor help [--man] [COMMAND] | --man configuration | --completion */
static int
help(int count, char **word)
{
	const struct command *c;
	bool man = count > 0 && strcmp(word[0], "--man") == 0;
	int words;

	if (count > 0 && strcmp(word[0], "--completion") == 0) {
		options_print_completion(commands, COMMANDS, stdout);
		return EXIT_CLEAN;
	}
	if (man) {
		count--;
		word++;
	}
	if (count == 0) {
		print_commands(stdout);
		return EXIT_CLEAN;
	}
	if (man && strcmp(word[0], "configuration") == 0) {
		config_print_man(stdout);
		return EXIT_CLEAN;
	}
	c = find_command(count, word, &words);
	if (c == NULL && count == 1 && is_group(word[0])) {
		print_group(word[0], stdout);
		return EXIT_CLEAN;
	}
	if (c == NULL)
		return answer(count, word);
	if (man)
		options_print_man(c, stdout);
	else
		options_print_help(c, stdout);
	return EXIT_CLEAN;
}

static int
version(void)
{
	printf("candor %s\n", print_version());
	return EXIT_CLEAN;
}

static int
run(int argc, char **argv)
{
	const struct command *c;
	int words;

	if (argc < 2) {
		print_commands(stderr);
		return EXIT_USAGE;
	}
	if (strcmp(argv[1], "--version") == 0 ||
	    strcmp(argv[1], "version") == 0)
		return version();
	if (strcmp(argv[1], "help") == 0)
		return help(argc - 2, argv + 2);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return help(0, NULL);
	c = find_command(argc - 1, argv + 1, &words);
	if (c == NULL)
		return answer(argc - 1, argv + 1);
	if (argc - words > 1 && strcmp(argv[words + 1], "--version") == 0)
		return version();
	return c->run(c, argc - words, argv + words);
}

int
main(int argc, char **argv)
{
	int code;

	/* Names are told apart by their bytes and numbers are written with a
	   point whatever the locale; only messages of errno follow it. */
	setlocale(LC_MESSAGES, "");
	code = run(argc, argv);
	/* Everything printed has to arrive, whichever command it was. */
	if (fflush(stdout) == 0 && ferror(stdout) == 0)
		return code;
	fputs("candor: the output could not be written\n", stderr);
	return code == EXIT_CLEAN ? EXIT_TROUBLE : code;
}
