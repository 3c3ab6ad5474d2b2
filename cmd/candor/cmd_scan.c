/*
 * cmd_scan.c - candor scan: look for malware in files and folders.
 *
 * Reads the command line, opens the databases, and prints what scan.c hears.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/databases.h"
#include "cmd/candor/files_from.h"
#include "cmd/candor/print.h"
#include "cmd/candor/remote.h"
#include "cmd/candor/report.h"
#include "cmd/candor/scan.h"
#include "cmd/candor/targets.h"
#include "cmd/candor/vaulting.h"

#include <errno.h>
#include <poll.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SECONDS_DEFAULT 300u /* for one file */

struct config {
	struct words database, exclude, include, password;
	const char *output, *files_from, *report, *vault, *socket;
	unsigned format;
	bool all_matches, infected, no_progress, no_summary, hash;
	bool one_file_system, quarantine, recursive, no_cache, daemon;
	uint64_t jobs, milliseconds;
	uint64_t object_size, total, depth, objects, ratio;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "db", 'd', OPTION_WORDS, FIELD(database), "FILE_OR_DIR", NULL, 0, 0,
	    "use this database: .cand files, or signatures, rules, hash lists "
	    "and CVDs as text, which are compiled first and remembered; may "
	    "be given again (default: what is installed, else the house "
	    "rules)" },
	{ "format", 0, OPTION_CHOICE, FIELD(format), "FORM",
	    "text|clamscan|json|sarif", 0, 0,
	    "how to print: text, clamscan, json (a line per file) or sarif" },
	{ "output", 'o', OPTION_WORD, FIELD(output), "FILE", NULL, 0, 0,
	    "print into this file" },
	{ "all-matches", 'z', OPTION_FLAG, FIELD(all_matches), NULL, NULL, 0, 0,
	    "report every signature that matches, not only the first" },
	{ "infected", 'i', OPTION_FLAG, FIELD(infected), NULL, NULL, 0, 0,
	    "print only what is not clean" },
	{ "daemon", 0, OPTION_FLAG, FIELD(daemon), NULL, NULL, 0, 0,
	    "let candord's workers look, with its databases and limits" },
	{ "socket", 0, OPTION_WORD, FIELD(socket), "PATH", NULL, 0, 0,
	    "with --daemon: its socket (default: " REMOTE_SOCKET ")" },
	{ "jobs", 'j', OPTION_COUNT, FIELD(jobs), "N", NULL, 1, 256,
	    "work with so many processes (default: one per processor)" },
	{ "exclude", 0, OPTION_WORDS, FIELD(exclude), "GLOB", NULL, 0, 0,
	    "leave out files and folders of this name, or of this path if "
	    "there is a slash in it; may be given again" },
	{ "include", 0, OPTION_WORDS, FIELD(include), "GLOB", NULL, 0, 0,
	    "look only at files of this name or path; may be given again" },
	{ "files-from", 'f', OPTION_WORD, FIELD(files_from), "FILE", NULL, 0, 0,
	    "look at the paths listed in this file, one a line or each ended "
	    "by a NUL; - is standard input" },
	{ "one-file-system", 'x', OPTION_FLAG, FIELD(one_file_system), NULL,
	    NULL, 0, 0, "do not go into other file systems" },
	{ "max-scan-time", 0, OPTION_SECONDS, FIELD(milliseconds), "SECONDS",
	    NULL, 0, 0,
	    "give up on a file after so long (default: 300; 0: never)" },
	{ "max-object-size", 0, OPTION_SIZE, FIELD(object_size), "SIZE", NULL,
	    0, 0, "search so many bytes of a file or member (4096, 10M, 2G)" },
	{ "max-total-size", 0, OPTION_SIZE, FIELD(total), "SIZE", NULL, 0, 0,
	    "unpack so many bytes of one file" },
	{ "max-depth", 0, OPTION_COUNT, FIELD(depth), "N", NULL, 1, UINT32_MAX,
	    "open containers inside containers so deep" },
	{ "max-objects", 0, OPTION_COUNT, FIELD(objects), "N", NULL, 1,
	    UINT32_MAX, "look at so many parts of one file" },
	{ "max-ratio", 0, OPTION_COUNT, FIELD(ratio), "N", NULL, 1, UINT32_MAX,
	    "unpack so many bytes for each byte of a file" },
	{ "password", 0, OPTION_WORDS, FIELD(password), "WORD", NULL, 0, 0,
	    "try this on encrypted archives; may be given again" },
	{ "hash", 0, OPTION_FLAG, FIELD(hash), NULL, NULL, 0, 0,
	    "compute the SHA-256 of clean files too (json)" },
	{ "no-cache", 0, OPTION_FLAG, FIELD(no_cache), NULL, NULL, 0, 0,
	    "look at all files, also at those that were clean and have not "
	    "changed since; and remember none" },
	{ "quarantine", 0, OPTION_FLAG, FIELD(quarantine), NULL, NULL, 0, 0,
	    "move what is infected away, into quarantine (candor quarantine "
	    "list shows it); never what belongs to a package" },
	{ "vault", 0, OPTION_WORD, FIELD(vault), "FOLDER", NULL, 0, 0,
	    "the quarantine to use (default: the machine's for root, else the "
	    "user's own)" },
	{ "report", 0, OPTION_WORD, FIELD(report), "FILE.html", NULL, 0, 0,
	    "write a page to look at" },
	{ "no-progress", 0, OPTION_FLAG, FIELD(no_progress), NULL, NULL, 0, 0,
	    "no progress line (it is there when standard error is a "
	    "terminal)" },
	{ "no-summary", 0, OPTION_FLAG, FIELD(no_summary), NULL, NULL, 0, 0,
	    "no summary at the end (text and clamscan)" },
	{ "recursive", 'r', OPTION_FLAG, FIELD(recursive), NULL, NULL, 0, 0,
	    "changes nothing: folders are always walked" },
};

