/*
 * trusted.h - file systems whose times can be believed.
 *
 * That a file has the same inode, size and times as before says that it has
 * the same bytes only where this machine's kernel is the one that writes
 * both, and keeps the time of change itself.  So:
 *
 *   - The type is ext2/3/4, XFS or Btrfs.  Not the network and not FUSE: a
 *     server may say anything.  Not overlays: a file below may be exchanged.
 *     Not FAT and its like, which keep no time of change.  tmpfs would do,
 *     but is empty after every start.
 *   - It lies on a disk that stays in the machine.  What is plugged in by
 *     USB, FireWire, Thunderbolt or as a card may come back with other bytes
 *     and the same times; so may a loop device's image, and a disk that is
 *     at the far end of a network (nbd, rbd, drbd, iSCSI).  Of what is made
 *     of other devices (LVM, LUKS, RAID) every part has to be such a disk.
 *     What /sys does not tell is not trusted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_TRUSTED_H
#define CANDOR_CMD_TRUSTED_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

struct trusted {
	uint64_t id; /* tells the file system from others that may have its
	                number (st_dev) at another time */
	/*
	 * XFS lets who may write to two files of one size exchange their bytes
	 * (XFS_IOC_SWAPEXT, for xfs_fsr) and moves no time.  There only files
	 * that nobody but root may write to are to be trusted.
	 */
	bool can_swap;
};

/* Is what is open at fd on such a file system? */
bool trusted_is(int fd, struct trusted *out);

/* For tests: is it a disk that stays, as /sys below the folder base says? */
bool trusted_is_fixed(const char *base, dev_t device);

#endif
