/*
 * escape_test.c - nothing a name holds does harm where it is shown.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/escape.h"

#include "tests/t.h"

#include <stdlib.h>
#include <string.h>

typedef void (*escape_fn)(FILE *to, const void *bytes, size_t size);

/* What escape makes of bytes; free() it. */
static char *
made(escape_fn escape, const void *bytes, size_t size)
{
	char *out = NULL;
	size_t out_size = 0;
	FILE *to = open_memstream(&out, &out_size);

	assert_non_null(to);
	escape(to, t_fence(bytes, size), size);
	assert_int_equal(fclose(to), 0);
	assert_int_equal(strlen(out), out_size);
	return out;
}

static void
check(escape_fn escape, const char *bytes, const char *want)
{
	char *out = made(escape, bytes, strlen(bytes));

	assert_string_equal(out, want);
	free(out);
}

static void
test_what_prints_stays(void **state)
{
	(void)state;
	check(escape_text, "plain name.txt", "plain name.txt");
	check(escape_text, "\u00fcml\u00e4ut \u2192 \U0001f600",
	    "\u00fcml\u00e4ut \u2192 \U0001f600");
	check(escape_json, "\u00fcml\u00e4ut", "\u00fcml\u00e4ut");
}

static void
test_what_does_not_print_is_shown(void **state)
{
	(void)state;
	check(escape_text, "a\nb\rc\td\x1b[31m", "a\\nb\\rc\\td\\x1b[31m");
	check(escape_text, "a\\nb", "a\\\\nb");
	check(escape_text, "\xff\xfe", "\\xff\\xfe");
	check(escape_text, "\x7f", "\\x7f");
	check(escape_text, "\u202egpj.exe", "\\u{202e}gpj.exe");
	check(escape_text,
	    "\xc2\x9b"
	    "31m",
	    "\\u{9b}31m");
}

static void
test_only_the_shortest_form_is_utf8(void **state)
{
	(void)state;
	check(escape_text, "\xc0\xaf", "\\xc0\\xaf");
	check(escape_text, "\xe0\x80\xaf", "\\xe0\\x80\\xaf");
	check(escape_text, "\xed\xa0\x80", "\\xed\\xa0\\x80");
	check(escape_text, "\xf4\x90\x80\x80", "\\xf4\\x90\\x80\\x80");
	check(escape_text, "\xe2\x82", "\\xe2\\x82");
	assert_true(escape_is_utf8("\xf4\x8f\xbf\xbf", 4));
	assert_false(escape_is_utf8("\xf4\x90\x80\x80", 4));
	assert_true(escape_is_utf8("", 0));
}

static void
test_json_strings_are_whole(void **state)
{
	(void)state;
	check(escape_json, "say \"x\\y\"\n", "say \\\"x\\\\y\\\"\\n");
	check(escape_json, "\x01\x7f", "\\u0001\\u007f");
	check(escape_json, "\xff", "\\ufffd");
	check(escape_json, "\u2028", "\\u2028");
}

static void
test_html_has_no_markup_of_others(void **state)
{
	(void)state;
	check(escape_html, "<a href='x'>&\"",
	    "&lt;a href=&#39;x&#39;&gt;&amp;"
	    "&quot;");
	check(escape_html, "\x1b<", "\\x1b&lt;");
}

/* RFC 4648 section 10 */
static void
test_base64(void **state)
{
	(void)state;
	check(escape_base64, "", "");
	check(escape_base64, "f", "Zg==");
	check(escape_base64, "fo", "Zm8=");
	check(escape_base64, "foo", "Zm9v");
	check(escape_base64, "foobar", "Zm9vYmFy");
	check(escape_base64, "\xff\xfe\xfd", "//79");
}

static void
test_uri(void **state)
{
	(void)state;
	check(escape_uri, "/a b/\xc3\xa4~%#?", "/a%20b/%C3%A4~%25%23%3F");
}

/* Is there no byte in it that a terminal acts on? */
static bool
is_harmless(const char *text)
{
	const unsigned char *p = (const unsigned char *)text;

	for (; *p != 0; p++)
		if (*p < 0x20 || *p == 0x7f)
			return false;
	return escape_is_utf8(text, strlen(text));
}

static void
test_every_pair_of_bytes_is_harmless(void **state)
{
	static const escape_fn form[] = { escape_text, escape_json,
		escape_html };
	unsigned i, f;

	(void)state;
	for (i = 0; i < 65536; i++) {
		uint8_t bytes[4] = { (uint8_t)(i >> 8), (uint8_t)i, 0x80, 'x' };

		for (f = 0; f < 3; f++) {
			char *out = made(form[f], bytes, 2 + i % 3);

			assert_true(is_harmless(out));
			free(out);
		}
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_prints_stays),
		cmocka_unit_test(test_what_does_not_print_is_shown),
		cmocka_unit_test(test_only_the_shortest_form_is_utf8),
		cmocka_unit_test(test_json_strings_are_whole),
		cmocka_unit_test(test_html_has_no_markup_of_others),
		cmocka_unit_test(test_base64),
		cmocka_unit_test(test_uri),
		cmocka_unit_test(test_every_pair_of_bytes_is_harmless),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
