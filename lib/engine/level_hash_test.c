/*
 * level_hash_test.c - claims about signatures that are digests, allow lists.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t.h"
#include "tests/t_blob.h"
#include "tests/t_engine.h"

#include <stdio.h>
#include <string.h>

#define LARGE ((size_t)40 << 20)
#define SMALL ((size_t)13 << 20) /* decoded objects are streams */

static struct t_said said;
static const struct scan_options all = { .flags = SCAN_ALL_MATCHES };

/* Append a hash_line() under another name. */
static void
hash_add(char text[512], const char *line, const char *name)
{
	size_t at = strlen(text);

	(void)snprintf(text + at, 512 - at, "%.*s%s\n",
	    (int)(strlen(line) - strlen("Hash\n")), line, name);
}

/* --- hashes --------------------------------------------------------------- */

static void
test_file_hashes_find_members_of_every_digest(void **state)
{
	static const enum digest_kind kinds[] = { DIGEST_MD5, DIGEST_SHA1,
		DIGEST_SHA256 };
	size_t i;

	(void)state;
	for (i = 0; i < 3; i++) {
		const struct t_signatures texts[] = {
			{ "t.hsb", hash_line(kinds[i], "member", 6, false) },
			{ NULL, NULL }
		};
		struct t_engine *e = t_engine_new(texts, LARGE);
		struct blob b =
		    gzipped(zipped("m", gzipped(blob_text("member"))));

		t_engine_bytes(e, b.bytes, b.size, &all, &said);
		t_eq(said.matches, 1);
		t_eq(said.object[said.match[0].object].depth, 3);
		t_eq(said.match[0].size, 0);
		t_engine_resize(e, SMALL);
		t_engine_pieces(e, b.bytes, b.size, &all, &said);
		t_eq(said.matches, 1);
		blob_free(&b);
		t_engine_free(e);
	}
}

/*
 * Digests of several files taken at once are those of each, and what is known
 * of a file is believed: here, that it is another.
 */
static void
test_digests_of_whole_files_are_taken_at_once_and_believed(void **state)
{
	static const char text[] = "0123456789abcdefghijklmnopqrstuvwxyz";
	const struct t_signatures texts[] = {
		{ "t.hdb", hash_line(DIGEST_MD5, text, 9, false) },
		{ "t.hsb", hash_line(DIGEST_SHA1, text, 9, false) },
		{ NULL, NULL }
	};
	struct t_engine *e = t_engine_new(texts, LARGE);
	struct source file[80];
	static struct file_digests known[80];
	uint8_t want[DIGEST_SIZE_MAX];
	struct scan_options options = { .flags = SCAN_ALL_MATCHES };
	size_t i;

	(void)state;
	for (i = 0; i < 80; i++)
		file[i] = source_from(text + i % 20, 9 + i / 40);
	file[7] = (struct source){ .size = 9 };
	engine_hash_files(e->engine, file, 80, 0, known);
	for (i = 0; i < 80; i++) {
		t_eq(known[i].known,
		    i == 7 || i >= 40 ? 0
				      : 1u << DIGEST_MD5 | 1u << DIGEST_SHA1);
		if (known[i].known == 0)
			continue;
		digest_of(DIGEST_SHA1, file[i].mem, (size_t)file[i].size, want);
		assert_memory_equal(known[i].digest[DIGEST_SHA1], want, 20);
	}
	engine_hash_files(e->engine, file, 2, SCAN_HASH, known);
	t_eq(known[1].known, (1u << DIGEST_KINDS) - 1);
	options.known = &known[1];
	t_engine_bytes(e, text + 1, 9, &options, &said);
	t_eq(said.matches, 0);
	t_eq(said.summary.has_sha256, false);
	options.known = &known[0];
	t_engine_bytes(e, text + 1, 9, &options, &said);
	t_eq(said.matches, 2);
	t_eq(said.summary.has_sha256, true);
	assert_memory_equal(said.summary.sha256, known[0].digest[DIGEST_SHA256],
	    32);
	t_engine_free(e);
}

static void
test_section_and_import_hashes_find_programs(void **state)
{
	static const char imports[] = "kernel32.exitprocess,user32.messageboxa";
	struct blob program = corpus("32.exe");
	const struct t_signatures sections[] = {
		{ "t.mdb",
		    hash_line(DIGEST_MD5, program.bytes + 0x400, 512, true) },
		{ NULL, NULL }
	};
	const struct t_signatures tables[] = {
		{ "t.imp",
		    hash_line(DIGEST_MD5, imports, strlen(imports), false) },
		{ NULL, NULL }
	};
	struct t_engine *e = t_engine_new(sections, LARGE);

	(void)state;
	t_engine_bytes(e, program.bytes, program.size, &all, &said);
	t_eq(said.matches, 1);
	program = zipped("p.exe", program);
	t_engine_bytes(e, program.bytes, program.size, &all, &said);
	t_eq(said.matches, 1);
	t_eq(said.match[0].object, 1);
	t_engine_free(e);
	e = t_engine_new(tables, LARGE);
	t_engine_bytes(e, program.bytes, program.size, &all, &said);
	t_eq(said.matches, 1);
	t_eq(said.match[0].object, 1);
	t_engine_free(e);
	blob_free(&program);
}

