/*
 * ban_screen.c - candor ban screen: is somebody on a list?
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_data.h"
#include "cmd/candor/ban_print.h"
#include "cmd/candor/commands.h"
#include "cmd/candor/escape.h"
#include "lib/ban/screen.h"

#include <string.h>

struct config {
	const char *data;
	bool json;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "data", 0, OPTION_WORD, FIELD(data), "FOLDER", NULL, 0, 0,
	    "data files to use" },
	{ "json", 0, OPTION_FLAG, FIELD(json), NULL, NULL, 0, 0,
	    "print a JSON object for each name" },
};

/* What was found about a name. */
struct screening {
	const struct config *config;
	const char *name;
	enum screen_grade best;
	json_t *found; /* array, for --json */
};

static const char *
grade_word(enum screen_grade g)
{
	static const char *const words[] = {
		[SCREEN_NO] = "no match",
		[SCREEN_POSSIBLE] = "possible",
		[SCREEN_MATCH] = "match",
	};

	return words[g];
}

static const char *
list_word(const char *list)
{
	if (strcmp(list, "persons") == 0)
		return "person";
	return strcmp(list, "entities") == 0 ? "entity" : "not listed";
}

/* --- one record ----------------------------------------------------------- */

static void
print_lists(const struct policy *ban, const json_t *record)
{
	const json_t *lists = json_object_get(record, "lists"), *one;
	size_t i;

	json_array_foreach(lists, i, one)
	{
		const json_t *instrument =
		    policy_find(ban, "instruments", json_string_value(one));
		struct buf b = { 0 };

		buf_text(&b, json_string_value(one));
		buf_text(&b, ", since ");
		buf_text(&b, policy_text(instrument, "since"));
		buf_text(&b, ": ");
		buf_text(&b, policy_text(instrument, "title"));
		buf_byte(&b, '\0');
		ban_print_labelled(stdout, 12, "Listed by", b.bytes);
		buf_free(&b);
	}
}

static void
tell(struct screening *s, const struct policy *ban, const json_t *record,
    const char *list, enum screen_grade grade)
{
	const char *name = policy_text(record, "name");
	json_t *o;

	if (s->config->json) {
		o = ban_print_record(ban, record);
		json_object_set_new(o, "grade", json_string(grade_word(grade)));
		json_object_set_new(o, "list", json_string(list));
		json_object_set_new(o, "ban",
		    json_string(policy_text(ban->root, "id")));
		json_array_append_new(s->found, o);
		return;
	}
	printf("  %-9s ", grade_word(grade));
	escape_text(stdout, name, strlen(name));
	printf(" (%s)\n", list_word(list));
	print_lists(ban, record);
	ban_print_sources(stdout, 12, ban, record);
}

/* --- one name ------------------------------------------------------------- */

static void
screen_list(struct screening *s, const struct policy *ban, const char *list,
    enum screen_grade wanted)
{
	const json_t *records = json_object_get(ban->root, list), *one;
	bool is_people = strcmp(list, "entities") != 0;
	bool is_cleared = strcmp(list, "not_listed") == 0;
	size_t i;

	json_array_foreach(records, i, one)
	{
		enum screen_grade grade =
		    screen_record(s->name, one, is_people);

		if (grade != wanted)
			continue;
		tell(s, ban, one, list, grade);
		if (!is_cleared && grade > s->best)
			s->best = grade;
	}
}

/* A person who is said not to be listed is not the company of that name. */
static void
screen_ban(struct screening *s, const struct policy *ban)
{
	screen_list(s, ban, "not_listed", SCREEN_MATCH);
	if (screen_is_cleared(ban, s->name))
		return;
	screen_list(s, ban, "entities", SCREEN_MATCH);
	screen_list(s, ban, "persons", SCREEN_MATCH);
	screen_list(s, ban, "entities", SCREEN_POSSIBLE);
	screen_list(s, ban, "persons", SCREEN_POSSIBLE);
}

static enum screen_grade
screen_name(const struct ban_files *files, const struct config *c,
    const char *name)
{
	struct screening s = { c, name, SCREEN_NO, json_array() };
	json_t *o;
	size_t i;

	if (!c->json) {
		escape_text(stdout, name, strlen(name));
		puts(":");
	}
	for (i = 0; i < files->good_count; i++)
		screen_ban(&s, &files->good[i]);
	if (c->json) {
		o = json_pack("{s:s, s:o, s:s, s:O}", "type", "ban_screen",
		    "name", ban_print_string(name), "grade", grade_word(s.best),
		    "found", s.found);
		ban_print_object(o);
	} else if (s.best == SCREEN_NO)
		puts("  no match  on the lists there are data of");
	json_decref(s.found);
	return s.best;
}

static int
screen_all(const struct ban_files *files, const struct config *c, int count,
    char **name)
{
	enum screen_grade best = SCREEN_NO, grade;
	int i;

	for (i = 0; i < count; i++) {
		grade = screen_name(files, c, name[i]);
		if (grade > best)
			best = grade;
	}
	if (!c->json)
		ban_print_wrapped(stdout, 0,
		    ban_print_disclaimer(files->good, files->good_count));
	if (best == SCREEN_MATCH)
		return EXIT_FOUND;
	return best == SCREEN_POSSIBLE ? EXIT_TROUBLE : EXIT_CLEAN;
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	struct ban_files files;
	int rest = 0, code, i;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (rest == argc)
		return options_complain(self, "what is wanted is NAME...");
	for (i = rest; i < argc; i++)
		if (argv[i][0] == '\0' || strlen(argv[i]) > SCREEN_NAME_MAX)
			return options_complain(self,
			    "a name has 1 to %u bytes", SCREEN_NAME_MAX);
	if (!ban_data_open(c.data, &files))
		return EXIT_TROUBLE;
	code = screen_all(&files, &c, argc - rest, argv + rest);
	ban_data_close(&files);
	return fflush(stdout) == 0 ? code : EXIT_TROUBLE;
}

const struct command ban_screen_command = {
	.name = "ban screen",
	.arguments = "NAME...",
	.summary = "Look for names among listed companies and persons",
	.details =
	    "Ways of writing Cyrillic, initials, the order of names and legal "
	    "forms do not matter. Exit code: 0 no match, 1 a match, 2 a "
	    "possible one for a person to look at (or a file could not be "
	    "read), 64 wrong usage.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
