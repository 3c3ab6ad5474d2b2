/*
 * cmd_guard_status.c - candor guard status: what is protected, and what not.
 *
 * From candord's control socket comes how the guard is and what is excluded;
 * from the guard's own, which is root's, what is mounted and watched, or why
 * it is not (proc/guard/guard_say.c).  Exit: 0 it is on and works, 1 it is
 * not, 2 candord does not answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/control.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/exclusion.h"
#include "cmd/candor/human.h"
#include "cmd/candor/infile.h"
#include "cmd/candor/print.h"
#include "lib/wire/value.h"
#include "sys/channel.h"
#include "sys/listen.h"

#include <sys/socket.h>

#include <fcntl.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define MOUNTS_MOST ((size_t)64 << 20)

struct config {
	bool json, all;
	const char *socket;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "all", 'a', OPTION_FLAG, FIELD(all), NULL, NULL, 0, 0,
	    "also tell of what the kernel shows of itself (proc, sysfs)" },
	{ "json", 0, OPTION_FLAG, FIELD(json), NULL, NULL, 0, 0,
	    "print one JSON object" },
	{ "socket", 0, OPTION_WORD, FIELD(socket), "PATH", NULL, 0, 0,
	    "candord's control socket (default: " CONTROL_SOCKET ")" },
};

/* What is known; it is shown as lines come. */
struct shown {
	bool is_json, is_all;
	bool has_one; /* in the list that is being printed */
	bool is_off, is_ready, is_enabled, has_state;
	uint64_t off_seconds;
	struct buf path; /* of the guard's socket */
	struct buf answer, mounts;
	struct line held; /* a mount that is not watched: why comes next */
	struct buf value;
};

static uint64_t
number(const char *text)
{
	return strtoull(text, NULL, 10);
}

/* The rest of a line as it was before it was written into one. */
static const char *
value_of(struct shown *s, const struct line *l, size_t from)
{
	struct cur c = l->rest[from];

	buf_cut(&s->value, 0);
	while (cur_left(&c) > 0)
		buf_byte(&s->value, (char)cur_u8(&c));
	buf_byte(&s->value, '\0');
	(void)value_get(s->value.bytes);
	return s->value.bytes;
}

/* --- asking --------------------------------------------------------------- */

static void
take_guard(void *ctx, const struct line *l)
{
	struct shown *s = ctx;

	s->is_enabled = true;
	s->is_off = strcmp(l->word[0], "off") == 0;
	s->off_seconds = number(l->word[1]);
}

static void
take_process(void *ctx, const struct line *l)
{
	struct shown *s = ctx;

	if (strcmp(l->word[0], "guard") == 0)
		s->is_ready = strcmp(l->word[1], "ready") == 0;
}

static void
take_socket(void *ctx, const struct line *l)
{
	struct shown *s = ctx;

	if (strcmp(l->word[0], "guard.socket") == 0)
		buf_text(&s->path, value_of(s, l, 1));
}

/* What the guard says, whole; nothing if it does not, or not to us. */
static void
ask_guard(struct shown *s)
{
	struct why why;
	uint8_t record;
	char name[40];
	size_t size;
	int fd, text = -1;

	if (s->path.size == 0 || !s->is_ready ||
	    !listen_connect(s->path.bytes, SOCK_SEQPACKET, &fd, &why))
		return;
	if (channel_receive(fd, &record, sizeof(record), &size, &text) ==
		CHANNEL_DONE &&
	    text != -1) {
		(void)snprintf(name, sizeof(name), "/proc/self/fd/%d", text);
		(void)infile_read(AT_FDCWD, name, MOUNTS_MOST, &s->mounts,
		    &why);
	}
	if (text != -1)
		close(text);
	close(fd);
}

static bool
ask(struct shown *s, const char *socket)
{
	struct why why = { 0 };

	if (!control_ask(socket, "status\n", &s->answer, &why)) {
		print_why(&why);
		return false;
	}
	if (!control_is_whole(&s->answer)) {
		control_complain(&s->answer);
		return false;
	}
	line_each(&s->answer, "guard", take_guard, s);
	line_each(&s->answer, "process", take_process, s);
	line_each(&s->answer, "socket", take_socket, s);
	ask_guard(s);
	return true;
}

