/*
 * cmd_status.c - candor status: how candord is.
 *
 * One line is sent to candord's control socket, lines come back
 * (proc/supervisor/control.c tells which); they are printed for people, as
 * JSON, or as OpenMetrics.  Exit: 0 all processes work, 1 one does not, 2
 * candord does not answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/print.h"
#include "lib/base/cur.h"
#include "lib/wire/event.h"
#include "sys/listen.h"
#include "sys/sandbox.h"

#include <sys/socket.h>

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define CONTROL    "/run/candor/control.sock"
#define ANSWER_MAX ((size_t)1 << 22)
#define PATIENCE   10000 /* milliseconds for a piece of the answer */

struct config {
	bool json, metrics, reload, stop;
	const char *socket;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "json", 0, OPTION_FLAG, FIELD(json), NULL, NULL, 0, 0,
	    "print one JSON object" },
	{ "metrics", 0, OPTION_FLAG, FIELD(metrics), NULL, NULL, 0, 0,
	    "print OpenMetrics text" },
	{ "reload", 0, OPTION_FLAG, FIELD(reload), NULL, NULL, 0, 0,
	    "have candord read its configuration and databases again" },
	{ "stop", 0, OPTION_FLAG, FIELD(stop), NULL, NULL, 0, 0,
	    "have candord end" },
	{ "socket", 0, OPTION_WORD, FIELD(socket), "PATH", NULL, 0, 0,
	    "its control socket (default: " CONTROL ")" },
};

/* --- asking ------------------------------------------------------------ */

static bool
read_all(int fd, struct buf *out)
{
	char piece[4096];
	ssize_t n;

	for (;;) {
		struct pollfd p = { fd, POLLIN, 0 };

		if (out->size > ANSWER_MAX || poll(&p, 1, PATIENCE) != 1)
			return false;
		n = recv(fd, piece, sizeof(piece), 0);
		if (n == 0)
			return true;
		if (n < 0)
			return false;
		buf_add(out, piece, (size_t)n);
	}
}

static bool
ask(const char *path, const char *line, struct buf *out, struct why *why)
{
	size_t len = strlen(line);
	bool is_done;
	int fd;

	if (!listen_connect(path, SOCK_STREAM, &fd, why))
		return false;
	is_done = send(fd, line, len, MSG_NOSIGNAL) == (ssize_t)len &&
	    read_all(fd, out);
	close(fd);
	return is_done ||
	    why_not(why, WHY_SYSTEM, "%s: candord does not answer", path);
}

/* --- lines ------------------------------------------------------------- */

/* One line: its first word, and cursors over the rest. */
struct line {
	char key[16];
	char word[6][64]; /* the next ones, cut */
	size_t words;
	struct cur rest[6]; /* from each of those words to the end */
};

static void
cut_word(struct cur *c, char *out, size_t room)
{
	struct cur word;
	size_t i = 0;

	out[0] = '\0';
	if (!cur_until(c, ' ', &word))
		return;
	while (cur_left(&word) > 0 && i + 1 < room)
		out[i++] = (char)cur_u8(&word);
	out[i] = '\0';
}

static void
cut_line(struct cur c, struct line *out)
{
	memset(out, 0, sizeof(*out));
	cut_word(&c, out->key, sizeof(out->key));
	while (out->words < 6 && cur_left(&c) > 0) {
		out->rest[out->words] = c;
		cut_word(&c, out->word[out->words],
		    sizeof(out->word[out->words]));
		out->words++;
	}
}

typedef void (*line_fn)(void *ctx, const struct line *l);

/* Call fn for each line of that key; how many. */
static size_t
each(const struct buf *answer, const char *key, line_fn fn, void *ctx)
{
	struct cur c = cur_from(answer->bytes, answer->size), one;
	size_t count = 0;
	struct line l;

	while (cur_line(&c, &one)) {
		cut_line(one, &l);
		if (strcmp(l.key, key) != 0)
			continue;
		count++;
		if (fn != NULL)
			fn(ctx, &l);
	}
	return count;
}

/* Is the answer whole, and not a refusal? */
static bool
is_whole(const struct buf *answer)
{
	return each(answer, "end", NULL, NULL) == 1 &&
	    each(answer, "error", NULL, NULL) == 0;
}

static uint64_t
number(const char *text)
{
	return strtoull(text, NULL, 10);
}

/* --- for people -------------------------------------------------------- */

static void
text_process(void *ctx, const struct line *l)
{
	bool *is_well = ctx;

	printf("  %-12s %-9s", l->word[0], l->word[1]);
	if (number(l->word[2]) != 0)
		printf(" process %s, for %s s", l->word[2], l->word[4]);
	if (number(l->word[3]) != 0)
		printf(", restarted %s times", l->word[3]);
	printf("\n");
	*is_well &= strcmp(l->word[1], "ready") == 0;
}

static void
print_rest(const struct line *l, size_t from)
{
	struct cur c = l->rest[from];

	while (cur_left(&c) > 0)
		fputc(cur_u8(&c), stdout);
}

