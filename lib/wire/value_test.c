/*
 * value_test.c - claims about value.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/value.h"

#include "tests/t.h"

#include <string.h>

static void
test_every_byte_comes_back(void **state)
{
	char text[256], out[VALUE_ROOM(255)];
	size_t size;
	int i;

	(void)state;
	for (i = 1; i < 256; i++)
		text[i - 1] = (char)i;
	text[255] = '\0';
	size = value_put(text, out, sizeof(out));
	t_eq(size, strlen(out));
	assert_null(strpbrk(out, "\n\r\t\x7f"));
	assert_true(value_get(out));
	assert_string_equal(out, text);
}

static void
test_what_does_not_fit_is_cut_whole(void **state)
{
	char out[8];

	(void)state;
	t_eq(value_put("abc\ndef", out, sizeof(out)), 7);
	assert_string_equal(out, "abc\\x0a");
	t_eq(value_put("abcd\nef", out, sizeof(out)), 4);
	assert_string_equal(out, "abcd");
}

static void
test_what_nobody_writes_is_refused(void **state)
{
	static const char *const bad[] = { "\\", "a\\n", "\\x", "\\x1", "\\x1g",
		"\\x00", "\\xAB" };
	char text[16];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)strcpy(text, bad[i]);
		assert_false(value_get(text));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_byte_comes_back),
		cmocka_unit_test(test_what_does_not_fit_is_cut_whole),
		cmocka_unit_test(test_what_nobody_writes_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
