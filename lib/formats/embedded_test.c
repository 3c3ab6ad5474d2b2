/*
 * embedded_test.c - what begins inside other bytes, and what only seems to.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/embedded_sieve.h"

#include "lib/codec/codec.h"
#include "tests/t.h"

#include <string.h>

/* Headers made by the formats' own programs, cut where ours stops reading. */
#define HEADER(kind, text)                          \
	{                                           \
		KIND_##kind, text, sizeof(text) - 1 \
	}

static const struct header {
	enum kind kind;
	const char *bytes;
	size_t size; /* all of it is needed */
} headers[] = {
	/* clang-format off */
	HEADER(ZIP, "PK\3\4\x14\0\0\0\x08\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0"
	    "\1\0\0\0a"),
	HEADER(SEVENZIP, "7z\xbc\xaf\x27\x1c\0\4\x8d\x9b\xd5\x0f\0\0\0\0\0\0"
	    "\0\0\0\0\0\0\0\0\0\0\0\0\0\0"),
	HEADER(RAR, "Rar!\x1a\7\0\xcf\x90\x73\0\0\x0d\0\0\0\0\0\0\0"),
	HEADER(CAB, "MSCF\0\0\0\0\x64\0\0\0\0\0\0\0\x2c\0\0\0\0\0\0\0\3\1\1\0"
	    "\1\0"),
	HEADER(OLE2, "\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1\0\0\0\0\0\0\0\0\0\0"
	    "\0\0\0\0\0\0\x3e\0\3\0\xfe\xff\x09\0"),
	HEADER(GZIP, "\x1f\x8b\x08\0\0\0\0\0\0\3"),
	HEADER(XZ, "\xfd\x37zXZ\0\0\4\xe6\xd6\xb4\x46"),
	HEADER(BZIP2, "BZh91AY&SY"),
	/* clang-format on */
};

#define HEADERS (sizeof(headers) / sizeof(headers[0]))

static bool
finds(const uint8_t *bytes, size_t size, struct embedded *out)
{
	const uint8_t *fenced = t_fence(bytes, size);
	struct cur in = cur_from(fenced, size);

	in.origin = 1000;
	return embedded_find(&in, out);
}

/* Every header at every place of a block, with nothing behind it. */
static void
finds_each_anywhere(void **unused)
{
	uint8_t bytes[400] = { 0 };
	struct embedded e;
	size_t i, at;

	(void)unused;
	for (i = 0; i < HEADERS; i++) {
		const struct header *h = &headers[i];

		for (at = 0; at < 200; at++) {
			memset(bytes, 'P', sizeof(bytes));
			memcpy(bytes + at, h->bytes, h->size);
			assert_true(finds(bytes, at + h->size, &e));
			t_eq(e.kind, h->kind);
			t_eq(e.off, 1000 + at);
			assert_false(finds(bytes, at + h->size - 1, &e));
		}
	}
}

/* An image of a disk is known by what stands sixteen sectors behind. */
static void
finds_disks_from_behind(void **unused)
{
	static const uint8_t blocks[] = { 9, 0, 0, 0, 0, 0, 0, 9 };
	uint8_t bytes[132] = "\1CD001\1";
	struct embedded e;
	struct cur in;

	(void)unused;
	memcpy(bytes + 80, blocks, sizeof(blocks));
	memcpy(bytes + 128, "\0\x08\x08\0", 4);
	in = cur_from(bytes, sizeof(bytes));
	in.origin = 32768 + 7;
	assert_true(embedded_find(&in, &e));
	t_eq(e.kind, KIND_ISO9660);
	t_eq(e.off, 7);
	assert_false(finds(bytes, sizeof(bytes), &e)); /* too far in front */
	in = cur_from(bytes, sizeof(bytes));
	in.origin = 32768 + 7;
	bytes[80]++;
	assert_false(embedded_find(&in, &e));
}

/* What is protected by a checksum is none when a bit is wrong. */
static void
refuses_broken_ones(void **unused)
{
	uint8_t bytes[64];
	struct embedded e;
	size_t i, at;

	(void)unused;
	for (i = 0; i < HEADERS; i++) {
		const struct header *h = &headers[i];
		bool is_summed = h->kind == KIND_SEVENZIP ||
		    h->kind == KIND_RAR || h->kind == KIND_XZ;

		for (at = 0; at < h->size; at++) {
			memcpy(bytes, h->bytes, h->size);
			bytes[at] ^= 0x80;
			/* 7z says nothing of its minor version */
			if (finds(bytes, h->size, &e) && is_summed)
				t_eq(at, 7);
		}
	}
}

static void
refuses_magic_alone(void **unused)
{
	static const char *const texts[] = {
		"PK\3\4 is how a ZIP file begins, and"
		" this text is none of them",
		"7z\xbc\xaf\x27\x1c but then no header follows at all, see",
		"Rar!\x1a\7 what do you want here, little archive program",
		"MSCF is what cabinets have in front, thirty-six bytes long",
		"MZ and then sixty-four bytes of nothing in particular, only "
		"text that goes on"
	};
	struct embedded e;
	size_t i;

	(void)unused;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++)
		assert_false(finds((const uint8_t *)texts[i], strlen(texts[i]),
		    &e));
}

static void
survives_anything(void **unused)
{
	uint8_t bytes[600];
	struct embedded e;
	struct cur in;
	size_t round, i, h;

	(void)unused;
	t_seed(8);
	for (round = 0; round < 2000; round++) {
		for (i = 0; i < sizeof(bytes); i++)
			bytes[i] = (uint8_t)t_below(256);
		for (i = 0; i < 8; i++) {
			h = t_below(HEADERS);
			memcpy(bytes + t_below(500), headers[h].bytes,
			    headers[h].size);
			bytes[t_below(600)] = (uint8_t)t_below(256);
		}
		i = t_below(600);
		in = cur_from(t_fence(bytes, i), i);
		while (embedded_find(&in, &e))
			assert_true(e.off < i);
	}
}

