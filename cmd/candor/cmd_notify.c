/*
 * cmd_notify.c - candor notify: show on the desktop what was found.
 *
 * For a session of a person, who hears from candord's event socket of files
 * that he opened himself, if [log] desktop says so.  Each is handed to
 * notify-send, which knows the desktop.  Ends with 2 when candord does: the
 * service manager of the session starts it again.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/print.h"
#include "sys/listen.h"

#include <sys/socket.h>
#include <sys/wait.h>

#include <errno.h>
#include <jansson.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define EVENTS    "/run/candor/events.sock"
#define SHOW_WITH "notify-send"
#define LINE_MOST ((size_t)1 << 20)

struct config {
	const char *socket;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "socket", 0, OPTION_WORD, FIELD(socket), "PATH", NULL, 0, 0,
	    "candord's event socket (default: " EVENTS ")" },
};

/* What a person is told of; NULL: nothing. */
static const char *
title_of(const char *event)
{
	static const struct {
		const char *event, *title;
	} row[] = {
		{ "detected", "Something dangerous was found" },
		{ "blocked", "A dangerous file was not opened" },
		{ "quarantined", "A dangerous file was moved to quarantine" },
	};
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (strcmp(row[i].event, event) == 0)
			return row[i].title;
	return NULL;
}

/* A desktop takes <, > and & for its own. */
static void
add_plain(struct buf *b, const char *text)
{
	for (; *text != '\0'; text++) {
		uint8_t c = (uint8_t)*text;

		if (c == '<')
			buf_text(b, "&lt;");
		else if (c == '>')
			buf_text(b, "&gt;");
		else if (c == '&')
			buf_text(b, "&amp;");
		else
			buf_byte(b, (char)(c < 0x20 || c == 0x7f ? '?' : c));
	}
}

/* Run notify-send; false if there is none. */
static bool
show(const char *title, const char *text)
{
	int status = 0;
	pid_t pid = fork();

	if (pid == 0) {
		(void)execlp(SHOW_WITH, SHOW_WITH, "--app-name=Candor",
		    "--urgency=critical", "--icon=dialog-warning", "--", title,
		    text, (char *)NULL);
		_exit(127);
	}
	while (pid != -1 && waitpid(pid, &status, 0) == -1 && errno == EINTR)
		continue;
	return pid != -1 && WIFEXITED(status) && WEXITSTATUS(status) != 127;
}

static const char *
text_of(const json_t *event, const char *key)
{
	const char *text = json_string_value(json_object_get(event, key));

	return text != NULL ? text : "";
}

/* One line; false if it cannot be shown. */
static bool
tell(const char *line, size_t size)
{
	json_t *event = json_loadb(line, size, 0, NULL);
	const char *title = title_of(text_of(event, "event"));
	struct buf b = { 0 };
	bool is_shown = true;

	if (title != NULL) {
		add_plain(&b, text_of(event, "path"));
		buf_text(&b, "\n");
		add_plain(&b, text_of(event, "name"));
		is_shown = show(title, b.bytes);
	}
	buf_free(&b);
	json_decref(event);
	return is_shown;
}

/* Take whole lines off what was heard. */
static bool
tell_lines(struct buf *heard)
{
	size_t done = 0;
	char *end;

	while (done < heard->size &&
	    (end = memchr(heard->bytes + done, '\n', heard->size - done)) !=
		NULL) {
		size_t size = (size_t)(end - heard->bytes) - done;

		if (!tell(heard->bytes + done, size))
			return false;
		done += size + 1;
	}
	memmove(heard->bytes, heard->bytes + done, heard->size - done);
	buf_cut(heard, heard->size - done);
	return true;
}

static void
listen_and_tell(int fd)
{
	struct buf heard = { 0 };
	char piece[4096];
	ssize_t n;

	while ((n = recv(fd, piece, sizeof(piece), 0)) > 0 ||
	    (n == -1 && errno == EINTR)) {
		if (n == -1)
			continue;
		buf_add(&heard, piece, (size_t)n);
		if (!tell_lines(&heard)) {
			fputs("candor: there is no " SHOW_WITH "\n", stderr);
			break;
		}
		if (heard.size > LINE_MOST)
			break;
	}
	if (n == 0)
		fputs("candor: candord has hung up, or does not let others "
		      "hear ([log] desktop)\n",
		    stderr);
	buf_free(&heard);
}

static int
run_notify(const struct command *self, int argc, char **argv)
{
	struct config c = { .socket = EVENTS };
	struct why why = { 0 };
	int rest, fd;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	options_free(self, &c);
	if (rest != argc)
		return options_complain(self, "no arguments are expected");
	if (!listen_connect(c.socket, SOCK_STREAM, &fd, &why)) {
		print_why(&why);
		return EXIT_TROUBLE;
	}
	listen_and_tell(fd);
	close(fd);
	return EXIT_TROUBLE;
}

const struct command notify_command = {
	.name = "notify",
	.arguments = "",
	.summary = "Show on the desktop what was found in files you opened",
	.details = "Runs until candord ends; for a session's service manager. "
		   "The configuration must say [log] desktop = yes. Exit code: "
		   "2 candord ended or does not let you hear, 64 wrong usage.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run_notify,
};