/* --- for people ----------------------------------------------------------- */

static void
print_value(const char *text)
{
	escape_text(stdout, text, strlen(text));
}

static void
text_metric(void *ctx, const struct line *l)
{
	static const struct {
		const char *name, *words;
	} row[] = { { "guard_filesystems", "Watched filesystems" },
		{ "guard_events", "Asked about" }, { "guard_denied", "Denied" },
		{ "guard_overruns", "Without a verdict in time" },
		{ "guard_waiting", "Waiting now" } };
	size_t i;

	(void)ctx;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (strcmp(row[i].name, l->word[1]) == 0)
			printf("%-26s %" PRIu64 "\n", row[i].words,
			    number(l->word[2]));
}

static void
text_since(void *ctx, const struct line *l)
{
	(void)ctx;
	if (strcmp(l->word[0], "guard") == 0)
		printf("%-26s %s s, process %s, restarted %s time%s\n",
		    l->word[1], l->word[4], l->word[2], l->word[3],
		    human_s(number(l->word[3])));
}

static void
text_state(void *ctx, const struct line *l)
{
	static const char *const state[] = { "off",
		"on, and only reports what is infected",
		"on, and denies what is infected" };
	uint64_t value = number(l->word[2]);
	struct shown *s = ctx;

	if (strcmp(l->word[1], "guard_state") != 0 || value >= 3)
		return;
	s->has_state = true;
	printf("The guard is %s.\n", state[value]);
}

static void
text_watched(void *ctx, const struct line *l)
{
	printf("watched      ");
	print_value(value_of(ctx, l, 1));
	printf(" (%s)\n", l->word[0]);
}

static bool
is_of_kernel(const char *why)
{
	return strncmp(why, "the kernel shows", 16) == 0;
}

static void
text_left(struct shown *s, const char *why)
{
	if (is_of_kernel(why) && !s->is_all)
		return;
	printf("NOT watched  ");
	print_value(value_of(s, &s->held, 1));
	printf(" (%s): %s\n", s->held.word[0], why);
}

static void
text_exclusion(void *ctx, const struct line *l)
{
	printf("excluded     %s ", l->word[0]);
	print_value(value_of(ctx, l, 2));
	printf(": %s%s\n", exclusion_reach(l->word[0]),
	    strcmp(l->word[1], "added") == 0 ? " (until candord ends)" : "");
}

/* --- JSON ----------------------------------------------------------------- */

static void
json_comma(struct shown *s)
{
	if (s->has_one)
		fputc(',', stdout);
	s->has_one = true;
}

static void
json_string(const char *name, const char *text)
{
	printf("\"%s\":", name);
	escape_json_string(stdout, text, strlen(text));
}

static void
json_metric(void *ctx, const struct line *l)
{
	if (strcmp(l->word[0], "guard") != 0)
		return;
	json_comma(ctx);
	printf("\"%s\":%" PRIu64, l->word[1], number(l->word[2]));
}

static void
json_mount(struct shown *s, const struct line *l, const char *why)
{
	json_comma(s);
	printf("{\"watched\":%s,", why == NULL ? "true" : "false");
	json_string("path", value_of(s, l, 1));
	fputc(',', stdout);
	json_string("type", l->word[0]);
	if (why != NULL) {
		fputc(',', stdout);
		json_string("why", why);
	}
	fputc('}', stdout);
}

static void
json_exclusion(void *ctx, const struct line *l)
{
	json_comma(ctx);
	printf("{\"kind\":\"%s\",\"from\":\"%s\",", l->word[0], l->word[1]);
	json_string("value", value_of(ctx, l, 2));
	fputc(',', stdout);
	json_string("reach", exclusion_reach(l->word[0]));
	fputc('}', stdout);
}

static void
json_since(void *ctx, const struct line *l)
{
	(void)ctx;
	if (strcmp(l->word[0], "guard") == 0)
		printf(",\"state\":\"%s\",\"pid\":%s,\"restarts\":%s,"
		       "\"seconds\":%s",
		    l->word[1], l->word[2], l->word[3], l->word[4]);
}

