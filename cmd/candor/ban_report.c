/*
 * ban_report.c - a report for a person, as a table, and the choice of forms.
 * The contract is in ban_report.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_report.h"

#include "cmd/candor/ban_print.h"
#include "cmd/candor/buf.h"
#include "cmd/candor/escape.h"

#include <string.h>

const char *
ban_report_text(const json_t *record, const char *key)
{
	const char *text = json_string_value(json_object_get(record, key));

	return text != NULL ? text : "";
}

/* The word for a word of the data; itself if none is known. */
static const char *
in_words(const char *word, const char *const (*row)[2], size_t count)
{
	size_t i;

	for (i = 0; i < count; i++)
		if (strcmp(row[i][0], word) == 0)
			return row[i][1];
	return word;
}

const char *
ban_report_state(const json_t *finding)
{
	static const char *const row[][2] = {
		{ "engine_embedded", "engine in another product" },
		{ "ran_here", "ran here" },
		{ "installer_only", "installer only" },
		{ "successor", "what was put in its place" },
		{ "residue", "left behind" },
	};

	return in_words(ban_report_text(finding, "state"), row,
	    sizeof(row) / sizeof(row[0]));
}

const char *
ban_report_ground(const json_t *finding)
{
	static const char *const row[][2] = {
		{ "two signs", "two independent signs" },
		{ "one sign", "one sign only: have a look" },
	};

	return in_words(ban_report_text(finding, "ground"), row,
	    sizeof(row) / sizeof(row[0]));
}

/* --- for a person --------------------------------------------------------- */

static void
print_evidence(const json_t *e, FILE *to)
{
	const json_t *sources = json_object_get(e, "sources");
	const char *in = ban_report_text(e, "in");
	const char *detail = ban_report_text(e, "detail");
	const char *title =
	    ban_report_text(json_array_get(sources, 0), "title");
	struct buf b = { 0 };

	buf_text(&b, ban_report_text(e, "seen"));
	if (detail[0] != '\0') {
		buf_text(&b, ", ");
		buf_text(&b, detail);
	}
	if (in[0] != '\0') {
		buf_text(&b, " (");
		buf_text(&b, in);
		buf_text(&b, ")");
	}
	if (ban_report_text(e, "purpose")[0] != '\0') {
		buf_text(&b, ", ");
		buf_text(&b, ban_report_text(e, "purpose"));
	}
	buf_text(&b, "; ");
	buf_text(&b, ban_report_text(e, "strength"));
	if (json_is_false(json_object_get(e, "confirmed")))
		buf_text(&b, ", unconfirmed");
	ban_print_labelled(to, 4, ban_report_text(e, "type"), b.bytes);
	if (title[0] != '\0')
		ban_print_labelled(to, 8, "Source:", title);
	buf_free(&b);
}

static void
print_finding(const json_t *f, FILE *to)
{
	const json_t *list = json_object_get(f, "evidence"), *one;
	const char *machine = ban_report_text(f, "machine");
	json_int_t more = json_integer_value(json_object_get(f, "more"));
	size_t i;

	escape_text(to, ban_report_text(f, "name"),
	    strlen(ban_report_text(f, "name")));
	fprintf(to, ": ");
	escape_text(to, ban_report_state(f), strlen(ban_report_state(f)));
	fprintf(to, " (");
	escape_text(to, ban_report_ground(f), strlen(ban_report_ground(f)));
	fprintf(to, ")\n");
	if (machine[0] != '\0')
		ban_print_labelled(to, 4, "On", machine);
	ban_print_labelled(to, 4, "Class:", ban_report_text(f, "class"));
	json_array_foreach(list, i, one) print_evidence(one, to);
	if (more > 0)
		fprintf(to, "    and %lld more\n", (long long)more);
	if (ban_report_text(f, "note")[0] != '\0')
		ban_print_labelled(to, 4, "Note:", ban_report_text(f, "note"));
}

static void
print_looked_at(const json_t *report, FILE *to)
{
	json_t *counts = json_object_get(report, "looked_at"), *one;
	const char *kind;
	struct buf b = { 0 };
	char number[40];

	json_object_foreach(counts, kind, one)
	{
		snprintf(number, sizeof(number), "%s%lld ",
		    b.size > 0 ? ", " : "", (long long)json_integer_value(one));
		buf_text(&b, number);
		buf_text(&b, kind);
	}
	if (b.size > 0)
		ban_print_labelled(to, 0, "Looked at:", b.bytes);
	buf_free(&b);
}

