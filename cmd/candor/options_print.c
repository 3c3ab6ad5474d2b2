/*
 * options_print.c - help, manual and completion, made of the tables.
 * The contract is in options.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/options.h"

#include <string.h>

#define HELP_WIDTH  79u
#define HELP_COLUMN 30u

/* --- help -------------------------------------------------------------- */

/* Print text from column on, broken at spaces, hanging under itself. */
static void
print_wrapped(FILE *to, const char *text, size_t column)
{
	size_t at = column;

	while (*text != '\0') {
		size_t word = strcspn(text, " ");

		if (at > column && at + 1 + word > HELP_WIDTH) {
			fprintf(to, "\n%*s", (int)column, "");
			at = column;
		}
		if (at > column) {
			fputc(' ', to);
			at++;
		}
		fwrite(text, 1, word, to);
		at += word;
		text += word;
		text += strspn(text, " ");
	}
	fputc('\n', to);
}

static void
print_row(const struct option_row *row, FILE *to)
{
	char left[80];
	int n;

	n = snprintf(left, sizeof(left), "  %c%c%s --%s%s%s",
	    row->letter ? '-' : ' ', row->letter ? row->letter : ' ',
	    row->letter ? "," : " ", row->name, row->argument ? " " : "",
	    row->argument ? row->argument : "");
	fputs(left, to);
	if (n < 0 || (size_t)n + 2 > HELP_COLUMN)
		fprintf(to, "\n%*s", (int)HELP_COLUMN, "");
	else
		fprintf(to, "%*s", (int)HELP_COLUMN - n, "");
	print_wrapped(to, row->meaning, HELP_COLUMN);
}

void
options_print_help(const struct command *c, FILE *to)
{
	size_t i;

	fprintf(to, "Usage: %s %s %s%s\n\n", options_program(c), c->name,
	    c->option_count > 0 ? "[OPTIONS] " : "", c->arguments);
	print_wrapped(to, c->summary, 0);
	if (c->details != NULL) {
		fputc('\n', to);
		print_wrapped(to, c->details, 0);
	}
	fputc('\n', to);
	for (i = 0; i < c->option_count; i++)
		print_row(&c->option[i], to);
	print_row(&options_help_row, to);
}

/* --- lists of commands -------------------------------------------------- */

static bool
is_in_group(const struct command *c, const char *group)
{
	size_t len = strlen(group);

	return len == 0 ||
	    (strncmp(c->name, group, len) == 0 && c->name[len] == ' ');
}

/* How much of a name says its group; 0 if it has none. */
static size_t
group_size(const char *name)
{
	const char *space = strchr(name, ' ');

	return space == NULL ? 0 : (size_t)(space - name);
}

void
options_print_list(const struct command *const *command, size_t count,
    const char *group, FILE *to)
{
	const char *last = NULL;
	size_t width = 0, i;

	for (i = 0; i < count; i++)
		if (is_in_group(command[i], group) &&
		    strlen(command[i]->name) > width)
			width = strlen(command[i]->name);
	for (i = 0; i < count; i++) {
		const char *name = command[i]->name;
		size_t n = group_size(name);

		if (!is_in_group(command[i], group))
			continue;
		if (last != NULL &&
		    (group_size(last) != n || strncmp(last, name, n) != 0))
			fputc('\n', to);
		fprintf(to, "  %-*s  ", (int)width, name);
		print_wrapped(to, command[i]->summary, width + 4);
		last = name;
	}
}

/* --- manual ------------------------------------------------------------ */

void
options_print_roff(FILE *to, const char *text)
{
	for (; *text != '\0'; text++) {
		if (*text == '-')
			fputs("\\-", to);
		else if (*text == '\\')
			fputs("\\e", to);
		else
			fputc(*text, to);
	}
}

static void
print_man_row(const struct option_row *row, FILE *to)
{
	char last;

	fputs(".TP\n", to);
	if (row->letter != 0)
		fprintf(to, "\\fB\\-%c\\fR, ", row->letter);
	fputs("\\fB\\-\\-", to);
	options_print_roff(to, row->name);
	fputs("\\fR", to);
	if (row->argument != NULL)
		fprintf(to, " \\fI%s\\fR", row->argument);
	fputc('\n', to);
	options_print_roff(to, row->meaning);
	/* A question, and what ends with "...", has its stop. */
	last = row->meaning[strlen(row->meaning) - 1];
	fputs(last == '?' || last == '.' ? "\n" : ".\n", to);
}

