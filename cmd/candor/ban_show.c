/*
 * ban_show.c - candor ban show: everything about a ban, an instrument, a rule,
 * a penalty, a listed name, by its id.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_data.h"
#include "cmd/candor/ban_print.h"
#include "cmd/candor/commands.h"
#include "cmd/candor/escape.h"

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
	    "print a JSON object a line" },
};

static const char *const lists[] = { "instruments", "rules", "exemptions",
	"penalties", "entities", "persons", "not_listed" };

/* What belongs to an instrument and is shown with it. */
static const char *const parts[] = { "rules", "exemptions", "penalties" };

/* --- text ----------------------------------------------------------------- */

/* A list of texts, or one, as "a, b"; nothing for what is neither. */
static void
add_value(struct buf *b, const json_t *value)
{
	const json_t *one;
	size_t i;
	char room[32];

	if (json_is_string(value))
		buf_text(b, json_string_value(value));
	if (json_is_boolean(value))
		buf_text(b, json_is_true(value) ? "yes" : "no");
	if (json_is_integer(value)) {
		snprintf(room, sizeof(room), "%" JSON_INTEGER_FORMAT,
		    json_integer_value(value));
		buf_text(b, room);
	}
	json_array_foreach(value, i, one)
	{
		buf_text(b, i > 0 ? ", " : "");
		buf_text(b, json_string_value(one));
	}
}

static void
print_field(int indent, const char *name, json_t *value)
{
	struct buf b = { 0 };
	const char *key;
	json_t *one;
	char label[40];

	add_value(&b, value);
	json_object_foreach(value, key, one)
	{
		buf_text(&b, b.size > 0 ? "; " : "");
		buf_text(&b, key);
		buf_text(&b, " is ");
		add_value(&b, one);
	}
	buf_byte(&b, '\0');
	snprintf(label, sizeof(label), "%-13s", name);
	ban_print_labelled(stdout, indent, label, b.bytes);
	buf_free(&b);
}

static void
print_record(const struct policy *ban, json_t *record, int indent)
{
	static const char *const elsewhere[] = { "id", "source", "confidence",
		"note" };
	const char *key;
	json_t *value;
	size_t i;

	printf("%*s%s\n", indent, "", policy_text(record, "id"));
	json_object_foreach(record, key, value)
	{
		bool is_shown = true;

		for (i = 0; i < sizeof(elsewhere) / sizeof(elsewhere[0]); i++)
			is_shown = is_shown && strcmp(key, elsewhere[i]) != 0;
		if (is_shown)
			print_field(indent + 2, key, value);
	}
	ban_print_sources(stdout, indent + 2, ban, record);
	putchar('\n');
}

/* --- what belongs together ------------------------------------------------ */

static void
show_record(const struct policy *ban, json_t *record, const char *list,
    const struct config *c)
{
	json_t *o;

	if (!c->json) {
		print_record(ban, record, 0);
		return;
	}
	o = ban_print_record(ban, record);
	json_object_set_new(o, "type", json_string("ban_record"));
	json_object_set_new(o, "list", json_string(list));
	json_object_set_new(o, "ban",
	    json_string(policy_text(ban->root, "id")));
	ban_print_object(o);
}

static void
show_parts(const struct policy *ban, const char *id, const struct config *c)
{
	size_t i, k;

	for (k = 0; k < sizeof(parts) / sizeof(parts[0]); k++) {
		const json_t *list = json_object_get(ban->root, parts[k]);
		json_t *one;

		json_array_foreach(list, i,
		    one) if (strcmp(policy_text(one, "instrument"), id) == 0)
		    show_record(ban, one, parts[k], c);
	}
}

static void
show_ban(const struct policy *ban, const struct config *c)
{
	const json_t *list = json_object_get(ban->root, "instruments");
	json_t *one;
	size_t i;

	if (c->json) {
		json_t *o = json_deep_copy(ban->root);

		json_object_set_new(o, "type", json_string("ban"));
		ban_print_object(o);
		return;
	}
	printf("%s\n  ", policy_text(ban->root, "id"));
	ban_print_wrapped(stdout, 2, policy_text(ban->root, "title"));
	printf("  as of %s\n\n", policy_text(ban->root, "as_of"));
	json_array_foreach(list, i, one)
	{
		show_record(ban, one, "instruments", c);
		show_parts(ban, policy_text(one, "id"), c);
	}
}

/* Is the id one of this ban's?  Then show it. */
static bool
show(const struct policy *ban, const char *id, const struct config *c)
{
	size_t i;

	if (policy_same_word(id, policy_text(ban->root, "id"))) {
		show_ban(ban, c);
		return true;
	}
	for (i = 0; i < sizeof(lists) / sizeof(lists[0]); i++) {
		json_t *record = policy_find(ban, lists[i], id);

		if (record == NULL)
			continue;
		show_record(ban, record, lists[i], c);
		if (i == 0)
			show_parts(ban, id, c);
		return true;
	}
	return false;
}

static int
show_all(const struct ban_files *files, const struct config *c, int count,
    char **id)
{
	int code = EXIT_CLEAN, k;
	size_t i;

	for (k = 0; k < count; k++) {
		bool is_found = false;

		for (i = 0; i < files->good_count; i++)
			is_found = show(&files->good[i], id[k], c) || is_found;
		if (is_found)
			continue;
		fputs("candor: nothing has the id ", stderr);
		escape_text(stderr, id[k], strlen(id[k]));
		fputs("; candor ban list has those of instruments\n", stderr);
		code = EXIT_TROUBLE;
	}
	if (!c->json)
		ban_print_wrapped(stdout, 0,
		    ban_print_disclaimer(files->good, files->good_count));
	return code;
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	struct ban_files files;
	int rest = 0, code;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (rest == argc)
		return options_complain(self, "what is wanted is ID...");
	if (!ban_data_open(c.data, &files))
		return EXIT_TROUBLE;
	code = show_all(&files, &c, argc - rest, argv + rest);
	ban_data_close(&files);
	return fflush(stdout) == 0 ? code : EXIT_TROUBLE;
}

const struct command ban_show_command = {
	.name = "ban show",
	.arguments = "ID...",
	.summary = "Show a ban, an instrument, a rule or a listed name",
	.details = "An instrument is shown with its rules, exemptions and "
		   "penalties. Exit code: 2 if nothing has that id.",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
