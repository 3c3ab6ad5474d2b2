/*
 * tree_copy.c - copy and remove a tree.  The contract is in tree.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/tree.h"

#include "sys/attributes.h"
#include "sys/whole.h"

#include <sys/ioctl.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/fs.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PIECE ((size_t)1 << 20)

/* --- copying -------------------------------------------------------------- */

/* A file with several names: where its first copy is. */
struct linked {
	dev_t device;
	ino_t inode;
	char *path; /* below the top of the copy */
};

struct copy {
	int top;            /* the folder the copy is made in */
	const char *as;     /* its name there */
	int to[TREE_DEPTH]; /* the copies of the folders we are in */
	size_t depth;       /* how many are open */
	struct linked *linked;
	size_t links, room;
	uint8_t *piece;
};

static int
folder_of(const struct copy *c, const struct tree_at *at)
{
	return at->depth == 0 ? c->top : c->to[at->depth - 1];
}

static const char *
name_of(const struct copy *c, const struct tree_at *at)
{
	return at->depth == 0 ? c->as : at->name;
}

static bool
cannot(struct why *why, const struct tree_at *at, const char *what)
{
	return why_not(why, WHY_SYSTEM, "%s: %s",
	    at->path[0] != '\0' ? at->path : at->name, what);
}

/* Everything it is besides its bytes, on both sides the same. */
static bool
copy_attributes(const struct tree_at *at, int to, struct why *why)
{
	struct attributes a;
	uint32_t missed;

	if (!attributes_read(at->fd, &a, why))
		return false;
	errno = 0;
	missed = attributes_apply(to, &a);
	missed |= attributes_apply_flags(to, &a);
	attributes_free(&a);
	/* Some file systems have no such flags; no byte is lost by it. */
	if ((missed & ~(uint32_t)ATTRIBUTES_FLAGS) != 0)
		return cannot(why, at,
		    "its owner, mode, times or attributes cannot be kept");
	return fsync(to) == 0 || cannot(why, at, "cannot be written");
}

static bool
copy_bytes(struct copy *c, int from, int to)
{
	uint64_t offset = 0;
	ssize_t n;

	if (ioctl(to, FICLONE, from) == 0)
		return true;
	while ((n = whole_pread(from, c->piece, PIECE, offset)) > 0) {
		if (!whole_write(to, c->piece, (size_t)n))
			return false;
		offset += (uint64_t)n;
	}
	return n == 0;
}

/* Its first copy, if it has several names and one was seen. */
static const struct linked *
find_link(const struct copy *c, const struct tree_at *at)
{
	size_t i;

	for (i = 0; at->st.st_nlink > 1 && i < c->links; i++)
		if (c->linked[i].device == at->st.st_dev &&
		    c->linked[i].inode == at->st.st_ino)
			return &c->linked[i];
	return NULL;
}

static bool
remember_link(struct copy *c, const struct tree_at *at)
{
	struct linked *more = c->linked;

	if (at->st.st_nlink < 2)
		return true;
	if (c->links == c->room) {
		c->room = c->room * 2 + 16;
		more = realloc(c->linked, c->room * sizeof(*more));
		if (more == NULL)
			return false;
		c->linked = more;
	}
	more[c->links].device = at->st.st_dev;
	more[c->links].inode = at->st.st_ino;
	more[c->links].path = strdup(at->path);
	return more[c->links].path != NULL && ++c->links > 0;
}

