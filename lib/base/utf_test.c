/*
 * utf_test.c - characters, whole and halved.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/ascii.h"
#include "lib/base/utf.h"
#include "tests/t.h"

#include <ctype.h>
#include <string.h>

static uint32_t
read_one(const char *bytes, size_t size, bool is_big, size_t *left)
{
	struct cur c = cur_from(t_fence(bytes, size), size);
	uint32_t character = utf16_read(&c, is_big);

	*left = cur_left(&c);
	return character;
}

static void
test_pairs_are_one_character_and_halves_stay_halves(void **state)
{
	size_t left;

	(void)state;
	t_eq(read_one("\xac\x20", 2, false, &left), 0x20ac);
	t_eq(read_one("\x20\xac", 2, true, &left), 0x20ac);
	t_eq(read_one("\xd8\x3d\xde\x00z", 5, true, &left), 0x1f600);
	t_eq(left, 1);
	t_eq(read_one("\x3d\xd8\x00\xde", 4, false, &left), 0x1f600);
	t_eq(left, 0);
	t_eq(read_one("\xd8\x3d\0x", 4, true, &left), 0xd83d);
	t_eq(left, 2);
	t_eq(read_one("\xde\x00\xd8\x3d", 4, true, &left), 0xde00);
	t_eq(left, 2);
	t_eq(read_one("\xd8\x3d\xde", 3, true, &left), 0xd83d);
	t_eq(left, 1);
	t_eq(read_one("\xd8", 1, true, &left), 0);
	t_eq(left, 0);
	assert_true(utf16_is_half(0xd800) && utf16_is_half(0xdfff));
	assert_false(utf16_is_half(0xd7ff) || utf16_is_half(0xe000));
}

static void
test_utf8_is_as_long_as_it_must_be(void **state)
{
	static const struct {
		uint32_t character;
		const char *bytes;
	} rows[] = {
		{ 0x7f, "\x7f" },
		{ 0x80, "\xc2\x80" },
		{ 0x7ff, "\xdf\xbf" },
		{ 0x800, "\xe0\xa0\x80" },
		{ 0xffff, "\xef\xbf\xbf" },
		{ 0x10000, "\xf0\x90\x80\x80" },
		{ 0x10ffff, "\xf4\x8f\xbf\xbf" },
	};
	uint8_t out[UTF8_MAX];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		t_eq(utf8_write(rows[i].character, out), strlen(rows[i].bytes));
		assert_memory_equal(out, rows[i].bytes, strlen(rows[i].bytes));
	}
	t_eq(utf8_write(0, out), 1);
	t_eq(out[0], 0);
}

/* The C library's answers in the locale "C", for every byte. */
static void
test_ascii_is_what_the_c_locale_says(void **state)
{
	static const char digits[] = "0123456789abcdef";
	int c;

	(void)state;
	for (c = 0; c < 256; c++) {
		const char *at = memchr(digits, tolower(c), 16);

		t_eq(ascii_lower((uint8_t)c), tolower(c));
		t_eq(ascii_is_letter((uint8_t)c), isalpha(c) != 0);
		t_eq(ascii_is_digit((uint8_t)c), isdigit(c) != 0);
		t_eq(ascii_hex((uint8_t)c), at == NULL ? -1 : at - digits);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    test_pairs_are_one_character_and_halves_stay_halves),
		cmocka_unit_test(test_utf8_is_as_long_as_it_must_be),
		cmocka_unit_test(test_ascii_is_what_the_c_locale_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
