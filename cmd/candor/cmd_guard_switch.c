/*
 * cmd_guard_switch.c - candor guard on, off, exclude: change what is protected.
 *
 * candord is asked over its control socket, and obeys root alone; it tells each
 * change in an event.  An exclusion that is to last is written into a file of
 * the configuration first.  Exit: 0 done, 2 not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/control.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/exclusion.h"
#include "cmd/candor/print.h"
#include "lib/wire/value.h"

#include <inttypes.h>
#include <limits.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

struct config {
	const char *socket;
	uint64_t off_ms;
	bool json, once;
};

#define FIELD(name) offsetof(struct config, name)
#define SOCKET_ROW                                                           \
	{                                                                    \
		"socket", 0, OPTION_WORD, FIELD(socket), "PATH", NULL, 0, 0, \
		    "candord's control socket (default: " CONTROL_SOCKET ")" \
	}

static const struct option_row on_options[] = { SOCKET_ROW };
static const struct option_row off_options[] = {
	{ "for", 0, OPTION_SECONDS, FIELD(off_ms), "TIME", NULL, 0, 0,
	    "on again after so long (90, 10m, 2h); default: when it is "
	    "switched on, or candord is started again" },
	SOCKET_ROW,
};
static const struct option_row exclude_options[] = {
	{ "json", 0, OPTION_FLAG, FIELD(json), NULL, NULL, 0, 0,
	    "list: one JSON object a line" },
	{ "once", 0, OPTION_FLAG, FIELD(once), NULL, NULL, 0, 0,
	    "until candord ends, and not in the configuration" },
	SOCKET_ROW,
};

/* Ask, and give the whole answer; false after saying why not. */
static bool
ask(const char *socket, const char *line, struct buf *answer)
{
	struct why why = { 0 };

	if (!control_ask(socket, line, answer, &why)) {
		print_why(&why);
		return false;
	}
	if (control_is_whole(answer))
		return true;
	control_complain(answer);
	return false;
}

static int
tell(const char *socket, const char *line)
{
	struct buf answer = { 0 };
	bool is_done = ask(socket, line, &answer);

	buf_free(&answer);
	return is_done ? EXIT_CLEAN : EXIT_TROUBLE;
}

/* --- on and off ---------------------------------------------------------- */

static int
switch_over(const struct command *self, int argc, char **argv, bool is_on)
{
	struct config c = { .socket = CONTROL_SOCKET };
	char line[64] = "guard on\n";
	int rest;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	options_free(self, &c);
	if (rest != argc)
		return options_complain(self, "no arguments are expected");
	if (!is_on)
		(void)snprintf(line, sizeof(line), "guard off %" PRIu64 "\n",
		    (c.off_ms + 999) / 1000);
	return tell(c.socket, line);
}

static int
run_on(const struct command *self, int argc, char **argv)
{
	return switch_over(self, argc, argv, true);
}

static int
run_off(const struct command *self, int argc, char **argv)
{
	return switch_over(self, argc, argv, false);
}

/* --- exclude: list -------------------------------------------------------- */

static void
put_rest(const struct line *l, size_t from, struct buf *out)
{
	struct cur c = l->rest[from];

	buf_cut(out, 0);
	while (cur_left(&c) > 0)
		buf_byte(out, (char)cur_u8(&c));
}

static void
list_text(void *ctx, const struct line *l)
{
	struct buf *b = ctx;

	put_rest(l, 2, b);
	printf("%-10s", l->word[0]);
	escape_text(stdout, b->bytes, b->size);
	printf("\n    %s; %s\n", exclusion_reach(l->word[0]),
	    strcmp(l->word[1], "added") == 0 ? "until candord ends"
					     : "by the configuration");
}

static void
list_json(void *ctx, const struct line *l)
{
	struct buf *b = ctx;

	put_rest(l, 2, b);
	buf_byte(b, '\0');
	(void)value_get(b->bytes);
	printf("{\"kind\":\"%s\",\"value\":", l->word[0]);
	escape_json_string(stdout, b->bytes, strlen(b->bytes));
	printf(",\"from\":\"%s\",\"reach\":\"%s\"}\n", l->word[1],
	    exclusion_reach(l->word[0]));
}

static int
list(const struct config *c)
{
	struct buf answer = { 0 }, room = { 0 };
	int code = EXIT_TROUBLE;

	buf_byte(&room, ' ');
	if (ask(c->socket, "status\n", &answer)) {
		code = EXIT_CLEAN;
		if (line_each(&answer, "drop-ins", NULL, NULL) == 0) {
			fputs("candor: exclusions are told to administrators\n",
			    stderr);
			code = EXIT_TROUBLE;
		}
		line_each(&answer, "exclusion", c->json ? list_json : list_text,
		    &room);
	}
	buf_free(&answer);
	buf_free(&room);
	return code;
}