static bool
copy_file(struct copy *c, const struct tree_at *at, struct why *why)
{
	const struct linked *first = find_link(c, at);
	int to;
	bool is_good;

	if (first != NULL)
		/* The top of the copy is a folder then, the first open. */
		return linkat(c->to[0], first->path, folder_of(c, at),
			   name_of(c, at), 0) == 0 ||
		    cannot(why, at, "its other name cannot be made");
	to = openat(folder_of(c, at), name_of(c, at),
	    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (to == -1)
		return cannot(why, at, "cannot be made");
	is_good =
	    copy_bytes(c, at->fd, to) || cannot(why, at, "cannot be copied");
	is_good = is_good && copy_attributes(at, to, why);
	is_good = close(to) == 0 && is_good;
	return is_good &&
	    (remember_link(c, at) || cannot(why, at, "no memory"));
}

static bool
copy_folder(struct copy *c, const struct tree_at *at, struct why *why)
{
	int to = -1;

	if (mkdirat(folder_of(c, at), name_of(c, at), 0700) == 0)
		to = openat(folder_of(c, at), name_of(c, at),
		    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to == -1)
		return cannot(why, at, "cannot be made");
	c->to[at->depth] = to;
	c->depth = at->depth + 1;
	return true;
}

/* A link, or what is no file: no bytes, no attributes but the plain ones. */
static bool
copy_other(const struct copy *c, const struct tree_at *at, struct why *why)
{
	struct timespec times[2] = { at->st.st_atim, at->st.st_mtim };
	int to = folder_of(c, at);
	const char *name = name_of(c, at);
	char target[PATH_MAX];
	ssize_t n;
	bool is_good;

	if (S_ISLNK(at->st.st_mode)) {
		n = readlinkat(at->dir, at->name, target, sizeof(target) - 1);
		target[n > 0 ? n : 0] = '\0';
		is_good = n > 0 && symlinkat(target, to, name) == 0;
	} else {
		is_good = mknodat(to, name, at->st.st_mode & S_IFMT,
			      at->st.st_rdev) == 0 &&
		    fchmodat(to, name, 0, 0) == 0;
	}
	is_good = is_good &&
	    fchownat(to, name, at->st.st_uid, at->st.st_gid,
		AT_SYMLINK_NOFOLLOW) == 0;
	if (is_good && !S_ISLNK(at->st.st_mode))
		is_good = fchmodat(to, name, at->st.st_mode & 07777, 0) == 0;
	is_good =
	    is_good && utimensat(to, name, times, AT_SYMLINK_NOFOLLOW) == 0;
	return is_good || cannot(why, at, "cannot be made");
}

static bool
leave_copy(void *self, const struct tree_at *at, struct why *why)
{
	struct copy *c = self;
	int to = c->to[at->depth];
	bool is_good = copy_attributes(at, to, why);

	c->depth = at->depth;
	return close(to) == 0 && is_good;
}

static bool
enter_copy(void *self, const struct tree_at *at, struct why *why)
{
	struct copy *c = self;

	if (S_ISREG(at->st.st_mode))
		return copy_file(c, at, why);
	if (S_ISDIR(at->st.st_mode))
		return copy_folder(c, at, why);
	return copy_other(c, at, why);
}

/* The thing itself, without what is in it. */
static bool
copy_one(struct copy *c, int from, const char *name, struct why *why)
{
	struct tree_at at = { .dir = from, .name = name, .path = "", .fd = -1 };
	bool is_good = fstatat(from, name, &at.st, AT_SYMLINK_NOFOLLOW) == 0;

	if (is_good && (S_ISREG(at.st.st_mode) || S_ISDIR(at.st.st_mode))) {
		at.fd = openat(from, name,
		    O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
		is_good = at.fd != -1 && fstat(at.fd, &at.st) == 0;
	}
	if (!is_good)
		(void)cannot(why, &at, "cannot be opened");
	is_good = is_good && enter_copy(c, &at, why);
	if (is_good && S_ISDIR(at.st.st_mode))
		is_good = leave_copy(c, &at, why);
	if (at.fd != -1)
		(void)close(at.fd);
	return is_good;
}

bool
tree_copy(int from, const char *name, int to, const char *as, bool is_one,
    struct why *why)
{
	struct copy *c = calloc(1, sizeof(*c));
	struct tree_visit v = { enter_copy, leave_copy, c };
	bool is_good = c != NULL && (c->piece = malloc(PIECE)) != NULL;

	if (is_good) {
		c->top = to;
		c->as = as;
		is_good = is_one ? copy_one(c, from, name, why)
				 : tree_walk(from, name, &v, why);
		while (c->depth > 0)
			(void)close(c->to[--c->depth]);
		while (c->links > 0)
			free(c->linked[--c->links].path);
		free(c->linked);
		free(c->piece);
	} else {
		(void)why_not(why, WHY_LIMIT, "no memory");
	}
	free(c);
	return is_good;
}

/* --- removing ------------------------------------------------------------- */

/* Take off what forbids it; of a file that also is elsewhere, not. */
static bool
loosen(const struct tree_at *at, struct why *why)
{
	struct attributes a;
	bool is_good;

	if (at->fd < 0)
		return true;
	if (!attributes_read(at->fd, &a, why))
		return false;
	is_good = (S_ISREG(at->st.st_mode) && at->st.st_nlink > 1) ||
	    attributes_loosen(at->fd, &a);
	attributes_free(&a);
	return is_good || cannot(why, at, "cannot be made mutable");
}

static bool
enter_remove(void *self, const struct tree_at *at, struct why *why)
{
	(void)self;
	if (!loosen(at, why))
		return false;
	return S_ISDIR(at->st.st_mode) || unlinkat(at->dir, at->name, 0) == 0 ||
	    cannot(why, at, "cannot be removed");
}

static bool
leave_remove(void *self, const struct tree_at *at, struct why *why)
{
	(void)self;
	return unlinkat(at->dir, at->name, AT_REMOVEDIR) == 0 ||
	    cannot(why, at, "cannot be removed");
}

bool
tree_remove(int dir, const char *name, struct why *why)
{
	const struct tree_visit v = { enter_remove, leave_remove, NULL };

	return tree_walk(dir, name, &v, why);
}