/* As little memory as it takes to scan: too little to hold even a file. */
static void
engine_shrink(struct t_engine *e)
{
	size_t size = 0;

	do
		t_engine_resize(e, size += (size_t)1 << 20);
	while (e->engine == NULL);
	t_engine_resize(e, size + ((size_t)4 << 20));
}

/*
 * Every kind of digest of the file, a section and the imports, taken in one
 * go: told in the order of what was hashed, then of kinds, wherever the bytes
 * are.
 */
static void
test_hashes_of_all_kinds_are_told_in_order(void **state)
{
	static const char imports[] = "kernel32.exitprocess,user32.messageboxa";
	static const char *const order[] = { "File.Md5", "File.Sha1",
		"File.Sha256", "Section.Md5", "Section.Sha1", "Section.Sha256",
		"Imports" };
	struct blob program = corpus("32.exe");
	const uint8_t *section = program.bytes + 0x400;
	char text[3][512];
	struct t_signatures texts[] = { { "a.imp", text[0] },
		{ "b.msb", text[1] }, { "c.hsb", text[2] }, { NULL, NULL } };
	struct t_engine *e;
	uint32_t i, turn;

	(void)state;
	text[0][0] = text[1][0] = text[2][0] = 0;
	hash_add(text[0],
	    hash_line(DIGEST_MD5, imports, strlen(imports), false), order[6]);
	for (i = DIGEST_KINDS; i-- > 0;) {
		hash_add(text[1], hash_line(i, section, 512, true),
		    order[3 + i]);
		hash_add(text[2],
		    hash_line(i, program.bytes, program.size, false), order[i]);
	}
	e = t_engine_new(texts, LARGE);
	for (turn = 0; turn < 3; turn++) {
		if (turn == 0)
			t_engine_bytes(e, program.bytes, program.size, &all,
			    &said);
		else
			t_engine_pieces(e, program.bytes, program.size, &all,
			    &said);
		t_eq(said.matches, 7);
		for (i = 0; i < 7; i++)
			assert_string_equal(said.match[i].name, order[i]);
		t_eq(said.summary.has_sha256, true);
		if (turn == 1)
			engine_shrink(e);
	}
	t_engine_free(e);
	blob_free(&program);
}

/* --- allow lists ---------------------------------------------------------- */

static void
test_allow_list_on_a_member_spares_only_it(void **state)
{
	const struct t_signatures texts[] = { t_marker_only[0],
		{ "t.fp",
		    hash_line(DIGEST_MD5, T_MARKER, strlen(T_MARKER), false) },
		{ NULL, NULL } };
	struct t_engine *e = t_engine_new(texts, LARGE);
	struct zip z = { 0 };
	struct blob b;

	(void)state;
	zip_add(&z, "good", blob_text(T_MARKER));
	zip_add(&z, "bad", gzipped(blob_text(T_MARKER "!")));
	b = zip_end(&z);
	t_engine_bytes(e, T_MARKER, strlen(T_MARKER), &all, &said);
	t_eq(said.matches, 0);
	t_engine_bytes(e, b.bytes, b.size, &all, &said);
	/* The archive itself holds the stored member's bytes, and so the
	   marker: it is the archive that is not on the list. */
	assert_non_null(t_said_find(&said, "Marker"));
	t_eq(said.match[said.matches - 1].object, 4); /* 2: a view of 1 */
	t_eq(said.matches, 2);
	blob_free(&b);
	t_engine_free(e);
}

static void
test_allow_list_on_a_container_spares_all_in_it(void **state)
{
	struct blob b =
	    gzipped(zipped("a.gz", gzipped(blob_text("xx " T_MARKER))));
	const struct t_signatures texts[] = { t_marker_only[0],
		{ "t.fp", hash_line(DIGEST_MD5, b.bytes, b.size, false) },
		{ NULL, NULL } };
	struct t_engine *e = t_engine_new(texts, LARGE);

	(void)state;
	t_engine_bytes(e, b.bytes, b.size, &all, &said);
	t_eq(said.matches + said.gaps, 0);
	t_engine_resize(e, SMALL);
	t_engine_pieces(e, b.bytes, b.size, &all, &said);
	t_eq(said.matches + said.gaps, 0);
	b.bytes[4] ^= 1; /* gzip's time: same contents, another file */
	t_engine_bytes(e, b.bytes, b.size, &all, &said);
	t_eq(said.matches, 1);
	blob_free(&b);
	t_engine_free(e);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_file_hashes_find_members_of_every_digest),
		cmocka_unit_test(
		    test_digests_of_whole_files_are_taken_at_once_and_believed),
		cmocka_unit_test(test_section_and_import_hashes_find_programs),
		cmocka_unit_test(test_hashes_of_all_kinds_are_told_in_order),
		cmocka_unit_test(test_allow_list_on_a_member_spares_only_it),
		cmocka_unit_test(
		    test_allow_list_on_a_container_spares_all_in_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
