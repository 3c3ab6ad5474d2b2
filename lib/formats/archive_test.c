/*
 * archive_test.c - every sample in tests/corpus/archive (made by
 * tests/make/archives.py) gives what was put into it, however its bytes come;
 * broken ones end as they should.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "tests/t.h"
#include "tests/t_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define MEMBERS_MAX 3

struct member {
	const char *name;
	char content; /* 'a', 'b': of that file; 0: nobody looks */
	enum format_end end;
};

struct sample {
	const char *file;
	enum kind kind;
	enum format_end end; /* of open() or of the walk */
	size_t count;
	struct member member[MEMBERS_MAX];
};

#define W FORMAT_WHOLE
#define E FORMAT_ENCRYPTED

static const struct sample samples[] = {
	{ "v7.tar", KIND_TAR_OLD, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "ustar.tar", KIND_TAR, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "gnu.tar", KIND_TAR, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "posix.tar", KIND_TAR, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "two.tar", KIND_TAR, W, 2,
	    { { "a.txt", 'a', W }, { "trailing", 0, W } } },
	{ "newc.cpio", KIND_CPIO, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "crc.cpio", KIND_CPIO_CRC, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "odc.cpio", KIND_CPIO_ODC, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "bin.cpio", KIND_CPIO_BIN, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "two.cpio", KIND_CPIO, W, 2,
	    { { "a.txt", 'a', W }, { "trailing", 0, W } } },
	{ "a.ar", KIND_AR, W, 2, { { "a.txt", 'a', W }, { "b.txt", 'b', W } } },
	{ "lzma2.7z", KIND_SEVENZIP, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "lzma.7z", KIND_SEVENZIP, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "copy.7z", KIND_SEVENZIP, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "bzip2.7z", KIND_SEVENZIP, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "deflate.7z", KIND_SEVENZIP, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "ppmd.7z", KIND_SEVENZIP, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "bcj.7z", KIND_SEVENZIP, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "encrypted.7z", KIND_SEVENZIP, W, 2,
	    { { "a.txt", 0, E }, { "dir/b.txt", 0, E } } },
	{ "encrypted-names.7z", KIND_SEVENZIP, E, 0, { { 0 } } },
	{ "a.rar", KIND_RAR, W, 2,
	    { { "a.txt", 'a', W }, { "dir/b.txt", 'b', W } } },
	{ "encrypted.rar", KIND_RAR, W, 2,
	    { { "a.txt", 0, E }, { "b.txt", 'b', W } } },
	{ "encrypted-names.rar", KIND_RAR, E, 0, { { 0 } } },
	{ "a5.rar", KIND_RAR, W, 2,
	    { { "a.txt", 'a', W }, { "d\xc3\xa9.txt", 'b', W } } },
	{ "encrypted5.rar", KIND_RAR, W, 2,
	    { { "a.txt", 0, E }, { "b.txt", 'b', W } } },
	{ "encrypted-names5.rar", KIND_RAR, E, 0, { { 0 } } },
	{ "a.gz", KIND_GZIP, W, 1, { { "a.txt", 'a', W } } },
	{ "all-fields.gz", KIND_GZIP, W, 1, { { "a.txt", 'a', W } } },
	{ "two.gz", KIND_GZIP, W, 1, { { "a.txt", 'c', W } } },
	{ "rest.gz", KIND_GZIP, W, 2,
	    { { "a.txt", 'a', W }, { "trailing", 0, W } } },
	{ "a.bz2", KIND_BZIP2, W, 1, { { "", 'a', W } } },
	{ "two.bz2", KIND_BZIP2, W, 1, { { "", 'c', W } } },
	{ "a.xz", KIND_XZ, W, 1, { { "", 'a', W } } },
	{ "two.xz", KIND_XZ, W, 1, { { "", 'c', W } } },
	{ "a.lzma", KIND_LZMA, W, 1, { { "", 'a', W } } },
	{ "a.lz", KIND_LZIP, W, 1, { { "", 'a', W } } },
	{ "a.zst", KIND_ZSTD, W, 1, { { "", 'a', W } } },
	{ "two.zst", KIND_ZSTD, W, 1, { { "", 'c', W } } },
	{ "huge-window.zst", KIND_ZSTD, W, 1, { { "", 0, FORMAT_LIMIT } } },
	{ "a.lz4", KIND_LZ4, W, 1, { { "", 'a', W } } },
	{ "old.lz4", KIND_LZ4, W, 1, { { "", 'a', W } } },
	{ "a.Z", KIND_COMPRESS, W, 1, { { "", 'a', W } } },
	{ "a.szdd", KIND_SZDD, W, 1, { { "", 'a', W } } },
	{ "a.kwaj", KIND_KWAJ, W, 1, { { "a.txt", 'a', W } } },
	{ "mszip.cab", KIND_CAB, W, 2,
	    { { "a.txt", 'a', W }, { "dir\\b.txt", 'b', W } } },
	{ "stored.cab", KIND_CAB, W, 2,
	    { { "a.txt", 'a', W }, { "b.txt", 'b', W } } },
	{ "none.xar", KIND_XAR, W, 2,
	    { { "a.txt", 'a', W }, { "b.txt", 'b', W } } },
	{ "gzip.xar", KIND_XAR, W, 2,
	    { { "a.txt", 'a', W }, { "b.txt", 'b', W } } },
	{ "bzip2.xar", KIND_XAR, W, 2,
	    { { "a.txt", 'a', W }, { "b.txt", 'b', W } } },
	{ "lzma.xar", KIND_XAR, W, 2,
	    { { "a.txt", 'a', W }, { "b.txt", 'b', W } } },
	{ "xz.xar", KIND_XAR, W, 2,
	    { { "a.txt", 'a', W }, { "b.txt", 'b', W } } },
	{ "level0.lzh", KIND_LHA, W, 2,
	    { { "a.txt", 'a', W }, { "b.txt", 'b', W } } },
	{ "level1.lzh", KIND_LHA, W, 2,
	    { { "dir/sub/a.txt", 'a', W },
		{ "b.txt", 0, FORMAT_UNSUPPORTED } } },
	{ "level2.lzh", KIND_LHA, W, 1, { { "a.txt", 'a', W } } },
	{ "level3.lzh", KIND_LHA, W, 1, { { "a.txt", 'a', W } } },
	{ "a.rpm", KIND_RPM, W, 1, { { "payload", 0, W } } },
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

/* Read a file of the corpus, which must be there. */
static uint8_t *
corpus(const char *name, size_t *size)
{
	char path[512];
	uint8_t *bytes;

	(void)snprintf(path, sizeof(path), "%s/archive/%s", T_CORPUS, name);
	bytes = t_file(path, size);
	if (bytes == NULL)
		fail_msg("%s is missing", path);
	return bytes;
}

/* The hash of what a member should hold, and its size. */
static uint64_t
content(char which, size_t *size)
{
	size_t a_size, b_size;
	uint8_t *a = corpus("a.txt", &a_size), *b = corpus("b.txt", &b_size);
	uint64_t hash = 0;

	*size = 0;
	if (which == 'a' || which == 'c') {
		hash = t_hash(hash, a, a_size);
		*size += a_size;
	}
	if (which == 'b' || which == 'c') {
		hash = t_hash(hash, b, b_size);
		*size += b_size;
	}
	free(a);
	free(b);
	return hash;
}

static void
check_member(const struct sample *s, const struct t_child *got,
    const struct member *want)
{
	size_t size;
	uint64_t hash;

	if (strcmp(got->name, want->name) != 0 || got->end != want->end)
		fail_msg("%s: %s ended %d", s->file, got->name, (int)got->end);
	if (want->content == 0)
		return;
	hash = content(want->content, &size);
	if (got->size != size || got->hash != hash)
		fail_msg("%s: %s is %llu bytes of something else", s->file,
		    got->name, (unsigned long long)got->size);
}

static void
check_sample(const struct sample *s, const struct t_how *how)
{
	static struct t_walk w;
	size_t size, i;
	uint8_t *bytes = corpus(s->file, &size);

	t_walk(&w, format_of(s->kind), s->kind, how, bytes, size);
	if (w.end != s->end || w.count != s->count)
		fail_msg("%s: %zu members, end %d", s->file, w.count,
		    (int)w.end);
	for (i = 0; i < s->count; i++)
		check_member(s, &w.child[i], &s->member[i]);
	if (s->count > 0)
		t_eq(facts_has(&w.facts, FACT_MEMBERS), true);
	free(bytes);
}

static void
every_sample_gives_its_members(void **unused)
{
	static const struct t_how hows[] = { { 0 }, { .read_size = 1 },
		{ .is_streamed = true, .read_size = 7 },
		{ .is_streamed = true, .is_size_unknown = true } };
	size_t i, k;

	(void)unused;
	for (i = 0; i < SAMPLES; i++)
		for (k = 0; k < sizeof(hows) / sizeof(hows[0]); k++)
			check_sample(&samples[i], &hows[k]);
}

static void
encrypted_members_are_counted(void **unused)
{
	static const struct {
		const char *file;
		enum kind kind;
		uint64_t count;
	} rows[] = { { "encrypted.7z", KIND_SEVENZIP, 2 },
		{ "encrypted-names.7z", KIND_SEVENZIP, 1 },
		{ "encrypted.rar", KIND_RAR, 1 },
		{ "encrypted5.rar", KIND_RAR, 1 }, { "a5.rar", KIND_RAR, 0 } };
	static struct t_walk w;
	size_t i, size;

	(void)unused;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t *bytes = corpus(rows[i].file, &size);

		t_walk(&w, format_of(rows[i].kind), rows[i].kind, NULL, bytes,
		    size);
		t_eq(w.facts.value[FACT_ENCRYPTED], rows[i].count);
		free(bytes);
	}
}

