/*
 * screen_test.c - names that are the same, may be, and are not.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/screen.h"
#include "lib/ban/screen_fold.h"
#include "tests/t.h"

#include <string.h>

static void
test_folding(void **state)
{
	/* Each row is one name, written in ways that fold alike. */
	static const char *const row[][6] = {
		{ "Михайлович", "Mikhaylovich", "Mikhailovich", "Mikhajlovič",
		    "Mihailovich", NULL },
		{ "Геннадьевич", "Gennadyevich", "Gennadievich", "Gennad'evich",
		    "Gennadiyevich", NULL },
		{ "Алексеева", "Alekseeva", "Alexeeva", "Alekseyeva",
		    "Aleksejewa", NULL },
		{ "Касперский", "Kaspersky", "Kasperskij", "Kasperskiy",
		    "Kasperski", NULL },
		{ "Борщев", "Borshchev", "Borschev", "Borschtschew",
		    "Borszczew", NULL },
		{ "Юрьевич", "Yuryevich", "Yurievich", "Jurjewitsch",
		    "Iurevich", NULL },
		{ "Чекунов", "Chekunov", "Tschekunow", "Tchekounov", "Čekunov",
		    NULL },
		{ "Тихонов", "Tikhonov", "Tihonov", NULL },
		{ "Ефремов", "Efremov", "Yefremov", "Jefremow", NULL },
		{ "Андрей", "Andrei", "Andrey", "Andrej", NULL },
		{ "Даниил", "Daniil", "Danil", NULL },
		{ "Zürich", "ZUERICH", NULL },
		{ "华为", "华为", NULL },
	};
	size_t i, k;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		struct screen_words first, w;

		screen_fold(cur_from(row[i][0], strlen(row[i][0])), &first);
		assert_int_equal(first.count, 1);
		for (k = 1; row[i][k] != NULL; k++) {
			const char *name = row[i][k];

			screen_fold(cur_from(t_fence(name, strlen(name)),
					strlen(name)),
			    &w);
			assert_int_equal(w.count, 1);
			assert_string_equal(w.word[0], first.word[0]);
		}
	}
}

static void
test_words_that_are_long_or_many(void **state)
{
	char name[SCREEN_NAME_MAX + 1];
	struct screen_words w;
	size_t i;

	(void)state;
	memset(name, 'x', sizeof(name));
	screen_fold(cur_from(name, sizeof(name)), &w);
	assert_int_equal(w.count, 1);
	assert_true(strlen(w.word[0]) < FOLD_WORD);
	for (i = 0; i < sizeof(name); i += 2)
		name[i] = ' ';
	screen_fold(cur_from(name, sizeof(name)), &w);
	assert_int_equal(w.count, FOLD_WORDS);
	screen_fold(cur_from("", 0), &w);
	assert_int_equal(w.count, 0);
	screen_fold(cur_from("\xff\xfe' ' \xc3", 7), &w);
	assert_int_equal(w.count, 0);
}

/* The table of words that say little is folded by hand; not wrongly. */
static void
test_table(void **state)
{
	static const struct {
		const char *word, *folded;
	} table[] = {
#define WORD(kind, word, folded) { word, folded },
#include "lib/ban/screen.def"
#undef WORD
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		struct screen_words w;

		screen_fold(cur_from(table[i].word, strlen(table[i].word)), &w);
		assert_int_equal(w.count, 1);
		assert_string_equal(w.word[0], table[i].folded);
	}
}

static void
test_nearness(void **state)
{
	(void)state;
	assert_true(screen_is_near("abcdef", "abcdef"));
	assert_true(screen_is_near("abcdef", "abxdef"));
	assert_true(screen_is_near("abcdef", "abdef"));
	assert_true(screen_is_near("abcdef", "xabcdef"));
	assert_true(screen_is_near("abcdef", "abcde"));
	assert_false(screen_is_near("abcdef", "abxxef"));
	assert_false(screen_is_near("abcdef", "abcd"));
	assert_false(screen_is_near("abcdef", "badcfe"));
	assert_false(screen_is_near("aab", "baa"));
}

