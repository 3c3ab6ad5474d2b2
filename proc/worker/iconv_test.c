/*
 * iconv_test.c - claims about iconv.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "tests/t.h"

#include <errno.h>
#include <iconv.h>
#include <string.h>

/* Convert size bytes; the whole result must be want. */
static void
check(const char *from, const void *bytes, size_t size, const char *want)
{
	char room[64], *out = room;
	size_t left = sizeof(room);
	char *in = (char *)(uintptr_t)t_fence(bytes, size);
	iconv_t cd = iconv_open("ANSI_X3.4-1968", from);

	assert_true(cd != (iconv_t)-1);
	t_eq(iconv(cd, &in, &size, &out, &left), 0);
	t_eq(size, 0);
	t_eq(sizeof(room) - left, strlen(want));
	assert_memory_equal(room, want, strlen(want));
	t_eq(iconv_close(cd), 0);
}

static void
test_utf16_becomes_utf8(void **state)
{
	(void)state;
	check("UTF-16LE", "a\0\xfc\0\xac\x20", 6, "a\xc3\xbc\xe2\x82\xac");
	check("UTF-16BE", "\0a\0\xfc\x20\xac", 6, "a\xc3\xbc\xe2\x82\xac");
	check("UTF-16LE", "\x3d\xd8\x00\xde", 4, "\xf0\x9f\x98\x80");
	check("utf-8", "\xc3\xbcx", 3, "\xc3\xbcx");
	check("LATIN1", "a\xfcz", 3, "a\xc3\xbcz");
}

static void
test_what_is_no_utf16_is_replaced(void **state)
{
	(void)state;
	check("UTF-16BE", "\xd8\x3d\0x", 4, "\xef\xbf\xbdx");
	check("UTF-16BE", "\xde\x00\0x", 4, "\xef\xbf\xbdx");
	check("UTF-16BE", "\xd8\x3d", 2, "\xef\xbf\xbd");
}

static void
test_too_little_room_leaves_the_rest(void **state)
{
	char bytes[] = { 'a', 0, '\xac', '\x20' }, room[3];
	char *in = bytes, *out = room;
	size_t size = sizeof(bytes), left = sizeof(room);
	iconv_t cd = iconv_open("UTF-8", "UTF-16LE");

	(void)state;
	t_eq(iconv(cd, &in, &size, &out, &left), (size_t)-1);
	t_eq(errno, E2BIG);
	t_eq(size, 2);
	t_eq(left, 2);
	out = room;
	left = sizeof(room);
	t_eq(iconv(cd, &in, &size, &out, &left), 0);
	t_eq(left, 0);
	in = bytes;
	size = 1;
	t_eq(iconv(cd, &in, &size, &out, &left), (size_t)-1);
	t_eq(errno, EINVAL);
	t_eq(iconv(cd, NULL, NULL, &out, &left), 0);
}

static void
test_there_is_no_other_set(void **state)
{
	(void)state;
	assert_true(iconv_open("UTF-8", "CP932") == (iconv_t)-1);
	t_eq(errno, EINVAL);
	assert_true(iconv_open("UTF-16LE", "UTF-8") == (iconv_t)-1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_utf16_becomes_utf8),
		cmocka_unit_test(test_what_is_no_utf16_is_replaced),
		cmocka_unit_test(test_too_little_room_leaves_the_rest),
		cmocka_unit_test(test_there_is_no_other_set),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
