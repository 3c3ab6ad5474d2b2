/*
 * ban_report_page.c - a report as one page.  The contract is in ban_report.h.
 *
 * By state, the worst first, then by product; a fleet's evidence is folded
 * away below the machine it is of, which needs no script.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_report.h"

#include "cmd/candor/ban_print.h"
#include "cmd/candor/buf.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/page.h"
#include "lib/ban/footprint.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define OPEN_MAX 12u /* findings whose evidence is shown at once */

struct page {
	FILE *to;
	const json_t *report;
	json_t *group[FOOTPRINT_STATES]; /* key → findings; the last: others */
	size_t count[FOOTPRINT_STATES];
	json_t *source; /* what it is → its number */
	json_t *cited;  /* in that order */
	bool is_open;
};

/* The classes of page.c's style; at the end, for a state nobody knows. */
static const char *const look[FOOTPRINT_STATES] = {
	[FOOTPRINT_RUNNING] = "infected",
	[FOOTPRINT_INSTALLED] = "infected",
	[FOOTPRINT_EMBEDDED] = "infected",
	[FOOTPRINT_RAN_HERE] = "suspicious",
	[FOOTPRINT_INSTALLER] = "suspicious",
	[FOOTPRINT_SUCCESSOR] = "suspicious",
	[FOOTPRINT_RESIDUE] = "unscanned",
	[FOOTPRINT_MENTION] = "suspicious",
};

static void
put_text(FILE *to, const char *text)
{
	ban_print_escaped(to, text, strlen(text), escape_html);
}

static void
put(FILE *to, const json_t *record, const char *key)
{
	put_text(to, ban_report_text(record, key));
}

static bool
has(const json_t *record, const char *key)
{
	return ban_report_text(record, key)[0] != '\0';
}

/* --- putting in order ----------------------------------------------------- */

static int
state_of(const json_t *f)
{
	const char *word = ban_report_text(f, "state");
	int s;

	for (s = 0; s < FOOTPRINT_MENTION; s++)
		if (strcmp(footprint_state_word[s], word) == 0)
			break;
	return s;
}

static void
sort_findings(struct page *p)
{
	json_t *list = json_object_get(p->report, "findings"), *one;
	size_t i;

	json_array_foreach(list, i, one)
	{
		int s = state_of(one);
		struct buf key = { 0 };
		json_t *group;

		buf_text(&key, ban_report_text(one, "product"));
		buf_byte(&key, '\n');
		buf_text(&key, ban_report_text(one, "name"));
		if (p->group[s] == NULL)
			p->group[s] = json_object();
		group = json_object_get(p->group[s], key.bytes);
		if (group == NULL) {
			group = json_array();
			json_object_set_new(p->group[s], key.bytes, group);
		}
		json_array_append(group, one);
		p->count[s]++;
		buf_free(&key);
	}
	p->is_open = json_array_size(list) <= OPEN_MAX;
}

/* The number by which a source is cited, from 1. */
static json_int_t
number_of(struct page *p, json_t *source)
{
	struct buf key = { 0 };
	json_t *number;

	buf_text(&key, ban_report_text(source, "title"));
	buf_byte(&key, '\n');
	buf_text(&key, ban_report_text(source, "url"));
	number = json_object_get(p->source, key.bytes);
	if (number == NULL) {
		json_array_append(p->cited, source);
		number = json_integer((json_int_t)json_array_size(p->cited));
		json_object_set_new(p->source, key.bytes, number);
	}
	buf_free(&key);
	return json_integer_value(number);
}

/* --- findings ------------------------------------------------------------- */

static void
put_evidence(struct page *p, const json_t *e)
{
	json_t *sources = json_object_get(e, "sources"), *one;
	size_t i;

	fputs("<li>", p->to);
	put(p->to, e, "type");
	fputs(" <code>", p->to);
	put(p->to, e, "seen");
	fputs("</code> <bdi>", p->to);
	put(p->to, e, "detail");
	fputs("</bdi> <span class=where>", p->to);
	if (has(e, "in")) {
		fputs("in <bdi>", p->to);
		put(p->to, e, "in");
		fputs("</bdi> ", p->to);
	}
	fputs("(", p->to);
	put(p->to, e, "strength");
	if (json_is_false(json_object_get(e, "confirmed")))
		fputs(", unconfirmed", p->to);
	fputs(")", p->to);
	json_array_foreach(sources, i, one) if (has(one, "title"))
	{
		long long n = (long long)number_of(p, one);

		fprintf(p->to, " <a href=\"#s%lld\">[%lld]</a>", n, n);
	}
	fputs("</span></li>\n", p->to);
}

