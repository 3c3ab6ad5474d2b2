/*
 * remove.c - take the original away, and only it.  See remove.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/quarantine/remove.h"

#include "lib/crypto/digest.h"
#include "sys/whole.h"

#include <sys/stat.h>
#include <sys/syscall.h>

#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define ASIDE_MAX (HELD_ID + 16u)
#define PIECE     65536u

/* The name of the folder beside the original that only we can enter. */
static void
aside_name(const struct held *h, char out[ASIDE_MAX])
{
	(void)snprintf(out, ASIDE_MAX, ".candor-%s", h->id);
}

bool
remove_hash(int fd, uint8_t sha256[32], uint64_t *size)
{
	uint8_t *piece = malloc(PIECE);
	struct digest d;
	ssize_t n = 0;

	*size = 0;
	digest_init(&d, DIGEST_SHA256);
	while (piece != NULL &&
	    (n = whole_pread(fd, piece, PIECE, *size)) > 0) {
		digest_add(&d, piece, (size_t)n);
		*size += (uint64_t)n;
	}
	digest_end(&d, sha256);
	free(piece);
	return piece != NULL && n == 0;
}

int
remove_open_folder(const struct held *h)
{
	struct open_how how = {
		.flags = O_RDONLY | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS,
	};
	const char *slash = strrchr(h->path, '/');
	char *folder =
	    strndup(h->path, slash == h->path ? 1 : (size_t)(slash - h->path));
	int fd;

	if (folder == NULL)
		return -1;
	fd = (int)syscall(SYS_openat2, AT_FDCWD, folder, &how, sizeof(how));
	free(folder);
	return fd;
}

static bool
is_inode(int folder, const char *name, const struct held *h)
{
	struct stat st;

	return fstatat(folder, name, &st, AT_SYMLINK_NOFOLLOW) == 0 &&
	    st.st_dev == h->device && st.st_ino == h->inode;
}

static bool
is_sealed(const uint8_t sha256[32], uint64_t size, const struct held *h)
{
	return size == h->size &&
	    memcmp(sha256, h->sha256, sizeof(h->sha256)) == 0;
}

/* Are its bytes what was sealed? */
static bool
is_as_sealed(int fd, const struct held *h)
{
	uint8_t sha256[32];
	uint64_t size;

	return remove_hash(fd, sha256, &size) && is_sealed(sha256, size, h);
}

static int
rename_into(int from, const char *name, int to, const char *as)
{
	return (int)syscall(SYS_renameat2, from, name, to, as,
	    RENAME_NOREPLACE);
}

static int
open_aside(int folder, const char *aside)
{
	struct stat st;
	int fd = openat(folder, aside,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd != -1 &&
	    (fstat(fd, &st) == -1 || st.st_uid != geteuid() ||
		(st.st_mode & 077) != 0)) {
		(void)close(fd);
		errno = EPERM;
		return -1;
	}
	return fd;
}

/* Where the original is while it is decided: beside where it was. */
struct aside {
	int folder;       /* where it was */
	const char *name; /* as it was called */
	int fd;           /* the folder that only we can enter */
	char called[ASIDE_MAX];
};

/* Put back what should not have been moved. */
static bool
put_back(const struct aside *a, struct why *why)
{
	if (rename_into(a->fd, "file", a->folder, a->name) == 0) {
		(void)unlinkat(a->folder, a->called, AT_REMOVEDIR);
		return why_not(why, WHY_BROKEN, "it changed meanwhile");
	}
	return why_not(why, WHY_SYSTEM,
	    "it changed meanwhile, and its name is taken: it is in %s",
	    a->called);
}

/* The name is aside: unlink it if it is what was sealed. */
static bool
finish(const struct aside *a, int fd, const struct held *h, struct why *why)
{
	if (!is_inode(a->fd, "file", h) || !is_as_sealed(fd, h))
		return put_back(a, why);
	if (unlinkat(a->fd, "file", 0) == -1) {
		(void)why_not(why, WHY_SYSTEM, "cannot unlink");
		(void)rename_into(a->fd, "file", a->folder, a->name);
		(void)unlinkat(a->folder, a->called, AT_REMOVEDIR);
		return false;
	}
	(void)unlinkat(a->folder, a->called, AT_REMOVEDIR);
	(void)fsync(a->folder);
	return true;
}

