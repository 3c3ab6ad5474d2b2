/*
 * codec_test.c - every decoder: the right bytes, however they are asked for,
 * and an end for every broken input.
 *
 * The streams are made by tests/make/zip.py, and for ARJ by arj itself (see
 * tests/make/arj.py).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/base64.h"
#include "lib/codec/codec.h"

#include "tests/t.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_SIZE ((size_t)1 << 20)
#define MEMORY_MAX ((uint64_t)16 << 20)
#define OUTPUT_MAX ((size_t)1 << 20)

enum method {
	SHRINK,
	REDUCE_1,
	REDUCE_2,
	REDUCE_3,
	REDUCE_4,
	IMPLODE,
	IMPLODE_BIG,
	IMPLODE_LITERAL,
	IMPLODE_BOTH,
	INFLATE,
	INFLATE64,
	BZIP2,
	LZMA,
	XZ,
	ZSTD,
	ARJ,
	ARJ_FASTEST,
	METHODS
};

struct sample {
	const char *file;
	const char *plain; /* what it decodes to, or to the beginning of */
	enum method method;
	bool has_end; /* the format says where it ends */
	size_t skip;  /* bytes in front that are not the stream's */
	size_t size;  /* bytes of plain; 0: all */
};

static const struct sample samples[] = {
	{ "text.shrunk", "text", SHRINK, false, 0, 0 },
	{ "text.shrunk-cleared", "text", SHRINK, false, 0, 0 },
	{ "text.reduced1", "text", REDUCE_1, false, 0, 0 },
	{ "text.reduced2", "text", REDUCE_2, false, 0, 0 },
	{ "text.reduced3", "text", REDUCE_3, false, 0, 0 },
	{ "text.reduced4", "text", REDUCE_4, false, 0, 0 },
	{ "text.imploded", "text", IMPLODE, false, 0, 0 },
	{ "text.imploded-big", "text", IMPLODE_BIG, false, 0, 0 },
	{ "text.imploded-lit", "text", IMPLODE_LITERAL, false, 0, 0 },
	{ "text.imploded-both", "text", IMPLODE_BOTH, false, 0, 0 },
	{ "text.deflated", "text", INFLATE, true, 0, 0 },
	{ "text.deflated", "text", INFLATE64, true, 0, 0 },
	{ "text.deflate64", "text", INFLATE64, true, 0, 0 },
	{ "text.bzip2", "text", BZIP2, true, 0, 0 },
	{ "text.lzma", "text", LZMA, true, 4, 0 },
	{ "text.xz", "text", XZ, true, 0, 0 },
	{ "text.zstd", "text", ZSTD, true, 0, 0 },
	{ "text.arj1", "text", ARJ, false, 0, 0 },
	{ "text.arj4", "text", ARJ_FASTEST, false, 0, 0 },
	{ "long.shrink", "long", SHRINK, false, 0, 60000 },
	{ "long.reduce1", "long", REDUCE_1, false, 0, 8000 },
	{ "long.reduce4", "long", REDUCE_4, false, 0, 8000 },
	{ "long.implode", "long", IMPLODE_BOTH, false, 0, 60000 },
	{ "long.deflate64", "long", INFLATE64, true, 0, 0 },
	{ "long.arj1", "long", ARJ, false, 0, 0 },
	{ "long.arj4", "long", ARJ_FASTEST, false, 0, 0 },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static uint8_t *
load(const char *name, size_t *size)
{
	char path[4096];
	uint8_t *bytes;
	FILE *file;
	long end = -1;

	(void)snprintf(path, sizeof(path), "%s/codec/%s", T_CORPUS, name);
	file = fopen(path, "rb");
	if (file == NULL || fseek(file, 0, SEEK_END) != 0 ||
	    (end = ftell(file)) < 0 || fseek(file, 0, SEEK_SET) != 0)
		fail_msg("cannot read %s", path);
	*size = (size_t)end;
	bytes = malloc(*size + 1);
	if (bytes == NULL || fread(bytes, 1, *size, file) != *size)
		fail_msg("cannot read %s", path);
	(void)fclose(file);
	return bytes;
}

/* A feed that lends so many bytes at a time. */
struct drip {
	struct feed feed;
	const uint8_t *at;
	size_t left;
	size_t step;
};

static bool
drip_more(struct feed *f)
{
	struct drip *d = f->ctx;

	f->at = d->at;
	f->left = d->left < d->step ? d->left : d->step;
	d->at += f->left;
	d->left -= f->left;
	return f->left > 0;
}

static bool
open_method(struct codec *c, struct arena *a, struct feed *in,
    enum method method)
{
	switch (method) {
	case SHRINK:
		return codec_open_shrink(c, a, in);
	case REDUCE_1:
	case REDUCE_2:
	case REDUCE_3:
	case REDUCE_4:
		return codec_open_reduce(c, a, in, method - REDUCE_1 + 1u);
	case IMPLODE:
	case IMPLODE_BIG:
	case IMPLODE_LITERAL:
	case IMPLODE_BOTH:
		return codec_open_implode(c, a, in, method - IMPLODE);
	case INFLATE:
		return codec_open_inflate(c, a, in);
	case INFLATE64:
		return codec_open_inflate64(c, a, in);
	case BZIP2:
		return codec_open_bzip2(c, a, in);
	case LZMA:
		return codec_open_lzma(c, a, in, MEMORY_MAX);
	case XZ:
		return codec_open_xz(c, a, in, MEMORY_MAX);
	case ZSTD:
		return codec_open_zstd(c, in, MEMORY_MAX);
	case ARJ:
		return codec_open_arj(c, a, in);
	case ARJ_FASTEST:
		return codec_open_arj_fastest(c, a, in);
	case METHODS:
		break;
	}
	return false;
}

struct result {
	size_t size; /* bytes in out */
	enum codec_end end;
	uint64_t used;
	uint8_t out[OUTPUT_MAX];
};

/* Decode all, lending step bytes and asking for ask at a time. */
static void
decode(struct result *r, enum method method, const uint8_t *bytes, size_t size,
    size_t step, size_t ask)
{
	static uint8_t room[ARENA_SIZE];
	struct drip d = { .at = bytes, .left = size, .step = step };
	struct arena a;
	struct codec c;

	d.feed = (struct feed){ .more = drip_more, .ctx = &d };
	arena_init(&a, room, sizeof(room));
	r->size = 0;
	if (open_method(&c, &a, &d.feed, method)) {
		size_t got = 1;

		while (got > 0 && r->size < OUTPUT_MAX) {
			size_t left = OUTPUT_MAX - r->size;

			got = codec_read(&c, r->out + r->size,
			    ask < left ? ask : left);
			assert_true(got <= ask);
			r->size += got;
		}
	}
	r->end = c.end;
	r->used = codec_used(&c);
	assert_true(r->size == OUTPUT_MAX || r->end != CODEC_MORE);
	assert_true(r->used <= size);
	codec_close(&c);
}

static void
check_sample(const struct sample *s)
{
	static const size_t steps[][2] = { { 1 << 20, 1 << 20 }, { 1, 4096 },
		{ 4096, 1 }, { 3, 7 } };
	static struct result r;
	size_t packed_size, plain_size, i;
	uint8_t *packed = load(s->file, &packed_size);
	uint8_t *plain = load(s->plain, &plain_size);

	print_message("%s\n", s->file);
	if (s->size != 0)
		plain_size = s->size;
	for (i = 0; i < COUNT(steps); i++) {
		decode(&r, s->method,
		    t_fence(packed + s->skip, packed_size - s->skip),
		    packed_size - s->skip, steps[i][0], steps[i][1]);
		assert_true(r.size >= plain_size);
		assert_memory_equal(r.out, plain, plain_size);
		if (s->has_end) {
			t_eq(r.end, CODEC_WHOLE);
			t_eq(r.size, plain_size);
			t_eq(r.used, packed_size - s->skip);
		}
	}
	free(packed);
	free(plain);
}

static void
test_every_stream_gives_its_text_in_any_pieces(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(samples); i++)
		check_sample(&samples[i]);
}

