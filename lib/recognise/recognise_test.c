/*
 * recognise_test.c - what files say of themselves is told, and files that
 * lie are survived.
 *
 * The files are made by tests/make/recognise.py.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/recognise/recognise.h"
#include "tests/t.h"
#include "tests/t_format.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define FOLDER T_CORPUS "/recognise/"
#define MEMORY ((size_t)40 << 20)

static const char *const word[RECOGNISE_WHATS] = {
	[RECOGNISE_SIGNER] = "signer",
	[RECOGNISE_COUNTERSIGNER] = "countersigner",
	[RECOGNISE_COMPANY] = "company",
	[RECOGNISE_PRODUCT] = "product",
	[RECOGNISE_SETUP] = "setup",
	[RECOGNISE_STRING] = "string",
	[RECOGNISE_CLASS] = "class",
	[RECOGNISE_APP] = "app",
	[RECOGNISE_PACKAGE] = "package",
	[RECOGNISE_SUPPLIER] = "supplier",
	[RECOGNISE_MEMBER] = "member",
	[RECOGNISE_GAP] = "gap",
};

/* What was told, a line each: "signer X|detail". */
struct notes {
	char text[1 << 16];
	size_t size, count;
};

static struct notes notes;
static uint8_t *memory;

static void
note(void *self, enum recognise_what what, struct cur value, struct cur detail)
{
	struct notes *n = self;
	int got;

	assert_in_range(what, 0, RECOGNISE_WHATS - 1);
	assert_true(value.size > 0 && value.size <= RECOGNISE_TEXT);
	assert_true(detail.size <= RECOGNISE_TEXT);
	n->count++;
	got = snprintf(n->text + n->size, sizeof(n->text) - n->size,
	    "%s %.*s%s%.*s\n", word[what], (int)value.size, value.base,
	    detail.size > 0 ? "|" : "", (int)detail.size,
	    detail.size > 0 ? (const char *)detail.base : "");
	if (got > 0 && (size_t)got < sizeof(n->text) - n->size)
		n->size += (size_t)got;
}

static void
look(struct source *source, size_t room)
{
	const struct cur needle[] = { cur_from("KITE_PLUGINS", 12),
		cur_from("KITE_PATH", 9) };
	struct arena arena;
	struct recognise r = { .source = source,
		.arena = &arena,
		.needle = needle,
		.needle_count = 2,
		.tell = note,
		.self = &notes };

	notes.size = notes.count = 0;
	notes.text[0] = '\0';
	arena_init(&arena, memory, room);
	recognise_file(&r, recognise_kind(&r));
	t_eq(arena.used, 0);
}

static void
look_at(const uint8_t *bytes, size_t size, size_t room)
{
	struct source source = source_from(bytes, size);

	look(&source, room);
}

/* --- what is told --------------------------------------------------------- */

static const struct {
	const char *file, *want;
} samples[] = {
	{ "signed.exe",
	    "signer AO Example Lab\ncountersigner A Clock\nsigner Another\n"
	    "company AO Example Lab|Example Thing\n"
	    "product Example Thing|21.3\nsetup setup\n" },
	{ "token.dll",
	    "signer Nobody\nsigner No Body\ncountersigner A Token\n"
	    "string KITE_PLUGINS\n" },
	{ "bmp.exe", "signer Example Lab\n" },
	{ "signed.cab", "signer AO Example Lab\nmember a.txt\n" },
	{ "signed.msi",
	    "signer AO Example Lab\n"
	    "company AO Example Lab|A program\nproduct A program\n" },
	{ "app.apk",
	    "signer Somebody Else\n"
	    "member AndroidManifest.xml\napp com.example.bank\n"
	    "member classes.dex\nclass com.kite.Engine\nclass a.B\n"
	    "member lib/arm64-v8a/libkite.so\n"
	    "member META-INF/CERT.RSA\nsigner Somebody\n" },
	{ "bundle.xapk",
	    "member part0.apk\nmember AndroidManifest.xml|part0.apk\n"
	    "app com.example.inner\nmember classes.dex|part0.apk\n"
	    "class com.example.bank.Main\n" },
	{ "bundle.aab",
	    "member base/manifest/AndroidManifest.xml\n"
	    "app com.example.bundle\nmember base/dex/classes.dex\n"
	    "class a.B\n" },
	{ "utf8.apk", "member AndroidManifest.xml\napp com.example.utf8\n" },
	{ "thing.deb",
	    "member debian-binary\nmember control.tar.xz\n"
	    "member ./control|control.tar.xz\npackage thing|1.0-1\n"
	    "supplier A Maker <a@example.org>|thing\nmember data.tar.xz\n"
	    "member ./opt/thing/a|data.tar.xz\n"
	    "member ./opt/thing/ppl/b.ppl|data.tar.xz\n" },
	{ "listed.deb",
	    "member debian-binary\nmember control.tar.xz\n"
	    "member ./control|control.tar.xz\npackage thing|1.0-1\n"
	    "supplier A Maker <a@example.org>|thing\n"
	    "member ./md5sums|control.tar.xz\nmember opt/thing/a|data.tar\n"
	    "member data.tar.xz\n" },
	{ "thing.rpm",
	    "package thing|1.0\nsupplier A Maker|thing\n"
	    "member /opt/thing/a\nmember /usr/bin/b\n" },
	{ "engine.elf", "string KITE_PATH\n" },
	{ "wide.exe", "string KITE_PATH\n" },
	{ "signed.macho",
	    "app com.example.tool\nsigner ABCDE12345\nsigner A Developer\n" },
	/* A signature that is not where it is said to be. */
	{ "outside.pe", "" },
	{ "huge.pe", "gap signature|it is cut or malformed\n" },
	{ "overlap.pe", "gap signature|it is cut or malformed\n" },
};

