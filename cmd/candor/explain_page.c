/*
 * explain_page.c - why a file got its verdict, for a browser.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/escape.h"
#include "cmd/candor/explain.h"
#include "cmd/candor/hex.h"
#include "cmd/candor/human.h"
#include "cmd/candor/print.h"

#include "lib/formats/format.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

static void
write_name(FILE *to, const struct result *r, const struct result_object *o)
{
	char room[64];
	struct cur name = o->number == 0 ? cur_from(r->path.bytes, r->path.size)
					 : result_name(r, o, room);

	escape_html(to, name.base, name.size);
}

static void
write_gaps(FILE *to, const struct result *r, uint32_t object)
{
	size_t i;

	for (i = 0; i < r->gap_count; i++) {
		if (r->gap[i].object != object)
			continue;
		fputs(" <span class='tag gap'>unscanned: ", to);
		escape_html(to, print_reason(r, &r->gap[i]),
		    strlen(print_reason(r, &r->gap[i])));
		fputs("</span>", to);
	}
}

/* The objects as a tree: indentation is depth. */
static void
write_walk(FILE *to, const struct result *r)
{
	char room[HUMAN_SIZE];
	size_t i;

	fputs("<section><h2>The walk</h2><div class=tree>\n", to);
	for (i = 0; i < r->object_count; i++) {
		const struct result_object *o = &r->object[i];

		fprintf(to, "<div style='padding-left:%" PRIu32 "rem'>",
		    (o->depth < 40 ? o->depth : 40) + 1);
		write_name(to, r, o);
		fprintf(to, " <small>%s, %s</small>", kind_row(o->kind)->text,
		    o->size == SOURCE_SIZE_UNKNOWN
			? "size unknown"
			: human_bytes(o->size, room));
		write_gaps(to, r, o->number);
		fputs("</div>\n", to);
	}
	if (r->object_count == 0)
		write_gaps(to, r, 0);
	fputs("</div></section>\n", to);
}

static void
write_where(FILE *to, const struct result *r, uint32_t object)
{
	const struct result_object *where[RESULT_DEPTH];
	size_t count = result_where(r, object, where), i;

	fputs("<div class=where>in ", to);
	escape_html(to, r->path.bytes, r->path.size);
	for (i = 0; i < count; i++) {
		fputs(" <i>\u2192</i> ", to);
		write_name(to, r, where[i]);
	}
	fputs("</div>\n", to);
}

static void
write_hit(FILE *to, const struct explanation *e, const struct result_hit *hit)
{
	struct cur name = databases_string(e->databases, hit->database,
	    hit->signature, hit->string);
	struct hex_view view;

	if (hit->string == MATCH_NO_STRING)
		return;
	fputs("<p>String <code>", to);
	escape_html(to, name.base, name.size);
	fprintf(to, "</code> at byte %" PRIu64 "%s, %" PRIu32 " byte%s</p>\n",
	    hit->offset, explain_view(hit->view), hit->size,
	    hit->size == 1 ? "" : "s");
	if (hex_take(e->result, hit, e->fd, &view))
		hex_print_html(to, &view);
}

static void
write_rule(FILE *to, const struct explanation *e, const struct detection *d,
    const struct db_signature *s)
{
	struct cur text, line;

	fputs("<p>From ", to);
	if (!explain_is_feed_known(s)) {
		escape_html(to, s->feed.base, s->feed.size);
		fputs(", ", to);
	}
	fputs("<code>", to);
	escape_html(to, s->file.base, s->file.size);
	fprintf(to, "</code> line %" PRIu32 ":</p>\n", s->line);
	if (!databases_text(e->databases, d->database, d->signature, &text)) {
		fputs("<p>(its source text is not at hand)</p>\n", to);
		return;
	}
	fputs("<pre class=text>", to);
	while (cur_line(&text, &line)) {
		escape_html(to, line.base, line.size);
		fputc('\n', to);
	}
	fputs("</pre>\n", to);
}

static void
write_detection(FILE *to, const struct explanation *e,
    const struct detection *d)
{
	const struct result *r = e->result;
	struct db_signature s;
	size_t i;

	if (!databases_signature(e->databases, d->database, d->signature, &s))
		return;
	fprintf(to, "<article class=%s><h3><b>",
	    d->is_weak ? "suspicious" : "infected");
	escape_html(to, s.name.base, s.name.size);
	fprintf(to, "</b> <small>%s%s</small></h3>\n", print_kind(d->kind),
	    (s.flags & SIG_PUA) != 0 ? ", possibly unwanted" : "");
	write_where(to, r, d->object);
	write_rule(to, e, d, &s);
	for (i = 0; i < d->count && i < EXPLAIN_HITS; i++)
		write_hit(to, e, &r->hit[d->first + i]);
	if (d->count > i)
		fprintf(to, "<p>And %zu hits more.</p>\n", d->count - i);
	fputs("</article>\n", to);
}

void
explain_page(FILE *to, const struct explanation *e)
{
	const struct result *r = e->result;
	char room[HUMAN_SIZE];
	size_t i;

	fprintf(to,
	    "<p class='answer %s'>%s</p>\n<table>\n<tr><th>File<td>"
	    "<code>",
	    verdict_text(r->verdict), verdict_text(r->verdict));
	escape_html(to, r->path.bytes, r->path.size);
	fprintf(to, "</code><br>%s, %s\n", human_bytes(r->size, room),
	    kind_row(r->file_kind)->text);
	if (r->has_sha256) {
		fputs("<tr><th>SHA-256<td><code>", to);
		escape_hex(to, r->sha256, sizeof(r->sha256));
		fputs("</code>\n", to);
	}
	fprintf(to,
	    "<tr><th>Looked at<td>%" PRIu32 " objects, %s searched\n"
	    "</table>\n",
	    r->objects, human_bytes(r->searched, room));
	if (r->detection_count > 0)
		fputs("<section><h2>Found</h2>\n", to);
	for (i = 0; i < r->detection_count; i++)
		write_detection(to, e, &r->detection[i]);
	if (r->detection_count > 0)
		fputs("</section>\n", to);
	write_walk(to, r);
}