static void
print_not_seen(const json_t *report, FILE *to)
{
	const json_t *list = json_object_get(report, "not_seen"), *one;
	size_t i;

	if (json_array_size(list) > 0)
		fputs("Could not be seen:\n", to);
	json_array_foreach(list, i, one)
	{
		struct buf b = { 0 };

		buf_text(&b, ban_report_text(one, "what"));
		buf_text(&b, ": ");
		buf_text(&b, ban_report_text(one, "why"));
		ban_print_labelled(to, 2, "-", b.bytes);
		buf_free(&b);
	}
}

void
ban_report_print_text(const json_t *report, FILE *to)
{
	const json_t *findings = json_object_get(report, "findings"), *one;
	size_t mentions = json_array_size(json_object_get(report, "mentions"));
	size_t i;

	json_array_foreach(findings, i, one) print_finding(one, to);
	if (json_array_size(findings) == 0)
		fputs("Nothing was found.\n", to);
	else
		ban_print_wrapped(to, 0,
		    "What the rules say of it: candor ban check --act use "
		    "--product CLASS.");
	if (mentions > 0)
		fprintf(to,
		    "Mentioned only, which is no finding: %zu (--format json "
		    "has them)\n",
		    mentions);
	print_looked_at(report, to);
	print_not_seen(report, to);
}

/* --- as a table (RFC 4180) ------------------------------------------------ */

/* A field in quotes; what a spreadsheet would take for a formula is not. */
static void
print_field(const char *text, char after, FILE *to)
{
	putc('"', to);
	if (text[0] != '\0' && strchr("=+-@\t\r", text[0]) != NULL)
		putc('\'', to);
	for (; *text != '\0'; text++) {
		if (*text == '"')
			putc('"', to);
		putc((unsigned char)*text < ' ' ? ' ' : *text, to);
	}
	putc('"', to);
	putc(after, to);
}

void
ban_report_print_csv(const json_t *report, FILE *to)
{
	static const char *const of_finding[] = { "vendor", "product", "name",
		"class", "state", "ground" };
	static const char *const of_evidence[] = { "type", "seen", "in",
		"detail", "strength", "confidence" };
	const json_t *findings = json_object_get(report, "findings"), *f, *e;
	size_t i, k, n;

	fputs("machine,vendor,product,name,class,state,ground,type,seen,in,"
	      "detail,strength,confidence,source\r\n",
	    to);
	json_array_foreach(findings, i, f)
	{
		const json_t *evidence = json_object_get(f, "evidence");
		const char *machine = ban_report_text(f, "machine");

		if (machine[0] == '\0')
			machine = ban_report_text(report, "machine");
		json_array_foreach(evidence, k, e)
		{
			const json_t *sources = json_object_get(e, "sources");

			print_field(machine, ',', to);
			for (n = 0; n < 6; n++)
				print_field(ban_report_text(f, of_finding[n]),
				    ',', to);
			for (n = 0; n < 6; n++)
				print_field(ban_report_text(e, of_evidence[n]),
				    ',', to);
			print_field(ban_report_text(json_array_get(sources, 0),
					"title"),
			    '\r', to);
			putc('\n', to);
		}
	}
}

/* --- all ------------------------------------------------------------------ */

static void
print_object(json_t *o, FILE *to)
{
	json_dumpf(o, to, JSON_COMPACT);
	putc('\n', to);
	json_decref(o);
}

void
ban_report_print(const json_t *report, enum ban_report_form form, FILE *to)
{
	switch (form) {
	case BAN_REPORT_TEXT:
		ban_report_print_text(report, to);
		return;
	case BAN_REPORT_CSV:
		ban_report_print_csv(report, to);
		return;
	case BAN_REPORT_JSON:
		json_dumpf(report, to, JSON_COMPACT);
		putc('\n', to);
		return;
	case BAN_REPORT_SARIF:
		print_object(ban_report_sarif(report), to);
		return;
	case BAN_REPORT_VEX:
		print_object(ban_report_vex(report), to);
		return;
	}
}
