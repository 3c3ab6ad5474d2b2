/*
 * cmd_explain.c - candor explain: why a file gets its verdict.
 *
 * The same scan as candor scan, told in full: every object, every signature
 * that matches and where it was written, and the bytes that matched.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/explain.h"
#include "cmd/candor/page.h"
#include "cmd/candor/print.h"
#include "cmd/candor/scan.h"

#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#define SECONDS_DEFAULT 300u

struct config {
	struct words database, password;
	const char *report;
	uint64_t milliseconds;
};

static const struct option_row options[] = {
	{ "db", 'd', OPTION_WORDS, offsetof(struct config, database),
	    "FILE_OR_DIR", NULL, 0, 0,
	    "use this database, as candor scan does; may be given again" },
	{ "password", 0, OPTION_WORDS, offsetof(struct config, password),
	    "WORD", NULL, 0, 0,
	    "try this on encrypted archives; may be given again" },
	{ "max-scan-time", 0, OPTION_SECONDS,
	    offsetof(struct config, milliseconds), "SECONDS", NULL, 0, 0,
	    "give up after so long (default: 300; 0: never)" },
	{ "report", 0, OPTION_WORD, offsetof(struct config, report),
	    "FILE.html", NULL, 0, 0, "write a page to look at as well" },
};

struct sink {
	struct databases *databases;
	const char *path;
	const char *report;
	bool is_fine;
};

static bool
write_page(const struct sink *sink, const struct explanation *e)
{
	FILE *to = fopen(sink->report, "we");

	if (to == NULL) {
		fprintf(stderr, "candor: cannot write %s: %s\n", sink->report,
		    strerror(errno));
		return false;
	}
	page_begin(to, "explanation", time(NULL));
	explain_page(to, e);
	return page_end(to);
}

static void
hear_file(void *ctx, const struct result *r)
{
	struct sink *sink = ctx;
	struct explanation e = {
		.result = r,
		.databases = sink->databases,
		.fd = -1,
	};

	/* To show what stands around a match; nothing is parsed. */
	if (r->kind == RESULT_SCANNED && strcmp(sink->path, "-") != 0)
		e.fd = open(sink->path,
		    O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	explain_text(stdout, &e);
	if (sink->report != NULL)
		sink->is_fine &= write_page(sink, &e);
	if (e.fd != -1)
		close(e.fd);
}

static int
explain_with(const struct config *c, struct databases *d, const char *path)
{
	struct sink sink = { d, path, c->report, true };
	struct scan scan = {
		.databases = d,
		.password = c->password,
		.flags = SCAN_SAY_BYTES | SCAN_EXPLAIN | SCAN_ALL_MATCHES |
		    SCAN_HASH,
		.deadline_ms = c->milliseconds,
		.jobs = 1,
		.file = hear_file,
		.ctx = &sink,
	};
	struct why why = { 0 };
	bool done;

	words_add(&scan.path, path);
	done = scan_run(&scan, &why);
	free(scan.path.word);
	if (!done)
		print_why(&why);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		sink.is_fine = false;
	if ((!done || !sink.is_fine) && totals_exit(&scan.totals) == EXIT_CLEAN)
		return EXIT_TROUBLE;
	return totals_exit(&scan.totals);
}

static int
cmd_explain_run(const struct command *self, int argc, char **argv)
{
	struct config c = { .milliseconds = SECONDS_DEFAULT * 1000 };
	struct databases *d;
	struct why why = { 0 };
	int rest = 0, code = EXIT_TROUBLE;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	struct stat s;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (argc - rest != 1)
		return options_complain(self, "one file is wanted");
	if (stat(argv[rest], &s) == 0 && S_ISDIR(s.st_mode))
		return options_complain(self, "%s is a folder; name a file",
		    argv[rest]);
	d = buf_alloc(1, sizeof(*d));
	if (databases_open(d, &c.database, &why))
		code = explain_with(&c, d, argv[rest]);
	else
		print_why(&why);
	databases_close(d);
	free(d);
	options_free(self, &c);
	return code;
}

const struct command explain_command = {
	.name = "explain",
	.arguments = "PATH | -",
	.summary = "Show why a file gets its verdict",
	.details = "Every signature that matches, with its source text and "
		   "where that stands, the bytes it matched, and the walk of "
		   "the file: each object in it, and what was not looked at. "
		   "Exit code as candor scan.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = cmd_explain_run,
};