#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

static void
test_samples(void **state)
{
	size_t i, size;
	uint8_t *bytes;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		bytes = t_need(FOLDER, samples[i].file, "", &size);
		look_at(t_fence(bytes, size), size, MEMORY);
		assert_string_equal(notes.text, samples[i].want);
		free(bytes);
	}
}

/* A source that is not in memory says the same. */
static size_t
read_bytes(struct source *s, uint64_t off, void *buf, size_t size)
{
	struct source *memory_source = s->ctx;

	return source_read(memory_source, off, buf, size);
}

static void
test_not_in_memory(void **state)
{
	size_t i, size;
	uint8_t *bytes;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		struct source inner, outer;

		bytes = t_need(FOLDER, samples[i].file, "", &size);
		inner = source_from(bytes, size);
		outer = (struct source){
			.size = size, .read = read_bytes, .ctx = &inner
		};
		look(&outer, MEMORY);
		assert_string_equal(notes.text, samples[i].want);
		free(bytes);
	}
}

/* --- hostile files -------------------------------------------------------- */

static void
test_every_prefix(void **state)
{
	size_t i, size, n;
	uint8_t *bytes;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		bytes = t_need(FOLDER, samples[i].file, "", &size);
		for (n = 0; n < size; n += 1 + n / 64)
			look_at(t_fence(bytes, n), n, MEMORY);
		free(bytes);
	}
}

static void
test_many_mutations(void **state)
{
	static const uint8_t hurt[] = { 0, 1, 0x7f, 0x80, 0x84, 0xff };
	size_t i, size, n, k;
	uint8_t *bytes;

	(void)state;
	t_seed(6);
	for (i = 0; i < SAMPLES; i++) {
		bytes = t_need(FOLDER, samples[i].file, "", &size);
		for (n = 0; n < 400; n++) {
			size_t at = t_below((uint32_t)size);
			uint8_t was = bytes[at];

			k = t_below(sizeof(hurt));
			bytes[at] = hurt[k];
			look_at(t_fence(bytes, size), size, MEMORY);
			bytes[at] = was;
		}
		free(bytes);
	}
}

static void
test_little_memory(void **state)
{
	size_t i, size, room;
	uint8_t *bytes;

	(void)state;
	for (i = 0; i < SAMPLES; i++) {
		bytes = t_need(FOLDER, samples[i].file, "", &size);
		for (room = 64; room < MEMORY; room *= 2)
			look_at(bytes, size, room);
		free(bytes);
	}
}

static int
warm(void **state)
{
	(void)state;
	memory = malloc(MEMORY);
	return formats_warm() && memory != NULL ? 0 : -1;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_samples),
		cmocka_unit_test(test_not_in_memory),
		cmocka_unit_test(test_every_prefix),
		cmocka_unit_test(test_many_mutations),
		cmocka_unit_test(test_little_memory),
	};

	return cmocka_run_group_tests(tests, warm, NULL);
}
