/*
 * print_clamscan.c - what clamscan 1.4 would print, for scripts that read it.
 *
 *     PATH: NAME.UNOFFICIAL FOUND      PATH: OK          PATH: Empty file
 *     PATH: Symbolic link              PATH: Access denied
 *     PATH: MESSAGE ERROR
 *
 * and its summary block.  Names stand as they are, line feeds included, as
 * clamscan writes them; only on a terminal they are escaped.  One difference
 * is meant: what was not wholly looked at is an ERROR here and OK there.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/escape.h"
#include "cmd/candor/print.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>

static void
begin(struct output *o)
{
	o->written = 0;
}

static void
print_path(struct output *o, const struct result *r)
{
	if (o->is_terminal)
		escape_text(o->to, r->path.bytes, r->path.size);
	else
		fwrite(r->path.bytes, 1, r->path.size, o->to);
	fputs(": ", o->to);
}

/*
 * Was the same name told of this file before, in another part of it?  The
 * detections of one signature stand side by side.
 */
static bool
is_told(const struct result *r, size_t at)
{
	const struct detection *d = &r->detection[at];

	return at > 0 && d[-1].database == d->database &&
	    d[-1].signature == d->signature;
}

static void
print_found(struct output *o, const struct result *r, size_t at)
{
	const struct detection *d = &r->detection[at];
	struct db_signature s;

	if (is_told(r, at) ||
	    !databases_signature(o->databases, d->database, d->signature, &s))
		return;
	print_path(o, r);
	if (s.kind == SIG_YARA)
		fputs("YARA.", o->to);
	escape_text(o->to, s.name.base, s.name.size);
	fprintf(o->to, "%s FOUND\n",
	    (s.flags & SIG_OFFICIAL) != 0 ? "" : ".UNOFFICIAL");
}

/* What clamscan says of a file it could not look at. */
static void
print_gap(struct output *o, const struct result *r)
{
	static const char *const message[UNSCANNED_COUNT] = {
		[UNSCANNED_LIMIT] = "Exceeded a limit",
		[UNSCANNED_ENCRYPTED] = "Encrypted",
		[UNSCANNED_CORRUPT] = "Bad format or broken data",
		[UNSCANNED_UNSUPPORTED] = "Unsupported",
		[UNSCANNED_CHANGED] = "Changed while it was scanned",
		[UNSCANNED_CRASHED] = "Scanner crashed",
		[UNSCANNED_DENIED] = "Can't read file",
		[UNSCANNED_TIMEOUT] = "Exceeded time limit",
	};
	enum unscanned why =
	    r->gap_count > 0 ? r->gap[0].reason : UNSCANNED_LIMIT;

	if (r->kind == RESULT_ABSENT || r->kind == RESULT_ODD) {
		fprintf(stderr, "%s: %s\n", r->path.bytes,
		    r->kind == RESULT_ODD ? "Not supported file type"
					  : strerror(r->err));
		return;
	}
	print_path(o, r);
	if (r->is_folder)
		fputs("Can't open directory.\n", o->to);
	else if (r->err == EACCES)
		fputs("Access denied\n", o->to);
	else
		fprintf(o->to, "%s ERROR\n", message[why]);
}

static void
file(struct output *o, const struct result *r)
{
	size_t i;

	if (r->verdict == VERDICT_CLEAN) {
		if (o->is_short)
			return;
		print_path(o, r);
		if (r->kind == RESULT_LINK)
			fputs("Symbolic link\n", o->to);
		else if (r->size == 0 && r->searched == 0 &&
		    strcmp(r->path.bytes, "stdin") != 0)
			fputs("Empty file\n", o->to);
		else
			fputs("OK\n", o->to);
		return;
	}
	for (i = 0; i < r->detection_count; i++)
		print_found(o, r, i);
	if (r->detection_count == 0)
		print_gap(o, r);
}

static void
print_date(struct output *o, const char *label, time_t when)
{
	char text[32] = "";
	struct tm tm;

	if (localtime_r(&when, &tm) != NULL)
		strftime(text, sizeof(text), "%Y:%m:%d %H:%M:%S", &tm);
	fprintf(o->to, "%s%s\n", label, text);
}

static void
end(struct output *o, const struct totals *t)
{
	const double mega = 1024.0 * 1024.0;
	uint64_t found =
	    t->by_verdict[VERDICT_INFECTED] + t->by_verdict[VERDICT_SUSPICIOUS];
	uint64_t errors = t->by_verdict[VERDICT_UNSCANNED];
	uint64_t minutes = (uint64_t)t->seconds / 60;

	/* Scripts that read the summary know no line for it. */
	if (t->is_interrupted)
		fputs("candor: incomplete: this is not all there is\n", stderr);
	if (!o->has_summary)
		return;
	fputs("\n----------- SCAN SUMMARY -----------\n", o->to);
	fprintf(o->to, "Known viruses: %" PRIu64 "\n",
	    databases_count(o->databases));
	fprintf(o->to, "Engine version: %s\n", print_version());
	fprintf(o->to, "Scanned directories: %" PRIu64 "\n", t->walk.folders);
	fprintf(o->to, "Scanned files: %" PRIu64 "\n",
	    t->files - t->errors - t->empty);
	fprintf(o->to, "Infected files: %" PRIu64 "\n", found);
	if (errors > 0)
		fprintf(o->to, "Total errors: %" PRIu64 "\n", errors);
	fprintf(o->to, "Data scanned: %.2f MB\n", (double)t->searched / mega);
	fprintf(o->to, "Data read: %.2f MB (ratio %.2f:1)\n",
	    (double)t->bytes / mega,
	    t->bytes == 0 ? 0.0 : (double)t->searched / (double)t->bytes);
	fprintf(o->to, "Time: %.3f sec (%" PRIu64 " m %" PRIu64 " s)\n",
	    t->seconds, minutes, (uint64_t)t->seconds - minutes * 60);
	print_date(o, "Start Date: ", t->start);
	print_date(o, "End Date:   ", t->end);
}

const struct printer print_clamscan = { true, begin, file, end };