static void
text_database(void *ctx, const struct line *l)
{
	(void)ctx;
	printf("Database     ");
	print_rest(l, 1);
	printf(" (generation %s)\n", l->word[0]);
}

static void
text_layers(uint64_t layers)
{
	char text[400];

	if (sandbox_is_degraded((uint32_t)layers)) {
		sandbox_say(~(uint32_t)layers, text, sizeof(text));
		printf("Cage         DEGRADED, missing: %s\n", text);
	} else {
		printf("Cage         closed\n");
	}
}

static void
text_built(uint64_t built)
{
	time_t now = time(NULL), then = (time_t)built;
	struct tm date;
	char text[32];

	if (built == 0) {
		printf("Age          undated\n");
		return;
	}
	gmtime_r(&then, &date);
	strftime(text, sizeof(text), "%Y-%m-%d %H:%M", &date);
	printf("Age          %lld days (%s UTC)\n",
	    (long long)((now - then) / 86400), text);
}

static void
text_metric(void *ctx, const struct line *l)
{
	static const struct {
		const char *name, *words;
	} row[] = { { "signatures", "Signatures" }, { "requests", "Asked" },
		{ "infected", "Infected" }, { "suspicious", "Suspicious" },
		{ "unscanned", "Unscanned" }, { "requests_waiting", "Waiting" },
		{ "worker_crashes", "Crashes" }, { "clamd_clients", "Clients" },
		{ "guard_filesystems", "Filesystems" },
		{ "guard_denied", "Denied" },
		{ "quarantine_files", "Quarantine" } };
	static const char *const guard[] = { "off", "reports", "prevents" };
	uint64_t value = number(l->word[2]);
	size_t i;

	(void)ctx;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (strcmp(row[i].name, l->word[1]) == 0)
			printf("%-12s %" PRIu64 "\n", row[i].words, value);
	if (strcmp(l->word[1], "cage_layers") == 0)
		text_layers(value);
	if (strcmp(l->word[1], "database_timestamp_seconds") == 0)
		text_built(value);
	if (strcmp(l->word[1], "guard_state") == 0 && value < 3)
		printf("Guard        %s\n", guard[value]);
}

/* What an exclusion takes out of the guard's sight. */
static void
text_exclusion(void *ctx, const struct line *l)
{
	static const struct {
		const char *kind, *reach;
	} row[] = {
		{ "path", "files whose path fits are not looked at" },
		{ "process", "nothing this program opens is looked at" },
		{ "hash", "this content is never infected" },
		{ "signature", "signatures so named do not count, anywhere" },
	};
	size_t i;

	(void)ctx;
	printf("Excluded     %s ", l->word[0]);
	print_rest(l, 1);
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++)
		if (strcmp(row[i].kind, l->word[0]) == 0)
			printf(": %s", row[i].reach);
	printf("\n");
}

static void
text_candord(void *ctx, const struct line *l)
{
	(void)ctx;
	printf("candord %s, process %s\n", l->word[0], l->word[1]);
}

static bool
print_text_form(const struct buf *answer)
{
	bool is_well = true;

	each(answer, "candord", text_candord, NULL);
	each(answer, "process", text_process, &is_well);
	each(answer, "database", text_database, NULL);
	each(answer, "metric", text_metric, NULL);
	each(answer, "exclusion", text_exclusion, NULL);
	return is_well;
}

/* --- JSON -------------------------------------------------------------- */

struct json {
	bool has_one; /* in the list that is being printed */
	bool is_well;
};

static void
json_comma(struct json *j)
{
	if (j->has_one)
		fputc(',', stdout);
	j->has_one = true;
}

static void
json_word(const char *name, const char *word)
{
	printf("\"%s\":", name);
	escape_json_string(stdout, word, strlen(word));
}

static void
json_rest(const char *name, const struct line *l, size_t from)
{
	struct cur c = l->rest[from];
	struct buf b = { 0 };

	while (cur_left(&c) > 0)
		buf_byte(&b, (char)cur_u8(&c));
	printf("\"%s\":", name);
	escape_json_string(stdout, b.bytes != NULL ? b.bytes : "", b.size);
	buf_free(&b);
}

static void
json_process(void *ctx, const struct line *l)
{
	struct json *j = ctx;

	json_comma(j);
	fputc('{', stdout);
	json_word("name", l->word[0]);
	fputc(',', stdout);
	json_word("state", l->word[1]);
	printf(",\"pid\":%" PRIu64 ",\"restarts\":%" PRIu64
	       ",\"seconds\":%" PRIu64 "}",
	    number(l->word[2]), number(l->word[3]), number(l->word[4]));
	j->is_well &= strcmp(l->word[1], "ready") == 0;
}

static void
json_metric(void *ctx, const struct line *l)
{
	json_comma(ctx);
	escape_json_string(stdout, l->word[1], strlen(l->word[1]));
	printf(":%" PRIu64, number(l->word[2]));
}

static void
json_database(void *ctx, const struct line *l)
{
	json_comma(ctx);
	fputc('{', stdout);
	json_rest("path", l, 1);
	printf(",\"generation\":%" PRIu64 "}", number(l->word[0]));
}