/* Holes are zeros, and the file is as long as it was. */
static void
holes_in_a_tar_are_zeros(void **unused)
{
	static const char *const files[] = { "holes-gnu.tar",
		"holes-posix.tar" };
	static uint8_t want[1 << 17];
	static struct t_walk w;
	size_t i, size;
	uint8_t *bytes = corpus("b.txt", &size);

	(void)unused;
	memcpy(want + (1 << 16), bytes, size);
	free(bytes);
	for (i = 0; i < 2; i++) {
		bytes = corpus(files[i], &size);
		t_walk(&w, &archive_opener, KIND_TAR, NULL, bytes, size);
		t_eq(w.end, FORMAT_WHOLE);
		t_eq(w.count, 1);
		t_eq(t_child_is(&w, 0, "holes", want, sizeof(want)), true);
		free(bytes);
	}
}

/* Everything that came before the place where a file was cut is given. */
static void
a_cut_file_gives_what_it_has(void **unused)
{
	static const char *const files[] = { "a.gz", "a.bz2", "a.xz", "a.lz",
		"a.zst", "a.lz4", "a.lzma" };
	static struct t_walk w;
	size_t i, k, size;

	(void)unused;
	for (i = 0; i < sizeof(files) / sizeof(files[0]); i++) {
		uint8_t *bytes = corpus(files[i], &size);

		for (k = 0; k < SAMPLES; k++)
			if (strcmp(samples[k].file, files[i]) == 0)
				break;
		t_walk(&w, &packed_opener, samples[k].kind, NULL, bytes,
		    size - 1);
		t_eq(w.count, 1);
		t_eq(w.child[0].end, FORMAT_TRUNCATED);
		free(bytes);
	}
}

