/*
 * options.c - options are rows of a table.  The contract is in options.h.
 *
 * getopt_long() does the walking, so GNU habits hold: options after
 * arguments, --name=value, unambiguous beginnings of names, "--".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/options.h"

#include "cmd/candor/buf.h"
#include "lib/base/ckd.h"

#include <errno.h>
#include <getopt.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define OPTIONS_MAX 48u
#define FIRST_LONG  256 /* getopt's number of row 0; beyond any letter */

const struct option_row options_help_row = {
	"help",
	'h',
	OPTION_FLAG,
	0,
	NULL,
	NULL,
	0,
	0,
	"show this and end",
};

const char *
options_program(const struct command *c)
{
	return c->program != NULL ? c->program : "candor";
}

int
options_complain(const struct command *c, const char *format, ...)
{
	va_list args;

	fprintf(stderr, "%s %s: ", options_program(c), c->name);
	va_start(args, format);
	vfprintf(stderr, format, args);
	va_end(args);
	fprintf(stderr, "\nTry '%s %s --help'.\n", options_program(c), c->name);
	return EXIT_USAGE;
}

void
words_add(struct words *w, const char *word)
{
	w->word = buf_grow(w->word, &w->room, w->count + 1, sizeof(w->word[0]));
	w->word[w->count++] = word;
}

/* --- values ------------------------------------------------------------ */

/* Read digits; *end is what follows them.  False without or with too many. */
static bool
read_number(const char *text, uint64_t *out, const char **end)
{
	char *after;

	if (text[0] < '0' || text[0] > '9')
		return false;
	errno = 0;
	*out = strtoull(text, &after, 10);
	*end = after;
	return errno == 0;
}

static bool
read_count(const struct option_row *row, const char *text, uint64_t *out)
{
	const char *end;

	return read_number(text, out, &end) && *end == '\0' &&
	    *out >= row->least && *out <= row->most;
}

/* Read bytes: 4096, 10M, 2GiB, 5kb; "0" is as good a number as any. */
static bool
read_size(const char *text, uint64_t *out)
{
	static const char unit[] = "kmgt";
	const char *end, *found;
	uint64_t factor = 1;

	if (!read_number(text, out, &end))
		return false;
	if (*end != '\0' && *end != 'b' && *end != 'B') {
		found = strchr(unit, *end | 0x20);
		if (found == NULL)
			return false;
		factor <<= 10u * (unsigned)(found - unit + 1);
		end++;
		if (*end == 'i')
			end++;
	}
	if (*end == 'b' || *end == 'B')
		end++;
	return *end == '\0' && !ckd_mul(out, *out, factor);
}

/* A unit of time that ends the text, or nothing: seconds. */
static bool
read_unit(const char *text, uint64_t *ms)
{
	static const struct {
		const char *unit;
		uint64_t seconds;
	} row[] = { { "", 1 }, { "s", 1 }, { "m", 60 }, { "h", 3600 },
		{ "d", 86400 } };
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (strcmp(row[i].unit, text) == 0) {
			*ms *= row[i].seconds;
			return true;
		}
	return false;
}

/* Read a time with up to three decimals into milliseconds. */
static bool
read_seconds(const char *text, uint64_t *out)
{
	uint64_t scale = 100;
	const char *end;

	if (!read_number(text, out, &end) || *out > UINT32_MAX / 1000)
		return false;
	*out *= 1000;
	if (*end == '.')
		for (end++; *end >= '0' && *end <= '9'; end++) {
			*out += (uint64_t)(*end - '0') * scale;
			scale /= 10;
		}
	return read_unit(end, out) && *out <= UINT32_MAX;
}

/* Find text among "one|two|three". */
static bool
read_choice(const char *choices, const char *text, unsigned *out)
{
	size_t len = strlen(text);
	unsigned i;

	for (i = 0; choices != NULL && *choices != '\0'; i++) {
		size_t n = strcspn(choices, "|");

		if (n == len && memcmp(choices, text, n) == 0) {
			*out = i;
			return true;
		}
		choices += n + (choices[n] == '|');
	}
	return false;
}

