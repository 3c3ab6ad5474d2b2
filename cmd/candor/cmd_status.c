/*
 * cmd_status.c - candor status: how candord is.
 *
 * One line is sent to candord's control socket, lines come back
 * (proc/supervisor/control.c tells which); they are printed for people, as
 * JSON, or as OpenMetrics; and then how the feeds are (feed_status.h).  Exit: 0
 * all is well, 1 a process does not work or a feed wants attention, 2 candord
 * does not answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/control.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/exclusion.h"
#include "cmd/candor/feed_status.h"
#include "cmd/candor/human.h"
#include "cmd/candor/print.h"
#include "lib/wire/event.h"
#include "sys/sandbox.h"

#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

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
	    "its control socket (default: " CONTROL_SOCKET ")" },
};

/* --- lines ------------------------------------------------------------- */

static uint64_t
number(const char *text)
{
	return strtoull(text, NULL, 10);
}

/* Of feeds candord need not be asked. */
static bool
print_feeds(enum feed_status_form form)
{
	static const struct feeds place = { FEEDS_SETTINGS, FEED_STATE };
	const struct feed_time now = feed_time_of(0);
	struct why why = { 0 };
	bool is_well = true;

	if (feed_status_print(&place, &now, form, &is_well, &why))
		return is_well;
	if (form == FEED_STATUS_JSON_LIST)
		fputs("[]", stdout);
	print_why(&why);
	return false;
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
		printf(", restarted %s time%s", l->word[3],
		    human_s(number(l->word[3])));
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

static const char *
reach_of(const char *kind)
{
	return strncmp(kind, "unscanned_", 10) == 0
	    ? "clamd's clients are told OK of what was not looked at for it"
	    : exclusion_reach(kind);
}

static void
text_exclusion(void *ctx, const struct line *l)
{
	(void)ctx;
	printf("Excluded     %s ", l->word[0]);
	print_rest(l, 2);
	printf(": %s%s\n", reach_of(l->word[0]),
	    strcmp(l->word[1], "added") == 0 ? " (until candord ends)" : "");
}

static void
text_guard(void *ctx, const struct line *l)
{
	uint64_t left = number(l->word[1]);

	(void)ctx;
	if (strcmp(l->word[0], "off") != 0)
		return;
	printf("Guard        SWITCHED OFF");
	if (left > 0)
		printf(" for another %" PRIu64 " s", left);
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

	line_each(answer, "candord", text_candord, NULL);
	line_each(answer, "process", text_process, &is_well);
	line_each(answer, "database", text_database, NULL);
	line_each(answer, "metric", text_metric, NULL);
	line_each(answer, "guard", text_guard, NULL);
	line_each(answer, "exclusion", text_exclusion, NULL);
	is_well &= print_feeds(FEED_STATUS_TEXT);
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
json_exclusion(void *ctx, const struct line *l)
{
	json_comma(ctx);
	fputc('{', stdout);
	json_word("kind", l->word[0]);
	fputc(',', stdout);
	json_rest("value", l, 2);
	fputc(',', stdout);
	json_word("from", l->word[1]);
	fputc(',', stdout);
	json_word("reach", reach_of(l->word[0]));
	fputc('}', stdout);
}

static void
json_guard(void *ctx, const struct line *l)
{
	(void)ctx;
	printf(",\"guard\":{\"is_on\":%s,\"off_seconds\":%" PRIu64 "}",
	    strcmp(l->word[0], "on") == 0 ? "true" : "false",
	    number(l->word[1]));
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
	line_each(answer, key, fn, j);
	fputc(brackets[1], stdout);
}

static bool
print_json_form(const struct buf *answer)
{
	struct json j = { .is_well = true };

	fputc('{', stdout);
	line_each(answer, "candord", json_candord, NULL);
	json_list(answer, "processes", "process", json_process, &j, "[]");
	json_list(answer, "databases", "database", json_database, &j, "[]");
	json_list(answer, "exclusions", "exclusion", json_exclusion, &j, "[]");
	line_each(answer, "guard", json_guard, NULL);
	json_list(answer, "sockets", "socket", json_pair, &j, "[]");
	json_list(answer, "metrics", "metric", json_metric, &j, "{}");
	fputs(",\"feeds\":", stdout);
	j.is_well &= print_feeds(FEED_STATUS_JSON_LIST);
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
	line_each(answer, "process", metric_up, &is_well);
	printf("# HELP candor_process_restarts times it was started again\n"
	       "# TYPE candor_process_restarts counter\n");
	line_each(answer, "process", metric_restarts, NULL);
	for (i = 0; i < count; i++) {
		bool is_counter = row[i].type == METRIC_COUNTER;
		struct family f = { row[i].name, is_counter ? "_total" : "" };

		printf("# HELP candor_%s %s\n# TYPE candor_%s %s\n",
		    row[i].name, row[i].help, row[i].name,
		    is_counter ? "counter" : "gauge");
		line_each(answer, "metric", metric_sample, &f);
	}
	is_well &= print_feeds(FEED_STATUS_METRICS);
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
	struct config c = { .socket = CONTROL_SOCKET };
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
	if (!control_ask(c.socket, line, &answer, &why)) {
		print_why(&why);
		code = EXIT_TROUBLE;
		if (!c.reload && !c.stop && !c.json && !c.metrics)
			(void)print_feeds(FEED_STATUS_TEXT);
	} else if (!control_is_whole(&answer)) {
		control_complain(&answer);
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
	.summary = "Tell how candord is, and the feeds",
	.details = "Exit code: 0 all its processes work and no feed wants "
		   "attention, 1 else, 2 candord does not answer, 64 wrong "
		   "usage.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = cmd_status_run,
};