bool
remove_original(int folder, const char *name, int fd, const struct held *h,
    struct why *why)
{
	struct aside a = { .folder = folder, .name = name };
	bool good;

	if (!is_inode(folder, name, h))
		return why_not(why, WHY_BROKEN, "another file has its name");
	if (!attributes_loosen(fd, &h->attributes))
		return why_not(why, WHY_SYSTEM,
		    "it is immutable, and that cannot be taken off");
	aside_name(h, a.called);
	if (mkdirat(folder, a.called, 0700) == -1 ||
	    (a.fd = open_aside(folder, a.called)) == -1) {
		(void)why_not(why, WHY_SYSTEM, "cannot write to its folder");
		(void)attributes_apply_flags(fd, &h->attributes);
		return false;
	}
	if (rename_into(folder, name, a.fd, "file") == -1) {
		good = why_not(why, WHY_SYSTEM, "cannot move it");
		(void)unlinkat(folder, a.called, AT_REMOVEDIR);
	} else
		good = finish(&a, fd, h, why);
	if (!good)
		(void)attributes_apply_flags(fd, &h->attributes);
	(void)close(a.fd);
	return good;
}

/* As finish(), by name: there is no descriptor after a crash. */
static enum left_over
finish_aside(const struct aside *a, const struct held *h)
{
	struct why why;
	int fd = openat(a->fd, "file",
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	bool gone;

	if (fd == -1)
		return LEFT_UNKNOWN;
	gone = finish(a, fd, h, &why);
	(void)close(fd);
	if (gone)
		return LEFT_MOVED;
	return faccessat(a->fd, "file", F_OK, AT_SYMLINK_NOFOLLOW) == 0
	    ? LEFT_UNKNOWN
	    : LEFT_IN_PLACE;
}

/*
 * Nothing is aside.  A file system gives an inode's number to the next file,
 * so the number alone does not say that the original is still there: only its
 * bytes do, and only then may the copy go.
 */
static enum left_over
look_in_place(const struct aside *a, const struct held *h)
{
	enum left_over end = LEFT_UNKNOWN;
	uint8_t sha256[32];
	uint64_t size;
	struct stat st;
	int fd;

	if (!is_inode(a->folder, a->name, h))
		return LEFT_MOVED;
	fd = openat(a->folder, a->name,
	    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	if (fd == -1)
		return LEFT_UNKNOWN;
	if (fstat(fd, &st) == 0 && !S_ISREG(st.st_mode))
		end = LEFT_MOVED;
	else if (remove_hash(fd, sha256, &size))
		end = is_sealed(sha256, size, h) ? LEFT_IN_PLACE : LEFT_MOVED;
	(void)close(fd);
	return end;
}

enum left_over
remove_left_over(const struct held *h)
{
	struct aside a = { .folder = remove_open_folder(h),
		.name = strrchr(h->path, '/') + 1 };
	enum left_over end;
	struct stat st;

	if (a.folder == -1)
		return LEFT_UNKNOWN;
	aside_name(h, a.called);
	a.fd = open_aside(a.folder, a.called);
	if (fstat(a.folder, &st) == -1 || st.st_dev != h->folder_device ||
	    st.st_ino != h->folder_inode)
		end = LEFT_UNKNOWN;
	else if (a.fd != -1 &&
	    fstatat(a.fd, "file", &st, AT_SYMLINK_NOFOLLOW) == 0)
		end = finish_aside(&a, h);
	else {
		if (a.fd != -1)
			(void)unlinkat(a.folder, a.called, AT_REMOVEDIR);
		end = look_in_place(&a, h);
	}
	if (a.fd != -1)
		(void)close(a.fd);
	(void)close(a.folder);
	return end;
}
