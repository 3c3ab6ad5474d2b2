/*
 * pe_packer_test.c - packers and installers are named, compilers' work is not.
 *
 * Every executable here is made by the test: headers, and nothing that runs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/openers.h"
#include "tests/t.h"
#include "tests/t_format.h"

#include <stdlib.h>
#include <string.h>

#define IMAGE_END 0x800u
#define RESOURCES 0x600u
#define ENTRY     0x410u

static uint8_t file[0x2000];

static void
put32(size_t off, uint32_t value)
{
	size_t i;

	for (i = 0; i < 4; i++)
		file[off + i] = (uint8_t)(value >> 8 * i);
}

static void
put_section(size_t row, const char *name, uint32_t rva, uint32_t off)
{
	size_t at = 0x80 + 24 + 0xe0 + 40 * row;

	memcpy(file + at, name, strlen(name));
	put32(at + 8, 0x1000);
	put32(at + 12, rva);
	put32(at + 16, 0x200);
	put32(at + 20, off);
}

/* A 32-bit executable: code at 0x400, resources at 0x600. */
static void
make_image(const char *code_name)
{
	memset(file, 0, sizeof(file));
	memcpy(file, "MZ", 2);
	put32(60, 0x80);
	memcpy(file + 0x80, "PE\0\0\x4c\1\2\0", 8);
	put32(0x94, 0x010200e0);
	memcpy(file + 0x98, "\x0b\1", 2);
	put32(0x98 + 16, 0x1010);
	put32(0x98 + 32, 0x1000);
	put32(0x98 + 36, 0x200);
	put32(0x98 + 60, 0x400);
	put32(0x98 + 92, 16);
	put32(0x98 + 112, 0x2000);
	put32(0x98 + 116, 0x200);
	put_section(0, code_name, 0x1000, 0x400);
	put_section(1, ".rsrc", 0x2000, RESOURCES);
}

/* Walk the first size bytes of the file. */
static struct t_walk *
walk(size_t size)
{
	static struct t_walk w;

	t_walk(&w, &pe_opener, KIND_PE, NULL, file, size);
	t_eq(w.end, FORMAT_WHOLE);
	return &w;
}

/* Is name the only child, and not readable? */
static void
expect_only(const char *name, size_t size)
{
	struct t_walk *w = walk(size);

	if (w->count != 1 || strcmp(w->child[0].name, name) != 0)
		fail_msg("want %s: %zu, %s", name, w->count, w->child[0].name);
	t_eq(w->child[0].obstacle, FORMAT_UNSUPPORTED);
}

static void
test_section_names(void **state)
{
	static const char *const rows[][2] = { { "UPX0", "upx" },
		{ ".aspack", "aspack" }, { "MEW", "mew" },
		{ "PS\xff\xd5\xab\xeb\xe7\xc3", "upack" },
		{ "PECompact2", "pecompact" }, { ".vmp0", "vmprotect" } };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		char name[9] = { 0 };

		memcpy(name, rows[i][0],
		    strlen(rows[i][0]) < 8 ? strlen(rows[i][0]) : 8);
		make_image(name);
		if (strlen(rows[i][0]) > 8)
			continue; /* a header has no room for it */
		expect_only(rows[i][1], IMAGE_END);
	}
	make_image("MEW");
	memcpy(file + 0x80 + 24 + 0xe0, "MEW\0F\x12\xd2\xc3", 8);
	expect_only("mew", IMAGE_END);
}

static void
test_ordinary_sections_say_nothing(void **state)
{
	static const char *const names[] = { ".text", "CODE", "upx0", "UPX00",
		"UPX2", "UPX", ".ndata", ".adata", "MEWS", ".wixburn", "" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
		make_image(names[i]);
		t_eq(walk(IMAGE_END)->count, 0);
	}
}

struct code_row {
	size_t size;
	const char *code;
	const char *name;
};

#define CODE(code, name)                     \
	{                                    \
		sizeof(code) - 1, code, name \
	}

static const struct code_row code_rows[] = {
	/* clang-format off */
	CODE("\x60\xbe\1\2\3\4\x8d\xbe\5\6\7\x8\x57", "upx"),
	CODE("\x53\x56\x57\x55\x48\x8d\x35\1\2\3\4\x48\x8d\xbe", "upx"),
	CODE("\x87\x25\1\2\3\4\x61\x94\x55\xa4\xb6\x80\xff\x13", "fsg"),
	CODE("\xeb\1\x68\x60\xe8\0\0\0\0\x8b\x1c\x24\x83\xc3\x12\x81\x2b",
	    "pespin"),
	CODE("\x53\x55\x8b\xe8\x33\xdb\xeb\x60", "wwpack32"),
	CODE("\xbe\1\2\3\4\xad\x50\xff\x76\x34\xeb", "upack"),
	/* clang-format on */
};

static void
test_code_at_the_entry(void **state)
{
	const struct code_row *row;
	size_t i, at;

	(void)state;
	for (i = 0; i < sizeof(code_rows) / sizeof(code_rows[0]); i++) {
		row = &code_rows[i];
		make_image(".text");
		memcpy(file + ENTRY, row->code, row->size);
		expect_only(row->name, IMAGE_END);
		for (at = 0; at < row->size; at++) {
			file[ENTRY + at] ^= 1;
			if ((uint8_t)row->code[at] == 0 ||
			    (uint8_t)row->code[at] > 8)
				t_eq(walk(IMAGE_END)->count, 0);
			file[ENTRY + at] ^= 1;
		}
		make_image(".text");
		memcpy(file + ENTRY + 1, row->code, row->size);
		t_eq(walk(IMAGE_END)->count, 0);
	}
}

