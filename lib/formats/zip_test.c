/*
 * zip_test.c - what zip.c must see, and must survive.
 *
 * The files are made by tests/make/zip.py, one per branch.
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
	{ "comment", W, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } }, 0 },
	{ "prefix", W, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } }, 0 },
	{ "prefix-relative", W, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } },
	    0 },
	{ "spanned", W, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } }, 0 },
	{ "spanned-7", W, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } }, 0 },
	{ "zip64", W, 1, { { "a.txt", 't', W } }, 0 },
	{ "streamed", W, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } }, 0 },
	{ "streamed-stored", W, 1, { { "b.txt", 'o', W } }, 0 },
	{ "ppmd", W, 1, { { "a.txt", 't', W } }, 0 },
	{ "unicode", W, 1, { { "a\xe2\x98\xba", 't', W } }, 0 },
	{ "duplicate", W, 2, { { "a.txt", 't', W }, { "a.txt", 'o', W } }, 0 },
	{ "empty", W, 0, { { NULL, 0, W } }, 0 },
	{ "empty-member", W, 1, { { "a.txt", 'e', W } }, 0 },

	/* No directory, or none to believe. */
	{ "no-directory", T, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } },
	    2 },
	{ "no-directory-streamed", T, 3,
	    { { "a.txt", 't', W }, { "b.txt", 'o', W }, { "c.txt", 't', W } },
	    3 },
	{ "bad-directory", M, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } },
	    2 },
	{ "bad-count", M, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } }, 0 },
	{ "bad-offset", W, 3,
	    { { "a.txt", 'e', T }, { "b.txt", 'o', W }, { "a.txt", 't', W } },
	    1 },
	{ "hidden", W, 3,
	    { { "a.txt", 't', W }, { "b.txt", 'o', W },
		{ "hidden.txt", 'o', W } },
	    1 },
	{ "hidden-in-comment", W, 2,
	    { { "a.txt", 't', W }, { "hidden.txt", 'o', W } }, 1 },
	{ "hidden-by-end", W, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } },
	    2 },
	{ "slack", W, 2, { { "seen", 't', M }, { "hidden", 'o', W } }, 1 },
	{ "disagree", W, 2,
	    { { "two-faced", '?', W }, { "two-faced", 't', W } }, 0 },

	/* Sizes and checksums that lie: the data are given all the same. */
	{ "size-zero", W, 1, { { "a.txt", 't', M } }, 0 },
	{ "size-huge", W, 1, { { "a.txt", 't', M } }, 0 },
	{ "size-huge-shrunk", W, 1, { { "a.txt", 't', T } }, 0 },
	{ "size-small-shrunk", W, 1, { { "a.txt", 't', M } }, 0 },
	{ "stored-sizes", W, 2, { { "b.txt", '?', W }, { "b.txt", 'o', W } },
	    0 },
	{ "bad-crc", W, 1, { { "a.txt", 't', M } }, 0 },
	{ "bad-data", W, 1, { { "a.txt", '?', M } }, 0 },

	{ "unsupported", W, 1, { { "a.wav", 'e', U } }, 0 },
	{ "encrypted-strong", W, 1, { { "a.txt", 'e', E } }, 0 },
	{ "encrypted-not", W, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } },
	    0 },
	{ "masked", E, 1, { { "1", 'e', E } }, 1 },
};

/* Those whose members need the password. */
static const struct t_sample locked[] = {
	{ "encrypted", W, 2, { { "a.txt", 't', W }, { "b.txt", 'o', W } }, 0 },
	{ "encrypted-time", W, 1, { { "a.txt", 't', W } }, 0 },
	{ "aes256", W, 1, { { "a.txt", 't', W } }, 0 },
	{ "aes128-stored", W, 1, { { "a.txt", 't', W } }, 0 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

struct bytes {
	uint8_t *at;
	size_t size;
};

static struct bytes
load(const char *file, const char *end)
{
	struct bytes b = { NULL, 0 };

	b.at = t_need(T_CORPUS "/zip", file, end, &b.size);
	return b;
}

/* Walk a file of the corpus with these passwords, "" being none. */
static void
walk(struct t_walk *w, const char *file, const char *first, const char *second)
{
	struct cur word[2] = { cur_from(first, strlen(first)),
		cur_from(second, strlen(second)) };
	struct passwords passwords = { word, second[0] != '\0' ? 2 : 0 };
	struct t_how how = { .passwords = &passwords };
	struct bytes b = load(file, ".zip");

	t_walk(w, &zip_opener, KIND_ZIP, &how, b.at, b.size);
	free(b.at);
}

static void
test_every_sample_gives_what_was_put_in(void **state)
{
	static struct t_walk w;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(samples); i++) {
		walk(&w, samples[i].file, "", "");
		t_check_sample(T_CORPUS, &samples[i], &w);
	}
}

static void
test_the_right_password_opens_and_no_other(void **state)
{
	static struct t_walk w;
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(locked); i++) {
		walk(&w, locked[i].file, "wrong", "secret");
		t_check_sample(T_CORPUS, &locked[i], &w);
		t_eq(w.facts.value[FACT_ENCRYPTED], locked[i].count);

		walk(&w, locked[i].file, "wrong", "Secret");
		t_eq(w.count, locked[i].count);
		for (n = 0; n < w.count; n++)
			t_eq(w.child[n].end, E);
		walk(&w, locked[i].file, "", "");
		t_eq(w.child[0].end, E);
	}
}