/* Put one option into its field. */
static bool
set_field(const struct option_row *row, void *config, const char *text)
{
	void *field = (char *)config + row->field;

	switch (row->kind) {
	case OPTION_FLAG:
		*(bool *)field = true;
		return true;
	case OPTION_WORD:
		*(const char **)field = text;
		return true;
	case OPTION_WORDS:
		words_add(field, text);
		return true;
	case OPTION_COUNT:
		return read_count(row, text, field);
	case OPTION_SIZE:
		return read_size(text, field);
	case OPTION_SECONDS:
		return read_seconds(text, field);
	case OPTION_CHOICE:
		return read_choice(row->choices, text, field);
	default:
		return false;
	}
}

/* --- parsing ----------------------------------------------------------- */

struct getopt_form {
	char letters[2 * OPTIONS_MAX + 4];
	struct option names[OPTIONS_MAX + 2];
};

static void
form_add(struct getopt_form *f, size_t at, const struct option_row *row,
    int number)
{
	size_t len = strlen(f->letters);

	f->names[at] = (struct option){
		.name = row->name,
		.has_arg =
		    row->argument == NULL ? no_argument : required_argument,
		.val = number,
	};
	if (row->letter == 0)
		return;
	f->letters[len++] = row->letter;
	if (row->argument != NULL)
		f->letters[len++] = ':';
	f->letters[len] = '\0';
}

/* Make what getopt_long() wants from the table. */
static void
form_make(const struct command *c, struct getopt_form *f)
{
	size_t i;

	memset(f, 0, sizeof(*f));
	f->letters[0] = ':';
	for (i = 0; i < c->option_count && i < OPTIONS_MAX; i++)
		form_add(f, i, &c->option[i], FIRST_LONG + (int)i);
	form_add(f, i, &options_help_row, 'h');
}

/* The row getopt_long() answered with, or NULL. */
static const struct option_row *
find_row(const struct command *c, int number)
{
	size_t i;

	for (i = 0; i < c->option_count; i++)
		if (number == FIRST_LONG + (int)i ||
		    (c->option[i].letter != 0 && number == c->option[i].letter))
			return &c->option[i];
	return NULL;
}

/* Say what getopt_long() did not like about the word it was at, in the words
   of the GNU tools. */
static enum options_end
complain_of(const struct command *c, int answer, const char *word)
{
	const char *what =
	    answer == ':' ? "option requires an argument" : "invalid option";
	int name = (int)strcspn(word, "=");

	if (strncmp(word, "--", 2) != 0)
		options_complain(c, "%s -- '%c'", what, optopt);
	else if (answer == ':')
		options_complain(c, "option '%s' requires an argument", word);
	else if (optopt != 0)
		options_complain(c, "option '%.*s' doesn't allow an argument",
		    name, word);
	else
		options_complain(c, "unrecognized option '%s'", word);
	return OPTIONS_BAD;
}

static enum options_end
complain_of_value(const struct command *c, const struct option_row *row)
{
	if (row->kind == OPTION_CHOICE)
		options_complain(c, "--%s is one of %s, not '%s'", row->name,
		    row->choices, optarg);
	else
		options_complain(c, "--%s: '%s' is no fitting %s", row->name,
		    optarg, row->argument);
	return OPTIONS_BAD;
}

enum options_end
options_parse(const struct command *c, void *config, int argc, char **argv,
    int *rest)
{
	const struct option_row *row;
	struct getopt_form form;
	int answer, at;

	form_make(c, &form);
	opterr = 0;
	optind = 0; /* begin anew, whatever was parsed before */
	for (;;) {
		at = optind;
		answer =
		    getopt_long(argc, argv, form.letters, form.names, NULL);
		if (answer == -1)
			break;
		if (answer == 'h' && find_row(c, 'h') == NULL) {
			options_print_help(c, stdout);
			return OPTIONS_DONE;
		}
		row = find_row(c, answer);
		if (row == NULL)
			return complain_of(c, answer,
			    argv[optind > at ? optind - 1 : at]);
		if (!set_field(row, config, optarg))
			return complain_of_value(c, row);
	}
	*rest = optind;
	return OPTIONS_GO;
}

void
options_free(const struct command *c, void *config)
{
	size_t i;

	for (i = 0; i < c->option_count; i++) {
		void *field = (char *)config + c->option[i].field;

		if (c->option[i].kind != OPTION_WORDS)
			continue;
		free(((struct words *)field)->word);
		*(struct words *)field = (struct words){ 0 };
	}
}
