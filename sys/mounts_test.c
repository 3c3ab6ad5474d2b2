/*
 * mounts_test.c - what is mounted where.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/mounts.h"

#include "tests/t.h"

#include <sys/stat.h>
#include <sys/sysmacros.h>

#include <stdio.h>
#include <string.h>

static struct mounts mounts;

static int
set_up(void **state)
{
	struct why why;

	(void)state;
	return !mounts_open(&mounts, 0, &why);
}

static int
tear_down(void **state)
{
	(void)state;
	mounts_close(&mounts);
	return 0;
}

static void
understand(const char *text)
{
	mounts_understand(&mounts, (const char *)t_fence(text, strlen(text)),
	    strlen(text));
}

static void
test_lines(void **state)
{
	(void)state;
	understand("21 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n"
		   "22 21 0:20 / /proc rw - proc proc rw\n"
		   "23 21 0:40 /sub /a\\040b\\134c rw - nfs4 s:/x rw\n"
		   "24 23 0:41 / /a\\040b\\134c/in rw - tmpfs none rw\n"
		   "25 21 0:42 / /m rw master:1 - overlay o rw\n"
		   "26 21 0:43 / /s rw - fuse.sshfs o rw");
	t_eq(mounts.count, 6);
	t_eq(mounts.more, 0);
	t_eq(mounts.one[0].id, 21);
	t_eq(mounts.one[0].device, makedev(8, 1));
	assert_string_equal(mounts.one[0].type, "ext4");
	t_eq(mounts.one[0].sort, FILESYSTEM_LOCAL);
	t_eq(mounts.one[1].sort, FILESYSTEM_KERNEL);
	assert_string_equal(mounts.one[2].path, "/a b\\c");
	t_eq(mounts.one[2].sort, FILESYSTEM_REMOTE);
	t_eq(mounts.one[4].sort, FILESYSTEM_LAYERS);
	t_eq(mounts.one[5].sort, FILESYSTEM_REMOTE);
	assert_true(mounts_is_reachable(&mounts, &mounts.one[0]));
	assert_false(mounts_is_reachable(&mounts, &mounts.one[3]));
	assert_true(mounts_is_reachable(&mounts, &mounts.one[4]));
}

static void
test_what_is_mounted_over_another_hides_it(void **state)
{
	size_t i;
	static const bool visible[] = { true, true, false, true, false, true,
		true, false, true };

	(void)state;
	/* /run is older than the root it was moved to. */
	understand("22 28 0:20 / /run rw - tmpfs tmpfs rw\n"
		   "28 1 8:1 / / rw - ext4 /dev/sda1 rw\n"
		   "30 28 0:30 / /o rw - tmpfs a rw\n"
		   "31 30 0:31 / /o rw - fuse b rw\n"
		   "32 28 0:32 / /u/data rw - tmpfs c rw\n"
		   "33 28 0:33 / /u rw - fuse d rw\n"
		   "34 33 0:34 / /u/data rw - tmpfs e rw\n"
		   "35 30 0:35 / /o/in rw - tmpfs f rw\n"
		   "36 28 0:36 / /other rw - tmpfs g rw");
	for (i = 0; i < mounts.count; i++)
		if (mounts_is_visible(&mounts, &mounts.one[i]) != visible[i])
			fail_msg("%s, %s", mounts.one[i].path,
			    visible[i] ? "hidden" : "not hidden");
	/* Parents of each other are no way without end. */
	understand("1 2 8:1 / /a rw - ext4 x rw\n"
		   "2 1 8:1 / /b rw - ext4 x rw");
	assert_true(mounts_is_visible(&mounts, &mounts.one[0]));
}

static void
test_nonsense_is_left_out(void **state)
{
	static const char *const line[] = { "", "\n\n", "1 2 3:4 / /x rw",
		"1 2 3:4 / - ext4 x", " - ", "1 2 3 / /x rw - ext4 x rw",
		"1 2 x:y / /x rw - ext4 x rw" };
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(line) / sizeof(line[0]); i++) {
		understand(line[i]);
		t_eq(mounts.count, 0);
	}
	/* A type that is cut is not known, and nothing runs over. */
	understand("1 2 3:4 / /\\04 rw - "
		   "ext4ext4ext4ext4ext4ext4ext4ext4ext4ext4 x rw");
	t_eq(mounts.count, 1);
	t_eq(mounts.one[0].sort, FILESYSTEM_REMOTE);
	assert_string_equal(mounts.one[0].path, "/\\04");
}

static void
test_too_many_are_counted(void **state)
{
	static char text[(MOUNTS_MAX + 3) * 40];
	size_t i, size = 0;

	(void)state;
	for (i = 0; i < MOUNTS_MAX + 3; i++)
		size += (size_t)snprintf(text + size, sizeof(text) - size,
		    "%zu 1 0:%zu / /m rw - tmpfs x rw\n", i, i);
	mounts_understand(&mounts, text, size);
	t_eq(mounts.count, MOUNTS_MAX);
	t_eq(mounts.more, 3);
}

static void
test_this_machine(void **state)
{
	struct why why;
	size_t i, roots = 0;

	(void)state;
	assert_true(mounts_read(&mounts, &why));
	for (i = 0; i < mounts.count; i++)
		roots += strcmp(mounts.one[i].path, "/") == 0;
	assert_true(roots >= 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_lines, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    test_what_is_mounted_over_another_hides_it, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(test_nonsense_is_left_out,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_too_many_are_counted,
		    set_up, tear_down),
		cmocka_unit_test_setup_teardown(test_this_machine, set_up,
		    tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
