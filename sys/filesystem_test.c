/*
 * filesystem_test.c - what the type of a file system tells.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/filesystem.h"

#include "tests/t.h"

#include <sys/vfs.h>

#include <linux/magic.h>

static void
test_names_and_numbers_agree(void **state)
{
	static const struct {
		const char *name;
		uint64_t number;
		enum filesystem_sort sort;
		bool is_local;
	} want[] = {
		{ "ext4", EXT4_SUPER_MAGIC, FILESYSTEM_LOCAL, true },
		{ "tmpfs", TMPFS_MAGIC, FILESYSTEM_LOCAL, true },
		{ "overlay", OVERLAYFS_SUPER_MAGIC, FILESYSTEM_LAYERS, true },
		{ "ecryptfs", 0xf15f, FILESYSTEM_STACKED, true },
		{ "cgroup2", CGROUP2_SUPER_MAGIC, FILESYSTEM_KERNEL, true },
		{ "autofs", AUTOFS_SUPER_MAGIC, FILESYSTEM_TRIGGER, false },
		{ "nfs4", NFS_SUPER_MAGIC, FILESYSTEM_REMOTE, false },
		{ "fuse.sshfs", 0x65735546, FILESYSTEM_REMOTE, false },
		{ "", 0, FILESYSTEM_REMOTE, false },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(want) / sizeof(want[0]); i++) {
		t_eq(filesystem_sort_named(want[i].name), want[i].sort);
		t_eq(filesystem_sort_of(want[i].number), want[i].sort);
		t_eq(filesystem_is_local(want[i].number), want[i].is_local);
		t_eq(filesystem_is_of_kernel(want[i].number),
		    want[i].sort == FILESYSTEM_KERNEL);
	}
}

static void
test_what_shares_a_number(void **state)
{
	(void)state;
	/* The kernel's own devices are by name its own, by number memory. */
	t_eq(filesystem_sort_named("devtmpfs"), FILESYSTEM_KERNEL);
	t_eq(filesystem_sort_of(TMPFS_MAGIC), FILESYSTEM_LOCAL);
	/* btrfs and CIFS have the highest bit set: extended or not. */
	t_eq(filesystem_sort_of(0xffffffff9123683e), FILESYSTEM_LOCAL);
	t_eq(filesystem_sort_of(0x9123683e), FILESYSTEM_LOCAL);
	t_eq(filesystem_sort_of(0xffffffffff534d42), FILESYSTEM_REMOTE);
}

static void
test_this_machine(void **state)
{
	struct statfs s;

	(void)state;
	if (statfs("/proc", &s) == -1)
		skip();
	assert_true(filesystem_is_of_kernel((uint64_t)s.f_type));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_names_and_numbers_agree),
		cmocka_unit_test(test_what_shares_a_number),
		cmocka_unit_test(test_this_machine),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
