/*
 * ban_list.c - candor ban list: which bans there are, and their words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/ban_data.h"
#include "cmd/candor/ban_print.h"
#include "cmd/candor/commands.h"
#include "cmd/candor/human.h"

#include <string.h>

struct config {
	const char *data;
	bool words, json;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row options[] = {
	{ "words", 0, OPTION_FLAG, FIELD(words), NULL, NULL, 0, 0,
	    "the words that candor ban check understands, instead" },
	{ "data", 0, OPTION_WORD, FIELD(data), "FOLDER", NULL, 0, 0,
	    "data files to use" },
	{ "json", 0, OPTION_FLAG, FIELD(json), NULL, NULL, 0, 0,
	    "print a JSON object a line" },
};

/* --- instruments ---------------------------------------------------------- */

static void
print_instrument(const json_t *one)
{
	struct buf b = { 0 };

	printf("  %-16s ", policy_text(one, "id"));
	buf_text(&b, policy_text(one, "since"));
	buf_text(&b, "  ");
	buf_text(&b, policy_text(one, "title"));
	if (!json_is_true(json_object_get(one, "binding")))
		buf_text(&b, " (binds nobody)");
	if (policy_is_unconfirmed(one))
		buf_text(&b, " (unconfirmed)");
	buf_byte(&b, '\0');
	ban_print_wrapped(stdout, 19, b.bytes);
	buf_free(&b);
}

static void
list_instruments(const struct policy *ban, bool json)
{
	const json_t *list = json_object_get(ban->root, "instruments"), *one;
	size_t rules = json_array_size(json_object_get(ban->root, "rules"));
	size_t i;

	if (!json) {
		printf("%s: ", policy_text(ban->root, "id"));
		ban_print_wrapped(stdout, 4, policy_text(ban->root, "title"));
		printf("  as of %s, %zu instrument%s, %zu rule%s\n\n",
		    policy_text(ban->root, "as_of"), json_array_size(list),
		    human_s(json_array_size(list)), rules, human_s(rules));
	}
	json_array_foreach(list, i, one)
	{
		json_t *record;

		if (!json) {
			print_instrument(one);
			continue;
		}
		record = ban_print_record(ban, one);
		json_object_set_new(record, "type",
		    json_string("ban_instrument"));
		json_object_set_new(record, "ban",
		    json_string(policy_text(ban->root, "id")));
		ban_print_object(record);
	}
	if (!json)
		putchar('\n');
}

/* --- words ---------------------------------------------------------------- */

static void
print_word(const char *term, const json_t *word)
{
	const json_t *also = json_object_get(word, "also"), *one;
	struct buf b = { 0 };
	size_t i;

	printf("    %s\n        ", term);
	buf_text(&b, policy_text(word, "means"));
	json_array_foreach(also, i, one)
	{
		buf_text(&b, i == 0 ? "; also: " : ", ");
		buf_text(&b, json_string_value(one));
	}
	buf_byte(&b, '\0');
	ban_print_wrapped(stdout, 8, b.bytes);
	buf_free(&b);
}

static void
list_words(const struct policy *ban, bool json)
{
	json_t *kinds = json_object_get(ban->root, "words"), *words, *word;
	const char *kind, *term;

	if (!json)
		printf("%s\n", policy_text(ban->root, "id"));
	json_object_foreach(kinds, kind, words)
	{
		if (!json)
			printf("  %s\n", kind);
		json_object_foreach(words, term, word)
		{
			json_t *o;

			if (!json) {
				print_word(term, word);
				continue;
			}
			o = json_deep_copy(word);
			json_object_set_new(o, "type", json_string("ban_word"));
			json_object_set_new(o, "ban",
			    json_string(policy_text(ban->root, "id")));
			json_object_set_new(o, "kind", json_string(kind));
			json_object_set_new(o, "word", json_string(term));
			ban_print_object(o);
		}
	}
}

static int
run(const struct command *self, int argc, char **argv)
{
	struct config c = { 0 };
	struct ban_files files;
	int rest = 0;
	enum options_end end = options_parse(self, &c, argc, argv, &rest);
	size_t i;

	if (end != OPTIONS_GO)
		return end == OPTIONS_DONE ? EXIT_CLEAN : EXIT_USAGE;
	if (rest != argc)
		return options_complain(self, "no argument is wanted");
	if (!ban_data_open(c.data, &files))
		return EXIT_TROUBLE;
	for (i = 0; i < files.good_count; i++)
		if (c.words)
			list_words(&files.good[i], c.json);
		else
			list_instruments(&files.good[i], c.json);
	if (!c.json)
		ban_print_wrapped(stdout, 0,
		    ban_print_disclaimer(files.good, files.good_count));
	ban_data_close(&files);
	return fflush(stdout) == 0 ? EXIT_CLEAN : EXIT_TROUBLE;
}

const struct command ban_list_command = {
	.name = "ban list",
	.arguments = "",
	.summary = "List the bans there are data of, and their instruments",
	.option = options,
	.option_count = sizeof(options) / sizeof(options[0]),
	.run = run,
};