/* A sieve that lets everything through: what is found does not depend on one. */
static size_t
skip_nothing(const uint8_t *bytes, size_t blocks, uint64_t *out)
{
	(void)bytes;
	(void)blocks;
	*out = UINT64_MAX;
	return 0;
}

/* Every sieve of this machine finds what is found without; how many. */
static size_t
sieves_agree(const uint8_t *bytes, size_t size)
{
	const struct embedded_sieve *sieve = embedded_sieves;
	const uint8_t *fenced = t_fence(bytes, size);
	size_t count = 0;

	for (;; sieve++) {
		struct cur in = cur_from(fenced, size), all = in;
		struct embedded e, want;
		bool found = sieve->runs();

		in.origin = all.origin = 40000;
		for (count = 0; found; count++) {
			found = embedded_find_with(sieve->skip, &in, &e);
			t_eq(found,
			    embedded_find_with(skip_nothing, &all, &want));
			t_eq(in.pos, all.pos);
			if (!found)
				break;
			t_eq(e.off, want.off);
			t_eq(e.size, want.size);
			t_eq(e.data, want.data);
			t_eq(e.kind, want.kind);
		}
		if (sieve->skip == embedded_skip_portable)
			return count;
	}
}

#define DISK_SIZE 132u
#define MADE_MAX  140u /* the longest that make() makes */

/* One of those above, or of those that had to be made; its size. */
static size_t
make(uint8_t *out, size_t which)
{
	static const uint8_t blocks[] = { 9, 0, 0, 0, 0, 0, 0, 9 };
	uint32_t sum;

	if (which < HEADERS) {
		memcpy(out, headers[which].bytes, headers[which].size);
		return headers[which].size;
	}
	memset(out, 0, DISK_SIZE);
	if (which == HEADERS) {
		memcpy(out, "\1CD001\1", 7);
		memcpy(out + 80, blocks, sizeof(blocks));
		memcpy(out + 128, "\0\x08\x08", 4);
		return DISK_SIZE;
	}
	if (which == HEADERS + 1) {
		memcpy(out, "MZ", 2);
		out[60] = 100;
		memcpy(out + 100, "PE\0", 4);
		return 104;
	}
	memcpy(out, "\x60\xea\x22\0\x22\x0b\1", 7);
	sum = codec_crc32(0, out + 4, 0x22);
	memcpy(out + 4 + 0x22, &sum, 4); /* the tests' machines are so */
	return 4 + 0x22 + 4;
}

#define MADE (HEADERS + 3)

/* Every header at every place of a block, whole and cut off anywhere. */
static void
sieves_agree_at_every_place(void **unused)
{
	uint8_t bytes[200 + MADE_MAX];
	size_t which, at, size, cut;

	(void)unused;
	for (which = 0; which < MADE; which++) {
		for (at = 0; at < 200; at++) {
			memset(bytes, 0xfd, sizeof(bytes));
			size = make(bytes + at, which);
			t_eq(sieves_agree(bytes, at + size), 1);
			for (cut = 1; at < 2 && cut < size; cut++)
				t_eq(sieves_agree(bytes, at + size - cut), 0);
		}
	}
}

/* Fill bytes with beginnings of magic numbers, most of them only that. */
static void
fill_with_almost(uint8_t *bytes, size_t size)
{
	uint8_t one[MADE_MAX];
	size_t at = 0, n, rounds;

	while (at < size) {
		n = make(one, t_below(MADE));
		if (t_below(8) != 0)
			n = 1 + t_below(4);
		for (rounds = 1 + t_below(3); rounds > 0 && at < size;
		     rounds--) {
			size_t fits = n < size - at ? n : size - at;

			memcpy(bytes + at, one, fits);
			at += fits;
		}
	}
}

/* Noise, noise of nothing but bytes of magic numbers, and headers in both. */
static void
fill_with_noise(uint8_t *bytes, size_t size)
{
	static const uint8_t magic[] = "PK\3MZSCRar!7z\xbc\x60\xea\x1f\x8b\x08"
				       "\xfd\xd0\xcf\x11"
				       "BZh1\1CD001";
	bool is_magic = t_below(2) == 0;
	size_t i, planted = t_below(4);

	for (i = 0; i < size; i++)
		bytes[i] = is_magic ? magic[t_below(sizeof(magic))]
				    : (uint8_t)t_below(256);
	while (planted-- > 0 && size > MADE_MAX)
		(void)make(bytes + t_below((uint32_t)(size - MADE_MAX)),
		    t_below(MADE));
}

static void
sieves_agree_on_anything(void **unused)
{
	uint8_t bytes[1500];
	size_t round, size, found = 0;

	(void)unused;
	t_seed(21);
	for (round = 0; round < 6000; round++) {
		size = t_below(round % 8 == 0 ? sizeof(bytes) : 300);
		if (round % 2 == 0)
			fill_with_almost(bytes, size);
		else
			fill_with_noise(bytes, size);
		found += sieves_agree(bytes, size);
	}
	assert_true(found > 3000);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(finds_each_anywhere),
		cmocka_unit_test(finds_disks_from_behind),
		cmocka_unit_test(refuses_broken_ones),
		cmocka_unit_test(refuses_magic_alone),
		cmocka_unit_test(survives_anything),
		cmocka_unit_test(sieves_agree_at_every_place),
		cmocka_unit_test(sieves_agree_on_anything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
