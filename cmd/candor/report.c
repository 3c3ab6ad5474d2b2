/*
 * report.c - a scan as one page to look at.  The contract is in report.h.
 *
 * Findings are kept as HTML until the end, because what stands above them
 * are the totals.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/report.h"

#include "cmd/candor/escape.h"
#include "cmd/candor/human.h"
#include "cmd/candor/page.h"
#include "cmd/candor/print.h"
#include "sys/sandbox.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FINDINGS_SHOWN 5000u /* cards; the rest are counted */
#define PARTS_SHOWN    20u   /* detections or gaps of one file */

struct report {
	FILE *to;
	char *path;
	const struct databases *databases;
	FILE *card[2]; /* what was found; what was not looked at */
	char *text[2];
	size_t size[2];
	uint64_t shown[2], more[2];
};

enum {
	CARD_FOUND,
	CARD_GAP
};

struct report *
report_open(const char *path, const struct databases *databases)
{
	struct report *p = buf_alloc(1, sizeof(*p));
	int i;

	p->to = fopen(path, "we");
	p->path = buf_copy(path);
	p->databases = databases;
	for (i = 0; i < 2; i++)
		p->card[i] = open_memstream(&p->text[i], &p->size[i]);
	if (p->to != NULL && p->card[0] != NULL && p->card[1] != NULL)
		return p;
	fprintf(stderr, "candor: cannot write the report %s: %s\n", path,
	    strerror(errno));
	return NULL;
}

/* --- cards ------------------------------------------------------------- */

static void
write_where(FILE *to, const struct result *r, uint32_t object)
{
	const struct result_object *where[RESULT_DEPTH];
	size_t count = result_where(r, object, where), i;
	char room[64];

	for (i = 0; i < count; i++) {
		struct cur name = result_name(r, where[i], room);

		fputs(i > 0 ? " <i>\u2192</i> " : "", to);
		escape_html(to, name.base, name.size);
	}
}

static void
write_detection(struct report *p, const struct result *r,
    const struct detection *d)
{
	const struct result_hit *hit = &r->hit[d->first];
	FILE *to = p->card[CARD_FOUND];
	struct db_signature s;

	if (!databases_signature(p->databases, d->database, d->signature, &s))
		return;
	fputs("<li><b>", to);
	escape_html(to, s.name.base, s.name.size);
	fprintf(to, "</b> <small>%s", print_kind(d->kind));
	if (hit->string != MATCH_NO_STRING)
		fprintf(to, ", at byte %" PRIu64, hit->offset);
	fputs(", from ", to);
	escape_html(to, s.file.base, s.file.size);
	fprintf(to, " line %" PRIu32 "</small>", s.line);
	if (d->object != 0) {
		fputs("<div class=where>in ", to);
		write_where(to, r, d->object);
		fputs("</div>", to);
	}
	fputs("</li>\n", to);
}

static void
write_card_head(FILE *to, const struct result *r)
{
	char size[HUMAN_SIZE];

	fprintf(to, "<article class=%s><h3><span class=tag>%s</span> <code>",
	    verdict_text(r->verdict), verdict_text(r->verdict));
	escape_html(to, r->path.bytes, r->path.size);
	fprintf(to, "</code> <small>%s</small></h3>\n",
	    human_bytes(r->size, size));
}

static void
write_found(struct report *p, const struct result *r, const char *moved)
{
	FILE *to = p->card[CARD_FOUND];
	size_t i;

	write_card_head(to, r);
	fputs("<ul>", to);
	for (i = 0; i < r->detection_count && i < PARTS_SHOWN; i++)
		write_detection(p, r, &r->detection[i]);
	if (r->detection_count > i)
		fprintf(to, "<li>and %zu more</li>", r->detection_count - i);
	fputs("</ul>", to);
	if (r->has_sha256) {
		fputs("<p class=hash>SHA-256 <code>", to);
		escape_hex(to, r->sha256, sizeof(r->sha256));
		fputs("</code></p>", to);
	}
	if (moved != NULL) {
		fputs("<p>", to);
		escape_html(to, moved, strlen(moved));
		fputs("</p>", to);
	}
	fputs("</article>\n", to);
}

static void
write_gaps(struct report *p, const struct result *r)
{
	FILE *to = p->card[CARD_GAP];
	size_t i;

	write_card_head(to, r);
	fputs("<ul>", to);
	for (i = 0; i < r->gap_count && i < PARTS_SHOWN; i++) {
		fputs("<li><b>", to);
		escape_html(to, print_reason(r, &r->gap[i]),
		    strlen(print_reason(r, &r->gap[i])));
		fputs("</b>", to);
		if (r->gap[i].object != 0) {
			fputs("<div class=where>in ", to);
			write_where(to, r, r->gap[i].object);
			fputs("</div>", to);
		}
		fputs("</li>\n", to);
	}
	if (r->gap_count > i)
		fprintf(to, "<li>and %zu more</li>", r->gap_count - i);
	fputs("</ul></article>\n", to);
}

void
report_file(struct report *p, const struct result *r, const char *moved)
{
	int card = r->detection_count > 0 ? CARD_FOUND : CARD_GAP;

	if (r->verdict == VERDICT_CLEAN)
		return;
	if (p->shown[card] >= FINDINGS_SHOWN) {
		p->more[card]++;
		return;
	}
	p->shown[card]++;
	if (card == CARD_FOUND)
		write_found(p, r, moved);
	else
		write_gaps(p, r);
}

