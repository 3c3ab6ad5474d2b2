/*
 * trusted.c - file systems whose times can be believed.
 * The contract is in trusted.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/trusted.h"

#include <dirent.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#ifndef XFS_SUPER_MAGIC
#define XFS_SUPER_MAGIC 0x58465342 /* "XFSB" */
#endif
#define PARTS_MOST 32u   /* devices below one device */
#define ROOM       1024u /* of a path */

/* --- the disk ---------------------------------------------------------- */

/* Is one of these in the path of a device's folder in /sys? */
static bool
is_loose(const char *path)
{
	static const char *const part[] = { "/usb", "/fw", "/thunderbolt",
		"/mmc", "/memstick", "/block/loop", "/block/nbd", "/block/rbd",
		"/block/drbd", "/block/zram", "/block/ram", "/block/fd",
		"/block/sr", "/session", "/nvme-fabrics" };
	size_t i;

	for (i = 0; i < sizeof(part) / sizeof(part[0]); i++)
		if (strstr(path, part[i]) != NULL)
			return true;
	return false;
}

/* Does it say itself that it can be taken out, or does not say? */
static bool
is_removable(const char *path)
{
	char name[ROOM + 32], said[2] = "?";
	const char *where;
	int turn, fd = -1;

	/* A partition does not say, the disk it is on does. */
	for (turn = 0; turn < 2 && fd == -1; turn++) {
		where = turn == 0 ? "removable" : "../removable";
		snprintf(name, sizeof(name), "%s/%s", path, where);
		fd = open(name, O_RDONLY | O_CLOEXEC);
	}
	if (fd == -1)
		return true;
	if (read(fd, said, 1) != 1)
		said[0] = '?';
	close(fd);
	return said[0] != '0';
}

/* Devices that are to be looked at: one, and what it is made of. */
struct parts {
	char number[PARTS_MOST][16]; /* "254:0" */
	size_t count;
};

static bool
parts_add(struct parts *p, unsigned major, unsigned minor)
{
	if (p->count == PARTS_MOST)
		return false;
	snprintf(p->number[p->count++], sizeof(p->number[0]), "%u:%u",
	    major & 0xfffu, minor & 0xfffffu);
	return true;
}

/* Add one of the devices that another is made of. */
static bool
add_slave(const char *slaves, const char *name, struct parts *p)
{
	char path[2 * ROOM];
	unsigned major, minor;
	FILE *from;
	int got;

	snprintf(path, sizeof(path), "%s/%s/dev", slaves, name);
	from = fopen(path, "re");
	if (from == NULL)
		return false;
	got = fscanf(from, "%u:%u", &major, &minor);
	fclose(from);
	return got == 2 && parts_add(p, major, minor);
}

/*
 * Add what the device whose folder this is is made of.  False if that cannot
 * be told.
 */
static bool
add_slaves(const char *path, struct parts *p)
{
	char slaves[ROOM + 16];
	const struct dirent *d;
	bool is_fine = true, is_made = false;
	DIR *dir;

	snprintf(slaves, sizeof(slaves), "%s/slaves", path);
	dir = opendir(slaves);
	while (dir != NULL && is_fine && (d = readdir(dir)) != NULL) {
		if (d->d_name[0] == '.')
			continue;
		is_made = true;
		is_fine = add_slave(slaves, d->d_name, p);
	}
	if (dir != NULL)
		closedir(dir);
	/* What is not there in hardware has to be made of something. */
	return is_fine && (is_made || strstr(path, "/virtual/") == NULL);
}

bool
trusted_is_fixed(const char *base, dev_t device)
{
	struct parts parts = { .count = 0 };
	char link[ROOM];
	size_t i;

	parts_add(&parts, major(device), minor(device));
	for (i = 0; i < parts.count; i++) {
		char *path;
		bool is_fine;

		snprintf(link, sizeof(link), "%s/%s", base, parts.number[i]);
		path = realpath(link, NULL);
		is_fine = path != NULL && strlen(path) < ROOM &&
		    !is_loose(path) && !is_removable(path) &&
		    add_slaves(path, &parts);
		free(path);
		if (!is_fine)
			return false;
	}
	return true;
}

/* --- the file system --------------------------------------------------- */

/* The device in a line "36 35 0:33 / /mnt rw - btrfs /dev/sda2 rw". */
static bool
read_source(const char *line, dev_t *out)
{
	const char *rest = strstr(line, " - ");
	char source[ROOM];
	struct stat s;

	if (rest == NULL || sscanf(rest, " - %*s %1000s", source) != 1 ||
	    stat(source, &s) == -1 || !S_ISBLK(s.st_mode))
		return false;
	*out = s.st_rdev;
	return true;
}

/* Where the mount of that number is from, if it is from one device. */
static bool
find_source(uint64_t mount, dev_t *out)
{
	FILE *from = fopen("/proc/self/mountinfo", "re");
	bool is_found = false;
	char *line = NULL;
	size_t room = 0;

	while (from != NULL && getline(&line, &room, from) > 0)
		if (strtoull(line, NULL, 10) == mount) {
			is_found = read_source(line, out);
			break;
		}
	free(line);
	if (from != NULL)
		fclose(from);
	return is_found;
}

/* The device of a file system; Btrfs gives its parts numbers of its own. */
static bool
find_device(int fd, dev_t *out)
{
	struct statx s;

	if (statx(fd, "", AT_EMPTY_PATH, STATX_INO | STATX_MNT_ID, &s) == -1)
		return false;
	*out = makedev(s.stx_dev_major, s.stx_dev_minor);
	return s.stx_dev_major != 0 ||
	    ((s.stx_mask & STATX_MNT_ID) != 0 &&
		find_source(s.stx_mnt_id, out));
}

bool
trusted_is(int fd, struct trusted *out)
{
	struct statfs s;
	dev_t device;

	if (fstatfs(fd, &s) == -1)
		return false;
	if (s.f_type != EXT4_SUPER_MAGIC && s.f_type != XFS_SUPER_MAGIC &&
	    s.f_type != BTRFS_SUPER_MAGIC)
		return false;
	memcpy(&out->id, &s.f_fsid, sizeof(out->id));
	out->can_swap = s.f_type == XFS_SUPER_MAGIC;
	return find_device(fd, &device) &&
	    trusted_is_fixed("/sys/dev/block", device);
}