static void
a_wrong_checksum_is_malformed(void **unused)
{
	static struct t_walk w;
	size_t size, a_size;
	uint8_t *bytes = corpus("a.gz", &size), *a = corpus("a.txt", &a_size);

	(void)unused;
	bytes[size - 8] ^= 1;
	t_walk(&w, &packed_opener, KIND_GZIP, NULL, bytes, size);
	t_eq(w.child[0].end, FORMAT_MALFORMED);
	t_eq(w.child[0].size, a_size);
	t_eq(w.child[0].hash, t_hash(0, a, a_size));
	free(a);
	free(bytes);
}

static void
a_cut_archive_is_truncated(void **unused)
{
	/* Cut in the middle of a member or of the directory. */
	static const struct {
		const char *file;
		enum kind kind;
		size_t size;
	} rows[] = { { "ustar.tar", KIND_TAR, 700 },
		{ "newc.cpio", KIND_CPIO, 300 },
		{ "odc.cpio", KIND_CPIO_ODC, 300 },
		{ "copy.7z", KIND_SEVENZIP, 400 }, { "a.ar", KIND_AR, 300 },
		{ "stored.cab", KIND_CAB, 300 },
		{ "level0.lzh", KIND_LHA, 100 }, { "a.rar", KIND_RAR, 200 },
		{ "a5.rar", KIND_RAR, 200 }, { "none.xar", KIND_XAR, 300 },
		{ "a.rpm", KIND_RPM, 300 } };
	static struct t_walk w;
	size_t i, size;

	(void)unused;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		uint8_t *bytes = corpus(rows[i].file, &size);

		t_walk(&w, format_of(rows[i].kind), rows[i].kind, NULL, bytes,
		    rows[i].size);
		if (w.end != FORMAT_TRUNCATED &&
		    (w.count == 0 || w.child[0].end != FORMAT_TRUNCATED))
			fail_msg("%s: end %d", rows[i].file, (int)w.end);
		free(bytes);
	}
}

