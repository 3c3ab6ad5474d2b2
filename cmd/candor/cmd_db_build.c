/*
 * cmd_db_build.c - candor db build: signatures in, a database out.
 *
 * Opens the inputs, has the caged compiler read them, and puts what it wrote
 * in place.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/commands.h"

#include "cmd/candor/buf.h"
#include "cmd/candor/complaints.h"
#include "cmd/candor/inputs.h"
#include "cmd/candor/outfile.h"
#include "cmd/candor/print.h"
#include "cmd/candor/targets.h"
#include "lib/db/layout.h"
#include "proc/compiler/client.h"

#include <fcntl.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

struct config {
	const char *output;
	bool strict, quiet;
};

static const struct option_row options[] = {
	{ "output", 'o', OPTION_WORD, offsetof(struct config, output), "OUT",
	    NULL, 0, 0,
	    "write the database here, and its source texts to OUT.src" },
	{ "strict", 0, OPTION_FLAG, offsetof(struct config, strict), NULL, NULL,
	    0, 0,
	    "a bad or slow line is an error: nothing is written, exit 2" },
	{ "quiet", 'q', OPTION_FLAG, offsetof(struct config, quiet), NULL, NULL,
	    0, 0, "print no table" },
};

/* Give both files their names: the texts first, they belong to one id. */
static bool
commit(struct outfile *database, struct outfile *texts, struct why *why)
{
	return outfile_commit(texts, true, why) &&
	    outfile_commit(database, true, why);
}

/* Compile into files that have no name yet; say what was not taken. */
static int
compile(const struct config *c, const struct inputs *in,
    struct outfile *database, struct outfile *texts)
{
	struct compiler_job job = {
		.database_fd = database->fd,
		.texts_fd = texts->fd,
		.is_kept = true,
	};
	struct compiler_report report = { 0 };
	struct why why = { 0 };
	int code = EXIT_CLEAN;
	bool is_done;

	complaints_make_job(in, &job);
	is_done = compiler_run(&job, &report, &why);
	complaints_print(stderr, in, &report, SIZE_MAX, true);
	if (is_done && !c->quiet)
		complaints_table(stdout, &report);
	is_done = is_done && complaints_allow(&report, &why);
	if (is_done && c->strict && report.has_errors)
		is_done = why_not(&why, WHY_BROKEN,
		    "there are bad lines, and --strict: %s was not written",
		    c->output);
	if (is_done && c->strict && report.has_warnings)
		is_done = why_not(&why, WHY_BROKEN,
		    "there are warnings, and --strict: %s was not written",
		    c->output);
	if (!is_done || !commit(database, texts, &why)) {
		print_why(&why);
		code = EXIT_TROUBLE;
	}
	complaints_free_job(&job);
	compiler_report_free(&report);
	return code;
}

/* Open what is written to, and compile. */
static int
build(const struct config *c, const struct inputs *in)
{
	struct outfile database = { .fd = -1 }, texts = { .fd = -1 };
	struct buf texts_name = { 0 };
	struct why why = { 0 };
	int code = EXIT_TROUBLE;

	buf_text(&texts_name, c->output);
	buf_text(&texts_name, ".src");
	if (targets_may_build(c->output, DB_MAGIC, in, &why) &&
	    targets_may_build(texts_name.bytes, DB_TEXTS_MAGIC, in, &why) &&
	    outfile_open(AT_FDCWD, c->output, 0644, &database, &why) &&
	    outfile_open(AT_FDCWD, texts_name.bytes, 0644, &texts, &why))
		code = compile(c, in, &database, &texts);
	else
		print_why(&why);
	outfile_close(&database);
	outfile_close(&texts);
	buf_free(&texts_name);
	return code;
}

/* Leave out databases a folder holds; is there anything left? */
static bool
has_texts(const struct inputs *in, struct why *why)
{
	size_t i;

	for (i = 0; i < in->count; i++)
		if (!in->one[i].is_compiled)
			return true;
	return why_not(why, WHY_BROKEN,
	    "there is nothing to compile: these are databases already");
}

static int
cmd_db_build_run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	struct inputs in = { 0 };
	struct why why = { 0 };
	int rest = 0, code = EXIT_TROUBLE;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	bool is_fine = true;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (c.output == NULL)
		return options_complain(self, "--output is wanted");
	if (rest == argc)
		return options_complain(self, "no input was named");
	for (; rest < argc && is_fine; rest++)
		is_fine = inputs_add(&in, argv[rest], &why);
	if (is_fine && has_texts(&in, &why))
		code = build(&c, &in);
	else
		print_why(&why);
	inputs_close(&in);
	if (fflush(stdout) != 0 || ferror(stdout) != 0)
		return EXIT_TROUBLE;
	return code;
}

const struct command db_build_command = {
	.name = "db build",
	.arguments = "-o OUT.cand INPUT...",
	.summary = "Compile signatures into a database",
	.details =
	    "INPUT is a file or folder of ClamAV signatures, CVDs or hash "
	    "lists. A line that is not well formed is reported with file, "
	    "line and column, and left out alone. The same inputs give the "
	    "same bytes.  OUT replaces a database or nothing: no input, and "
	    "no other file.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = cmd_db_build_run,
};