static void
json_pair(void *ctx, const struct line *l)
{
	json_comma(ctx);
	fputc('{', stdout);
	json_word("kind", l->word[0]);
	fputc(',', stdout);
	json_rest("value", l, 1);
	fputc('}', stdout);
}

static void
json_candord(void *ctx, const struct line *l)
{
	(void)ctx;
	json_word("version", l->word[0]);
	printf(",\"pid\":%" PRIu64 ",\"started\":%" PRIu64, number(l->word[1]),
	    number(l->word[2]));
}

/* "name":[...] of all lines of a key. */
static void
json_list(const struct buf *answer, const char *name, const char *key,
    line_fn fn, struct json *j, const char *brackets)
{
	j->has_one = false;
	printf(",\"%s\":%c", name, brackets[0]);
	each(answer, key, fn, j);
	fputc(brackets[1], stdout);
}

static bool
print_json_form(const struct buf *answer)
{
	struct json j = { .is_well = true };

	fputc('{', stdout);
	each(answer, "candord", json_candord, NULL);
	json_list(answer, "processes", "process", json_process, &j, "[]");
	json_list(answer, "databases", "database", json_database, &j, "[]");
	json_list(answer, "exclusions", "exclusion", json_pair, &j, "[]");
	json_list(answer, "sockets", "socket", json_pair, &j, "[]");
	json_list(answer, "metrics", "metric", json_metric, &j, "{}");
	puts("}");
	return j.is_well;
}

/* --- OpenMetrics ------------------------------------------------------- */

/* [OpenMetrics 1.0] a family: HELP, TYPE, then its samples together. */
struct family {
	const char *name;
	const char *suffix;
};

static void
metric_sample(void *ctx, const struct line *l)
{
	const struct family *f = ctx;

	if (strcmp(l->word[1], f->name) == 0)
		printf("candor_%s%s{process=\"%s\"} %" PRIu64 "\n", f->name,
		    f->suffix, l->word[0], number(l->word[2]));
}

static void
metric_up(void *ctx, const struct line *l)
{
	bool *is_well = ctx;
	bool is_up = strcmp(l->word[1], "ready") == 0;

	printf("candor_process_up{process=\"%s\"} %d\n", l->word[0], is_up);
	*is_well &= is_up;
}

static void
metric_restarts(void *ctx, const struct line *l)
{
	(void)ctx;
	printf("candor_process_restarts_total{process=\"%s\"} %" PRIu64 "\n",
	    l->word[0], number(l->word[3]));
}

static bool
print_metrics(const struct buf *answer)
{
	size_t count, i;
	const struct metric_row *row = metric_rows(&count);
	bool is_well = true;

	printf("# HELP candor_process_up 1 if a process of candord works\n"
	       "# TYPE candor_process_up gauge\n");
	each(answer, "process", metric_up, &is_well);
	printf("# HELP candor_process_restarts times it was started again\n"
	       "# TYPE candor_process_restarts counter\n");
	each(answer, "process", metric_restarts, NULL);
	for (i = 0; i < count; i++) {
		bool is_counter = row[i].type == METRIC_COUNTER;
		struct family f = { row[i].name, is_counter ? "_total" : "" };

		printf("# HELP candor_%s %s\n# TYPE candor_%s %s\n",
		    row[i].name, row[i].help, row[i].name,
		    is_counter ? "counter" : "gauge");
		each(answer, "metric", metric_sample, &f);
	}
	printf("# EOF\n");
	return is_well;
}

/* --- the command ------------------------------------------------------- */

static int
print_status(const struct config *c, const struct buf *answer)
{
	bool is_well;

	if (c->metrics)
		is_well = print_metrics(answer);
	else if (c->json)
		is_well = print_json_form(answer);
	else
		is_well = print_text_form(answer);
	return is_well ? EXIT_CLEAN : EXIT_FOUND;
}

static int
cmd_status_run(const struct command *self, int argc, char **argv)
{
	struct config c = { .socket = CONTROL };
	struct buf answer = { 0 };
	struct why why = { 0 };
	int rest = 0, code = EXIT_CLEAN;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	const char *line = c.reload ? "reload\n"
	    : c.stop                ? "stop\n"
				    : "status\n";

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (rest != argc)
		return options_complain(self, "no arguments are expected");
	if (!ask(c.socket, line, &answer, &why)) {
		print_why(&why);
		code = EXIT_TROUBLE;
	} else if (!is_whole(&answer)) {
		fprintf(stderr, "candor: candord refused: not allowed\n");
		code = EXIT_TROUBLE;
	} else if (!c.reload && !c.stop) {
		code = print_status(&c, &answer);
	}
	buf_free(&answer);
	options_free(self, &c);
	return code;
}

const struct command status_command = {
	.name = "status",
	.arguments = "",
	.summary = "Tell how candord is",
	.details = "Exit code: 0 all its processes work, 1 one does not, 2 "
		   "candord does not answer, 64 wrong usage.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = cmd_status_run,
};