/* Sweeps of samples of a few hundred bytes; larger ones are cut first. */
static void
sweep(const char *file, size_t most)
{
	size_t k, size;
	uint8_t *bytes = corpus(file, &size);

	for (k = 0; k < SAMPLES; k++)
		if (strcmp(samples[k].file, file) == 0)
			break;
	t_eq(k < SAMPLES, true);
	if (size > most)
		size = most;
	t_sweep(format_of(samples[k].kind), samples[k].kind, bytes, size);
	free(bytes);
}

static void
sweeps_of_archives(void **unused)
{
	(void)unused;
	sweep("ustar.tar", 848);
	sweep("newc.cpio", 600);
	sweep("odc.cpio", 550);
	sweep("bin.cpio", 488);
	sweep("a.ar", SIZE_MAX);
	sweep("lzma.7z", SIZE_MAX);
	sweep("copy.7z", SIZE_MAX);
	sweep("a.rar", 449);
	sweep("a5.rar", 429);
	sweep("encrypted5.rar", 465);
}

static void
sweeps_of_packed_files(void **unused)
{
	(void)unused;
	sweep("all-fields.gz", SIZE_MAX);
	sweep("a.bz2", SIZE_MAX);
	sweep("two.xz", SIZE_MAX);
	sweep("a.lzma", SIZE_MAX);
	sweep("a.lz", SIZE_MAX);
	sweep("two.zst", SIZE_MAX);
	sweep("a.lz4", SIZE_MAX);
	sweep("old.lz4", SIZE_MAX);
	sweep("a.Z", SIZE_MAX);
	sweep("a.szdd", SIZE_MAX);
	sweep("a.kwaj", SIZE_MAX);
}

static void
sweeps_of_other_archives(void **unused)
{
	(void)unused;
	sweep("mszip.cab", SIZE_MAX);
	sweep("stored.cab", SIZE_MAX);
	sweep("gzip.xar", 754);
	sweep("level0.lzh", 326);
	sweep("level1.lzh", 317);
	sweep("level2.lzh", 265);
	sweep("level3.lzh", 270);
	sweep("a.rpm", 500);
}

static int
warm(void **unused)
{
	(void)unused;
	return formats_warm() ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_sample_gives_its_members),
		cmocka_unit_test(encrypted_members_are_counted),
		cmocka_unit_test(holes_in_a_tar_are_zeros),
		cmocka_unit_test(a_cut_file_gives_what_it_has),
		cmocka_unit_test(a_wrong_checksum_is_malformed),
		cmocka_unit_test(a_cut_archive_is_truncated),
		cmocka_unit_test(sweeps_of_archives),
		cmocka_unit_test(sweeps_of_packed_files),
		cmocka_unit_test(sweeps_of_other_archives),
	};

	return cmocka_run_group_tests(tests, warm, NULL);
}
