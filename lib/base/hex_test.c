/*
 * hex_test.c - every byte there and back; what only looks like digits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/hex.h"
#include "tests/t.h"

#include <string.h>

static void
test_there_and_back(void **state)
{
	uint8_t bytes[256], back[256];
	char text[513];
	size_t i;

	(void)state;
	for (i = 0; i < 256; i++)
		bytes[i] = (uint8_t)i;
	hex_write(bytes, 256, text);
	assert_memory_equal(text + 2 * 0xaf, "af", 2);
	t_eq(strlen(text), 512);
	assert_true(hex_read(cur_from(t_fence(text, 512), 512), back, 256));
	assert_memory_equal(back, bytes, 256);
	assert_true(hex_read(cur_from("AbCd", 4), back, 2));
	t_eq(back[0], 0xab);
	hex_write("", 0, text);
	assert_string_equal(text, "");
}

static void
test_refused(void **state)
{
	static const char *const bad[] = { "", "a", "abc", "abcde", "abg0",
		"0xab", " bcd", "ab\ncd", "abcdef" };
	uint8_t out[2];
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (hex_read(cur_from(bad[i], strlen(bad[i])), out, 2))
			fail_msg("%s", bad[i]);
}

/* One wrong byte, of every value, at every place of texts of many sizes. */
static void
test_every_byte_at_every_place(void **state)
{
	uint8_t out[16], fine;
	char text[32];
	size_t size, at, i;
	unsigned c;

	(void)state;
	for (size = 0; size <= 32; size++)
		for (at = 0; at < size; at++)
			for (c = 0; c < 256; c++) {
				for (i = 0; i < size; i++)
					text[i] =
					    "0123456789abcdefABCDEF"[i % 22];
				text[at] = (char)c;
				fine = (c >= '0' && c <= '9') ||
				    (c >= 'a' && c <= 'f') ||
				    (c >= 'A' && c <= 'F');
				memset(out, 0x55, sizeof(out));
				t_eq(hex_run(cur_from(t_fence(text, size),
						 size),
					 out, sizeof(out)),
				    fine ? size / 2
					 : (at / 2 < size / 2 ? at / 2
							      : size / 2));
				if (at > 1 && size > 1)
					t_eq(out[0], 0x01);
			}
	t_eq(hex_run(cur_from("00112233445566778899", 20), out, 5), 5);
	t_eq(out[4], 0x44);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_there_and_back),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_every_byte_at_every_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