static void
test_every_method_is_decoded(void **state)
{
	static struct t_walk w;
	struct bytes text = load("text", "");
	size_t i;

	(void)state;
	walk(&w, "methods", "", "");
	t_eq(w.end, W);
	t_eq(w.count, 17);
	for (i = 0; i < 15; i++) {
		print_message("%s\n", w.child[i].name);
		assert_true(t_child_is(&w, i, w.child[i].name, text.at,
		    text.size));
	}
	/* These have ten bytes more, that the decoder repeats. */
	for (; i < 17; i++) {
		t_eq(w.child[i].end, W);
		t_eq(w.child[i].size, text.size + 10);
	}
	free(text.at);
}

static void
test_stored_members_are_ranges_and_packed_ones_are_not(void **state)
{
	static struct t_walk w;

	(void)state;
	walk(&w, "plain", "", "");
	assert_false(w.child[0].is_range);
	assert_true(w.child[1].is_range);
}

static void
test_overlapping_members_are_counted(void **state)
{
	static struct t_walk w;

	(void)state;
	walk(&w, "overlap", "", "");
	t_eq(w.count, 10);
	t_eq(w.facts.value[FACT_OVERLAPS], 9);
	walk(&w, "plain", "", "");
	t_eq(w.facts.value[FACT_OVERLAPS], 0);
	assert_true(facts_has(&w.facts, FACT_OVERLAPS));
}

/* The same two kilobytes, listed 300 times, are 600 MB. */
static void
test_the_same_bytes_are_not_decoded_without_bound(void **state)
{
	static struct t_walk w;
	struct t_how how = { .max_bytes = (uint64_t)1 << 30 };
	struct bytes b = load("bomb", ".zip");

	(void)state;
	t_walk(&w, &zip_opener, KIND_ZIP, &how, b.at, b.size);
	t_eq(w.count, 300);
	t_eq(w.facts.value[FACT_OVERLAPS], 299);
	t_eq(w.child[0].end, W);
	assert_true(w.bytes < (uint64_t)200 << 20);
	free(b.at);
}

static void
test_a_stream_gives_what_a_file_gives(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(samples); i++) {
		struct bytes b = load(samples[i].file, ".zip");

		/*
		 * Where the directory is what is wrong, a walk that cannot
		 * begin with it has another order, or looks less far.
		 */
		if (samples[i].end == W && samples[i].recovered == 0 &&
		    strcmp(samples[i].file, "disagree") != 0 &&
		    strcmp(samples[i].file, "stored-sizes") != 0)
			t_same_streamed(&zip_opener, KIND_ZIP, b.at, b.size);
		free(b.at);
	}
}

static void
test_a_stream_that_its_directory_contradicts_is_read_again(void **state)
{
	static struct t_walk w;
	struct t_how how = { .is_streamed = true, .is_size_unknown = true };
	struct bytes b = load("disagree", ".zip");
	struct bytes text = load("text", "");

	(void)state;
	t_walk(&w, &zip_opener, KIND_ZIP, &how, b.at, b.size);
	t_eq(w.end, W);
	assert_true(t_child_is(&w, 0, "two-faced", text.at, text.size));
	assert_true(w.count >= 2);
	assert_true(w.child[1].is_range);
	free(b.at);
	free(text.at);
}

/* Sizes of small arenas must be an end, never a crash. */
static void
test_sweeps(void **state)
{
	static const char *const files[] = { "plain", "methods", "hidden",
		"slack", "disagree", "streamed", "no-directory-streamed",
		"zip64", "overlap", "encrypted", "encrypted-not", "aes256",
		"ppmd", "unicode" };
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(files); i++) {
		struct bytes b = load(files[i], ".zip");

		print_message("%s\n", files[i]);
		t_every_prefix(&zip_opener, KIND_ZIP, b.at, b.size);
		t_every_arena_size(&zip_opener, KIND_ZIP, b.at, b.size);

		/* Seventeen methods, whose decoders have their own sweep. */
		if (strcmp(files[i], "methods") != 0)
			t_every_byte(&zip_opener, KIND_ZIP, b.at, b.size);
		free(b.at);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_sample_gives_what_was_put_in),
		cmocka_unit_test(test_the_right_password_opens_and_no_other),
		cmocka_unit_test(test_every_method_is_decoded),
		cmocka_unit_test(
		    test_stored_members_are_ranges_and_packed_ones_are_not),
		cmocka_unit_test(test_overlapping_members_are_counted),
		cmocka_unit_test(
		    test_the_same_bytes_are_not_decoded_without_bound),
		cmocka_unit_test(test_a_stream_gives_what_a_file_gives),
		cmocka_unit_test(
		    test_a_stream_that_its_directory_contradicts_is_read_again),
		cmocka_unit_test(test_sweeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
