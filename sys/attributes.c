/*
 * attributes.c - what a file is besides its bytes.  See attributes.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/attributes.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <errno.h>
#include <linux/fs.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define NAMES_MAX   65536u                    /* XATTR_LIST_MAX */
#define ACCESS_LIST "system.posix_acl_access" /* acl(5) */

/* The flags that a person sets, not those the file system keeps for itself
   (extents, encryption, verity, …). */
#define FLAGS_KEPT                                                    \
	(FS_IMMUTABLE_FL | FS_APPEND_FL | FS_NODUMP_FL | FS_SYNC_FL | \
	    FS_NOATIME_FL | FS_NOCOW_FL | FS_COMPR_FL)
#define FLAGS_FORBIDDING (FS_IMMUTABLE_FL | FS_APPEND_FL)

bool
attributes_add(struct attributes *a, const char *name, const void *value,
    size_t size)
{
	struct attribute *one;

	if (a->extended_count == ATTRIBUTES_EXTENDED ||
	    size > ATTRIBUTES_VALUE_MAX || strlen(name) > ATTRIBUTES_NAME_MAX)
		return false;
	one = &a->extended[a->extended_count];
	one->name = strdup(name);
	one->value = malloc(size + 1);
	one->size = size;
	if (one->name == NULL || one->value == NULL) {
		free(one->name);
		free(one->value);
		return false;
	}
	memcpy(one->value, value, size);
	a->extended_count++;
	return true;
}

void
attributes_free(struct attributes *a)
{
	size_t i;

	for (i = 0; i < a->extended_count; i++) {
		free(a->extended[i].name);
		free(a->extended[i].value);
	}
	a->extended_count = 0;
}

static bool
read_extended(int fd, struct attributes *out)
{
	char *names = malloc(NAMES_MAX), *value = malloc(ATTRIBUTES_VALUE_MAX);
	ssize_t size = 0, at = 0, n;
	bool good = names != NULL && value != NULL;

	if (good)
		size = flistxattr(fd, names, NAMES_MAX);
	/* A file system without any is no failure. */
	for (; good && at < size; at += (ssize_t)strlen(names + at) + 1) {
		n = fgetxattr(fd, names + at, value, ATTRIBUTES_VALUE_MAX);
		/* One that only the kernel or root may read stays where it
		   is made: on the new file the kernel makes it again. */
		if (n >= 0)
			good =
			    attributes_add(out, names + at, value, (size_t)n);
	}
	free(value);
	free(names);
	return good;
}

bool
attributes_read(int fd, struct attributes *out, struct why *why)
{
	struct stat st;
	int flags = 0;

	memset(out, 0, sizeof(*out));
	if (fstat(fd, &st) == -1)
		return why_not(why, WHY_SYSTEM, "cannot stat an open file");
	out->mode = st.st_mode & 07777;
	out->uid = st.st_uid;
	out->gid = st.st_gid;
	out->atime_s = st.st_atim.tv_sec;
	out->atime_ns = (uint32_t)st.st_atim.tv_nsec;
	out->mtime_s = st.st_mtim.tv_sec;
	out->mtime_ns = (uint32_t)st.st_mtim.tv_nsec;
	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == 0) {
		out->has_flags = true;
		out->flags = (uint32_t)flags & FLAGS_KEPT;
	}
	if (read_extended(fd, out))
		return true;
	attributes_free(out);
	return why_not(why, WHY_LIMIT, "too many extended attributes");
}

/* A new file has the default access list of its folder: more may read it then
   than its own mode says. */
static bool
drop_inherited(int fd)
{
	return fremovexattr(fd, ACCESS_LIST) == 0 || errno == ENODATA ||
	    errno == EOPNOTSUPP || errno == ENOSYS;
}

static bool
has_access_list(const struct attributes *a)
{
	size_t i;

	for (i = 0; i < a->extended_count; i++)
		if (strcmp(a->extended[i].name, ACCESS_LIST) == 0)
			return true;
	return false;
}

uint32_t
attributes_apply(int fd, const struct attributes *a)
{
	struct timespec times[2] = { { a->atime_s, (long)a->atime_ns },
		{ a->mtime_s, (long)a->mtime_ns } };
	uint32_t missed = 0;
	mode_t mode = a->mode;
	struct stat st;
	size_t i;

	/* A change of owner takes set-id bits and capabilities off, so it is
	   first; without it nobody else's program may run as us. */
	if (fchown(fd, a->uid, a->gid) == -1 &&
	    (fstat(fd, &st) == -1 || st.st_uid != a->uid ||
		st.st_gid != a->gid)) {
		missed |= ATTRIBUTES_OWNER;
		mode &= (mode_t) ~(S_ISUID | S_ISGID);
	}
	if (!drop_inherited(fd)) {
		missed |= ATTRIBUTES_EXTRA;
		mode &= (mode_t)~S_IRWXG;
	}
	/* With an access list the group's bits are the bound of the list, and
	   without it what everybody in the group may: the list brings them. */
	if (has_access_list(a))
		mode &= (mode_t)~S_IRWXG;
	if (fchmod(fd, mode) == -1)
		missed |= ATTRIBUTES_MODE;
	for (i = 0; i < a->extended_count; i++)
		if (fsetxattr(fd, a->extended[i].name, a->extended[i].value,
			a->extended[i].size, 0) == -1)
			missed |= ATTRIBUTES_EXTRA;
	if (fstat(fd, &st) == -1 || (st.st_mode & 07777) != a->mode)
		missed |= ATTRIBUTES_MODE;
	if (futimens(fd, times) == -1)
		missed |= ATTRIBUTES_TIMES;
	return missed;
}

/* Change the flags that a person sets to want. */
static bool
set_flags(int fd, uint32_t want)
{
	int flags = 0;

	if (ioctl(fd, FS_IOC_GETFLAGS, &flags) == -1)
		return want == 0;
	if (((uint32_t)flags & FLAGS_KEPT) == want)
		return true;
	flags = (int)(((uint32_t)flags & ~(uint32_t)FLAGS_KEPT) | want);
	return ioctl(fd, FS_IOC_SETFLAGS, &flags) == 0;
}

uint32_t
attributes_apply_flags(int fd, const struct attributes *a)
{
	if (!a->has_flags || set_flags(fd, a->flags))
		return 0;
	return ATTRIBUTES_FLAGS;
}

bool
attributes_loosen(int fd, const struct attributes *a)
{
	if (!a->has_flags || (a->flags & FLAGS_FORBIDDING) == 0)
		return true;
	return set_flags(fd, a->flags & ~(uint32_t)FLAGS_FORBIDDING);
}
