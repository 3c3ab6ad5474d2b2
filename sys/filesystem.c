/*
 * filesystem.c - what the type of a file system tells.  See filesystem.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/filesystem.h"

#include <linux/magic.h>

#include <stddef.h>
#include <string.h>

#define LOCAL   FILESYSTEM_LOCAL
#define LAYERS  FILESYSTEM_LAYERS
#define STACKED FILESYSTEM_STACKED
#define KERNEL  FILESYSTEM_KERNEL
#define TRIGGER FILESYSTEM_TRIGGER

/* Numbers are those of statfs(2) and linux/magic.h.  Some names share one;
   the first with a number says what that number is. */
static const struct type {
	const char *name;
	uint32_t number;
	enum filesystem_sort sort;
} types[] = {
	{ "ext4", EXT4_SUPER_MAGIC, LOCAL },
	{ "ext3", EXT4_SUPER_MAGIC, LOCAL },
	{ "ext2", EXT4_SUPER_MAGIC, LOCAL },
	{ "xfs", 0x58465342, LOCAL },
	{ "btrfs", BTRFS_SUPER_MAGIC, LOCAL },
	{ "f2fs", F2FS_SUPER_MAGIC, LOCAL },
	{ "bcachefs", 0xca451a4e, LOCAL },
	{ "zfs", 0x2fc12fc1, LOCAL },
	{ "tmpfs", TMPFS_MAGIC, LOCAL },
	{ "ramfs", RAMFS_MAGIC, LOCAL },
	{ "squashfs", SQUASHFS_MAGIC, LOCAL },
	{ "erofs", 0xe0f5e1e2, LOCAL },
	{ "iso9660", ISOFS_SUPER_MAGIC, LOCAL },
	{ "udf", 0x15013346, LOCAL },
	{ "vfat", MSDOS_SUPER_MAGIC, LOCAL },
	{ "msdos", MSDOS_SUPER_MAGIC, LOCAL },
	{ "exfat", 0x2011bab0, LOCAL },
	{ "ntfs3", 0x7366746e, LOCAL },
	{ "ntfs", 0x5346544e, LOCAL },
	{ "hfs", 0x4244, LOCAL },
	{ "hfsplus", 0x482b, LOCAL },
	{ "jfs", 0x3153464a, LOCAL },
	{ "reiserfs", REISERFS_SUPER_MAGIC, LOCAL },
	{ "nilfs2", NILFS_SUPER_MAGIC, LOCAL },
	{ "minix", MINIX_SUPER_MAGIC, LOCAL },
	{ "minix", MINIX2_SUPER_MAGIC, LOCAL },
	{ "minix", MINIX3_SUPER_MAGIC, LOCAL },
	{ "cramfs", CRAMFS_MAGIC, LOCAL },
	{ "romfs", 0x7275, LOCAL },
	{ "ubifs", 0x24051905, LOCAL },
	{ "jffs2", 0x72b6, LOCAL },
	{ "hugetlbfs", HUGETLBFS_MAGIC, LOCAL },
	{ "overlay", OVERLAYFS_SUPER_MAGIC, LAYERS },
	{ "ecryptfs", 0xf15f, STACKED },
	{ "proc", PROC_SUPER_MAGIC, KERNEL },
	{ "sysfs", SYSFS_MAGIC, KERNEL },
	{ "cgroup", CGROUP_SUPER_MAGIC, KERNEL },
	{ "cgroup2", CGROUP2_SUPER_MAGIC, KERNEL },
	{ "debugfs", DEBUGFS_MAGIC, KERNEL },
	{ "tracefs", TRACEFS_MAGIC, KERNEL },
	{ "securityfs", SECURITYFS_MAGIC, KERNEL },
	{ "selinuxfs", SELINUX_MAGIC, KERNEL },
	{ "bpf", BPF_FS_MAGIC, KERNEL },
	{ "devpts", DEVPTS_SUPER_MAGIC, KERNEL },
	{ "devtmpfs", TMPFS_MAGIC, KERNEL },
	{ "pstore", PSTOREFS_MAGIC, KERNEL },
	{ "efivarfs", EFIVARFS_MAGIC, KERNEL },
	{ "binfmt_misc", BINFMTFS_MAGIC, KERNEL },
	{ "nsfs", NSFS_MAGIC, KERNEL },
	{ "fusectl", 0x65735543, KERNEL },
	{ "rpc_pipefs", 0x67596969, KERNEL },
	{ "nfsd", 0x6e667364, KERNEL },
	{ "configfs", 0x62656570, KERNEL },
	{ "mqueue", 0x19800202, KERNEL },
	{ "autofs", AUTOFS_SUPER_MAGIC, TRIGGER },
};

#define TYPES (sizeof(types) / sizeof(types[0]))

enum filesystem_sort
filesystem_sort_of(uint64_t number)
{
	size_t i;

	/* Where the kernel's number is signed and short, it comes extended. */
	for (i = 0; i < TYPES; i++)
		if ((uint32_t)number == types[i].number)
			return types[i].sort;
	return FILESYSTEM_REMOTE;
}

enum filesystem_sort
filesystem_sort_named(const char *name)
{
	size_t i;

	for (i = 0; i < TYPES; i++)
		if (strcmp(name, types[i].name) == 0)
			return types[i].sort;
	return FILESYSTEM_REMOTE;
}

bool
filesystem_is_of_kernel(uint64_t number)
{
	return filesystem_sort_of(number) == FILESYSTEM_KERNEL;
}

bool
filesystem_is_local(uint64_t number)
{
	enum filesystem_sort sort = filesystem_sort_of(number);

	return sort != FILESYSTEM_REMOTE && sort != FILESYSTEM_TRIGGER;
}
