/*
 * ident_test.c - files and what they are taken for.
 *
 * What is text, HTML, mail or PDF was compared with clamscan --debug for every
 * row below.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/ident/html.h"
#include "lib/ident/ident.h"
#include "tests/t.h"

#include <stdio.h>
#include <string.h>

#define BIG ((size_t)64 * 1024)

static uint8_t memory[(size_t)1 << 20];
static uint8_t big[BIG];

static enum kind
guess(const void *bytes, size_t size)
{
	struct source s = source_from(t_fence(bytes, size), size);
	struct arena a;

	arena_init(&a, memory, sizeof(memory));
	return ident_guess(&s, &a);
}

struct row {
	enum kind kind;
	size_t size;
	const char *bytes;
};

#define ROW(kind, text)                             \
	{                                           \
		KIND_##kind, sizeof(text) - 1, text \
	}

static const struct row rows[] = {
	/* clang-format off */
	ROW(EMPTY, ""),
	ROW(TEXT_ASCII, "hello\n"),
	ROW(TEXT_ASCII, "bell \a, escape \033, form feed \f"),
	ROW(TEXT_ASCII, "latin \xe9t\xe9"),
	ROW(TEXT_UTF8, "\xc3\xa9t\xc3\xa9"),
	ROW(TEXT_UTF8, "\xef\xbb\xbfmark"),
	ROW(TEXT_UTF16LE, "\xff\xfeh\0e\0l\0"),
	ROW(TEXT_UTF16BE, "\xfe\xff\0h\0e\0l"),
	ROW(TEXT_UTF16LE, "\xff\xfe\0\0h\0\0\0e\0\0\0"),
	ROW(UNKNOWN, "\xff\xfeh\0\xfe\xff"),
	ROW(TEXT_UTF16BE, "hello\1world "),
	ROW(UNKNOWN, "hello\1\0\0world"),
	ROW(UNKNOWN, "\0\0\0\0\0\0\0\0"),
	ROW(UNKNOWN, "\xfe\xff\0a\xff\xfe\0b"),
	ROW(HTML, "hello <html>"),
	ROW(HTML, "hello <HEAD>"),
	ROW(HTML, "hello <Script language"),
	ROW(HTML, "\1\2\3\4<iframe src=x>"),
	ROW(HTML, "x <a name=y href=z>"),
	ROW(HTML, "x <A HREF"),
	ROW(TEXT_ASCII, "hello <hTml> <html x> <body> <a\nhref> href <a hreF"),
	ROW(HTML_UTF16, "\xff\xfe<\0i\0m\0g\0 \0"),
	ROW(HTML_UTF16, "\xfe\xff\0<\0i\0m\0g\0 "),
	ROW(TEXT_UTF16BE, "\0<\0h\0t\0m\0l\0>\0a"),
	ROW(MAIL, "From: a@b\r\n\r\n"),
	ROW(MAIL, "Received: by x\r\n\r\n"),
	ROW(TEXT_ASCII, "from: a@b\r\n\r\n"),
	ROW(TEXT_ASCII, "\nFrom: a@b\r\n\r\n"),
	ROW(MAIL, "From a@b Thu Jan  1\nSubject: x\n\n"),
	ROW(MAIL, "From a@b Thu Jan  1\n>From x\nX-Y:\n"),
	ROW(MAIL, "From the book"),
	ROW(TEXT_ASCII, "From the book:\n\nA note: read it.\n:\n"),
	ROW(HTML, "From the book:\n<html>"),
	ROW(RTF, "{\\rtf1 <html>}"),
	ROW(PDF, "%PDF-1.4"),
	ROW(PDF, "text %pdf-1"),
	ROW(TEXT_ASCII, "%PDF 1.4"),
	ROW(HTML, "%PDF x <html> %PDF-"),
	ROW(PE, "MZ"),
	ROW(ELF, "\177ELF"),
	ROW(MACHO, "\xcf\xfa\xed\xfe"),
	ROW(MACHO_FAT, "\xca\xfe\xba\xbe\0\0\0\2"),
	ROW(MACHO_FAT, "\xca\xfe\xba\xbe\0\0\0\x1f"),
	ROW(JAVA_CLASS, "\xca\xfe\xba\xbe\0\0\0\x20"),
	ROW(JAVA_CLASS, "\xca\xfe\xba\xbe\0\0\0\x34"),
	ROW(UNKNOWN, "\xca\xfe\xba\xbe\0\3\0\x2d"),
	ROW(UNKNOWN, "\xca\xfe\xba\xbe\0\0\0\x40"),
	ROW(GIF, "GIF89a"),
	ROW(JPEG, "\xff\xd8\xff\xe0"),
	ROW(BMP, "BM is text to nobody"),
	ROW(SWF, "CWS\x09"),
	ROW(ZIP, "PK\3\4"),
	ROW(ZIP, "PK00PK\3\4"),
	ROW(GZIP, "\x1f\x8b\x08"),
	ROW(COMPRESS, "\x1f\x9d\x90"),
	ROW(UNKNOWN, "\x1f\x9d\x08\0\0\0\0\0"),
	ROW(ZSTD, "\x28\xb5\x2f\xfd"),
	ROW(ZSTD, "\x53\x2a\x4d\x18"),
	ROW(LZ4, "\x04\x22\x4d\x18"),
	ROW(LZMA, "\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0"),
	ROW(LZMA, "\x5d\0\0\xc0\0\x10\0\0\0\0\0\0\0\0"),
	ROW(UNKNOWN, "\x5d\0\0\xa0\0\x10\0\0\0\0\0\0\0\0"),
	ROW(TEXT_UTF16BE, "\x5d\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\1"),
	ROW(LZMA, "\x5e\0\0\x80\0\xff\xff\xff\xff\xff\xff\xff\xff\0"),
	ROW(LZMA, "\x5e\0\0\x80\0\x10\0\0\0\0\0\0\0\0"),
	ROW(LZMA, "\0\0\0\xc0\0\xff\xff\xff\xff\xff\xff\xff\xff\0"),
	ROW(UNKNOWN, "\x5e\0\0\xc0\0\x10\0\0\0\0\0\0\0\0"), /* 2^n + 2^(n-1) */
	ROW(UNKNOWN, "\x08\0\0\x80\0\x10\0\0\0\0\0\0\0\0"), /* lc is 8 */
	ROW(UNKNOWN, "\0\0\0\2\0\0\0\1\0\0\0\0\0\0\0\7"), /* 32-bit numbers */
	ROW(UNKNOWN, "\0\0\0\3\0\0\0\1\0\0\0\0\0\0\0\7"),
	ROW(ISHIELD, "ISc(\0\x95\0\1"),
	ROW(XML_WORD, "<?xml version='1.0'?><w:wordDocument x"),
	ROW(XML_WORD, "<?xml version=\"1.0\"?><?mso-application "
		      "progid=\"Word.Document\"?>"),
	ROW(XML_XL, "<?xml version=\"1.0\"?>\n<Workbook>"),
	ROW(TEXT_ASCII, "<Workbook xmlns="),
	ROW(TEXT_ASCII, "<?xml version=\"1.0\"?> progid=\"Word.Document\" "),
	ROW(XDP, "text <xdp:xdp>"),
	ROW(POSTSCRIPT, "%!PS-Adobe-3.0\n"),
	ROW(TEXT_ASCII, "%!PS\n"),
	ROW(HWP3, "HWP Document File V3.00 \x1a\1\2\3\4\5"),
	ROW(HWPOLE2, "\1\2\3\4\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"),
	ROW(LNK, "L\0\0\0\1\24\2\0\0\0\0\0\xc0\0\0\0\0\0\0F"),
	ROW(CRYPTFF, "\xb6\xb9\xac\xae\xfe\xff\xff\xff"),
	ROW(INTERNAL, "{\n  \"Magic\":\"CLAMJSONv0\""),
	ROW(SEVENZIP, "7z\xbc\xaf\x27\x1c"),
	ROW(RAR, "Rar!\x1a\7\1\0"),
	ROW(CAB, "MSCF\0\0\0\0"),
	ROW(LHA, "\x20\0-lh5-"),
	ROW(LHA, "ab-pm0-"),
	ROW(AR, "!<arch>\ndebian"),
	ROW(RPM, "\xed\xab\xee\xdb"),
	ROW(CPIO, "070701"),
	ROW(KWAJ, "KWAJ\x88\xf0\x27\xd1"),
	/* clang-format on */
};