static void
test_bytes_behind_the_end_are_not_used(void **state)
{
	static struct result r;
	size_t i;

	(void)state;
	for (i = 0; i < COUNT(samples); i++) {
		const struct sample *s = &samples[i];
		size_t size;
		uint8_t *packed = load(s->file, &size);
		uint8_t *more = malloc(size + 1000);

		assert_non_null(more);
		memcpy(more, packed, size);
		memset(more + size, 'P', 1000);
		if (s->has_end) {
			print_message("%s\n", s->file);
			decode(&r, s->method, more + s->skip,
			    size - s->skip + 1000, 1 << 20, 4096);
			t_eq(r.end, CODEC_WHOLE);
			t_eq(r.used, size - s->skip);
		}
		free(packed);
		free(more);
	}
}

static void
test_every_prefix_is_truncated_and_gives_a_prefix(void **state)
{
	static struct result whole, r;
	size_t i, n;

	(void)state;
	for (i = 0; i < COUNT(samples); i++) {
		const struct sample *s = &samples[i];
		size_t size;
		uint8_t *packed = load(s->file, &size);

		size -= s->skip;
		decode(&whole, s->method, packed + s->skip, size, 1 << 20,
		    4096);
		for (n = 0; n<size; n += size> 2000 ? size / 50 : 1) {
			decode(&r, s->method, t_fence(packed + s->skip, n), n,
			    1 << 20, 4096);
			t_eq(r.end, CODEC_TRUNCATED);
			assert_true(r.size <= whole.size);
			assert_memory_equal(r.out, whole.out, r.size);
		}
		free(packed);
	}
}

