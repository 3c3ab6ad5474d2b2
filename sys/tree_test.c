/*
 * tree_test.c - trees are copied as they are, removed whole, and never left.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/tree.h"

#include "tests/t.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char place[] = "/tmp/candor-tree-XXXXXX";

static int
set_up(void **state)
{
	(void)state;
	strcpy(place, "/tmp/candor-tree-XXXXXX");
	return mkdtemp(place) == NULL || chdir(place) != 0;
}

static int
tear_down(void **state)
{
	struct why why = { 0 };

	(void)state;
	/* A tree is of one file system, and /tmp may be one of its own. */
	return chdir("/tmp") != 0 ||
	    !tree_remove(AT_FDCWD, strrchr(place, '/') + 1, &why);
}

static void
make_file(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL, 0640);

	assert_true(fd >= 0);
	assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

static void
test_copy_keeps_links_modes_and_times(void **state)
{
	const struct timespec old[2] = { { 1000, 7 }, { 2000, 9 } };
	struct why why = { 0 };
	struct stat a, b;
	char target[20] = "";

	(void)state;
	assert_true(mkdir("t", 0751) == 0 && mkdir("t/d", 0700) == 0);
	make_file("t/d/one", "1");
	assert_true(link("t/d/one", "t/two") == 0);
	assert_true(symlink("/etc", "t/out") == 0);
	assert_true(mkfifo("t/fifo", 0604) == 0);
	assert_true(utimensat(AT_FDCWD, "t/two", old, 0) == 0);
	assert_true(utimensat(AT_FDCWD, "t", old, 0) == 0);
	assert_true(tree_copy(AT_FDCWD, "t", AT_FDCWD, "u", false, &why));
	assert_true(stat("u/two", &a) == 0 && stat("u/d/one", &b) == 0);
	t_eq(a.st_ino, b.st_ino);
	t_eq(a.st_mode & 07777, 0640);
	t_eq(a.st_mtim.tv_sec, 2000);
	t_eq(a.st_mtim.tv_nsec, 9);
	assert_true(stat("u", &a) == 0);
	t_eq(a.st_mode & 07777, 0751);
	t_eq(a.st_mtim.tv_sec, 2000);
	assert_true(readlink("u/out", target, sizeof(target) - 1) == 4);
	assert_string_equal(target, "/etc");
	assert_true(lstat("u/fifo", &a) == 0 && S_ISFIFO(a.st_mode));
	/* Never over what is there. */
	assert_false(tree_copy(AT_FDCWD, "t", AT_FDCWD, "u", false, &why));
	assert_true(tree_copy(AT_FDCWD, "t", AT_FDCWD, "v", true, &why));
	assert_true(rmdir("v") == 0);
}

static void
test_remove_follows_no_link(void **state)
{
	struct why why = { 0 };

	(void)state;
	assert_true(mkdir("away", 0755) == 0 && mkdir("t", 0755) == 0);
	make_file("away/mine", "x");
	assert_true(symlink("../away", "t/link") == 0);
	assert_true(link("away/mine", "t/hard") == 0);
	assert_true(tree_remove(AT_FDCWD, "t", &why));
	assert_true(access("away/mine", F_OK) == 0);
	assert_true(access("t", F_OK) == -1);
	/* A link at the top is itself what goes. */
	assert_true(symlink("away", "l") == 0);
	assert_true(tree_remove(AT_FDCWD, "l", &why));
	assert_true(access("away/mine", F_OK) == 0);
}

static void
test_too_deep_is_refused(void **state)
{
	struct why why = { 0 };
	unsigned i;

	(void)state;
	assert_true(mkdir("t", 0755) == 0 && chdir("t") == 0);
	for (i = 0; i < TREE_DEPTH; i++)
		assert_true(mkdir("d", 0755) == 0 && chdir("d") == 0);
	assert_true(chdir(place) == 0);
	assert_false(tree_copy(AT_FDCWD, "t", AT_FDCWD, "u", false, &why));
	assert_non_null(strstr(why.text, "too many folders"));
	assert_true(chdir("t/d") == 0);
	for (i = 1; i < TREE_DEPTH; i++)
		assert_true(chdir("d") == 0);
	assert_true(chdir("..") == 0 && rmdir("d") == 0);
	assert_true(chdir(place) == 0);
	assert_true(tree_remove(AT_FDCWD, "t", &why));
	assert_true(tree_remove(AT_FDCWD, "u", &why));
}

static void
test_parents_are_reached_through_no_link(void **state)
{
	char path[100];
	const char *name = NULL;
	int fd;

	(void)state;
	assert_true(mkdir("d", 0755) == 0 && symlink("d", "l") == 0);
	snprintf(path, sizeof(path), "%s/d/x", place);
	fd = tree_open_parent(path, &name);
	assert_true(fd >= 0);
	assert_string_equal(name, "x");
	close(fd);
	snprintf(path, sizeof(path), "%s/l/x", place);
	t_eq(tree_open_parent(path, &name), -1);
	t_eq(tree_open_parent("d/x", &name), -1);
	t_eq(tree_open_parent("/", &name), -1);
	fd = tree_open_parent("/tmp", &name);
	assert_true(fd >= 0);
	close(fd);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(test_copy_keeps_links_modes_and_times),
		TEST(test_remove_follows_no_link),
		TEST(test_too_deep_is_refused),
		TEST(test_parents_are_reached_through_no_link),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