static void
test_each_row_is_what_it_says(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		enum kind got = guess(rows[i].bytes, rows[i].size);

		if (got != rows[i].kind)
			print_error("row %zu: %s, want %s\n", i,
			    kind_row(got)->text, kind_row(rows[i].kind)->text);
		t_eq(got, rows[i].kind);
	}
}

static void
test_only_the_first_kilobyte_decides_what_is_text(void **state)
{
	(void)state;
	memset(big, 'a', 4096);
	memset(big + 1023, 0, 1);
	t_eq(guess(big, 4096), KIND_TEXT_UTF16BE);
	memset(big + 1020, 0, 4);
	t_eq(guess(big, 4096), KIND_UNKNOWN);
	memset(big, 'a', 4096);
	memset(big + 1024, 0, 64);
	t_eq(guess(big, 4096), KIND_TEXT_ASCII);
}

static void
test_tags_far_inside_make_text_html_but_not_data(void **state)
{
	(void)state;
	memset(big, 'a', BIG);
	memcpy(big + 60000, "<SCRIPT", 7);
	t_eq(guess(big, BIG), KIND_HTML);
	memset(big, 0, 8);
	t_eq(guess(big, BIG), KIND_UNKNOWN);
}

static void
test_pdf_must_start_in_the_first_kilobyte(void **state)
{
	(void)state;
	memset(big, 'a', 4096);
	memcpy(big + 1019, "%PDF-", 5);
	t_eq(guess(big, 4096), KIND_PDF);
	memset(big, 'a', 4096);
	memcpy(big + 1020, "%PDF-", 5);
	t_eq(guess(big, 4096), KIND_TEXT_ASCII);
}

