/*
 * arj_test.c - what arj.c must see, and must survive.
 *
 * The archives are made by tests/make/arj.py, one per branch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "tests/t.h"
#include "tests/t_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define W FORMAT_WHOLE
#define T FORMAT_TRUNCATED
#define M FORMAT_MALFORMED
#define E FORMAT_ENCRYPTED
#define U FORMAT_UNSUPPORTED

static const struct t_sample samples[] = {
	{ "plain", W, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } }, 0 },
	{ "methods", W, 3,
	    { { "a.txt", 't', W }, { "c.txt", 't', W }, { "d.txt", 't', W } },
	    0 },
	{ "folder", W, 1, { { "b.txt", 'o', W } }, 0 },
	{ "extended", W, 1, { { "b.txt", 'o', W } }, 0 },
	{ "no-end", T, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } }, 0 },
	{ "no-start", W, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } }, 0 },
	{ "broken-header", M, 1, { { "b.txt", 'o', W } }, 1 },
	{ "hidden", W, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } }, 1 },
	{ "bad-crc", W, 1, { { "a.txt", 't', M } }, 0 },
	{ "size-small", W, 1, { { "a.txt", 't', M } }, 0 },
	{ "size-huge", W, 1, { { "a.txt", 't', T } }, 0 },
	{ "unsupported", W, 1, { { "a.txt", 'e', U } }, 0 },
	{ "volume", T, 1, { { "a.txt", 't', W } }, 0 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
test_every_sample_gives_what_was_put_in(void **state)
{
	static struct t_walk w;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(samples); i++) {
		const struct t_sample *s = &samples[i];
		size_t size;
		uint8_t *b = t_need(T_CORPUS "/arj", s->file, ".arj", &size);

		t_walk(&w, &arj_opener, KIND_ARJ, NULL, b, size);
		t_check_sample(T_CORPUS, s, &w);
		free(b);
	}
}

static void
test_the_right_password_opens_and_no_other(void **state)
{
	static const char *const given[] = { "wrong", "", "secret" };
	static struct t_walk w;
	struct cur word[3];
	struct passwords passwords = { word, 3 };
	struct t_how how = { .passwords = &passwords };
	size_t size, i;
	uint8_t *b = t_need(T_CORPUS "/arj", "encrypted", ".arj", &size);

	(void)state;
	for (i = 0; i < 3; i++)
		word[i] = cur_from(given[i], strlen(given[i]));
	t_walk(&w, &arj_opener, KIND_ARJ, &how, b, size);
	t_eq(w.end, W);
	t_eq(w.count, 2);
	t_eq(w.facts.value[FACT_ENCRYPTED], 2);
	t_eq(w.child[0].end, W);
	t_eq(w.child[0].hash, t_content(T_CORPUS, 't'));
	t_eq(w.child[1].end, W);
	t_eq(w.child[1].hash, t_content(T_CORPUS, 'o'));

	passwords.count = 2;
	t_walk(&w, &arj_opener, KIND_ARJ, &how, b, size);
	t_eq(w.child[0].end, E);
	t_eq(w.child[1].end, E);
	free(b);
}

static void
test_sweeps(void **state)
{
	static const char *const files[] = { "plain", "methods", "extended",
		"encrypted" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(files); i++) {
		size_t size;
		uint8_t *b = t_need(T_CORPUS "/arj", files[i], ".arj", &size);

		print_message("%s\n", files[i]);
		t_sweep(&arj_opener, KIND_ARJ, b, size);
		free(b);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_sample_gives_what_was_put_in),
		cmocka_unit_test(test_the_right_password_opens_and_no_other),
		cmocka_unit_test(test_sweeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
