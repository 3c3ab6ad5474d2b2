/*
 * chain_test.c - a chain is taken as it was written, and no other way.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ban/chain.h"
#include "tests/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define LINES 3

static char *
make(char *line[LINES])
{
	struct chain c;
	char *all = calloc(1, 4096);
	int i;

	chain_init(&c);
	for (i = 0; i < LINES; i++) {
		json_t *record =
		    json_pack("{s:s, s:i}", "what", "line", "z", i);
		const char *wrong;

		line[i] = chain_write(&c, record);
		assert_non_null(line[i]);
		json_decref(record);
		record = chain_take(&c, cur_from(line[i], strlen(line[i]) - 1),
		    &wrong);
		assert_non_null(record);
		json_decref(record);
		strcat(all, line[i]);
	}
	return all;
}

/* How many lines are taken before one is wrong. */
static size_t
count(const char *text, size_t size)
{
	struct cur all = cur_from(t_fence(text, size), size), line;
	struct chain c;
	const char *wrong;
	size_t n = 0;

	chain_init(&c);
	while (cur_left(&all) > 0 && cur_line(&all, &line)) {
		json_t *record = chain_take(&c, line, &wrong);

		if (record == NULL)
			break;
		json_decref(record);
		n++;
	}
	return n;
}

static void
test_any_changed_bit_is_seen(void **state)
{
	char *line[LINES], *all = make(line);
	size_t size = strlen(all), i, bit;

	(void)state;
	t_eq(count(all, size), LINES);
	/* But for the last line, whose hash nobody carries yet, and the line
	   feeds, which make other lines. */
	for (i = 0; i < size - strlen(line[LINES - 1]) - 1; i++)
		for (bit = 0; bit < 8; bit++) {
			all[i] = (char)(all[i] ^ (1 << bit));
			assert_true(count(all, size) < LINES);
			all[i] = (char)(all[i] ^ (1 << bit));
		}
	for (i = 0; i < LINES; i++)
		free(line[i]);
	free(all);
}

static void
test_lines_left_out_or_moved_are_seen(void **state)
{
	char *line[LINES], *all = make(line), text[4096];
	size_t i;

	(void)state;
	snprintf(text, sizeof(text), "%s%s", line[0], line[2]);
	t_eq(count(text, strlen(text)), 1);
	snprintf(text, sizeof(text), "%s%s", line[1], line[0]);
	t_eq(count(text, strlen(text)), 0);
	snprintf(text, sizeof(text), "%s%s", line[0], line[0]);
	t_eq(count(text, strlen(text)), 1);
	/* The same, said in another way. */
	snprintf(text, sizeof(text), "{ %s", line[0] + 1);
	t_eq(count(text, strlen(text)), 0);
	for (i = 0; i < LINES; i++)
		free(line[i]);
	free(all);
}

static void
test_the_hash_is_that_of_sha256sum(void **state)
{
	char hash[CHAIN_HEX];

	(void)state;
	chain_hash("abc", 3, hash);
	assert_string_equal(hash,
	    "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_any_changed_bit_is_seen),
		cmocka_unit_test(test_lines_left_out_or_moved_are_seen),
		cmocka_unit_test(test_the_hash_is_that_of_sha256sum),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