static void
test_html_is_found_however_it_is_cut(void **state)
{
	static const char *const texts[] = { "aaaaaaaa<img bbbbbbbbb",
		"<a aaaaaaaaaaaaaaaaaaahref", "<a href", "<object",
		"bbbbb<HTML>" };
	size_t i, cut, second;

	(void)state;
	for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
		size_t size = strlen(texts[i]);

		for (cut = 0; cut <= size; cut++)
			for (second = cut; second <= size; second++) {
				struct html_finder f = { 0 };
				bool is =
				    html_find(&f, cur_from(texts[i], cut));

				is = is ||
				    html_find(&f,
					cur_from(texts[i] + cut, second - cut));
				is = is ||
				    html_find(&f,
					cur_from(texts[i] + second,
					    size - second));
				assert_true(is);
			}
	}
}

/* A V7 tar header around a name, with its sum. */
static void
make_old_tar(uint8_t *block, int wrong_by)
{
	unsigned sum = (unsigned)wrong_by;
	size_t i;

	memset(block, 0, 512);
	memcpy(block, "name", 4);
	memcpy(block + 124, "00000000000", 11);
	memset(block + 148, ' ', 8);
	for (i = 0; i < 512; i++)
		sum += block[i];
	(void)snprintf((char *)block + 148, 8, "%06o", sum);
}

