/*
 * ban_merge.c - candor ban merge: the reports of many machines as one.
 *
 * Input:   files somebody gave; of each no more is believed than its form.
 *          What is not there is left out, what is not known is not copied.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_print.h"
#include "cmd/candor/ban_report.h"
#include "cmd/candor/ban_seen.h"
#include "cmd/candor/commands.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/infile.h"
#include "cmd/candor/print.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#define REPORT_MAX ((size_t)16 << 20) /* bytes of a report */

struct config {
	const char *page;
	unsigned format;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "format", 0, OPTION_CHOICE, FIELD(format), "FORM", BAN_REPORT_FORMS,
	    0, 0,
	    "how to print what was found: text (default), json, csv, sarif or vex" },
	{ "report", 0, OPTION_WORD, FIELD(page), "FILE", NULL, 0, 0,
	    "write a page of it there, too (HTML, one file)" },
};

/* --- one report ----------------------------------------------------------- */

static void
complain(const char *path, const char *what)
{
	fputs("candor: ", stderr);
	escape_text(stderr, path, strlen(path));
	fprintf(stderr, ": %s\n", what);
}

static bool
is_report(const json_t *r)
{
	return strcmp(ban_report_text(r, "type"), "ban_scan") == 0 &&
	    strcmp(ban_report_text(r, "schema"), BAN_REPORT_SCHEMA) == 0 &&
	    ban_report_text(r, "machine")[0] != '\0' &&
	    json_is_array(json_object_get(r, "findings")) &&
	    json_is_array(json_object_get(r, "not_seen"));
}

static json_t *
read_report(const char *path)
{
	struct buf b = { 0 };
	struct why why = { 0 };
	json_error_t error;
	json_t *r = NULL;

	if (!infile_read(AT_FDCWD, path, REPORT_MAX, &b, &why))
		complain(path,
		    why.kind == WHY_SYSTEM ? strerror(why.err) : "too large");
	else if ((r = json_loadb(b.size > 0 ? b.bytes : "", b.size,
		      JSON_REJECT_DUPLICATES, &error)) == NULL ||
	    !is_report(r)) {
		complain(path, "no report of candor ban scan --format json");
		json_decref(r);
		r = NULL;
	}
	buf_free(&b);
	return r;
}

/* What makes two reports ones of the same thing. */
static bool
is_same(const json_t *a, const json_t *b, const char *key)
{
	return strcmp(ban_report_text(a, key), ban_report_text(b, key)) == 0;
}

/* Keep the newer of two about the same. */
static void
keep(json_t *reports, json_t *r)
{
	json_t *one;
	size_t i;

	json_array_foreach(reports, i, one)
	{
		if (!is_same(one, r, "machine") || !is_same(one, r, "kind") ||
		    !is_same(one, r, "where"))
			continue;
		if (strcmp(ban_report_text(one, "at"),
			ban_report_text(r, "at")) < 0)
			json_array_set(reports, i, r);
		return;
	}
	json_array_append(reports, r);
}

/* --- all of them ---------------------------------------------------------- */

static void
add_findings(const json_t *r, json_t *findings)
{
	const json_t *list = json_object_get(r, "findings");
	json_t *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		json_t *copy = json_copy(one);

		if (json_is_object(copy)) {
			json_object_set(copy, "machine",
			    json_object_get(r, "machine"));
			json_array_append(findings, copy);
		}
		json_decref(copy);
	}
}

static void
add_not_seen(const json_t *r, json_t *not_seen)
{
	const json_t *list = json_object_get(r, "not_seen"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		struct buf b = { 0 };

		buf_text(&b, ban_report_text(r, "machine"));
		buf_text(&b, ": ");
		buf_text(&b, ban_report_text(one, "what"));
		json_array_append_new(not_seen,
		    json_pack("{s:o, s:s}", "what", ban_print_string(b.bytes),
			"why", ban_report_text(one, "why")));
		buf_free(&b);
	}
}

static void
add_counts(json_t *r, json_t *counts)
{
	json_t *list = json_object_get(r, "looked_at"), *one;
	const char *kind;

	json_object_foreach(list, kind, one)
	{
		json_int_t sum =
		    json_integer_value(json_object_get(counts, kind));
		json_int_t more = json_integer_value(one);

		if (more < 0 || more > (json_int_t)1 << 48)
			continue; /* no count */
		json_object_set_new(counts, kind, json_integer(sum + more));
	}
}

static json_t *
machine_of(const json_t *r)
{
	return json_pack("{s:s, s:s, s:s, s:s, s:I}", "machine",
	    ban_report_text(r, "machine"), "kind", ban_report_text(r, "kind"),
	    "where", ban_report_text(r, "where"), "at",
	    ban_report_text(r, "at"), "findings",
	    (json_int_t)json_array_size(json_object_get(r, "findings")));
}

static json_t *
merge(const json_t *reports)
{
	json_t *findings = json_array(), *not_seen = json_array();
	json_t *counts = json_object(), *machines = json_array(), *one;
	const char *newest = "";
	size_t i;

	json_array_foreach(reports, i, one)
	{
		const char *at = ban_report_text(one, "at");

		add_findings(one, findings);
		add_not_seen(one, not_seen);
		add_counts(one, counts);
		json_array_append_new(machines, machine_of(one));
		if (strcmp(at, newest) > 0)
			newest = at;
	}
	json_object_set_new(counts, "reports",
	    json_integer((json_int_t)json_array_size(reports)));
	return json_pack("{s:s, s:s, s:s, s:s, s:s, s:s, s:o, s:[], s:o, s:o, "
			 "s:o}",
	    "type", "ban_merge", "schema", BAN_REPORT_SCHEMA, "kind", "merged",
	    "where", "all of them", "candor", print_version(), "at", newest,
	    "findings", findings, "mentions", "not_seen", not_seen, "looked_at",
	    counts, "machines", machines);
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	int rest = 0, code, i;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	json_t *reports, *merged, *one;
	bool is_whole = true;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (rest == argc)
		return options_complain(self, "what is wanted is REPORT...");
	reports = json_array();
	for (i = rest; i < argc; i++) {
		one = read_report(argv[i]);
		is_whole = is_whole && one != NULL;
		if (one != NULL)
			keep(reports, one);
		json_decref(one);
	}
	merged = merge(reports);
	json_decref(reports);
	ban_report_print(merged, (enum ban_report_form)c.format, stdout);
	if (c.page != NULL && !ban_report_write_page(merged, c.page))
		is_whole = false;
	code = ban_report_exit(merged);
	json_decref(merged);
	if (fflush(stdout) != 0 || (!is_whole && code == EXIT_CLEAN))
		return EXIT_TROUBLE;
	return code;
}

const struct command ban_merge_command = {
	.name = "ban merge",
	.arguments = "REPORT...",
	.summary = "Make one report of those of many machines",
	.details =
	    "Of two reports about the same, the newer counts. Exit code: 0 "
	    "nothing was found, 1 something was, 2 nothing but something "
	    "could not be seen or a report not be read, 64 wrong usage.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
