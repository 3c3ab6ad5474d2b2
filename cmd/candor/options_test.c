/*
 * options_test.c - what a table says is what is understood.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/options.h"

#include "tests/t.h"

#include <stdlib.h>
#include <string.h>

struct config {
	bool flag;
	const char *word;
	struct words words;
	uint64_t count, size, time;
	unsigned choice;
};

#define FIELD(name) offsetof(struct config, name)

static const struct option_row rows[] = {
	{ "flag", 'f', OPTION_FLAG, FIELD(flag), NULL, NULL, 0, 0, "a flag" },
	{ "word", 'w', OPTION_WORD, FIELD(word), "WORD", NULL, 0, 0, "a word" },
	{ "words", 0, OPTION_WORDS, FIELD(words), "WORD", NULL, 0, 0, "words" },
	{ "count", 'n', OPTION_COUNT, FIELD(count), "N", NULL, 1, 9, "N" },
	{ "size", 0, OPTION_SIZE, FIELD(size), "SIZE", NULL, 0, 0, "size" },
	{ "time", 0, OPTION_SECONDS, FIELD(time), "SECONDS", NULL, 0, 0, "s" },
	{ "choice", 0, OPTION_CHOICE, FIELD(choice), "ONE", "a|bc|d", 0, 0,
	    "which" },
};

static const struct command command = {
	.name = "try",
	.arguments = "",
	.summary = "Try",
	.option = rows,
	.option_count = sizeof(rows) / sizeof(rows[0]),
};

#define ARGUMENTS_MAX 12

/* Parse words, ended by NULL. */
static enum options_end
parse(struct config *c, int *rest, const char *const *word)
{
	static char room[ARGUMENTS_MAX][64];
	char *argv[ARGUMENTS_MAX + 1] = { NULL };
	int argc = 0;

	memset(c, 0, sizeof(*c));
	for (; word[argc] != NULL; argc++) {
		snprintf(room[argc], sizeof(room[argc]), "%s", word[argc]);
		argv[argc] = room[argc];
	}
	return options_parse(&command, c, argc, argv, rest);
}

#define PARSE(...) \
	parse(&c, &rest, (const char *const[]){ "try", __VA_ARGS__, NULL })

static void
test_every_kind_of_option_is_read(void **state)
{
	struct config c;
	int rest;

	(void)state;
	t_eq(PARSE("-f", "x", "--word=w", "--words", "1", "--words=2", "-n7",
		 "y"),
	    OPTIONS_GO);
	assert_true(c.flag);
	assert_string_equal(c.word, "w");
	t_eq(c.words.count, 2);
	assert_string_equal(c.words.word[1], "2");
	t_eq(c.count, 7);
	t_eq(rest, 7);
	free(c.words.word);
}

static void
test_sizes_have_units(void **state)
{
	static const struct {
		const char *text;
		uint64_t size;
	} row[] = {
		{ "0", 0 },
		{ "4096", 4096 },
		{ "4k", 4096 },
		{ "10M", 10485760 },
		{ "2GiB", 2147483648 },
		{ "1T", 1099511627776 },
		{ "7B", 7 },
		{ "16777215T", UINT64_C(16777215) << 40 },
	};
	struct config c;
	size_t i;
	int rest;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		t_eq(PARSE("--size", row[i].text), OPTIONS_GO);
		t_eq(c.size, row[i].size);
	}
}

static void
test_seconds_may_have_a_fraction(void **state)
{
	struct config c;
	int rest;

	(void)state;
	t_eq(PARSE("--time", "1.25"), OPTIONS_GO);
	t_eq(c.time, 1250);
	t_eq(PARSE("--time", "30s"), OPTIONS_GO);
	t_eq(c.time, 30000);
	t_eq(PARSE("--time", "0.0009"), OPTIONS_GO);
	t_eq(c.time, 0);
}

static void
test_choices_are_whole_words(void **state)
{
	struct config c;
	int rest;

	(void)state;
	t_eq(PARSE("--choice", "bc"), OPTIONS_GO);
	t_eq(c.choice, 1);
	t_eq(PARSE("--choice", "b"), OPTIONS_BAD);
	t_eq(PARSE("--choice", "a|bc"), OPTIONS_BAD);
	t_eq(PARSE("--choice", ""), OPTIONS_BAD);
}

static void
test_what_does_not_fit_is_refused(void **state)
{
	static const char *const word[] = { "--count=0", "--count=10",
		"--count=", "--count=+1", "--count=1x", "--size=-1",
		"--size=18446744073709551616", "--size=16777216T", "--size=1X",
		"--size=1kk", "--time=-1", "--time=1.x", "--time=99999999999",
		"--none", "-z", "--flag=x" };
	struct config c;
	size_t i;
	int rest;

	(void)state;
	for (i = 0; i < sizeof(word) / sizeof(word[0]); i++)
		t_eq(PARSE(word[i]), OPTIONS_BAD);
	t_eq(PARSE("--word"), OPTIONS_BAD);
}

static void
test_after_two_dashes_nothing_is_an_option(void **state)
{
	struct config c;
	int rest;

	(void)state;
	t_eq(PARSE("--", "-f"), OPTIONS_GO);
	assert_false(c.flag);
	t_eq(rest, 2);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_kind_of_option_is_read),
		cmocka_unit_test(test_sizes_have_units),
		cmocka_unit_test(test_seconds_may_have_a_fraction),
		cmocka_unit_test(test_choices_are_whole_words),
		cmocka_unit_test(test_what_does_not_fit_is_refused),
		cmocka_unit_test(test_after_two_dashes_nothing_is_an_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