static void
test_old_tar_is_known_by_its_sum(void **state)
{
	(void)state;
	make_old_tar(big, 0);
	t_eq(guess(big, 1024), KIND_TAR_OLD);
	make_old_tar(big, 1);
	t_eq(guess(big, 1024), KIND_UNKNOWN);
	memcpy(big + 257, "ustar", 5);
	t_eq(guess(big, 1024), KIND_TAR);
}

/* Put bytes into a header and make its sum right again. */
static enum kind
guess_old_tar_with(size_t off, const char *bytes, size_t size)
{
	unsigned sum = 0;
	size_t i;

	make_old_tar(big, 0);
	memcpy(big + off, bytes, size);
	memset(big + 148, ' ', 8);
	for (i = 0; i < 512; i++)
		sum += big[i];
	(void)snprintf((char *)big + 148, 8, "%06o", sum);
	return guess(big, 1024);
}

static void
test_old_tar_has_octal_numbers(void **state)
{
	static const uint8_t off[] = { 100, 108, 116, 124, 136 };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(off); i++) {
		t_eq(guess_old_tar_with(off[i], "  644 \0x", 8), KIND_TAR_OLD);
		t_eq(guess_old_tar_with(off[i], "\x80\0\0\x39", 4),
		    KIND_TAR_OLD);
		t_eq(guess_old_tar_with(off[i], "644;", 4), KIND_UNKNOWN);
		t_eq(guess_old_tar_with(off[i], "8", 1), KIND_UNKNOWN);
	}
	make_old_tar(big, 0);
	memcpy(big + 148, "2\"H\n bF", 8); /* "2" is not its sum */
	t_eq(guess(big, 1024), KIND_UNKNOWN);
}

static void
test_far_marks(void **state)
{
	(void)state;
	memset(big, 0, BIG);
	memcpy(big + 32768, "\1CD001\1", 7);
	t_eq(guess(big, BIG), KIND_ISO9660);
	memcpy(big + 32768, "\0BEA01\1", 7);
	t_eq(guess(big, BIG), KIND_UDF);
	memset(big, 0, BIG);
	memcpy(big + BIG - 512, "koly", 4);
	t_eq(guess(big, BIG), KIND_DMG);
	memset(big, 0, BIG);
	memcpy(big + BIG - 22, "PK\5\6\0\0\0\0\1\0\1", 11);
	t_eq(guess(big, BIG), KIND_ZIP);
	memset(big + BIG - 14, 0, 4); /* no members */
	t_eq(guess(big, BIG), KIND_UNKNOWN);
}

static void
test_disk_images_come_last(void **state)
{
	(void)state;
	memset(big, 0, BIG);
	memcpy(big + 510, "\x55\xaa", 2);
	t_eq(guess(big, BIG), KIND_MBR);
	memcpy(big + 512, "EFI PART", 8);
	t_eq(guess(big, BIG), KIND_GPT);
	memcpy(big + 512, "PM\0\0\0\0\0\0", 8);
	t_eq(guess(big, BIG), KIND_UNKNOWN);
	memcpy(big, "ER", 2);
	t_eq(guess(big, BIG), KIND_APM);
	memcpy(big + 32768, "\1CD001\1", 7);
	t_eq(guess(big, BIG), KIND_ISO9660);
}

/* A ZIP file of empty members: local headers, and their directory if asked. */
static size_t
make_zip(const char *const *name, size_t count, bool is_listed)
{
	size_t i, size = 0, directory, length;

	memset(big, 0, BIG);
	for (i = 0; i < count; i++) {
		length = strlen(name[i]);
		memcpy(big + size, "PK\3\4\24\0", 6);
		big[size + 26] = (uint8_t)length;
		memcpy(big + size + 30, name[i], length);
		size += 30 + length;
	}
	directory = size;
	for (i = 0; is_listed && i < count; i++) {
		length = strlen(name[i]);
		memcpy(big + size, "PK\1\2\24\0\24\0", 8);
		big[size + 28] = (uint8_t)length;
		memcpy(big + size + 46, name[i], length);
		size += 46 + length;
	}
	memcpy(big + size, "PK\5\6", 4);
	big[size + 8] = big[size + 10] = (uint8_t)count;
	big[size + 12] = (uint8_t)(size - directory);
	big[size + 13] = (uint8_t)((size - directory) >> 8);
	big[size + 16] = (uint8_t)directory;
	big[size + 17] = (uint8_t)(directory >> 8);
	return size + 22;
}