/* --- mounts, in both forms ------------------------------------------------ */

static void
show_watched(void *ctx, const struct line *l)
{
	struct shown *s = ctx;

	if (s->is_json)
		json_mount(s, l, NULL);
	else
		text_watched(s, l);
}

static void
hold_left(struct shown *s, const struct line *l)
{
	s->held = *l;
}

static void
show_left(struct shown *s, const struct line *l)
{
	char why[96];
	struct cur c = l->rest[0];
	size_t n = 0;

	while (cur_left(&c) > 0 && n + 1 < sizeof(why))
		why[n++] = (char)cur_u8(&c);
	why[n] = '\0';
	if (s->is_json)
		json_mount(s, &s->held, why);
	else
		text_left(s, why);
}

static void
show_mount(void *ctx, const struct line *l)
{
	if (strcmp(l->key, "watched") == 0)
		show_watched(ctx, l);
	else if (strcmp(l->key, "left") == 0)
		hold_left(ctx, l);
	else if (strcmp(l->key, "why") == 0)
		show_left(ctx, l);
}

/* --- all of it ------------------------------------------------------------ */

static void
print_for_people(struct shown *s)
{
	if (!s->is_enabled)
		puts("The guard is not enabled: candord.conf(5), [guard].");
	if (s->is_off) {
		printf("The guard is SWITCHED OFF");
		if (s->off_seconds > 0)
			printf(", for another %" PRIu64 " s", s->off_seconds);
		puts(".");
	} else {
		line_each(&s->answer, "metric", text_state, s);
		if (s->is_enabled && !s->has_state)
			puts(s->is_ready ? "The guard has just begun."
					 : "The guard is NOT at work: nothing "
					   "is protected on access.");
		line_each(&s->answer, "process", text_since, s);
		line_each(&s->answer, "metric", text_metric, s);
	}
	line_each(&s->mounts, NULL, show_mount, s);
	if (s->is_ready && s->mounts.size == 0)
		puts("What is watched is told to root.");
	line_each(&s->answer, "exclusion", text_exclusion, s);
}

static void
print_one_object(struct shown *s)
{
	printf("{\"enabled\":%s,\"switched_off\":%s,\"off_seconds\":%" PRIu64,
	    s->is_enabled ? "true" : "false", s->is_off ? "true" : "false",
	    s->off_seconds);
	line_each(&s->answer, "process", json_since, s);
	fputs(",\"metrics\":{", stdout);
	line_each(&s->answer, "metric", json_metric, s);
	fputs("},\"mounts\":[", stdout);
	s->has_one = false;
	line_each(&s->mounts, NULL, show_mount, s);
	fputs("],\"exclusions\":[", stdout);
	s->has_one = false;
	line_each(&s->answer, "exclusion", json_exclusion, s);
	puts("]}");
}

static int
run_status(const struct command *self, int argc, char **argv)
{
	struct config c = { .socket = CONTROL_SOCKET };
	struct shown *s = buf_alloc(1, sizeof(*s));
	int rest, code = EXIT_TROUBLE;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	options_free(self, &c);
	if (end == OPTIONS_GO && rest != argc) {
		code = options_complain(self, "no arguments are expected");
	} else if (end != OPTIONS_GO) {
		code = end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	} else if (ask(s, c.socket)) {
		s->is_json = c.json;
		s->is_all = c.all;
		(c.json ? print_one_object : print_for_people)(s);
		code = s->is_enabled && !s->is_off && s->is_ready ? EXIT_CLEAN
								  : EXIT_FOUND;
	}
	buf_free(&s->path);
	buf_free(&s->answer);
	buf_free(&s->mounts);
	buf_free(&s->value);
	free(s);
	return code;
}

const struct command guard_status_command = {
	.name = "guard status",
	.arguments = "",
	.summary = "Tell what is protected on access, and what is not",
	.details =
	    "Root is told which file systems are watched, and why others "
	    "are not. Exit code: 0 the guard works, 1 it does not or is "
	    "off, 2 candord does not answer, 64 wrong usage.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run_status,
};