/* Signs that were left out. */
static size_t
more_of(const json_t *f)
{
	json_int_t more = json_integer_value(json_object_get(f, "more"));

	return more > 0 && more < (json_int_t)1 << 48 ? (size_t)more : 0;
}

static void
put_signs(struct page *p, const json_t *f)
{
	const json_t *list = json_object_get(f, "evidence"), *one;
	size_t i;

	fputs("<ul>\n", p->to);
	json_array_foreach(list, i, one) put_evidence(p, one);
	if (more_of(f) > 0)
		fprintf(p->to, "<li>and %zu more</li>\n", more_of(f));
	fputs("</ul>\n", p->to);
}

/* Where it is and how sure that is; the signs below. */
static void
put_finding(struct page *p, const json_t *f)
{
	size_t count =
	    json_array_size(json_object_get(f, "evidence")) + more_of(f);

	fprintf(p->to, "<details%s><summary>", p->is_open ? " open" : "");
	if (has(f, "machine")) {
		fputs("on <bdi>", p->to);
		put(p->to, f, "machine");
		fputs("</bdi> \u00b7 ", p->to);
	}
	put_text(p->to, ban_report_ground(f));
	if (!p->is_open)
		fprintf(p->to, " \u00b7 %zu seen", count);
	fputs("</summary>", p->to);
	put_signs(p, f);
	fputs("</details>\n", p->to);
}

static void
put_group(struct page *p, const json_t *group, int state)
{
	const json_t *first = json_array_get(group, 0), *one;
	size_t i;

	fprintf(p->to, "<article class=%s><span class=tag>", look[state]);
	put_text(p->to, ban_report_state(first));
	fputs("</span><h3>", p->to);
	put(p->to, first, "name");
	fputs("</h3><small>class: ", p->to);
	put(p->to, first, "class");
	if (json_array_size(group) > 1)
		fprintf(p->to, " \u00b7 %zu times", json_array_size(group));
	fputs("</small>", p->to);
	json_array_foreach(group, i, one) put_finding(p, one);
	if (has(first, "note")) {
		fputs("<small>", p->to);
		put(p->to, first, "note");
		fputs("</small>", p->to);
	}
	fputs("</article>\n", p->to);
}

static void
put_findings(struct page *p)
{
	bool is_any = false;
	const char *key;
	json_t *group;
	int s;

	for (s = 0; s < FOOTPRINT_STATES; s++) {
		if (p->count[s] == 0)
			continue;
		fprintf(p->to, "<section id=\"f%d\">\n", s);
		json_object_foreach(p->group[s], key, group)
		    put_group(p, group, s);
		fputs("</section>\n", p->to);
		is_any = true;
	}
	if (is_any)
		fputs("<p>What the rules say of it: <code>candor ban check "
		      "--act use --product CLASS</code></p>\n",
		    p->to);
}

/* --- above and below them ------------------------------------------------- */

static void
put_answer(struct page *p)
{
	size_t count = json_array_size(json_object_get(p->report, "findings"));
	size_t machines =
	    json_array_size(json_object_get(p->report, "machines"));
	bool is_blind =
	    json_array_size(json_object_get(p->report, "not_seen")) > 0;

	if (count > 0)
		fprintf(p->to, "<p class=\"answer infected\">%zu found%s</p>\n",
		    count,
		    is_blind ? ", and not everything could be seen" : "");
	else
		fprintf(p->to,
		    "<p class=\"answer %s\">Nothing was found%s</p>\n",
		    is_blind ? "unscanned" : "clean",
		    is_blind ? ", but not everything could be seen" : "");
	fputs("<p><bdi>", p->to);
	if (machines > 0)
		fprintf(p->to, "%zu report%s", machines,
		    machines == 1 ? "" : "s");
	put(p->to, p->report, "machine");
	if (machines == 0 && has(p->report, "where")) {
		fputs("</bdi> \u00b7 <bdi>", p->to);
		put(p->to, p->report, "where");
	}
	fputs("</bdi> \u00b7 <bdi>", p->to);
	put(p->to, p->report, "at");
	fputs("</bdi></p>\n", p->to);
}