static const struct printer *const printer_of[] = { &print_text,
	&print_clamscan, &print_json, &print_sarif };

/* Where results go: the chosen form, and the report if there is one. */
struct sink {
	const struct printer *printer;
	struct output output;
	struct report *report;
	struct vaulting *vaulting;
	struct scan *scan; /* that ends when nobody hears it; or NULL */
	unsigned format;
};

/* Has whoever read what is printed gone away, as in "| head"? */
static bool
is_unheard(const struct output *o)
{
	struct pollfd reader = { .fd = fileno(o->to) };

	return ferror(o->to) != 0 && poll(&reader, 1, 0) == 1 &&
	    (reader.revents & POLLERR) != 0;
}

static void
hear_file(void *ctx, const struct result *r)
{
	struct sink *sink = ctx;
	const char *moved = NULL;

	sink->printer->file(&sink->output, r);
	if (sink->vaulting != NULL)
		moved = vaulting_file(sink->vaulting, &sink->output,
		    sink->format, r);
	if (sink->report != NULL)
		report_file(sink->report, r, moved);
	if (sink->scan != NULL && is_unheard(&sink->output))
		sink->scan->is_unwanted = true;
}

/* Open what is printed to; false after saying why. */
static bool
open_sink(const struct config *c, const struct databases *d, struct sink *out)
{
	struct output *o = &out->output;

	out->format = c->format;
	out->printer = printer_of[c->format];
	o->to = stdout;
	o->databases = d;
	if (c->output != NULL && strcmp(c->output, "-") != 0)
		o->to = fopen(c->output, "we");
	if (o->to == NULL) {
		fprintf(stderr, "candor: cannot write %s: %s\n", c->output,
		    strerror(errno));
		return false;
	}
	o->is_terminal = isatty(fileno(o->to)) == 1;
	o->has_color = o->is_terminal && getenv("NO_COLOR") == NULL;
	o->is_short = c->infected;
	o->has_summary = !c->no_summary;
	o->is_first_only = !c->all_matches;
	if (c->report != NULL)
		out->report = report_open(c->report, d);
	return c->report == NULL || out->report != NULL;
}

/* Everything printed has to arrive; false after saying what did not. */
static bool
close_sink(struct sink *sink, const struct totals *t)
{
	bool is_ours = sink->output.to != stdout;
	bool is_fine;

	sink->printer->end(&sink->output, t);
	is_fine = fflush(sink->output.to) == 0 && ferror(sink->output.to) == 0;
	if (is_ours && fclose(sink->output.to) != 0)
		is_fine = false;
	/* Of standard output main.c says so. */
	if (!is_fine && is_ours)
		fprintf(stderr, "candor: the output could not be written\n");
	if (sink->report != NULL && !report_close(&sink->report, t))
		is_fine = false;
	return is_fine;
}

/* What is wanted of each file: only JSON shows the SHA-256 of one in which
   nothing was found. */
static uint32_t
scan_flags(const struct config *c)
{
	return SCAN_SAY_BYTES | (c->all_matches ? SCAN_ALL_MATCHES : 0) |
	    (c->hash ? SCAN_HASH : 0) |
	    (c->format == FORM_JSON ? SCAN_HASH_GAPS : 0);
}

