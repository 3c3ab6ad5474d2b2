/*
 * print_text.c - findings for a person at a terminal.
 *
 * A line per finding, as it is found:
 *
 *     infected    a.zip → b/c.exe: Name
 *     unscanned   secret.zip → plan.txt: encrypted
 *
 * and a summary.  The first word is one of infected, suspicious, unscanned;
 * what follows is escaped, so one line is one finding whatever files are
 * called.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/escape.h"
#include "cmd/candor/human.h"
#include "cmd/candor/print.h"

#include "sys/sandbox.h"

#include <inttypes.h>
#include <string.h>

#define GAPS_SHOWN 8u /* of one file; the rest are counted */

static void
begin(struct output *o)
{
	o->written = 0;
}

/* Write the word of a line, coloured where a terminal shows it. */
static void
print_word(struct output *o, enum verdict v)
{
	static const char *const color[] = {
		[VERDICT_CLEAN] = "\033[32m",
		[VERDICT_UNSCANNED] = "\033[33m",
		[VERDICT_SUSPICIOUS] = "\033[35m",
		[VERDICT_INFECTED] = "\033[1;31m",
	};

	fprintf(o->to, "%s%-10s%s  ", o->has_color ? color[v] : "",
	    verdict_text(v), o->has_color ? "\033[0m" : "");
}

static void
print_detection(struct output *o, const struct result *r,
    const struct detection *d)
{
	struct db_signature s;

	print_word(o, d->is_weak ? VERDICT_SUSPICIOUS : VERDICT_INFECTED);
	print_place(o->to, r, d->object);
	fputs(": ", o->to);
	if (databases_signature(o->databases, d->database, d->signature, &s))
		escape_text(o->to, s.name.base, s.name.size);
	fputc('\n', o->to);
}

static void
print_gaps(struct output *o, const struct result *r)
{
	uint64_t all = (uint64_t)r->gap_count + r->dropped;
	char room[HUMAN_SIZE];
	size_t i;

	for (i = 0; i < r->gap_count && i < GAPS_SHOWN; i++) {
		print_word(o, VERDICT_UNSCANNED);
		print_place(o->to, r, r->gap[i].object);
		fprintf(o->to, ": %s\n", print_reason(r, &r->gap[i]));
	}
	if (all <= i)
		return;
	print_word(o, VERDICT_UNSCANNED);
	print_place(o->to, r, 0);
	fprintf(o->to, ": %s more part%s\n", human_count(all - i, room),
	    human_s(all - i));
}

static void
file(struct output *o, const struct result *r)
{
	size_t i;

	if (r->kind == RESULT_LINK || r->verdict == VERDICT_CLEAN)
		return;
	if (r->kind == RESULT_ABSENT || r->kind == RESULT_ODD) {
		print_no_file(r);
		return;
	}
	for (i = 0; i < r->detection_count; i++)
		print_detection(o, r, &r->detection[i]);
	print_gaps(o, r);
	o->written++;
	if (o->is_terminal)
		fflush(o->to);
}

/* --- summary ----------------------------------------------------------- */

static void
print_label(struct output *o, const char *label)
{
	fprintf(o->to, "%-13s", label);
}

static void
print_work(struct output *o, const struct totals *t)
{
	char files[HUMAN_SIZE], folders[HUMAN_SIZE], bytes[HUMAN_SIZE],
	    seconds[HUMAN_SIZE], rate[HUMAN_SIZE];
	double s = t->seconds > 0.001 ? t->seconds : 0.001;

	print_label(o, "Scanned");
	fprintf(o->to, "%s file%s in %s folder%s, %s in %s (%s/s)\n",
	    human_count(t->files, files), human_s(t->files),
	    human_count(t->walk.folders, folders), human_s(t->walk.folders),
	    human_bytes(t->bytes, bytes), human_seconds(t->seconds, seconds),
	    human_bytes((uint64_t)((double)t->bytes / s), rate));
	print_label(o, "Infected");
	fprintf(o->to, "%s\n",
	    human_count(t->by_verdict[VERDICT_INFECTED], files));
	if (t->by_verdict[VERDICT_SUSPICIOUS] == 0)
		return;
	print_label(o, "Suspicious");
	fprintf(o->to, "%s\n",
	    human_count(t->by_verdict[VERDICT_SUSPICIOUS], files));
}

/* "3 (encrypted 2, corrupt 1)", also of files that are infected besides. */
static void
unscanned_text_line(struct output *o, const struct totals *t)
{
	char room[HUMAN_SIZE];
	const char *before = " (";
	uint32_t i;

	print_label(o, "Unscanned");
	fputs(human_count(t->by_verdict[VERDICT_UNSCANNED], room), o->to);
	for (i = 1; i < UNSCANNED_COUNT; i++) {
		if (t->by_reason[i] == 0)
			continue;
		fprintf(o->to, "%s%s %s", before, unscanned_text(i),
		    human_count(t->by_reason[i], room));
		before = ", ";
	}
	fprintf(o->to, "%s\n", before[0] == ',' ? ")" : "");
}