static void
put_states(struct page *p)
{
	int s;

	if (json_array_size(json_object_get(p->report, "findings")) == 0)
		return;
	fputs("<div class=tiles>", p->to);
	for (s = 0; s < FOOTPRINT_STATES; s++) {
		void *at;
		const json_t *first;

		if (p->count[s] == 0)
			continue;
		at = json_object_iter(p->group[s]);
		first = json_array_get(json_object_iter_value(at), 0);
		fprintf(p->to,
		    "<a class=\"tile %s\" href=\"#f%d\"><b>%zu</b><span>",
		    look[s], s, p->count[s]);
		put_text(p->to,
		    s < FOOTPRINT_MENTION ? ban_report_state(first) : "other");
		fputs("</span></a>", p->to);
	}
	fputs("</div>\n", p->to);
}

/* Those with findings first: whoever reads it looks for them. */
static void
put_machines(struct page *p)
{
	const json_t *list = json_object_get(p->report, "machines"), *one;
	int with;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	fputs("<h2>Machines</h2><table class=halves>\n", p->to);
	for (with = 1; with >= 0; with--)
		json_array_foreach(list, i, one)
		{
			json_int_t n = json_integer_value(json_object_get(one,
			    "findings"));

			if ((n > 0) != with)
				continue;
			fputs("<tr><th>", p->to);
			put(p->to, one, "machine");
			fprintf(p->to, "<td>%lld found<td>", (long long)n);
			put(p->to, one, "where");
			fputs("<td>", p->to);
			put(p->to, one, "at");
			fputs("\n", p->to);
		}
	fputs("</table>\n", p->to);
}

static void
put_counts(struct page *p)
{
	json_t *counts = json_object_get(p->report, "looked_at"), *one;
	size_t mentions =
	    json_array_size(json_object_get(p->report, "mentions"));
	const char *kind;

	fputs("<h2>Looked at</h2><div class=tiles>", p->to);
	json_object_foreach(counts, kind, one)
	{
		fprintf(p->to, "<div class=tile><b>%lld</b><span>",
		    (long long)json_integer_value(one));
		put_text(p->to, kind);
		fputs("</span></div>", p->to);
	}
	fputs("</div>\n", p->to);
	if (mentions > 0)
		fprintf(p->to,
		    "<p>Mentioned only, which is no finding: %zu</p>\n",
		    mentions);
}

static void
put_not_seen(struct page *p)
{
	const json_t *list = json_object_get(p->report, "not_seen"), *one;
	size_t i;

	if (json_array_size(list) == 0)
		return;
	fputs("<h2>Could not be seen</h2><table class=halves>\n", p->to);
	json_array_foreach(list, i, one)
	{
		fputs("<tr><th>", p->to);
		put(p->to, one, "what");
		fputs("<td>", p->to);
		put(p->to, one, "why");
		fputs("\n", p->to);
	}
	fputs("</table>\n", p->to);
}

static void
put_sources(struct page *p)
{
	const json_t *one;
	size_t i;

	if (json_array_size(p->cited) == 0)
		return;
	fputs("<h2>Where the signs are known from</h2><ol>\n", p->to);
	json_array_foreach(p->cited, i, one)
	{
		const char *url = ban_report_text(one, "url");
		bool is_link = strncmp(url, "https://", 8) == 0;

		fprintf(p->to, "<li id=\"s%zu\">", i + 1);
		if (is_link) {
			fputs("<a rel=noreferrer href=\"", p->to);
			escape_html(p->to, url, strlen(url));
			fputs("\">", p->to);
		}
		put(p->to, one, "title");
		fputs(is_link ? "</a></li>\n" : "</li>\n", p->to);
	}
	fputs("</ol>\n", p->to);
}

static void
put_report(FILE *to, const json_t *report)
{
	struct page p = { .to = to, .report = report };
	int s;

	p.source = json_object();
	p.cited = json_array();
	sort_findings(&p);
	put_answer(&p);
	put_states(&p);
	put_findings(&p);
	put_not_seen(&p);
	put_machines(&p);
	put_counts(&p);
	put_sources(&p);
	for (s = 0; s < FOOTPRINT_STATES; s++)
		json_decref(p.group[s]);
	json_decref(p.source);
	json_decref(p.cited);
}

bool
ban_report_write_page(const json_t *report, const char *path)
{
	FILE *to = fopen(path, "we");

	if (to != NULL) {
		page_begin(to, "banned products, and what is left of them",
		    time(NULL));
		put_report(to, report);
		if (page_end(to))
			return true;
	}
	fputs("candor: ", stderr);
	escape_text(stderr, path, strlen(path));
	fprintf(stderr, ": %s\n", strerror(errno));
	return false;
}