static void
test_every_byte_may_be_any_other(void **state)
{
	static const uint8_t values[] = { 0, 1, 0x55, 0x80, 0xff };
	static struct result r;
	size_t i, n, v;

	(void)state;
	for (i = 0; i < COUNT(samples); i++) {
		const struct sample *s = &samples[i];
		size_t size;
		uint8_t *packed = load(s->file, &size);

		for (n = s->skip; size < 2000 && n < size; n++) {
			uint8_t was = packed[n];

			for (v = 0; v < COUNT(values); v++) {
				packed[n] = values[v];
				decode(&r, s->method, packed + s->skip,
				    size - s->skip, 64, 4096);
			}
			packed[n] = was;
		}
		free(packed);
	}
}

static void
test_a_full_arena_is_a_limit(void **state)
{
	uint8_t room[64];
	enum method m;

	(void)state;
	for (m = SHRINK; m < METHODS; m++) {
		struct feed in = feed_from("", 0);
		struct arena a;
		struct codec c;

		/* zstd's handle is not in the arena. */
		arena_init(&a, room, sizeof(room));
		if (m == ZSTD)
			continue;
		assert_false(open_method(&c, &a, &in, m));
		t_eq(c.end, CODEC_LIMIT);
		codec_close(&c);
	}
}

/* LZMA may ask for 4 GiB of dictionary and need none of it. */
static void
test_a_dictionary_too_big_is_cut_down(void **state)
{
	static struct result r;
	size_t size, plain_size;
	uint8_t *packed = load("text.lzma", &size);
	uint8_t *plain = load("text", &plain_size);

	(void)state;
	memset(packed + 5, 0xff, 4);
	decode(&r, LZMA, packed + 4, size - 4, 1 << 20, 4096);
	t_eq(r.end, CODEC_WHOLE);
	t_eq(r.size, plain_size);
	assert_memory_equal(r.out, plain, plain_size);
	free(packed);
	free(plain);
}

/* A frame that asks for a window of 1 GiB. */
static void
test_a_window_too_big_is_a_limit(void **state)
{
	static const uint8_t frame[] = { 0x28, 0xb5, 0x2f, 0xfd, 0x00, 20 << 3,
		0x01, 0x00, 0x00 };
	static struct result r;

	(void)state;
	decode(&r, ZSTD, frame, sizeof(frame), 64, 64);
	t_eq(r.end, CODEC_LIMIT);
}

static void
test_crc32_of_the_check_string(void **state)
{
	(void)state;
	t_eq(codec_crc32(0, "123456789", 9), 0xcbf43926);
	t_eq(codec_crc32(codec_crc32(0, "1234", 4), "56789", 5), 0xcbf43926);
}

/* RFC 4648 section 10, and the other alphabet; padding is not a value. */
static void
test_base64(void **state)
{
	static const char *const rows[][2] = { { "", "" }, { "Zg==", "f" },
		{ "Zm8=", "fo" }, { "Zm9v", "foo" }, { "Zm9vYg==", "foob" },
		{ "Zm9vYmE=", "fooba" }, { "Zm9vYmFy", "foobar" },
		{ "+/-_", "\xfb\xff\xbf" } };
	size_t i, n;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct base64 b = { 0 };
		const char *in = rows[i][0];
		uint8_t out[8];

		for (n = 0; *in != '\0'; in++)
			if (base64_value((uint8_t)*in) < 64)
				n += base64_add(&b, base64_value((uint8_t)*in),
				    &out[n]);
		t_eq(n, strlen(rows[i][1]));
		assert_memory_equal(out, rows[i][1], n);
	}
	for (i = n = 0; i < 256; i++)
		n += base64_value((uint8_t)i) < 64;
	t_eq(n, 66);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_every_stream_gives_its_text_in_any_pieces),
		cmocka_unit_test(test_bytes_behind_the_end_are_not_used),
		cmocka_unit_test(
		    test_every_prefix_is_truncated_and_gives_a_prefix),
		cmocka_unit_test(test_every_byte_may_be_any_other),
		cmocka_unit_test(test_a_full_arena_is_a_limit),
		cmocka_unit_test(test_a_dictionary_too_big_is_cut_down),
		cmocka_unit_test(test_a_window_too_big_is_a_limit),
		cmocka_unit_test(test_crc32_of_the_check_string),
		cmocka_unit_test(test_base64),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
