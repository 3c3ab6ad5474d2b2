/*
 * options.h - what a command understands, as a table.
 *
 * Parsing, --help, the man page's list and shell completion are all made from
 * the same rows.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_OPTIONS_H
#define CANDOR_CMD_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* What every command may exit with (the manual has the rest of the words). */
enum exit_code {
	EXIT_CLEAN = 0,
	EXIT_FOUND = 1,
	EXIT_TROUBLE = 2,
	EXIT_USAGE = 64
};

/* The kind says what type the field has that the option sets. */
enum option_kind {
	OPTION_FLAG,    /* bool */
	OPTION_WORD,    /* const char * */
	OPTION_WORDS,   /* struct words: may be given again */
	OPTION_COUNT,   /* uint64_t */
	OPTION_SIZE,    /* uint64_t, bytes; K, M, G, T multiply by 1024 */
	OPTION_SECONDS, /* uint64_t, milliseconds; fraction, s, m, h, d */
	OPTION_CHOICE   /* unsigned: which of the words of choices */
};

struct words {
	const char **word; /* borrowed from the command line */
	size_t count, room;
};

struct option_row {
	const char *name; /* long */
	char letter;      /* or 0 */
	enum option_kind kind;
	size_t field;         /* offsetof() in the command's own struct */
	const char *argument; /* what help calls it; NULL for a flag */
	const char *choices;  /* OPTION_CHOICE: "text|json" */
	uint64_t least, most; /* OPTION_COUNT */
	const char *meaning;
};

struct command {
	const char *name;      /* "scan", "db build" */
	const char *arguments; /* after [OPTIONS] */
	const char *summary;   /* one line, no stop */
	const char *details;   /* more for --help, or NULL */
	const struct option_row *option;
	size_t option_count;
	int (*run)(const struct command *self, int argc, char **argv);
	const char *program; /* NULL: candor */
};

enum options_end {
	OPTIONS_GO,   /* argv[*rest ..] are the arguments */
	OPTIONS_DONE, /* help was asked for and printed: exit 0 */
	OPTIONS_BAD   /* and said so: exit EXIT_USAGE */
};

/*
 * Read argv (argv[0] is the command's last word) into the fields of config,
 * which holds the defaults.  Options and arguments may be mixed.
 */
enum options_end options_parse(const struct command *c, void *config, int argc,
    char **argv, int *rest);

/* Give back what options_parse() allocated in config. */
void options_free(const struct command *c, void *config);

/* The program a command belongs to. */
const char *options_program(const struct command *c);

/* Say what is wrong with how the command was called; EXIT_USAGE. */
__attribute__((format(printf, 2, 3))) int options_complain(const struct command
							       *c,
    const char *format, ...);

void words_add(struct words *w, const char *word);

/* --help, which every command has besides its own. */
extern const struct option_row options_help_row;

/* Write text so that roff takes no dash or backslash for its own. */
void options_print_roff(FILE *to, const char *text);

/* The three things that are made of a table besides parsing. */
void options_print_help(const struct command *c, FILE *to);

/* Those of a group ("db": db build, ...), or all with "": a line each, an
   empty one between groups. */
void options_print_list(const struct command *const *command, size_t count,
    const char *group, FILE *to);
void options_print_man(const struct command *c, FILE *to);
void options_print_completion(const struct command *const *command,
    size_t count, FILE *to);

#endif