void
options_print_man(const struct command *c, FILE *to)
{
	size_t i;

	for (i = 0; i < c->option_count; i++)
		print_man_row(&c->option[i], to);
	print_man_row(&options_help_row, to);
}

/* --- completion -------------------------------------------------------- */

/* The words an option may be followed by, as a case of their own. */
static void
print_choices(const struct option_row *row, FILE *to)
{
	const char *p;

	fprintf(to, "\t\t[[ $previous == --%s ]] && values='", row->name);
	for (p = row->choices; *p != '\0'; p++)
		fputc(*p == '|' ? ' ' : *p, to);
	fputs("'\n", to);
}

/* One case of the shell function: the options of a command. */
static void
print_completion_options(const struct command *c, FILE *to)
{
	size_t i;

	fprintf(to, "\t'%s')\n\t\toptions='--help", c->name);
	for (i = 0; i < c->option_count; i++) {
		fprintf(to, " --%s", c->option[i].name);
		if (c->option[i].letter != 0)
			fprintf(to, " -%c", c->option[i].letter);
	}
	fputs("'\n", to);
	for (i = 0; i < c->option_count; i++)
		if (c->option[i].choices != NULL)
			print_choices(&c->option[i], to);
	fputs("\t\t;;\n", to);
}

/* Does a list name this command's group first here? */
static bool
begins_group(const struct command *const *command, size_t i)
{
	size_t n = group_size(command[i]->name);

	return n > 0 &&
	    (i == 0 || group_size(command[i - 1]->name) != n ||
		strncmp(command[i - 1]->name, command[i]->name, n) != 0);
}

/* The words that may follow "candor": commands, and groups of them. */
static void
print_completion_words(const struct command *const *command, size_t count,
    FILE *to)
{
	size_t i;

	for (i = 0; i < count; i++) {
		const char *name = command[i]->name;
		size_t n = group_size(name);

		if (n == 0)
			fprintf(to, " %s", name);
		else if (begins_group(command, i))
			fprintf(to, " %.*s", (int)n, name);
	}
}

/* One case of the shell function: the words that may follow a group's. */
static void
print_completion_group(const struct command *const *command, size_t count,
    size_t first, FILE *to)
{
	const char *name = command[first]->name;
	size_t n = group_size(name), i;

	fprintf(to, "\t%.*s)\n\t\t((COMP_CWORD == 2)) && values='--help",
	    (int)n, name);
	for (i = first; i < count; i++)
		if (group_size(command[i]->name) == n &&
		    strncmp(command[i]->name, name, n) == 0)
			fprintf(to, " %s", command[i]->name + n + 1);
	fputs("'\n\t\tcommand+=\" ${COMP_WORDS[2]}\"\n\t\t;;\n", to);
}

/* What the command is, and what may follow where it has no more words. */
static void
print_completion_names(const struct command *const *command, size_t count,
    FILE *to)
{
	size_t i;

	fputs("\tif ((COMP_CWORD == 1)); then\n"
	      "\t\tvalues='help --help --version",
	    to);
	print_completion_words(command, count, to);
	fputs("'\n\t\tcommand=\n\tfi\n\tcase $command in\n", to);
	for (i = 0; i < count; i++)
		if (begins_group(command, i))
			print_completion_group(command, count, i, to);
	fputs("\tesac\n", to);
}

void
options_print_completion(const struct command *const *command, size_t count,
    FILE *to)
{
	size_t i;

	fputs("# bash completion for candor, made by 'candor help "
	      "--completion'\n"
	      "# SPDX-License-Identifier: Apache-2.0\n"
	      "_candor()\n{\n"
	      "\tlocal word=${COMP_WORDS[COMP_CWORD]}\n"
	      "\tlocal previous=${COMP_WORDS[COMP_CWORD-1]}\n"
	      "\tlocal command=${COMP_WORDS[1]} options= values=\n\n",
	    to);
	print_completion_names(command, count, to);
	fputs("\tcase $command in\n", to);
	for (i = 0; i < count; i++)
		print_completion_options(command[i], to);
	fputs("\tesac\n"
	      "\tif [[ -n $values ]]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$values\" -- \"$word\"))\n"
	      "\telif [[ $word == -* ]]; then\n"
	      "\t\tCOMPREPLY=($(compgen -W \"$options\" -- \"$word\"))\n"
	      "\telse\n"
	      "\t\tcompopt -o filenames\n"
	      "\t\tmapfile -t COMPREPLY < <(compgen -f -- \"$word\")\n"
	      "\tfi\n}\n"
	      "complete -F _candor candor\n",
	    to);
}
