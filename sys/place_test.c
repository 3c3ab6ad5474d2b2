/*
 * place_test.c - which file or folder this is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/place.h"

#include "tests/t.h"

#include <fcntl.h>
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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_same_by_name_and_by_descriptor),
		cmocka_unit_test(test_path_is_whole_or_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