/* What was not looked at because it was clean before. */
static void
print_cached(struct output *o, const struct totals *t)
{
	char room[HUMAN_SIZE];

	if (t->cached == 0)
		return;
	print_label(o, "Unchanged");
	fprintf(o->to,
	    "%s file%s, clean since scanned with the same signatures\n",
	    human_count(t->cached, room), human_s(t->cached));
}

/* What was passed by and why, if anything was. */
static void
print_skipped(struct output *o, const struct totals *t)
{
	const struct {
		uint64_t count;
		const char *one, *many;
	} row[] = {
		{ t->walk.links, "link", "links" },
		{ t->walk.specials, "socket, pipe or device",
		    "sockets, pipes and devices" },
		{ t->walk.excluded, "excluded", "excluded" },
		{ t->walk.vanished, "vanished", "vanished" },
		{ t->walk.other_systems, "on another file system",
		    "on other file systems" },
		{ t->walk.kernel_folders, "folder of the kernel",
		    "folders of the kernel" },
		{ t->walk.loops, "folder inside itself",
		    "folders inside themselves" },
	};
	const char *before = "";
	char room[HUMAN_SIZE];
	size_t i;

	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		if (row[i].count == 0)
			continue;
		if (before[0] == '\0')
			print_label(o, "Passed by");
		fprintf(o->to, "%s%s %s", before,
		    human_count(row[i].count, room),
		    row[i].count == 1 ? row[i].one : row[i].many);
		before = ", ";
	}
	if (before[0] != '\0')
		fputc('\n', o->to);
}

/* How old the signatures are, as far as they say. */
static void
print_age(struct output *o, const struct db_info *info, const struct totals *t)
{
	char date[16] = "";
	time_t built = (time_t)info->built;
	uint64_t days;
	struct tm tm;

	if (info->built == 0 || gmtime_r(&built, &tm) == NULL) {
		fputs(", undated", o->to);
		return;
	}
	strftime(date, sizeof(date), "%Y-%m-%d", &tm);
	days = t->end > built ? (uint64_t)(t->end - built) / 86400 : 0;
	fprintf(o->to, ", of %s (%" PRIu64 " day%s old)", date, days,
	    human_s(days));
}

static void
print_databases(struct output *o, const struct totals *t)
{
	char room[HUMAN_SIZE];
	size_t i;

	print_label(o, "Signatures");
	fprintf(o->to, "%s\n",
	    human_count(databases_count(o->databases), room));
	for (i = 0; i < o->databases->count; i++) {
		const struct database *one = &o->databases->one[i];
		struct db_info info;

		db_info_get(&o->databases->db[i], &info);
		print_label(o, i == 0 ? "Database" : "");
		escape_text(o->to, one->path, strlen(one->path));
		print_age(o, &info, t);
		if (one->feed.size > 0) {
			fputs(", feed ", o->to);
			escape_text(o->to, one->feed.base, one->feed.size);
			fprintf(o->to, ", %s\n", feeds_trust(one->path));
		} else
			fprintf(o->to, ", %s, no proof of publication\n",
			    one->is_text ? "compiled now" : "local file");
	}
}

/* Which walls were up around the workers; what is missing matters most. */
static void
print_cage(struct output *o, const struct totals *t)
{
	uint32_t all = 0;
	char missing[512];

#define SANDBOX_LAYER(tag, bit, text) all |= SANDBOX_##tag;
	SANDBOX_LAYER_TABLE
#undef SANDBOX_LAYER
	print_label(o, "Cage");
	if (t->layers == 0) {
		fputs("not needed: nothing was opened\n", o->to);
		return;
	}
	sandbox_say(all & ~t->layers, missing, sizeof(missing));
	fputs(sandbox_is_degraded(t->layers) ? "DEGRADED" : "closed", o->to);
	if ((all & ~t->layers) != 0)
		fprintf(o->to, ", without %s", missing);
	fputc('\n', o->to);
}

static void
end(struct output *o, const struct totals *t)
{
	if (!o->has_summary && t->is_interrupted)
		fputs("candor: incomplete: this is not all there is\n", stderr);
	if (!o->has_summary)
		return;
	if (o->written > 0)
		fputc('\n', o->to);
	if (t->is_interrupted)
		fputs("Incomplete: this is not all there is.\n", o->to);
	print_work(o, t);
	unscanned_text_line(o, t);
	print_cached(o, t);
	print_skipped(o, t);
	print_databases(o, t);
	print_cage(o, t);
}

const struct printer print_text = { false, begin, file, end };
