/*
 * ban_scan.c - candor ban scan: is a banned product here, or what is left of
 * one?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_footprints.h"
#include "cmd/candor/ban_look.h"
#include "cmd/candor/ban_report.h"
#include "cmd/candor/commands.h"
#include "cmd/candor/escape.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

struct config {
	const char *root, *page, *data;
	bool everywhere;
	unsigned format;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "root", 0, OPTION_WORD, FIELD(root), "FOLDER", NULL, 0, 0,
	    "look at a system mounted or unpacked there (Linux, Windows, "
	    "macOS), not at this machine" },
	{ "everywhere", 0, OPTION_FLAG, FIELD(everywhere), NULL, NULL, 0, 0,
	    "look at the names of all files of this machine, not only where "
	    "products are installed" },
	{ "format", 0, OPTION_CHOICE, FIELD(format), "FORM", BAN_REPORT_FORMS,
	    0, 0, "how to print what was found (default: text)" },
	{ "report", 0, OPTION_WORD, FIELD(page), "FILE", NULL, 0, 0,
	    "write a page of it there, too (HTML, one file)" },
	{ "data", 0, OPTION_WORD, FIELD(data), "FOLDER", NULL, 0, 0,
	    "data files to use" },
};

static int
open_root(const char *path)
{
	int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd == -1) {
		fputs("candor: ", stderr);
		escape_text(stderr, path, strlen(path));
		fprintf(stderr, ": %s\n", strerror(errno));
	}
	return fd;
}

/* A Windows keeps what is installed in files that are not read. */
static void
look_for_hives(int root, struct ban_seen *seen)
{
	static const char *const hive[] = {
		"Windows/System32/config/SOFTWARE",
		"Windows/System32/config/SYSTEM",
	};
	size_t i;

	for (i = 0; i < sizeof(hive) / sizeof(hive[0]); i++)
		if (faccessat(root, hive[i], F_OK, AT_SYMLINK_NOFOLLOW) == 0)
			ban_seen_blind(seen, hive[i],
			    "the registry is not read; files were looked at");
}

static json_t *
look(const struct config *c, int root, const struct footprint_set *set)
{
	struct ban_seen seen;
	json_t *report;

	ban_seen_open(set, &seen);
	ban_look_lists(root, &seen);
	ban_look_tree(root, c->root != NULL || c->everywhere, &seen);
	if (c->root == NULL)
		ban_look_running(&seen);
	else
		look_for_hives(root, &seen);
	report = ban_seen_report(&seen, c->root == NULL ? "machine" : "tree",
	    c->root == NULL ? "this machine" : c->root);
	ban_seen_close(&seen);
	return report;
}

static int
tell(const struct config *c, const json_t *report)
{
	int code = ban_report_exit(report);

	ban_report_print(report, (enum ban_report_form)c->format, stdout);
	if (c->page != NULL && !ban_report_write_page(report, c->page))
		code = EXIT_TROUBLE;
	return fflush(stdout) == 0 ? code : EXIT_TROUBLE;
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	struct ban_footprints data;
	json_t *report;
	int rest = 0, root, code;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (rest != argc)
		return options_complain(self, "no arguments are wanted");
	if (c.root != NULL && c.everywhere)
		return options_complain(self,
		    "--root looks everywhere below it");
	root = open_root(c.root != NULL ? c.root : "/");
	if (root == -1)
		return EXIT_TROUBLE;
	if (!ban_footprints_open(c.data, &data)) {
		close(root);
		return EXIT_TROUBLE;
	}
	report = look(&c, root, &data.set);
	close(root);
	code = tell(&c, report);
	json_decref(report);
	ban_footprints_close(&data);
	return code;
}

const struct command ban_scan_command = {
	.name = "ban scan",
	.arguments = "",
	.summary = "Look for a banned product, and for what is left of one",
	.details =
	    "Nothing is changed or sent. Exit code: 0 nothing found, 1 "
	    "something found, 2 nothing found but something could not be "
	    "seen (or another failure), 64 wrong usage.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
