/*
 * filesystem.c - what the type number of a file system tells.  The numbers
 * are those of statfs(2) and linux/magic.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/filesystem.h"

#include <linux/magic.h>

#include <stddef.h>

/* On a disk, or in memory. */
static const uint32_t local[] = {
	EXT4_SUPER_MAGIC, /* ext2 and ext3 too */
	0x58465342,       /* XFS */
	BTRFS_SUPER_MAGIC,
	F2FS_SUPER_MAGIC,
	0xca451a4e, /* bcachefs */
	0x2fc12fc1, /* ZFS */
	TMPFS_MAGIC,
	RAMFS_MAGIC,
	OVERLAYFS_SUPER_MAGIC,
	SQUASHFS_MAGIC,
	0xe0f5e1e2, /* EROFS */
	ISOFS_SUPER_MAGIC,
	0x15013346, /* UDF */
	MSDOS_SUPER_MAGIC,
	0x2011bab0, /* exFAT */
	0x7366746e, /* NTFS, the kernel's own (ntfs3) */
	0x5346544e, /* ... and the older one */
	0x4244,     /* HFS */
	0x482b,     /* HFS+ */
	0x3153464a, /* JFS */
	REISERFS_SUPER_MAGIC,
	NILFS_SUPER_MAGIC,
	MINIX_SUPER_MAGIC,
	MINIX2_SUPER_MAGIC,
	MINIX3_SUPER_MAGIC,
	CRAMFS_MAGIC,
	0x7275,     /* romfs */
	0x24051905, /* UBIFS */
	0x72b6,     /* JFFS2 */
	0xf15f,     /* eCryptfs */
	HUGETLBFS_MAGIC,
};

static const uint32_t of_kernel[] = {
	PROC_SUPER_MAGIC, SYSFS_MAGIC, CGROUP_SUPER_MAGIC, CGROUP2_SUPER_MAGIC,
	DEBUGFS_MAGIC, TRACEFS_MAGIC, SECURITYFS_MAGIC, SELINUX_MAGIC,
	BPF_FS_MAGIC, DEVPTS_SUPER_MAGIC, PSTOREFS_MAGIC, EFIVARFS_MAGIC,
	BINFMTFS_MAGIC, NSFS_MAGIC, 0x65735543, /* fusectl */
	0x67596969,                             /* rpc_pipefs */
	0x6e667364,                             /* nfsd */
	0x62656570,                             /* configfs */
	0x19800202,                             /* mqueue */
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
is_one_of(const uint32_t *list, size_t count, uint64_t type)
{
	size_t i;

	/* Where the kernel's type is signed and short, it comes extended. */
	for (i = 0; i < count; i++)
		if ((uint32_t)type == list[i])
			return true;
	return false;
}

bool
filesystem_is_of_kernel(uint64_t type)
{
	return is_one_of(of_kernel, COUNT(of_kernel), type);
}

bool
filesystem_is_local(uint64_t type)
{
	return is_one_of(local, COUNT(local), type) ||
	    filesystem_is_of_kernel(type);
}
