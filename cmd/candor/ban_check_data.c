/*
 * ban_check_data.c - candor ban check-data: are the data files good?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_data.h"
#include "cmd/candor/ban_footprints.h"
#include "cmd/candor/ban_print.h"
#include "cmd/candor/commands.h"
#include "cmd/candor/escape.h"
#include "cmd/candor/print.h"

#include <string.h>

struct config {
	bool json;
	size_t complaints;
};

static const struct option_row options[] = {
	{ "json", 0, OPTION_FLAG, offsetof(struct config, json), NULL, NULL, 0,
	    0, "print a JSON object a line" },
};

static void
complain(void *self, const char *path, const char *where, const char *what)
{
	struct config *c = self;

	c->complaints++;
	if (c->json) {
		ban_print_object(json_pack("{s:s, s:o, s:o, s:o}", "type",
		    "ban_complaint", "path", ban_print_string(path), "where",
		    ban_print_string(where), "what", ban_print_string(what)));
		return;
	}
	escape_text(stdout, path, strlen(path));
	fputs(where[0] != '\0' ? ": " : "", stdout);
	escape_text(stdout, where, strlen(where));
	fputs(": ", stdout);
	escape_text(stdout, what, strlen(what));
	putchar('\n');
}

static void
print_counts(const struct ban_file *f, const struct config *c)
{
	static const char *const lists[] = { "instruments", "rules",
		"exemptions", "penalties", "events", "entities", "persons" };
	json_t *counts = json_object();
	size_t i;

	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		json_object_set_new(counts, lists[i],
		    json_integer((json_int_t)
			    json_array_size(json_object_get(f->policy.root,
				lists[i]))));
	if (c->json) {
		ban_print_object(json_pack("{s:s, s:o, s:s, s:O}", "type",
		    "ban_data", "path", ban_print_string(f->path), "ban",
		    policy_text(f->policy.root, "id"), "counts", counts));
	} else {
		escape_text(stdout, f->path, strlen(f->path));
		printf(": good: %" JSON_INTEGER_FORMAT
		       " instruments, %" JSON_INTEGER_FORMAT " rules\n",
		    json_integer_value(json_object_get(counts, "instruments")),
		    json_integer_value(json_object_get(counts, "rules")));
	}
	json_decref(counts);
}

static void
print_signs(const struct ban_footprints *f, size_t at, const struct config *c)
{
	const json_t *products = json_object_get(f->file[at].root, "products");
	const json_t *one;
	size_t signs = 0, i;

	json_array_foreach(products, i, one) signs +=
	    json_array_size(json_object_get(one, "signs"));
	if (c->json) {
		ban_print_object(json_pack("{s:s, s:o, s:O, s:{s:I, s:I}}",
		    "type", "ban_data", "path", ban_print_string(f->path[at]),
		    "footprint", json_object_get(f->file[at].root, "id"),
		    "counts", "products", (json_int_t)json_array_size(products),
		    "signs", (json_int_t)signs));
		return;
	}
	escape_text(stdout, f->path[at], strlen(f->path[at]));
	printf(": good: %zu products, %zu signs\n", json_array_size(products),
	    signs);
}

static bool
check_policies(const char *data, struct config *c)
{
	struct buf folder = { 0 };
	struct why why = { 0 };
	struct ban_files files;
	bool good;
	size_t i;

	ban_data_folder(data, "policy", &folder);
	good = ban_data_load(folder.bytes, &files, complain, c, &why);
	for (i = 0; i < files.count; i++)
		if (files.one[i].policy.root != NULL)
			print_counts(&files.one[i], c);
	if (!good)
		print_why(&why);
	buf_free(&folder);
	ban_data_close(&files);
	return good;
}

static bool
check_footprints(const char *data, struct config *c)
{
	struct buf folder = { 0 };
	struct why why = { 0 };
	struct ban_footprints files;
	bool good;
	size_t i;

	ban_data_folder(data, "footprint", &folder);
	good = ban_footprints_load(folder.bytes, &files, complain, c, &why);
	for (i = 0; i < files.count; i++)
		print_signs(&files, i, c);
	if (!good)
		print_why(&why);
	buf_free(&folder);
	ban_footprints_close(&files);
	return good;
}

/* A folder without folders of its kinds is one of bans. */
static bool
has_footprints(const char *data)
{
	struct buf folder = { 0 };
	bool has;

	ban_data_folder(data, "footprint", &folder);
	has = data == NULL || strcmp(folder.bytes, data) != 0;
	buf_free(&folder);
	return has;
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	const char *data;
	bool good;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (argc - rest > 1)
		return options_complain(self, "what is wanted is [FOLDER]");
	data = rest < argc ? argv[rest] : NULL;
	good = check_policies(data, &c);
	if (has_footprints(data))
		good = check_footprints(data, &c) && good;
	if (!good || fflush(stdout) != 0)
		return EXIT_TROUBLE;
	return c.complaints == 0 ? EXIT_CLEAN : EXIT_FOUND;
}

const struct command ban_check_data_command = {
	.name = "ban check-data",
	.arguments = "[FOLDER]",
	.summary =
	    "Check the data files of bans and footprints against their schemas",
	.details = "Exit code: 0 all good, 1 something is wrong, 2 a folder "
		   "could not be read, 64 wrong usage.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
