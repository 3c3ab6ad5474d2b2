/*
 * print_json.c - findings as JSON Lines: an object a file, then a summary.
 *
 * docs/candor-scan.1 describes the fields; they are only ever added to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/escape.h"
#include "cmd/candor/print.h"

#include "lib/formats/format.h"
#include "sys/sandbox.h"

#include <inttypes.h>
#include <string.h>

static void
begin(struct output *o)
{
	o->written = 0;
}

/* A name as JSON, and as base64 besides where it is not UTF-8. */
static void
print_path(struct output *o, const struct result *r)
{
	fputs("\"path\":", o->to);
	escape_json_string(o->to, r->path.bytes, r->path.size);
	if (escape_is_utf8(r->path.bytes, r->path.size))
		return;
	fputs(",\"path_bytes\":\"", o->to);
	escape_base64(o->to, r->path.bytes, r->path.size);
	fputc('"', o->to);
}

static void
print_where(struct output *o, const struct result *r, uint32_t object)
{
	const struct result_object *where[RESULT_DEPTH];
	size_t count = result_where(r, object, where), i;
	char room[64];

	fputs("\"where\":[", o->to);
	for (i = 0; i < count; i++) {
		struct cur name = result_name(r, where[i], room);

		if (i > 0)
			fputc(',', o->to);
		escape_json_string(o->to, name.base, name.size);
	}
	fputc(']', o->to);
}

static void
print_hit(struct output *o, const struct result_hit *hit, bool comma)
{
	struct cur name = databases_string(o->databases, hit->database,
	    hit->signature, hit->string);

	fputs(comma ? ",{\"string\":" : "{\"string\":", o->to);
	escape_json_string(o->to, name.base, name.size);
	fprintf(o->to, ",\"offset\":%" PRIu64 ",\"length\":%" PRIu32,
	    hit->offset, hit->size);
	if (hit->view == CHILD_TEXT_VIEW)
		fputs(",\"view\":\"text\"", o->to);
	else if (hit->view == CHILD_HTML_VIEW)
		fputs(",\"view\":\"html\"", o->to);
	fputc('}', o->to);
}

static void
print_detection(struct output *o, const struct result *r,
    const struct detection *d)
{
	struct db_signature s;
	bool comma = false;
	size_t i;

	if (!databases_signature(o->databases, d->database, d->signature, &s))
		memset(&s, 0, sizeof(s));
	fputs("{\"name\":", o->to);
	escape_json_string(o->to, s.name.base, s.name.size);
	fprintf(o->to, ",\"kind\":\"%s\",\"feed\":", print_kind(d->kind));
	escape_json_string(o->to, s.feed.base, s.feed.size);
	if ((s.flags & SIG_PUA) != 0)
		fputs(",\"pua\":true", o->to);
	fputc(',', o->to);
	print_where(o, r, d->object);
	fputs(",\"hits\":[", o->to);
	for (i = d->first; i < d->first + d->count; i++) {
		if (r->hit[i].string == MATCH_NO_STRING)
			continue;
		print_hit(o, &r->hit[i], comma);
		comma = true;
	}
	fputs("]}", o->to);
}

static void
print_gap(struct output *o, const struct result *r, const struct result_gap *g)
{
	fputc('{', o->to);
	print_where(o, r, g->object);
	fprintf(o->to, ",\"reason\":\"%s\"", unscanned_text(g->reason));
	if (r->kind != RESULT_SCANNED) {
		const char *text = print_reason(r, g);

		fputs(",\"message\":", o->to);
		escape_json_string(o->to, text, strlen(text));
	}
	fputc('}', o->to);
}

/* What was given by name and is no file at all. */
static void
print_error(struct output *o, const struct result *r)
{
	const char *text =
	    r->kind == RESULT_ODD ? "not a file or folder" : strerror(r->err);

	fputs("{\"type\":\"error\",", o->to);
	print_path(o, r);
	fputs(",\"message\":", o->to);
	escape_json_string(o->to, text, strlen(text));
	fputs("}\n", o->to);
}

