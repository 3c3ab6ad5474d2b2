/*
 * tree.c - walk a file or a folder with all that is in it.  See tree.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "sys/tree.h"

#include "sys/subject.h"

#include <sys/syscall.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- one folder's names --------------------------------------------------- */

struct names {
	char **one;
	size_t count, room;
};

static int
compare(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void
names_free(struct names *n)
{
	while (n->count > 0)
		free(n->one[--n->count]);
	free(n->one);
	*n = (struct names){ 0 };
}

static bool
names_add(struct names *n, const char *name)
{
	char **more = n->one;

	if (n->count == n->room) {
		n->room = n->room * 2 + 16;
		more = realloc(n->one, n->room * sizeof(*more));
		if (more == NULL)
			return false;
		n->one = more;
	}
	n->one[n->count] = strdup(name);
	return n->one[n->count] != NULL && ++n->count > 0;
}

/* The names in a folder that is open, in order. */
static bool
names_read(int folder, struct names *out)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *d = fd != -1 ? fdopendir(fd) : NULL;
	const struct dirent *e;
	bool is_good = d != NULL;

	if (d == NULL && fd != -1)
		(void)close(fd);
	errno = 0;
	while (is_good && (e = readdir(d)) != NULL)
		if (strcmp(e->d_name, ".") != 0 && strcmp(e->d_name, "..") != 0)
			is_good = names_add(out, e->d_name);
	is_good = is_good && errno == 0;
	if (d != NULL)
		(void)closedir(d);
	if (out->count > 0)
		qsort(out->one, out->count, sizeof(*out->one), compare);
	return is_good;
}

/* --- the walk ------------------------------------------------------------- */

struct level {
	int fd;      /* the folder */
	int dir;     /* which it is in */
	char *name;  /* there; borrowed from the level above, or the caller */
	size_t path; /* bytes of the path before its own name */
	struct names in;
	size_t next;
	struct stat st;
};

struct walk {
	struct level level[TREE_DEPTH];
	size_t depth;
	char path[TREE_PATH];
	const struct tree_visit *v;
	struct why *why;
};

static bool
cannot(const struct walk *w, const char *what)
{
	int err = errno;

	if (err == EXDEV)
		what = "something is mounted there";
	if (err == ELOOP)
		what = "it became a link";
	return why_not(w->why, WHY_SYSTEM, "%s: %s",
	    w->path[0] != '\0' ? w->path : "the top", what);
}

/* Open what is a file or a folder; -2: neither, -1: it cannot be. */
static int
open_entry(int dir, const char *name, const struct stat *st)
{
	struct subject s = { .fd = -1 };
	struct why why = { 0 };

	if (S_ISDIR(st->st_mode))
		return subject_open_folder(dir, name);
	if (!S_ISREG(st->st_mode))
		return -2;
	if (!subject_open_below(dir, name, &s, &why)) {
		errno = why.err != 0 ? why.err : EIO;
		return -1;
	}
	if (s.kind == SUBJECT_FILE)
		return s.fd;
	errno = s.kind == SUBJECT_BEYOND ? EXDEV : ELOOP;
	return -1;
}

/* Go into a folder that was just visited. */
static bool
push(struct walk *w, const struct tree_at *at, char *name, size_t path)
{
	struct level *l = &w->level[w->depth];

	*l = (struct level){ .fd = at->fd,
		.dir = at->dir,
		.name = name,
		.path = path,
		.st = at->st };
	w->depth++; /* from here on it is closed by pop() */
	return names_read(at->fd, &l->in) || cannot(w, "cannot be listed");
}

static bool
visit(struct walk *w, int dir, char *name, size_t path)
{
	struct tree_at at = { .dir = dir,
		.name = name,
		.path = w->path,
		.depth = w->depth,
		.fd = -1 };
	bool is_good;

	if (fstatat(dir, name, &at.st, AT_SYMLINK_NOFOLLOW) == -1)
		return cannot(w, "cannot be seen");
	errno = 0;
	if (S_ISDIR(at.st.st_mode) && w->depth == TREE_DEPTH)
		return cannot(w, "too many folders within each other");
	at.fd = open_entry(dir, name, &at.st);
	if (at.fd == -1)
		return cannot(w, "cannot be opened");
	if (at.fd >= 0 && (fstat(at.fd, &at.st) == -1))
		return close(at.fd) == 0 && cannot(w, "cannot be seen");
	is_good = w->v->enter(w->v->self, &at, w->why);
	if (is_good && S_ISDIR(at.st.st_mode))
		return push(w, &at, name, path);
	if (at.fd >= 0)
		(void)close(at.fd);
	return is_good;
}

/* Leave the innermost folder; is_told: it was gone through. */
static bool
pop(struct walk *w, bool is_told)
{
	struct level *l = &w->level[--w->depth];
	struct tree_at at = { .dir = l->dir,
		.name = l->name,
		.path = w->path,
		.depth = w->depth,
		.fd = l->fd,
		.st = l->st };
	bool is_good = true;

	if (is_told && w->v->leave != NULL)
		is_good = w->v->leave(w->v->self, &at, w->why);
	(void)close(l->fd);
	names_free(&l->in);
	w->path[l->path] = '\0';
	return is_good;
}

/* The next name of the innermost folder. */
static bool
step(struct walk *w)
{
	struct level *l = &w->level[w->depth - 1];
	size_t size = strlen(w->path), depth = w->depth;
	char *name = l->in.one[l->next++];
	int n = snprintf(w->path + size, sizeof(w->path) - size, "%s%s",
	    size > 0 ? "/" : "", name);

	errno = ENAMETOOLONG;
	if (n < 0 || (size_t)n >= sizeof(w->path) - size)
		return cannot(w, "its path is too long");
	if (!visit(w, l->fd, name, size))
		return false;
	if (w->depth == depth)
		w->path[size] = '\0';
	return true;
}

bool
tree_walk(int dir, const char *name, const struct tree_visit *v,
    struct why *why)
{
	struct walk *w = calloc(1, sizeof(*w));
	char *top = strdup(name);
	bool is_good = w != NULL && top != NULL;

	if (!is_good)
		(void)why_not(why, WHY_LIMIT, "no memory");
	else {
		w->v = v;
		w->why = why;
		is_good = visit(w, dir, top, 0);
	}
	while (is_good && w->depth > 0) {
		const struct level *l = &w->level[w->depth - 1];

		is_good = l->next < l->in.count ? step(w) : pop(w, true);
	}
	while (w != NULL && w->depth > 0)
		(void)pop(w, false);
	free(top);
	free(w);
	return is_good;
}

int
tree_open_parent(const char *path, const char **name)
{
	struct open_how how = { .flags = O_PATH | O_DIRECTORY | O_CLOEXEC,
		.resolve = RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS };
	const char *slash = strrchr(path, '/');
	char folder[TREE_PATH];
	size_t size;

	errno = EINVAL;
	if (path[0] != '/' || slash == NULL || slash[1] == '\0')
		return -1;
	size = (size_t)(slash - path);
	errno = ENAMETOOLONG;
	if (size + 2 > sizeof(folder))
		return -1;
	memcpy(folder, path, size);
	memcpy(folder + size, "/", 2);
	*name = slash + 1;
	return (int)syscall(SYS_openat2, AT_FDCWD, folder, &how, sizeof(how));
}
