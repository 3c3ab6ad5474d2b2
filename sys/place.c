/*
 * place.c - which file or folder this is.  See place.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/place.h"

#include <sys/syscall.h>
#include <sys/sysmacros.h>

#include <linux/openat2.h>

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define ABOVE_MOUNT_IDS (UINT64_C(1) << 63)

static void
fill_status(const struct statx *x, dev_t device, struct stat *out)
{
	memset(out, 0, sizeof(*out));
	out->st_dev = device;
	out->st_ino = x->stx_ino;
	out->st_mode = x->stx_mode;
	out->st_nlink = x->stx_nlink;
	out->st_uid = x->stx_uid;
	out->st_gid = x->stx_gid;
	out->st_size = (off_t)x->stx_size;
	out->st_blocks = (blkcnt_t)x->stx_blocks;
	out->st_mtim.tv_sec = x->stx_mtime.tv_sec;
	out->st_mtim.tv_nsec = x->stx_mtime.tv_nsec;
	out->st_ctim.tv_sec = x->stx_ctime.tv_sec;
	out->st_ctim.tv_nsec = x->stx_ctime.tv_nsec;
}

bool
place_get(int dir, const char *name, struct place *out, struct stat *status)
{
	const int flags = AT_SYMLINK_NOFOLLOW | AT_NO_AUTOMOUNT |
	    AT_STATX_DONT_SYNC | (name[0] == '\0' ? AT_EMPTY_PATH : 0);
	unsigned want = STATX_INO | STATX_MNT_ID;
	struct statx x;

	if (status != NULL)
		want |= STATX_BASIC_STATS;
	if (statx(dir, name, flags, want, &x) == -1)
		return false;
	out->device = makedev(x.stx_dev_major, x.stx_dev_minor);
	out->inode = x.stx_ino;
	out->mount = x.stx_mask & STATX_MNT_ID ? x.stx_mnt_id
					       : ABOVE_MOUNT_IDS | out->device;
	if (status != NULL)
		fill_status(&x, out->device, status);
	return true;
}

bool
place_same(const struct place *a, const struct place *b)
{
	return a->device == b->device && a->inode == b->inode &&
	    a->mount == b->mount;
}

bool
place_path(int fd, char *out, size_t room)
{
	char link[40];
	ssize_t n;

	(void)snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, out, room);
	if (n <= 0 || (size_t)n == room) {
		out[0] = '\0';
		return false;
	}
	out[n] = '\0';
	return true;
}

/* Open the path without waiting for any file system. */
static int
open_known(const char *path)
{
	const struct open_how how = {
		.flags = O_PATH | O_CLOEXEC | O_NOFOLLOW,
		.resolve = RESOLVE_CACHED | RESOLVE_NO_MAGICLINKS,
	};

	return (int)syscall(SYS_openat2, AT_FDCWD, path, &how, sizeof(how));
}

bool
place_path_here(int fd, char *out, size_t room)
{
	struct place sent, here;
	bool is_same = false;
	int found;

	if (!place_path(fd, out, room))
		return false;
	found = out[0] == '/' ? open_known(out) : -1;
	if (found != -1) {
		/* Not the mount: a service has mounts of its own. */
		is_same = place_get(fd, "", &sent, NULL) &&
		    place_get(found, "", &here, NULL) &&
		    sent.device == here.device && sent.inode == here.inode;
		(void)close(found);
	}
	if (!is_same)
		out[0] = '\0';
	return is_same;
}