static void
file(struct output *o, const struct result *r)
{
	size_t i;

	if (r->kind == RESULT_LINK ||
	    (o->is_short && r->verdict == VERDICT_CLEAN))
		return;
	if (r->kind == RESULT_ABSENT || r->kind == RESULT_ODD) {
		print_error(o, r);
		return;
	}
	fputs("{\"type\":\"file\",", o->to);
	print_path(o, r);
	fprintf(o->to, ",\"size\":%" PRIu64 ",\"verdict\":\"%s\"", r->size,
	    verdict_text(r->verdict));
	fputs(",\"detections\":[", o->to);
	for (i = 0; i < r->detection_count; i++) {
		if (i > 0)
			fputc(',', o->to);
		print_detection(o, r, &r->detection[i]);
	}
	fputs("],\"unscanned\":[", o->to);
	for (i = 0; i < r->gap_count; i++) {
		if (i > 0)
			fputc(',', o->to);
		print_gap(o, r, &r->gap[i]);
	}
	fputc(']', o->to);
	if (r->dropped > 0)
		fprintf(o->to, ",\"not_listed\":%" PRIu64, r->dropped);
	if (r->is_cached)
		fputs(",\"cached\":true", o->to);
	if (r->has_sha256) {
		fputs(",\"sha256\":\"", o->to);
		escape_hex(o->to, r->sha256, sizeof(r->sha256));
		fputc('"', o->to);
	}
	fputs("}\n", o->to);
}

/* --- summary ----------------------------------------------------------- */

static void
print_databases(struct output *o)
{
	size_t i;

	fputs(",\"databases\":[", o->to);
	for (i = 0; i < o->databases->count; i++) {
		const struct database *one = &o->databases->one[i];
		struct db_info info;

		db_info_get(&o->databases->db[i], &info);
		fputs(i > 0 ? ",{\"path\":" : "{\"path\":", o->to);
		escape_json_string(o->to, one->path, strlen(one->path));
		fputs(",\"id\":\"", o->to);
		escape_hex(o->to, info.id, sizeof(info.id));
		fprintf(o->to,
		    "\",\"signatures\":%" PRIu32 ",\"built\":%" PRIu64
		    ",\"proof\":\"none\"}",
		    info.signatures, info.built);
	}
	fputc(']', o->to);
}

/* Without a layer no worker was started, because nothing had to be opened. */
static void
print_cage(struct output *o, uint32_t layers)
{
	bool comma = false;
	uint32_t bit;

	fputs(",\"cage\":{\"layers\":[", o->to);
	for (bit = 0; bit < 32; bit++) {
		const char *name = print_layer(1u << bit);

		if (name == NULL || (layers & 1u << bit) == 0)
			continue;
		fprintf(o->to, "%s\"%s\"", comma ? "," : "", name);
		comma = true;
	}
	fprintf(o->to, "],\"degraded\":%s}",
	    layers != 0 && sandbox_is_degraded(layers) ? "true" : "false");
}

static void
print_reasons(struct output *o, const struct totals *t)
{
	bool comma = false;
	uint32_t i;

	fputs(",\"unscanned_by_reason\":{", o->to);
	for (i = 1; i < UNSCANNED_COUNT; i++) {
		if (t->by_reason[i] == 0)
			continue;
		fprintf(o->to, "%s\"%s\":%" PRIu64, comma ? "," : "",
		    unscanned_text(i), t->by_reason[i]);
		comma = true;
	}
	fputc('}', o->to);
}

static void
print_passed(struct output *o, const struct walk_counts *w)
{
	fprintf(o->to,
	    ",\"passed_by\":{\"links\":%" PRIu64 ",\"specials\":%" PRIu64
	    ",\"excluded\":%" PRIu64 ",\"vanished\":%" PRIu64
	    ",\"other_file_systems\":%" PRIu64 ",\"kernel_folders\":%" PRIu64
	    ",\"loops\":%" PRIu64 "}",
	    w->links, w->specials, w->excluded, w->vanished, w->other_systems,
	    w->kernel_folders, w->loops);
}

static void
end(struct output *o, const struct totals *t)
{
	fprintf(o->to,
	    "{\"type\":\"summary\",\"version\":\"%s\",\"files\":%" PRIu64
	    ",\"folders\":%" PRIu64 ",\"bytes\":%" PRIu64
	    ",\"bytes_searched\":%" PRIu64 ",\"seconds\":%.3f",
	    print_version(), t->files, t->walk.folders, t->bytes, t->searched,
	    t->seconds);
	fprintf(o->to,
	    ",\"infected\":%" PRIu64 ",\"suspicious\":%" PRIu64
	    ",\"clean\":%" PRIu64 ",\"unscanned\":%" PRIu64,
	    t->by_verdict[VERDICT_INFECTED], t->by_verdict[VERDICT_SUSPICIOUS],
	    t->by_verdict[VERDICT_CLEAN], t->by_verdict[VERDICT_UNSCANNED]);
	fprintf(o->to, ",\"cached\":%" PRIu64, t->cached);
	print_reasons(o, t);
	print_passed(o, &t->walk);
	fprintf(o->to, ",\"signatures\":%" PRIu64,
	    databases_count(o->databases));
	print_databases(o);
	print_cage(o, t->layers);
	fprintf(o->to, ",\"interrupted\":%s}\n",
	    t->is_interrupted ? "true" : "false");
}

const struct printer print_json = { true, begin, file, end };