#define ZIP_OF(kind, is_listed, ...)                                       \
	do {                                                               \
		const char *const names[] = { __VA_ARGS__ };               \
		t_eq(guess(big,                                            \
			 make_zip(names, sizeof(names) / sizeof(names[0]), \
			     is_listed)),                                  \
		    KIND_##kind);                                          \
	} while (0)

static void
test_office_documents_are_known_by_their_members(void **state)
{
	(void)state;
	ZIP_OF(ZIP, true, "a", "b", "c", "word/d");
	ZIP_OF(OOXML_WORD, true, "a", "b", "word/d");
	ZIP_OF(OOXML_WORD, false, "word/d");
	ZIP_OF(OOXML_XL, true, "a", "xl/w", "word/d");
	ZIP_OF(OOXML_PPT, true, "ppt/");
	ZIP_OF(OOXML_HWP, true, "Contents/content.hpf");
	ZIP_OF(ZIP, true, "word", "Word/d", "/word/d", "wordx");
	ZIP_OF(OOXML_WORD, true, "[Content_Types].xml", "b", "c", "d", "e",
	    "word/d");
	ZIP_OF(OOXML_XL, true, "a", "docProps/a", "c", "d", "e", "xl/d");
	ZIP_OF(OOXML_PPT, true, "a", "customXml/a", "c", "d", "e", "ppt/d");
	ZIP_OF(OOXML_WORD, true, "mimetype", "b", "c", "d", "e", "word/d");
	ZIP_OF(ZIP, true, "_rels/.rels", "b", "c", "d", "e", "word/d");
	ZIP_OF(ZIP, true, "a", "b", "c", "mimetype", "word/d");
	ZIP_OF(ZIP, false, "[Content_Types].xml", "word/d");
}

static size_t
read_slowly(struct source *s, uint64_t off, void *buf, size_t size)
{
	struct source *of = s->ctx;

	return source_read(of, off, buf, size);
}

static void
test_a_stream_gives_the_same_answers(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct source of = source_from(rows[i].bytes, rows[i].size);
		struct source s = { .size = SOURCE_SIZE_UNKNOWN,
			.read = read_slowly,
			.ctx = &of };
		struct arena a;

		arena_init(&a, memory, sizeof(memory));
		t_eq(ident_guess(&s, &a), rows[i].kind);
		arena_init(&a, memory, 64);
		(void)ident_guess(&s, &a); /* no memory: any answer */
	}
}

static void
test_every_prefix_of_every_row_is_something(void **state)
{
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (size = 0; size < rows[i].size; size++)
			assert_true(guess(rows[i].bytes, size) < KIND_COUNT);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_row_is_what_it_says),
		cmocka_unit_test(
		    test_only_the_first_kilobyte_decides_what_is_text),
		cmocka_unit_test(
		    test_tags_far_inside_make_text_html_but_not_data),
		cmocka_unit_test(test_pdf_must_start_in_the_first_kilobyte),
		cmocka_unit_test(test_html_is_found_however_it_is_cut),
		cmocka_unit_test(test_old_tar_is_known_by_its_sum),
		cmocka_unit_test(test_old_tar_has_octal_numbers),
		cmocka_unit_test(test_far_marks),
		cmocka_unit_test(test_disk_images_come_last),
		cmocka_unit_test(
		    test_office_documents_are_known_by_their_members),
		cmocka_unit_test(test_a_stream_gives_the_same_answers),
		cmocka_unit_test(test_every_prefix_of_every_row_is_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