static void
configure(const struct config *c, const struct databases *d, struct sink *sink,
    struct scan *out)
{
	out->databases = d;
	out->walk = (struct walk_options){
		.one_file_system = c->one_file_system,
		.exclude = c->exclude,
		.include = c->include,
	};
	out->password = c->password;
	out->flags = scan_flags(c);
	out->limits = (struct limits){
		.max_object_size = c->object_size,
		.max_total = c->total,
		.max_depth = (uint32_t)c->depth,
		.max_objects = (uint32_t)c->objects,
		.max_ratio = (uint32_t)c->ratio,
	};
	out->deadline_ms = c->milliseconds;
	out->jobs = (unsigned)c->jobs;
	out->stream_max = c->object_size;
	out->in_order = sink->printer->in_order || sink->report != NULL;
	/* What is remembered has no SHA-256, and passwords are written
	   nowhere, not even hashed.  Nor does it tell what candord excludes. */
	out->may_remember =
	    !c->no_cache && !c->daemon && !c->hash && c->password.count == 0;
	out->has_progress = !c->no_progress && isatty(2) == 1;
	out->wants_stamp = c->quarantine;
	/* A page is read later, and what is infected goes away all the same. */
	sink->scan = c->report == NULL && !c->quarantine ? out : NULL;
	out->file = hear_file;
	out->ctx = sink;
}

/* Scan with databases that are open. */
static int
scan_with(const struct config *c, const struct databases *d, struct scan *scan)
{
	struct sink sink = { 0 };
	struct why why = { 0 };
	bool done;

	if (!targets_may_print(c->output, c->report, &scan->path, &why)) {
		print_why(&why);
		return EXIT_TROUBLE;
	}
	if (!open_sink(c, d, &sink))
		return EXIT_TROUBLE;
	if (c->quarantine &&
	    (sink.vaulting = vaulting_open(c->vault, &why)) == NULL) {
		print_why(&why);
		return EXIT_TROUBLE;
	}
	configure(c, d, &sink, scan);
	sink.printer->begin(&sink.output);
	done = scan_run(scan, &why);
	if (!done) {
		/* The walk was cut short: nothing here may look complete. */
		print_why(&why);
		scan->totals.is_interrupted = true;
	}
	if (!close_sink(&sink, &scan->totals))
		done = false;
	vaulting_close(&sink.vaulting);
	if (!done && totals_exit(&scan->totals) == EXIT_CLEAN)
		return EXIT_TROUBLE;
	return totals_exit(&scan->totals);
}

/* The paths to look at, from the command line and from lists. */
static bool
read_paths(const struct config *c, int argc, char **argv, struct buf *list,
    struct words *out, struct why *why)
{
	int i;

	for (i = 0; i < argc; i++)
		words_add(out, argv[i]);
	return c->files_from == NULL ||
	    files_from(c->files_from, list, out, why);
}

/* Was something asked for that is not for a client of candord to say? */
static bool
is_daemons(const struct config *c)
{
	return c->database.count > 0 || c->password.count > 0 || c->jobs > 0 ||
	    c->object_size > 0 || c->total > 0 || c->depth > 0 ||
	    c->objects > 0 || c->ratio > 0;
}

/* Ours, or those of the daemon that is to look. */
static bool
open_databases(const struct config *c, struct databases *d, struct scan *scan,
    struct why *why)
{
	if (!c->daemon)
		return databases_open(d, &c->database, why);
	scan->remote =
	    remote_open(c->socket != NULL ? c->socket : REMOTE_SOCKET, d, why);
	return scan->remote != NULL;
}

static int
cmd_scan_run(const struct command *self, int argc, char **argv)
{
	struct config c = { .milliseconds = SECONDS_DEFAULT * 1000 };
	struct databases *d;
	struct scan scan = { 0 };
	struct why why = { 0 };
	struct buf list = { 0 };
	int rest = 0, code = EXIT_TROUBLE;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (rest == argc && c.files_from == NULL)
		return options_complain(self, "nothing to scan was named");
	if (c.daemon && is_daemons(&c))
		return options_complain(self,
		    "databases, limits and passwords of candord are in its "
		    "configuration: leave out --db, --max-..., --password and "
		    "--jobs");
	d = buf_alloc(1, sizeof(*d));
	if (read_paths(&c, argc - rest, argv + rest, &list, &scan.path, &why) &&
	    open_databases(&c, d, &scan, &why))
		code = scan_with(&c, d, &scan);
	else
		print_why(&why);
	remote_close(&scan.remote);
	databases_close(d);
	free(d);
	buf_free(&list);
	free(scan.path.word);
	options_free(self, &c);
	return code;
}

const struct command scan_command = {
	.name = "scan",
	.arguments = "PATH... | -",
	.summary = "Look for malware in files and folders",
	.details = "Folders are walked, links in them are not followed; - is "
		   "standard input. Exit code: 0 all clean, 1 something "
		   "found, 2 an error or something that could not be looked "
		   "at, 64 wrong usage.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = cmd_scan_run,
};
