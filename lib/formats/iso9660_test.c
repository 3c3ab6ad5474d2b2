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

#define MEMBERS_MAX 2

struct member {
	const char *name;
	char content; /* 't' text, 'o' other, 'b' big, 'e' empty, '?' any */
	enum format_end end;
};

struct sample {
	const char *file;
	enum format_end end;
	size_t count;
	struct member member[MEMBERS_MAX];
};

static const struct sample samples[] = {
	{ "plain", W, 2, { { "A.TXT", 't', W }, { "B.TXT", 'o', W } } },
	{ "joliet", W, 2,
	    { { "b.txt", 'o', W },
		{ "a \xe2\x98\xba long name.txt", 't', W } } },
	{ "rock-ridge", W, 2,
	    { { "a continued name", 't', W }, { "b.txt", 'o', W } } },
	{ "el-torito", W, 2,
	    { { "B.TXT", 'o', W }, { "boot image 01", '?', W } } },
	{ "multi-extent", W, 1, { { "M.BIN", 'b', W } } },
	{ "interleaved", W, 2, { { "W.BIN", '?', W }, { "W.BIN", 'b', W } } },
	{ "loop", W, 2, { { "B.TXT", 'o', W }, { "A.TXT", 't', W } } },
	{ "block-512", W, 2, { { "B.TXT", 'o', W }, { "A.TXT", 't', W } } },
	{ "raw-2352", W, 2, { { "A.TXT", 't', W }, { "B.TXT", 'o', W } } },
	{ "two-orders", W, 2, { { "B.TXT", 'o', W }, { "B.TXT", 't', W } } },
	{ "beyond", T, 2, { { "B.TXT", 'o', W }, { "FAR.TXT", 'e', T } } },
	{ "bad-record", M, 2, { { "B.TXT", 'o', W }, { "A.TXT", 't', W } } },
	{ "no-tree", M, 0, { { NULL, 0, W } } },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* Put the system area in front of an image of the corpus. */
static const uint8_t *
load(const char *name, size_t *size)
{
	static uint8_t image[IMAGE_MAX];
	char path[4096];
	uint8_t *tail;

	(void)snprintf(path, sizeof(path), "%s/iso9660/%s.tail", T_CORPUS,
	    name);
	tail = t_file(path, size);
	if (tail == NULL || *size > IMAGE_MAX - SYSTEM_AREA)
		fail_msg("cannot read %s", path);
	memcpy(image + SYSTEM_AREA, tail, *size);
	*size += SYSTEM_AREA;
	free(tail);
	return image;
}

/* The contents that tests/make/zip.py gives files. */
static uint64_t
hash_of(char content)
{
	char path[4096];
	uint64_t hash = 0;
	uint8_t *bytes;
	size_t size, i;

	if (content == 'e')
		return 0;
	(void)snprintf(path, sizeof(path), "%s/zip/%s", T_CORPUS,
	    content == 'o' ? "other" : "text");
	bytes = t_file(path, &size);
	assert_non_null(bytes);
	if (content == 'b') /* the text again and again, 4096 bytes of it */
		for (i = 0; i < 4096; i++)
			hash = t_hash(hash, bytes + i % size, 1);
	else
		hash = t_hash(hash, bytes, size);
	free(bytes);
	return hash;
}

static void
test_every_sample_gives_its_files(void **state)
{
	static struct t_walk w;
	size_t i, n, size;

	(void)state;
	for (i = 0; i < COUNT(samples); i++) {
		const struct sample *s = &samples[i];
		const uint8_t *image = load(s->file, &size);

		print_message("%s\n", s->file);
		t_walk(&w, &iso9660_opener, KIND_ISO9660, NULL, image, size);
		t_eq(w.end, s->end);
		t_eq(w.count, s->count);
		t_eq(w.facts.value[FACT_MEMBERS], s->count);
		for (n = 0; n < s->count; n++) {
			const struct member *m = &s->member[n];

			assert_string_equal(w.child[n].name, m->name);
			t_eq(w.child[n].end, m->end);
			if (m->content != '?')
				t_eq(w.child[n].hash, hash_of(m->content));
		}
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
