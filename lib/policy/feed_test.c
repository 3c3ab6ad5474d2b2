/*
 * feed_test.c - claims about feed.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/policy/feed.h"

#include "tests/t.h"

#include <string.h>

static bool
reads(const char *text, struct feed *out)
{
	struct why why;

	return feed_file_read(cur_from(text, strlen(text)), out, &why);
}

static void
test_a_whole_file_is_read(void **state)
{
	static struct feed f;

	(void)state;
	assert_true(reads("# ours\nkind = clamav\n mirror=http://a/b\n"
			  "mirror = /var/lib/clamav\r\nproxy = "
			  "socks5h://127.0.0.1:9050\n\ndelta = yes\n",
	    &f));
	assert_int_equal(f.kind, FEED_CLAMAV);
	assert_int_equal(f.mirror_count, 2);
	assert_string_equal(f.mirror[0], "http://a/b");
	assert_string_equal(f.mirror[1], "/var/lib/clamav");
	assert_string_equal(f.proxy, "socks5h://127.0.0.1:9050");
	assert_true(f.wants_delta);
}

static void
test_an_empty_file_is_a_candor_feed_without_mirrors(void **state)
{
	static struct feed f;

	(void)state;
	assert_true(reads("", &f));
	assert_int_equal(f.kind, FEED_CANDOR);
	assert_int_equal(f.mirror_count, 0);
}

static void
test_what_is_wrong_is_refused(void **state)
{
	static const char *const bad[] = { "mirror",
		"mirror = ", "mirror = ftp://a/", "mirror = http://",
		"mirror = http:///a", "mirror = http://me:secret@a/",
		"mirror = http://a/?id=1", "mirror = http://a/#b",
		"mirror = a/b", "kind = other", "delta = 1", "proxy = ftp://a",
		"proxy = http://", "color = 1", "mirror = http://a b/",
		"mirror = http://a/\x01" };
	static struct feed f;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(reads(bad[i], &f));
}

static void
test_an_at_sign_behind_the_host_is_no_password(void **state)
{
	(void)state;
	assert_true(feed_mirror_is_good("http://a/b@c"));
	assert_false(feed_mirror_is_good("http://b@c"));
}

static void
test_names_of_feeds_are_names_of_files(void **state)
{
	(void)state;
	assert_true(feed_name_is_good("main"));
	assert_true(feed_name_is_good("a.b-c_0"));
	assert_false(feed_name_is_good(""));
	assert_false(feed_name_is_good(".a"));
	assert_false(feed_name_is_good("a/b"));
	assert_false(feed_name_is_good("A"));
}

static bool
is_of(const char *path, const char *name)
{
	struct cur found = feed_of_path(path);

	return found.size == strlen(name) &&
	    memcmp(found.base, name, found.size) == 0;
}

static void
test_whose_a_database_is(void **state)
{
	(void)state;
	assert_true(is_of(FEED_STATE "/main/current/main-1.cand", "main"));
	assert_true(is_of(FEED_STATE "/a/x", "a"));
	assert_true(is_of(FEED_STATE "/a", ""));
	assert_true(is_of(FEED_STATE "x/a/b", ""));
	assert_true(is_of("/srv" FEED_STATE "/a/b", ""));
	assert_true(is_of(FEED_STATE
	    "/a-name-that-is-longer-than-the-48-bytes-that-it-may-be/b",
	    ""));
	assert_true(is_of("", ""));
}

static void
test_too_many_mirrors_are_refused(void **state)
{
	char text[FEED_MIRRORS_MAX * 20 + 20] = "";
	static struct feed f;
	size_t i;

	(void)state;
	for (i = 0; i <= FEED_MIRRORS_MAX; i++)
		(void)strncat(text, "mirror = /a\n", 20);
	assert_false(reads(text, &f));
	text[FEED_MIRRORS_MAX * strlen("mirror = /a\n")] = '\0';
	assert_true(reads(text, &f));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_whole_file_is_read),
		cmocka_unit_test(
		    test_an_empty_file_is_a_candor_feed_without_mirrors),
		cmocka_unit_test(test_what_is_wrong_is_refused),
		cmocka_unit_test(
		    test_an_at_sign_behind_the_host_is_no_password),
		cmocka_unit_test(test_names_of_feeds_are_names_of_files),
		cmocka_unit_test(test_whose_a_database_is),
		cmocka_unit_test(test_too_many_mirrors_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
