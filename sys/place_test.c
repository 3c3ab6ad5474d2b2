/*
 * place_test.c - which file or folder this is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/place.h"

#include "tests/t.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static void
test_same_by_name_and_by_descriptor(void **state)
{
	struct place a, b;
	struct stat st;
	int fd = open("/", O_RDONLY | O_DIRECTORY);

	(void)state;
	assert_true(fd >= 0);
	assert_true(place_get(fd, "", &a, &st));
	assert_true(place_get(AT_FDCWD, "/", &b, NULL));
	assert_true(place_same(&a, &b));
	assert_true(S_ISDIR(st.st_mode));
	t_eq(st.st_ino, a.inode);
	assert_false(place_get(fd, "there is no such name", &b, NULL));
	(void)close(fd);
}

static void
test_path_is_whole_or_not_there(void **state)
{
	char path[16];
	int fd = open("/dev/null", O_RDONLY);

	(void)state;
	assert_true(fd >= 0);
	assert_true(place_path(fd, path, sizeof(path)));
	assert_string_equal(path, "/dev/null");
	assert_true(place_path(fd, path, strlen("/dev/null") + 1));
	/* A path that is cut is another file's. */
	assert_false(place_path(fd, path, strlen("/dev/null")));
	assert_string_equal(path, "");
	(void)close(fd);
	assert_false(place_path(fd, path, sizeof(path)));
	assert_string_equal(path, "");
}

static void
test_path_here_is_of_the_same_file(void **state)
{
	char path[64];
	int null = open("/dev/null", O_RDONLY), here;
	char name[] = "/tmp/place-test-XXXXXX";

	(void)state;
	here = mkstemp(name);
	assert_true(null >= 0 && here >= 0);
	assert_true(place_path_here(null, path, sizeof(path)));
	assert_string_equal(path, "/dev/null");
	assert_true(place_path_here(here, path, sizeof(path)));
	assert_string_equal(path, name);
	assert_int_equal(unlink(name), 0);
	/* It is called "... (deleted)" now, and nothing is. */
	assert_false(place_path_here(here, path, sizeof(path)));
	assert_string_equal(path, "");
	(void)close(here);
	(void)close(null);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_by_name_and_by_descriptor),
		cmocka_unit_test(test_path_is_whole_or_not_there),
		cmocka_unit_test(test_path_here_is_of_the_same_file),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
