/*
 * iso9660_test.c - what iso9660.c must see, and must survive.
 *
 * The images are made by tests/make/iso.py, one per branch.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "tests/t.h"
#include "tests/t_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYSTEM_AREA ((size_t)16 * 2048)
#define IMAGE_MAX   ((size_t)1 << 20)

#define W FORMAT_WHOLE
#define T FORMAT_TRUNCATED
#define M FORMAT_MALFORMED

static const struct t_sample samples[] = {
	{ "plain", W, 2, { { "A.TXT", 't', W }, { "B.TXT", 'o', W } }, 0 },
	{ "joliet", W, 2,
	    { { "b.txt", 'o', W }, { "a \xe2\x98\xba long name.txt", 't', W } },
	    0 },
	{ "rock-ridge", W, 2,
	    { { "a continued name", 't', W }, { "b.txt", 'o', W } }, 0 },
	{ "el-torito", W, 2,
	    { { "B.TXT", 'o', W }, { "boot image 01", '?', W } }, 0 },
	{ "multi-extent", W, 1, { { "M.BIN", 'b', W } }, 0 },
	{ "interleaved", W, 2, { { "W.BIN", '?', W }, { "W.BIN", 'b', W } },
	    0 },
	{ "loop", W, 2, { { "B.TXT", 'o', W }, { "A.TXT", 't', W } }, 0 },
	{ "block-512", W, 2, { { "B.TXT", 'o', W }, { "A.TXT", 't', W } }, 0 },
	{ "raw-2352", W, 2, { { "A.TXT", 't', W }, { "B.TXT", 'o', W } }, 0 },
	{ "two-orders", W, 2, { { "B.TXT", 'o', W }, { "B.TXT", 't', W } }, 0 },
	{ "beyond", T, 2, { { "B.TXT", 'o', W }, { "FAR.TXT", 'e', T } }, 0 },
	{ "bad-record", M, 2, { { "B.TXT", 'o', W }, { "A.TXT", 't', W } }, 0 },
	{ "no-tree", M, 0, { { NULL, 0, W } }, 0 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Put the system area in front of an image of the corpus. */
static const uint8_t *
load(const char *name, size_t *size)
{
	static uint8_t image[IMAGE_MAX];
	uint8_t *tail = t_need(T_CORPUS "/iso9660", name, ".tail", size);

	assert_true(*size <= IMAGE_MAX - SYSTEM_AREA);
	memcpy(image + SYSTEM_AREA, tail, *size);
	*size += SYSTEM_AREA;
	free(tail);
	return image;
}

static void
test_every_sample_gives_its_files(void **state)
{
	static struct t_walk w;
	size_t i, size;

	(void)state;
	for (i = 0; i < COUNT(samples); i++) {
		const struct t_sample *s = &samples[i];
		const uint8_t *image = load(s->file, &size);

		t_walk(&w, &iso9660_opener, KIND_ISO9660, NULL, image, size);
		t_check_sample(T_CORPUS, s, &w);
	}
}

static void
test_an_interleaved_file_is_given_both_ways(void **state)
{
	static struct t_walk w;
	size_t size;
	const uint8_t *image = load("interleaved", &size);

	(void)state;
	t_walk(&w, &iso9660_opener, KIND_ISO9660, NULL, image, size);
	assert_true(w.child[0].is_range);
	assert_false(w.child[1].is_range);
}

static void
test_files_are_ranges_where_sectors_are_plain(void **state)
{
	static struct t_walk w;
	size_t size;
	const uint8_t *image = load("plain", &size);

	(void)state;
	t_walk(&w, &iso9660_opener, KIND_ISO9660, NULL, image, size);
	assert_true(w.child[0].is_range && w.child[1].is_range);
	image = load("raw-2352", &size);
	t_walk(&w, &iso9660_opener, KIND_ISO9660, NULL, image, size);
	assert_false(w.child[0].is_range || w.child[1].is_range);
}

static void
test_a_stream_gives_what_a_file_gives(void **state)
{
	size_t i, size;

	(void)state;
	for (i = 0; i < COUNT(samples); i++) {
		const uint8_t *image = load(samples[i].file, &size);

		/* Of a stream one cannot say what lies beyond it. */
		if (samples[i].end != T)
			t_same_streamed(&iso9660_opener, KIND_ISO9660, image,
			    size);
	}
}

/* Change every byte that says something: after the system area, not 0. */
static void
sweep_bytes(const char *name)
{
	static const uint8_t values[] = { 0, 1, 0x7f, 0x80, 0xff };
	static uint8_t copy[IMAGE_MAX];
	static struct t_walk w;
	size_t size, n, v;
	const uint8_t *image = load(name, &size);

	memcpy(copy, image, size);
	for (n = SYSTEM_AREA; n < size; n++) {
		if (image[n] == 0)
			continue;
		for (v = 0; v < COUNT(values); v++) {
			copy[n] = values[v];
			t_walk(&w, &iso9660_opener, KIND_ISO9660, NULL, copy,
			    size);
		}
		copy[n] = image[n];
	}
}

static void
test_sweeps(void **state)
{
	static const char *const files[] = { "plain", "joliet", "rock-ridge",
		"el-torito", "multi-extent", "two-orders", "loop" };
	static struct t_walk whole, w;
	size_t i, n, size;

	(void)state;
	for (i = 0; i < COUNT(files); i++) {
		const uint8_t *image = load(files[i], &size);

		print_message("%s\n", files[i]);
		t_walk(&whole, &iso9660_opener, KIND_ISO9660, NULL, image,
		    size);
		for (n = SYSTEM_AREA; n < size; n += n % 2048 < 300 ? 1 : 61) {
			t_walk(&w, &iso9660_opener, KIND_ISO9660, NULL, image,
			    n);
			assert_true(w.end != W || w.hash != whole.hash);
		}
		t_every_arena_size(&iso9660_opener, KIND_ISO9660, image, size);
		sweep_bytes(files[i]);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_sample_gives_its_files),
		cmocka_unit_test(test_an_interleaved_file_is_given_both_ways),
		cmocka_unit_test(test_files_are_ranges_where_sectors_are_plain),
		cmocka_unit_test(test_a_stream_gives_what_a_file_gives),
		cmocka_unit_test(test_sweeps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
