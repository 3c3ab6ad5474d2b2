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
	struct words file, inventory, log;
	bool everywhere, contents, embeds;
	unsigned format;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "root", 0, OPTION_WORD, FIELD(root), "FOLDER", NULL, 0, 0,
	    "look at a system mounted or unpacked there (Linux, Windows, "
	    "macOS), not at this machine" },
	{ "file", 0, OPTION_WORDS, FIELD(file), "FILE", NULL, 0, 0,
	    "look into a file instead (an image of a disk, raw or qcow2; a "
	    "registry of Windows; a database of rpm; a program, an installer, "
	    "an app); "
	    "may be given again" },
	{ "inventory", 0, OPTION_WORDS, FIELD(inventory), "FILE", NULL, 0, 0,
	    "look at a list of what is installed instead (dpkg -l, rpm -qa, "
	    "CycloneDX or SPDX as JSON, osquery, CSV; - is standard input); "
	    "may be given again" },
	{ "log", 0, OPTION_WORDS, FIELD(log), "FILE", NULL, 0, 0,
	    "look at a log of DNS or a proxy instead; may be given again" },
	{ "everywhere", 0, OPTION_FLAG, FIELD(everywhere), NULL, NULL, 0, 0,
	    "look at the names of all files of this machine, not only where "
	    "products are installed" },
	{ "contents", 0, OPTION_FLAG, FIELD(contents), NULL, NULL, 0, 0,
	    "look into every file for who signed it and what stands in it, "
	    "not only into what is named like a sign or an installer (slow)" },
	{ "embeds", 0, OPTION_FLAG, FIELD(embeds), NULL, NULL, 0, 0,
	    "look at nothing: list products that hold or held a banned "
	    "engine, and how to find out" },
	{ "format", 0, OPTION_CHOICE, FIELD(format), "FORM", BAN_REPORT_FORMS,
	    0, 0,
	    "how to print what was found: text (default), json, csv, sarif or vex" },
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

static bool
is_given(const struct config *c)
{
	return c->file.count + c->inventory.count + c->log.count > 0;
}

static void
look_at_given(const struct config *c, struct ban_seen *seen)
{
	size_t i;

	for (i = 0; i < c->file.count; i++)
		ban_look_given_file(c->file.word[i], c->contents, seen);
	for (i = 0; i < c->inventory.count; i++)
		ban_look_inventory(c->inventory.word[i], seen);
	for (i = 0; i < c->log.count; i++)
		ban_look_log(c->log.word[i], seen);
}

static void
look_at_system(const struct config *c, int root, struct ban_seen *seen)
{
	const struct ban_place place = { root, NULL, 0, "" };
	struct ban_wanted wanted = { .set = seen->set,
		.is_every = c->contents };

	ban_look_lists(&place, seen);
	ban_look_tree(root, c->root != NULL || c->everywhere, seen, &wanted);
	ban_wanted_look(&wanted, &place, seen);
	if (c->root == NULL)
		ban_look_running(seen);
	ban_wanted_free(&wanted);
}

/* False: there is nothing to look at, and that was said. */
static bool
look(const struct config *c, const struct footprint_set *set, json_t **report)
{
	struct ban_seen seen;
	int root = -1;

	if (!is_given(c) &&
	    (root = open_root(c->root != NULL ? c->root : "/")) == -1)
		return false;
	ban_seen_open(set, &seen);
	if (is_given(c)) {
		look_at_given(c, &seen);
		*report = ban_seen_report(&seen, "given", "what was given");
	} else {
		look_at_system(c, root, &seen);
		*report =
		    ban_seen_report(&seen, c->root == NULL ? "machine" : "tree",
			c->root == NULL ? "this machine" : c->root);
		close(root);
	}
	ban_seen_close(&seen);
	return true;
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
scan(const struct config *c)
{
	struct ban_footprints data;
	json_t *report = NULL;
	int code = EXIT_TROUBLE;

	if (!ban_footprints_open(c->data, &data))
		return EXIT_TROUBLE;
	if (c->embeds) {
		ban_embeds_print(&data, c->format == BAN_REPORT_JSON);
		code = fflush(stdout) == 0 ? EXIT_CLEAN : EXIT_TROUBLE;
	} else if (look(c, &data.set, &report))
		code = tell(c, report);
	json_decref(report);
	ban_footprints_close(&data);
	return code;
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	int rest = 0, code;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		code = end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	else if (rest != argc)
		code = options_complain(self, "no arguments are wanted");
	else if (c.root != NULL && c.everywhere)
		code =
		    options_complain(self, "--root looks everywhere below it");
	else if (is_given(&c) && (c.root != NULL || c.everywhere))
		code = options_complain(self,
		    "--file, --inventory and --log take the place of a system");
	else if (c.embeds && c.format > BAN_REPORT_JSON)
		code = options_complain(self,
		    "--embeds has the forms text and json");
	else
		code = scan(&c);
	options_free(self, &c);
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
