/*
 * base64_test.c - RFC 4648's vectors, and what only looks like base64.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/base64.h"
#include "tests/t.h"

#include <string.h>

static const struct {
	const char *plain, *text;
} row[] = {
	{ "", "" },
	{ "f", "Zg==" },
	{ "fo", "Zm8=" },
	{ "foo", "Zm9v" },
	{ "foob", "Zm9vYg==" },
	{ "fooba", "Zm9vYmE=" },
	{ "foobar", "Zm9vYmFy" },
};

static const char *const bad[] = { "Z", "Zg",
	"Zg=", "Zg===", "Zh==", "Zm9=", "Zm9v ", " Zm9v", "Zm-v", "Zm_v",
	"Z=g=", "====", "=Zm9", "Zg==Zg==", "Zm9v\nZg==", "Zm9v====" };

static void
test_rows(void **state)
{
	char text[16], plain[16];
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(row) / sizeof(row[0]); i++) {
		size_t n = strlen(row[i].text);

		base64_write(row[i].plain, strlen(row[i].plain), text);
		assert_string_equal(text, row[i].text);
		assert_true(base64_read(cur_from(t_fence(text, n), n), plain,
		    sizeof(plain), &size));
		t_eq(size, strlen(row[i].plain));
		assert_memory_equal(plain, row[i].plain, size);
		if (size > 0)
			assert_false(base64_read(cur_from(text, n), plain,
			    size - 1, &size));
	}
}

static void
test_bad(void **state)
{
	uint8_t out[32];
	size_t i, size;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		if (base64_read(cur_from(bad[i], strlen(bad[i])), out,
			sizeof(out), &size))
			fail_msg("%s", bad[i]);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_rows),
		cmocka_unit_test(test_bad),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
