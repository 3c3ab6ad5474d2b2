/*
 * targets.c - what a command would write must not be what it reads.
 * The contract is in targets.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/targets.h"

#include "cmd/candor/buf.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

static bool
is_same(const struct stat *a, const struct stat *b)
{
	return a->st_dev == b->st_dev && a->st_ino == b->st_ino;
}

/* --- what is compiled ----------------------------------------------------- */

static bool
begins_with(const char *path, const char *magic)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);
	char first[16];
	size_t size = strlen(magic);
	bool is_so;

	if (fd == -1 || size > sizeof(first)) {
		if (fd != -1)
			(void)close(fd);
		return false;
	}
	is_so = pread(fd, first, size, 0) == (ssize_t)size &&
	    memcmp(first, magic, size) == 0;
	(void)close(fd);
	return is_so;
}

/* Databases among the inputs are not read: one may be what is made anew. */
static const char *
find_input(const struct inputs *in, const struct stat *s)
{
	struct stat one;
	size_t i;

	for (i = 0; i < in->count; i++)
		if (!in->one[i].is_compiled &&
		    fstat(in->one[i].fd, &one) == 0 && is_same(&one, s))
			return in->one[i].path;
	return NULL;
}

bool
targets_may_build(const char *path, const char *magic, const struct inputs *in,
    struct why *why)
{
	struct stat s;

	if (stat(path, &s) == -1)
		return true; /* or opening it says why not */
	if (find_input(in, &s) != NULL)
		return why_not(why, WHY_BROKEN,
		    "%.200s is an input: it would be replaced", path);
	if (S_ISREG(s.st_mode) && (s.st_size == 0 || begins_with(path, magic)))
		return true;
	return why_not(why, WHY_BROKEN,
	    "%.150s is there and was not made by candor db build: it is not "
	    "replaced",
	    path);
}

/* --- what is printed ------------------------------------------------------ */

static const char *
last_of(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash != NULL ? slash + 1 : path;
}

/* The folder a path is in: "" stands for the working folder. */
static bool
stat_folder(const char *path, struct stat *out)
{
	char *folder = buf_copy(path);
	bool is_done;

	folder[last_of(path) - path] = '\0';
	is_done = stat(folder[0] != '\0' ? folder : ".", out) == 0;
	free(folder);
	return is_done;
}

/* Do two paths mean one file, be it there or not yet? */
static bool
is_one_file(const char *a, const char *b)
{
	struct stat sa, sb;
	bool has_a = stat(a, &sa) == 0, has_b = stat(b, &sb) == 0;

	if (has_a && has_b)
		return S_ISREG(sa.st_mode) && is_same(&sa, &sb);
	if (has_a || has_b)
		return false;
	return strcmp(last_of(a), last_of(b)) == 0 && stat_folder(a, &sa) &&
	    stat_folder(b, &sb) && is_same(&sa, &sb);
}

/*
 * Is a file that would be emptied named as one to look at?  What is known of
 * a path will do: no server is asked that might not answer.
 */
static bool
is_named(const char *target, const struct words *path)
{
	struct statx s;
	struct stat t;
	size_t i;

	if (stat(target, &t) == -1 || !S_ISREG(t.st_mode))
		return false;
	for (i = 0; i < path->count; i++)
		if (statx(AT_FDCWD, path->word[i],
			AT_STATX_DONT_SYNC | AT_NO_AUTOMOUNT, STATX_INO,
			&s) == 0 &&
		    s.stx_ino == t.st_ino &&
		    makedev(s.stx_dev_major, s.stx_dev_minor) == t.st_dev)
			return true;
	return false;
}

bool
targets_may_print(const char *output, const char *report,
    const struct words *path, struct why *why)
{
	bool is_file = output != NULL && strcmp(output, "-") != 0;
	const char *const target[] = { is_file ? output : NULL, report };
	size_t i;

	if (is_file && report != NULL && is_one_file(output, report))
		return why_not(why, WHY_BROKEN,
		    "%.200s: output and report are one file", report);
	for (i = 0; i < sizeof(target) / sizeof(target[0]); i++)
		if (target[i] != NULL && is_named(target[i], path))
			return why_not(why, WHY_BROKEN,
			    "%.200s is to be looked at: it would be emptied",
			    target[i]);
	return true;
}
