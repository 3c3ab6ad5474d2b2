/*
 * explain_text.c - why a file got its verdict, for a terminal.
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

const char *
explain_view(uint32_t view)
{
	switch (view) {
	case CHILD_TEXT_VIEW:
		return " of its text, normalised";
	case CHILD_HTML_VIEW:
		return " of its HTML, normalised";
	default:
		return "";
	}
}

bool
explain_is_feed_known(const struct db_signature *s)
{
	return s->feed.size <= s->file.size &&
	    memcmp(s->feed.base, s->file.base, s->feed.size) == 0;
}

static void
print_size(FILE *to, uint64_t size)
{
	char room[HUMAN_SIZE];

	if (size == SOURCE_SIZE_UNKNOWN)
		fputs("size unknown", to);
	else
		fputs(human_bytes(size, room), to);
}

/* --- the walk ---------------------------------------------------------- */

static void
print_object(FILE *to, const struct explanation *e,
    const struct result_object *o)
{
	const struct result *r = e->result;
	char room[64];
	size_t i;

	fprintf(to, "  %4" PRIu32 "  %*s", o->number, (int)(o->depth * 2) % 128,
	    "");
	if (o->number == 0) {
		escape_text(to, r->path.bytes, r->path.size);
	} else {
		struct cur name = result_name(r, o, room);

		escape_text(to, name.base, name.size);
	}
	fprintf(to, "  (%s, ", kind_row(o->kind)->text);
	print_size(to, o->size);
	fputc(')', to);
	for (i = 0; i < r->gap_count; i++)
		if (r->gap[i].object == o->number)
			fprintf(to, "  UNSCANNED: %s",
			    print_reason(r, &r->gap[i]));
	fputc('\n', to);
}

static void
print_walk(FILE *to, const struct explanation *e)
{
	const struct result *r = e->result;
	size_t i;

	fputs("\nThe walk\n", to);
	for (i = 0; i < r->object_count; i++)
		print_object(to, e, &r->object[i]);
	if (r->dropped > 0)
		fprintf(to, "  and %" PRIu64 " things more\n", r->dropped);
	if (r->object_count > 0)
		return;
	for (i = 0; i < r->gap_count; i++)
		fprintf(to, "  UNSCANNED: %s\n", print_reason(r, &r->gap[i]));
}

/* --- detections -------------------------------------------------------- */

static void
print_hit(FILE *to, const struct explanation *e, const struct result_hit *hit)
{
	struct cur name = databases_string(e->databases, hit->database,
	    hit->signature, hit->string);
	struct hex_view view;

	if (hit->string == MATCH_NO_STRING)
		return;
	fputs("    hit   string ", to);
	escape_text(to, name.base, name.size);
	fprintf(to, " at byte %" PRIu64 "%s, %" PRIu32 " byte%s\n", hit->offset,
	    explain_view(hit->view), hit->size, hit->size == 1 ? "" : "s");
	if (hex_take(e->result, hit, e->fd, &view))
		hex_print(to, "          ", &view);
}

/* The rule's own text, each line under the other. */
static void
print_rule(FILE *to, const struct explanation *e, const struct detection *d,
    const struct db_signature *s)
{
	struct cur text, line;

	fputs("    from  ", to);
	if (!explain_is_feed_known(s)) {
		escape_text(to, s->feed.base, s->feed.size);
		fputs(", ", to);
	}
	escape_text(to, s->file.base, s->file.size);
	fprintf(to, ":%" PRIu32 "\n", s->line);
	if (!databases_text(e->databases, d->database, d->signature, &text)) {
		fputs("    rule  (its source text is not at hand)\n", to);
		return;
	}
	while (cur_line(&text, &line)) {
		fputs("    rule  ", to);
		print_source(to, line);
	}
}

static void
print_detection(FILE *to, const struct explanation *e, size_t at)
{
	const struct result *r = e->result;
	const struct detection *d = &r->detection[at];
	struct db_signature s;
	size_t i;

	if (!databases_signature(e->databases, d->database, d->signature, &s))
		return;
	fprintf(to, "\n%zu. ", at + 1);
	escape_text(to, s.name.base, s.name.size);
	fprintf(to, "  (%s%s)\n", print_kind(d->kind),
	    (s.flags & SIG_PUA) != 0 ? ", possibly unwanted" : "");
	fputs("    in    ", to);
	print_place(to, r, d->object);
	fputc('\n', to);
	print_rule(to, e, d, &s);
	for (i = 0; i < d->count && i < EXPLAIN_HITS; i++)
		print_hit(to, e, &r->hit[d->first + i]);
	if (d->count > i)
		fprintf(to, "    and %zu hits more\n", d->count - i);
}

void
explain_text(FILE *to, const struct explanation *e)
{
	const struct result *r = e->result;
	char room[HUMAN_SIZE];
	size_t i;

	escape_text(to, r->path.bytes, r->path.size);
	fprintf(to, ": %s\n", verdict_text(r->verdict));
	fprintf(to, "  %s, %s", human_bytes(r->size, room),
	    kind_row(r->file_kind)->text);
	fprintf(to, ", %" PRIu32 " object%s looked at", r->objects,
	    r->objects == 1 ? "" : "s");
	fprintf(to, ", %s searched\n", human_bytes(r->searched, room));
	if (r->has_sha256) {
		fputs("  SHA-256 ", to);
		escape_hex(to, r->sha256, sizeof(r->sha256));
		fputc('\n', to);
	}
	print_walk(to, e);
	for (i = 0; i < r->detection_count; i++)
		print_detection(to, e, i);
}