static void
test_names_are_told_once(void **state)
{
	struct t_walk *w;

	(void)state;
	make_image("UPX0");
	put_section(1, "UPX1", 0x2000, RESOURCES);
	memcpy(file + ENTRY, code_rows[0].code, code_rows[0].size);
	expect_only("upx", IMAGE_END);
	make_image("UPX0");
	memcpy(file + 0x80 + 24 + 0xe0 + 40, "yC\0\0\0", 5);
	w = walk(IMAGE_END);
	t_eq(w->count, 2);
	assert_string_equal(w->child[0].name, "upx");
	assert_string_equal(w->child[1].name, "yoda's crypter");
}

static void
test_marks_of_installers(void **state)
{
	static const char nsis[] = "\0\0\0\0\xef\xbe\xad\xdeNullsoftInst";
	static const char script[] = "\xa3\x48\x4b\xbe\x98\x6c\x4a\xa9\x99\x4c"
				     "\x53\x0a\x86\xd6\x48\x7d"
				     "AU3!EA06";

	(void)state;
	make_image(".text");
	memcpy(file + IMAGE_END, nsis, sizeof(nsis));
	expect_only("nsis installer", IMAGE_END + 64);
	make_image(".text"); /* not where the installer looks for it */
	memcpy(file + IMAGE_END + 16, nsis, sizeof(nsis));
	t_eq(walk(IMAGE_END + 64)->count, 0);
	make_image(".text");
	memcpy(file + IMAGE_END + 0x400, nsis, sizeof(nsis));
	expect_only("nsis installer", IMAGE_END + 0x500);
	make_image(".text");
	memcpy(file + IMAGE_END + 3, script, sizeof(script));
	expect_only("autoit script", IMAGE_END + 64);
	make_image(".text");
	memcpy(file + RESOURCES + 99, "rDlPtS\xcd\xe6", 8);
	expect_only("inno setup", IMAGE_END);
	make_image(".text"); /* in code it is somebody's constant */
	memcpy(file + 0x480, "rDlPtS\xcd\xe6", 8);
	t_eq(walk(IMAGE_END)->count, 0);
	make_image(".text");
	memcpy(file + IMAGE_END + 9, "InstallShield\0\5\0", 16);
	expect_only("installshield", IMAGE_END + 64);
}

/* Write name, path, version, size and data at off; where it ends. */
static size_t
put_entry(size_t off, const char *header, size_t header_size, const char *data)
{
	memcpy(file + off, header, header_size);
	memcpy(file + off + header_size, data, strlen(data));
	return off + header_size + strlen(data);
}

#define ENTRY_AT(off, header, data) put_entry(off, header, sizeof(header), data)

static void
test_installshield_lists_are_opened(void **state)
{
	struct t_walk *w;
	size_t at = IMAGE_END;

	(void)state;
	make_image(".text");
	at = ENTRY_AT(at, "one.txt\0Disk1\\one.txt\0001.2.3\0005", "first");
	at = ENTRY_AT(at, "all.ibt\0all.ibt\0000.0\00039", "");
	at = ENTRY_AT(at, "two.txt\0two.txt\0000.0\0006", "second");
	at = ENTRY_AT(at, "x\0y\0009\0003", "yes");
	w = walk(at);
	t_eq(w->count, 4);
	assert_true(t_child_is(w, 0, "one.txt", "first", 5));
	assert_string_equal(w->child[1].name, "all.ibt");
	t_eq(w->child[1].size, 39);
	assert_true(t_child_is(w, 2, "two.txt", "second", 6));
	assert_true(t_child_is(w, 3, "x", "yes", 3));
	t_every_prefix(&pe_opener, KIND_PE, file, at);
	t_every_byte(&pe_opener, KIND_PE, file, at);
	t_every_arena_size(&pe_opener, KIND_PE, file, at);
	w = walk(at - 1);
	t_eq(w->child[w->count - 1].end, FORMAT_TRUNCATED);
}

static void
test_what_is_no_installshield_list(void **state)
{
	static const struct code_row headers[] = {
		CODE("a\0b\0001.0\000x5\0data", "a size that is none"),
		CODE("a\0b\0v1.0\0005\0data", "a version that is none"),
		CODE("\0b\0001.0\0005\0data", "no name"),
		CODE("a\nb\0c\0001.0\0005\0data", "a name of two lines"),
		CODE("a\0b\0001.0\00012345678901\0data", "eleven digits"),
		CODE("a\0b\0001.0\0", "no size"),
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
		make_image(".text");
		memcpy(file + IMAGE_END, headers[i].code, headers[i].size);
		if (walk(IMAGE_END + 64)->count != 0)
			fail_msg("took %s", headers[i].name);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_section_names),
		cmocka_unit_test(test_ordinary_sections_say_nothing),
		cmocka_unit_test(test_code_at_the_entry),
		cmocka_unit_test(test_names_are_told_once),
		cmocka_unit_test(test_marks_of_installers),
		cmocka_unit_test(test_installshield_lists_are_opened),
		cmocka_unit_test(test_what_is_no_installshield_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