static const struct {
	const char *name, *listed;
	bool is_person;
	enum screen_grade grade;
} row[] = {
	{ "Anton Mikhaylovich Ivanov", "Anton Mikhaylovich Ivanov", true,
	    SCREEN_MATCH },
	{ "Mr. Ivanov Anton Mikhailovich", "Anton Mikhaylovich Ivanov", true,
	    SCREEN_MATCH },
	{ "А.М.Иванов", "Anton Mikhaylovich Ivanov", true, SCREEN_POSSIBLE },
	{ "Ivanov AM", "Anton Mikhaylovich Ivanov", true, SCREEN_POSSIBLE },
	{ "Anton Ivanov", "Anton Mikhaylovich Ivanov", true, SCREEN_POSSIBLE },
	{ "Ivanov", "Anton Mikhaylovich Ivanov", true, SCREEN_POSSIBLE },
	{ "Anton", "Anton Mikhaylovich Ivanov", true, SCREEN_NO },
	{ "Mikhaylovich", "Anton Mikhaylovich Ivanov", true, SCREEN_NO },
	{ "S. M. Ivanov", "Anton Mikhaylovich Ivanov", true, SCREEN_NO },
	{ "Anton Petrovich Ivanov", "Anton Mikhaylovich Ivanov", true,
	    SCREEN_NO },
	{ "Anton Mikhaylovich", "Anton Mikhaylovich Ivanov", true, SCREEN_NO },
	{ "Anton Mikhaylovich Ivanovsky", "Anton Mikhaylovich Ivanov", true,
	    SCREEN_NO },
	{ "I. Anton Mikhaylovich", "Anton Mikhaylovich Ivanov", true,
	    SCREEN_NO },
	{ "М. Ю. Гербер", "Mikhail Yuryevich Gerber", true, SCREEN_POSSIBLE },
	{ "Ю. Гербер", "Mikhail Yuryevich Gerber", true, SCREEN_NO },
	{ "Eugene Kaspersky", "Eugene Kaspersky", true, SCREEN_MATCH },
	{ "E. Kaspersky", "Eugene Kaspersky", true, SCREEN_POSSIBLE },
	{ "Kaspersky Lab", "Kaspersky Lab, Inc.", false, SCREEN_MATCH },
	{ "ZAO Kaspersky Lab", "AO Kaspersky Lab", false, SCREEN_MATCH },
	{ "Kaspersky Lab Ltd", "Kaspersky Labs Limited", false, SCREEN_MATCH },
	{ "Kaspersky Lab GmbH", "AO Kaspersky Lab", false, SCREEN_POSSIBLE },
	{ "Kaspersky", "AO Kaspersky Lab", false, SCREEN_POSSIBLE },
	{ "Kaspersky Security Network", "AO Kaspersky Lab", false,
	    SCREEN_POSSIBLE },
	{ "Kasparsky Lab", "AO Kaspersky Lab", false, SCREEN_POSSIBLE },
	{ "Natalya Kaspersky", "AO Kaspersky Lab", false, SCREEN_NO },
	{ "Lab", "AO Kaspersky Lab", false, SCREEN_NO },
	{ "AO", "AO Kaspersky Lab", false, SCREEN_NO },
	{ "", "AO Kaspersky Lab", false, SCREEN_NO },
	{ "Inc.", "Kaspersky Lab, Inc.", false, SCREEN_NO },
	{ "Security Solutions", "Kaspersky Government Security Solutions, Inc.",
	    false, SCREEN_NO },
	{ "K", "K Dystrybucja", false, SCREEN_NO },
	{ "Dystrybucja", "K Dystrybucja", false, SCREEN_NO },
	{ "Dystrybucja K", "K Dystrybucja", false, SCREEN_MATCH },
	{ "Huawei", "Huawei Technologies Co., Ltd.", false, SCREEN_POSSIBLE },
	{ "Хуавей", "Huawei Technologies Co., Ltd.", false, SCREEN_POSSIBLE },
	{ "Technologies Co., Ltd.", "Huawei Technologies Co., Ltd.", false,
	    SCREEN_NO },
};

static void
test_names(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		json_t *record = json_pack("{s:s, s:s}", "id", "the-id", "name",
		    row[i].listed);
		enum screen_grade got =
		    screen_record(row[i].name, record, row[i].is_person);

		if (got != row[i].grade)
			fail_msg("%s, %s: %d", row[i].name, row[i].listed,
			    (int)got);
		assert_int_equal(screen_record("the-id", record, true),
		    SCREEN_MATCH);
		json_decref(record);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_folding),
		cmocka_unit_test(test_words_that_are_long_or_many),
		cmocka_unit_test(test_table),
		cmocka_unit_test(test_nearness),
		cmocka_unit_test(test_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
