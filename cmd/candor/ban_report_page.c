/*
 * ban_report_page.c - a report as one page.  The contract is in ban_report.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_report.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/page.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

static void
put(FILE *to, const json_t *record, const char *key)
{
	const char *text = ban_report_text(record, key);

	escape_html(to, text, strlen(text));
}

static bool
is_state(const json_t *f, const char *word)
{
	return strcmp(ban_report_text(f, "state"), word) == 0;
}

/* The class of page.c's style a state looks like. */
static const char *
look_of(const json_t *f)
{
	if (is_state(f, "running") || is_state(f, "installed") ||
	    is_state(f, "engine_embedded"))
		return "infected";
	return is_state(f, "residue") ? "unscanned" : "suspicious";
}

static void
put_source(FILE *to, const json_t *source)
{
	const char *url = ban_report_text(source, "url");

	fputs(" \u00b7 ", to);
	if (strncmp(url, "https://", 8) != 0) {
		put(to, source, "title");
		return;
	}
	fputs("<a rel=noreferrer href=\"", to);
	escape_html(to, url, strlen(url));
	fputs("\">", to);
	put(to, source, "title");
	fputs("</a>", to);
}

static void
put_evidence(FILE *to, const json_t *e)
{
	const json_t *source = json_array_get(json_object_get(e, "sources"), 0);

	fputs("<li>", to);
	put(to, e, "type");
	fputs(" <code>", to);
	put(to, e, "seen");
	fputs("</code> ", to);
	put(to, e, "detail");
	fputs(" <span class=where>", to);
	put(to, e, "in");
	fputs(" (", to);
	put(to, e, "strength");
	if (json_is_false(json_object_get(e, "confirmed")))
		fputs(", unconfirmed", to);
	fputs(")", to);
	if (source != NULL)
		put_source(to, source);
	fputs("</span></li>\n", to);
}

static void
put_finding(FILE *to, const json_t *f)
{
	const json_t *list = json_object_get(f, "evidence"), *one;
	const char *state = ban_report_state(f), *ground = ban_report_ground(f);
	json_int_t more = json_integer_value(json_object_get(f, "more"));
	size_t i;

	fprintf(to, "<article class=%s><span class=tag>", look_of(f));
	escape_html(to, state, strlen(state));
	fputs("</span><h3>", to);
	put(to, f, "name");
	fputs("</h3><small>", to);
	escape_html(to, ground, strlen(ground));
	if (ban_report_text(f, "machine")[0] != '\0') {
		fputs(" \u00b7 on ", to);
		put(to, f, "machine");
	}
	fputs("</small><ul>\n", to);
	json_array_foreach(list, i, one) put_evidence(to, one);
	if (more > 0)
		fprintf(to, "<li>and %lld more</li>", (long long)more);
	fputs("</ul><small>", to);
	put(to, f, "note");
	fputs("</small></article>\n", to);
}

static void
put_counts(FILE *to, const json_t *report)
{
	json_t *counts = json_object_get(report, "looked_at"), *one;
	const char *kind;

	fputs("<h2>Looked at</h2><div class=tiles>", to);
	json_object_foreach(counts, kind, one)
	{
		fprintf(to, "<div class=tile><b>%lld</b><span>",
		    (long long)json_integer_value(one));
		escape_html(to, kind, strlen(kind));
		fputs("</span></div>", to);
	}
	fputs("</div>\n", to);
}

static void
put_not_seen(FILE *to, const json_t *report)
{
	const json_t *list = json_object_get(report, "not_seen"), *one;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	fputs("<h2>Could not be seen</h2><table>\n", to);
	json_array_foreach(list, i, one)
	{
		fputs("<tr><th>", to);
		put(to, one, "what");
		fputs("<td>", to);
		put(to, one, "why");
		fputs("\n", to);
	}
	fputs("</table>\n", to);
}

static void
put_report(FILE *to, const json_t *report)
{
	const json_t *findings = json_object_get(report, "findings"), *one;
	size_t count = json_array_size(findings), i;
	size_t mentions = json_array_size(json_object_get(report, "mentions"));
	bool is_blind =
	    json_array_size(json_object_get(report, "not_seen")) > 0;

	if (count > 0)
		fprintf(to, "<p class=\"answer infected\">%zu found</p>\n",
		    count);
	else
		fprintf(to, "<p class=\"answer %s\">Nothing was found%s</p>\n",
		    is_blind ? "unscanned" : "clean",
		    is_blind ? ", but not everything could be seen" : "");
	fputs("<p>", to);
	put(to, report, "machine");
	fputs(" \u00b7 ", to);
	put(to, report, "where");
	fputs(" \u00b7 ", to);
	put(to, report, "at");
	fputs("</p>\n", to);
	json_array_foreach(findings, i, one) put_finding(to, one);
	if (mentions > 0)
		fprintf(to, "<p>Mentioned only, which is no finding: %zu</p>\n",
		    mentions);
	put_counts(to, report);
	put_not_seen(to, report);
}

bool
ban_report_write_page(const json_t *report, const char *path)
{
	FILE *to = fopen(path, "we");

	if (to != NULL) {
		page_begin(to, "what is left of a banned product", time(NULL));
		put_report(to, report);
		if (page_end(to))
			return true;
	}
	fputs("candor: ", stderr);
	escape_text(stderr, path, strlen(path));
	fprintf(stderr, ": %s\n", strerror(errno));
	return false;
}