/* --- exclude: add, remove ------------------------------------------------- */

/* Have candord add or take off what ends with it. */
static int
change_once(const struct config *c, bool is_added, const char *kind,
    const char *value)
{
	static char text[VALUE_ROOM(PATH_MAX)], line[sizeof(text) + 64];

	if (value_put(value, text, sizeof(text)) < strlen(value))
		return EXIT_TROUBLE;
	(void)snprintf(line, sizeof(line), "%s %s %s\n",
	    is_added ? "exclude" : "include", kind, text);
	return tell(c->socket, line);
}

static void
take_folder(void *ctx, const struct line *l)
{
	put_rest(l, 0, ctx);
	buf_byte(ctx, '\0');
}

/* Where files of the configuration are; false after saying why not. */
static bool
find_folder(const struct config *c, struct buf *folder)
{
	struct buf answer = { 0 };
	bool is_told = ask(c->socket, "status\n", &answer);

	if (is_told &&
	    line_each(&answer, "drop-ins", take_folder, folder) != 1) {
		fputs("candor: candord refused: not allowed\n", stderr);
		is_told = false;
	}
	buf_free(&answer);
	return is_told && value_get(folder->bytes);
}

/* Write it down and have candord read that; what it refuses is taken back. */
static int
change_file(const struct config *c, bool is_added, const char *kind,
    const char *value)
{
	struct buf folder = { 0 };
	struct why why = { 0 };
	bool is_changed = false;
	int code = EXIT_TROUBLE;

	if (!find_folder(c, &folder)) {
		buf_free(&folder);
		return EXIT_TROUBLE;
	}
	if (!exclusion_write(folder.bytes, is_added, kind, value, &is_changed,
		&why))
		print_why(&why);
	else if (!is_changed && !is_added)
		fputs("candor: it is not in the file of exclusions\n", stderr);
	else
		code = tell(c->socket, "configure\n");
	if (code != EXIT_CLEAN && is_changed)
		(void)exclusion_write(folder.bytes, !is_added, kind, value,
		    &is_changed, &why);
	buf_free(&folder);
	return code;
}

static bool
has_control(const char *text)
{
	for (; *text != '\0'; text++)
		if ((uint8_t)*text < 0x20 || *text == 0x7f)
			return true;
	return false;
}

static int
change(const struct command *self, const struct config *c, int count,
    char **word)
{
	bool is_added = strcmp(word[0], "add") == 0;
	int code;

	if ((!is_added && strcmp(word[0], "remove") != 0) || count != 3)
		return options_complain(self,
		    "list, or add or remove KIND VALUE is expected");
	if (exclusion_reach(word[1]) == NULL)
		return options_complain(self,
		    "KIND is path, file, process, hash or signature");
	if (word[2][0] == '\0' || has_control(word[2]))
		return options_complain(self,
		    "what is excluded cannot be written down");
	code = c->once ? change_once(c, is_added, word[1], word[2])
		       : change_file(c, is_added, word[1], word[2]);
	if (code == EXIT_CLEAN && is_added)
		printf("excluded: %s\n", exclusion_reach(word[1]));
	return code;
}

static int
run_exclude(const struct command *self, int argc, char **argv)
{
	struct config c = { .socket = CONTROL_SOCKET };
	int rest;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	options_free(self, &c);
	if (rest == argc || strcmp(argv[rest], "list") == 0)
		return argc - rest > 1
		    ? options_complain(self, "list has no arguments")
		    : list(&c);
	return change(self, &c, argc - rest, argv + rest);
}

#define OPTIONS(rows) rows, sizeof(rows) / sizeof((rows)[0])

const struct command guard_on_command = { "guard on", "",
	"Switch on-access protection on again",
	"For root. The configuration must have it enabled. Exit code: 0 done, "
	"2 not, 64 wrong usage.",
	OPTIONS(on_options), run_on, NULL };
const struct command guard_off_command = { "guard off", "",
	"Switch on-access protection off for a time",
	"For root; an event and candor status tell of it. Exit code: 0 done, 2 "
	"not, 64 wrong usage.",
	OPTIONS(off_options), run_off, NULL };
const struct command guard_exclude_command = { "guard exclude",
	"[list | (add | remove) KIND VALUE]",
	"Say what on-access protection leaves out",
	"KIND is path (a glob; * does not match a slash, ** does), file (the "
	"same, without what is in a folder that fits), process (the path of a "
	"program), hash (SHA-256), or signature (a name; * stands for any "
	"characters). Without --once it is kept in a file of the "
	"configuration. For root; each change is told in an event. Exit code: 0 "
	"done, 2 not, 64 wrong usage.",
	OPTIONS(exclude_options), run_exclude, NULL };