/* --- page -------------------------------------------------------------- */

static void
write_verdict(const struct report *p, const struct totals *t)
{
	uint64_t found = t->by_verdict[VERDICT_INFECTED];
	uint64_t odd = t->by_verdict[VERDICT_SUSPICIOUS];
	uint64_t gaps = t->by_verdict[VERDICT_UNSCANNED];
	char room[HUMAN_SIZE];

	if (found + odd > 0)
		fprintf(p->to,
		    "<p class='answer %s'>%s file%s with findings</p>\n",
		    found > 0 ? "infected" : "suspicious",
		    human_count(found + odd, room), human_s(found + odd));
	else if (gaps > 0 || t->is_interrupted)
		fputs("<p class='answer unscanned'>Nothing found, but not "
		      "everything could be looked at</p>\n",
		    p->to);
	else
		fputs("<p class='answer clean'>Nothing found</p>\n", p->to);
	if (t->is_interrupted)
		fputs("<p>The scan was cut short: this page is not about "
		      "all that was asked for.</p>\n",
		    p->to);
}

static void
write_tile(const struct report *p, const char *label, const char *value,
    const char *class)
{
	fprintf(p->to, "<div class='tile %s'><b>%s</b><span>%s</span></div>\n",
	    class, value, label);
}

static void
write_tiles(const struct report *p, const struct totals *t)
{
	static const enum verdict order[] = { VERDICT_INFECTED,
		VERDICT_SUSPICIOUS, VERDICT_UNSCANNED, VERDICT_CLEAN };
	char room[HUMAN_SIZE];
	size_t i;

	fputs("<section class=tiles>\n", p->to);
	for (i = 0; i < sizeof(order) / sizeof(order[0]); i++) {
		uint64_t n = t->by_verdict[order[i]];

		write_tile(p, verdict_text(order[i]), human_count(n, room),
		    n > 0 ? verdict_text(order[i]) : "none");
	}
	write_tile(p, "files", human_count(t->files, room), "none");
	write_tile(p, "read", human_bytes(t->bytes, room), "none");
	write_tile(p, "took", human_seconds(t->seconds, room), "none");
	fputs("</section>\n", p->to);
	if (t->cached > 0)
		fprintf(p->to,
		    "<p>%s of the clean files %s not looked at: clean when "
		    "last scanned with the same signatures, and unchanged "
		    "since.</p>\n",
		    human_count(t->cached, room),
		    t->cached == 1 ? "was" : "were");
}

static void
write_cards(struct report *p, int card, const char *title)
{
	char room[HUMAN_SIZE];

	if (p->shown[card] == 0)
		return;
	fprintf(p->to, "<section><h2>%s</h2>\n", title);
	fwrite(p->text[card], 1, p->size[card], p->to);
	if (p->more[card] > 0)
		fprintf(p->to, "<p>And %s more that are not shown here.</p>\n",
		    human_count(p->more[card], room));
	fputs("</section>\n", p->to);
}

static void
write_cage(FILE *to, uint32_t layers)
{
	char text[512];

	fputs("<tr><th>Cage<td>", to);
	if (layers == 0) {
		fputs("not needed: nothing was opened", to);
		return;
	}
	sandbox_say(layers, text, sizeof(text));
	escape_html(to, text, strlen(text));
	if (sandbox_is_degraded(layers))
		fputs(" <b>(DEGRADED)</b>", to);
}

/* What it was looked at with, and behind which walls. */
static void
write_means(const struct report *p, const struct totals *t)
{
	char room[HUMAN_SIZE];
	struct db_info info;
	size_t i;

	fputs("<section><h2>Looked at with</h2><table>\n", p->to);
	for (i = 0; i < p->databases->count; i++) {
		const char *path = p->databases->one[i].path;
		struct cur feed = p->databases->one[i].feed;

		db_info_get(&p->databases->db[i], &info);
		fputs("<tr><th>Database<td><code>", p->to);
		escape_html(p->to, path, strlen(path));
		fprintf(p->to, "</code><br>%s signature%s<br><small>id <code>",
		    human_count(info.signatures, room),
		    human_s(info.signatures));
		escape_hex(p->to, info.id, sizeof(info.id));
		if (feed.size > 0) {
			fputs("</code>, feed ", p->to);
			escape_html(p->to, feed.base, feed.size);
			fprintf(p->to, ", %s</small>\n", feeds_trust(path));
		} else
			fputs("</code>, no proof of publication</small>\n",
			    p->to);
	}
	write_cage(p->to, t->layers);
	fprintf(p->to, "\n<tr><th>Program<td>candor %s\n</table></section>\n",
	    print_version());
}

bool
report_close(struct report **report, const struct totals *t)
{
	struct report *p = *report;
	bool is_fine;
	int i;

	for (i = 0; i < 2; i++)
		fclose(p->card[i]);
	page_begin(p->to, "scan report", t->start);
	write_verdict(p, t);
	write_tiles(p, t);
	write_cards(p, CARD_FOUND, "Found");
	write_cards(p, CARD_GAP, "Not looked at");
	write_means(p, t);
	is_fine = page_end(p->to);
	if (!is_fine)
		fprintf(stderr, "candor: the report %s could not be written\n",
		    p->path);
	for (i = 0; i < 2; i++)
		free(p->text[i]);
	free(p->path);
	free(p);
	*report = NULL;
	return is_fine;
}
