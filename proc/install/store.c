/*
 * store.c - put files of a feed where scanners find them.  See store.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/install/store.h"

#include "lib/crypto/digest.h"
#include "sys/whole.h"

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define FRESH   ".new"
#define CURRENT "current"
#define LINK    ".current"
#define PIECE   65536u

bool
store_name_is_good(const char *name)
{
	size_t len = strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789._-");

	return len > 0 && len <= STORE_NAME_MAX && name[len] == '\0' &&
	    name[0] != '.';
}

/* --- removing ------------------------------------------------------------- */

static int
open_folder(int at, const char *name)
{
	return openat(at, name,
	    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

/* A folder of ours has files only. */
static void
remove_folder(int at, const char *name)
{
	int fd = open_folder(at, name);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	const struct dirent *d;

	while (dir != NULL && (d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, ".") != 0 && strcmp(d->d_name, "..") != 0)
			(void)unlinkat(fd, d->d_name, 0);
	if (dir != NULL)
		(void)closedir(dir);
	else if (fd != -1)
		(void)close(fd);
	(void)unlinkat(at, name, AT_REMOVEDIR);
}

static void
current_name(int folder, char out[STORE_NAME_MAX + 1])
{
	ssize_t n = readlinkat(folder, CURRENT, out, STORE_NAME_MAX);

	out[n > 0 ? n : 0] = '\0';
}

/* Remove the releases that are not used any more, and remains. */
static void
remove_others(int folder)
{
	int fd = openat(folder, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	char used[STORE_NAME_MAX + 1];
	const struct dirent *d;

	current_name(folder, used);
	while (dir != NULL && (d = readdir(dir)) != NULL)
		if (strcmp(d->d_name, FRESH) == 0 ||
		    (store_name_is_good(d->d_name) &&
			strcmp(d->d_name, used) != 0 &&
			strcmp(d->d_name, CURRENT) != 0 &&
			strcmp(d->d_name, "evidence") != 0))
			remove_folder(folder, d->d_name);
	if (dir != NULL)
		(void)closedir(dir);
	else if (fd != -1)
		(void)close(fd);
}

/* --- files ---------------------------------------------------------------- */

bool
store_begin(int folder, struct why *why)
{
	remove_folder(folder, FRESH);
	return mkdirat(folder, FRESH, 0755) == 0 ||
	    why_not(why, WHY_SYSTEM, "cannot make a folder for the release");
}

/* Exactly size bytes, and what their digest says. */
static bool
copy(int to, const struct store_file *f, struct why *why)
{
	static uint8_t piece[PIECE];
	uint8_t got[DIGEST_SIZE_MAX];
	uint64_t left = f->size;
	struct digest d;
	ssize_t n;

	digest_init(&d, DIGEST_SHA256);
	while ((n = whole_read(f->from, piece, PIECE)) > 0) {
		if ((uint64_t)n > left)
			return why_not(why, WHY_LIMIT,
			    "%s: more than the %llu bytes there should be",
			    f->name, (unsigned long long)f->size);
		left -= (uint64_t)n;
		digest_add(&d, piece, (size_t)n);
		if (!whole_write(to, piece, (size_t)n))
			return why_not(why, WHY_SYSTEM, "%s: cannot write",
			    f->name);
	}
	digest_end(&d, got);
	if (n == -1)
		return why_not(why, WHY_SYSTEM, "%s: cannot read", f->name);
	if (left > 0)
		return why_not(why, WHY_BROKEN, "%s: %llu bytes are missing",
		    f->name, (unsigned long long)left);
	if (f->hash != NULL && memcmp(got, f->hash, 32) != 0)
		return why_not(why, WHY_FORGED,
		    "%s: its SHA-256 is not the one that was signed", f->name);
	return true;
}

/* Write into at/name, which is not there yet, and onto the disk. */
static bool
write_new(int at, const char *name, const struct store_file *f, struct why *why)
{
	int fd = openat(at, name,
	    O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0644);
	bool is_done;

	if (fd == -1)
		return why_not(why, WHY_SYSTEM, "%s: cannot write", f->name);
	is_done = copy(fd, f, why);
	if (is_done && fsync(fd) == -1)
		is_done = why_not(why, WHY_SYSTEM, "%s: cannot write", f->name);
	if (close(fd) == -1 && is_done)
		is_done = why_not(why, WHY_SYSTEM, "%s: cannot write", f->name);
	if (!is_done)
		(void)unlinkat(at, name, 0);
	return is_done;
}

/* Through a hidden name, so that it is there whole or as it was. */
static bool
write_over(int at, const struct store_file *f, struct why *why)
{
	char hidden[STORE_NAME_MAX + 4];

	(void)snprintf(hidden, sizeof(hidden), ".%s~", f->name);
	(void)unlinkat(at, hidden, 0);
	if (!write_new(at, hidden, f, why))
		return false;
	if (renameat(at, hidden, at, f->name) == 0 && fsync(at) == 0)
		return true;
	(void)unlinkat(at, hidden, 0);
	return why_not(why, WHY_SYSTEM, "%s: cannot write", f->name);
}

static size_t
count_files(int at)
{
	int fd = openat(at, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd != -1 ? fdopendir(fd) : NULL;
	size_t count = 0;

	while (dir != NULL && readdir(dir) != NULL)
		count++;
	if (dir != NULL)
		(void)closedir(dir);
	else if (fd != -1)
		(void)close(fd);
	return count;
}

static bool
write_evidence(int folder, const struct store_file *f, struct why *why)
{
	struct stat s;
	bool is_done;
	int at;

	(void)mkdirat(folder, "evidence", 0755);
	at = open_folder(folder, "evidence");
	if (at == -1)
		return why_not(why, WHY_SYSTEM, "evidence: cannot write");
	is_done = fstatat(at, f->name, &s, AT_SYMLINK_NOFOLLOW) == 0;
	if (!is_done && count_files(at) > STORE_EVIDENCE_MAX)
		is_done =
		    !why_not(why, WHY_LIMIT, "evidence: there is enough of it");
	else if (!is_done)
		is_done = write_over(at, f, why);
	(void)close(at);
	return is_done;
}

bool
store_file(int folder, const struct store_file *f, struct why *why)
{
	bool is_done;
	int at;

	if (!store_name_is_good(f->name))
		return why_not(why, WHY_BUG, "not a name for a file");
	if (f->place == STORE_TOP)
		return write_over(folder, f, why);
	if (f->place == STORE_EVIDENCE)
		return write_evidence(folder, f, why);
	at = open_folder(folder, FRESH);
	if (at == -1)
		return why_not(why, WHY_SYSTEM, "%s: no release was begun",
		    f->name);
	is_done = write_new(at, f->name, f, why);
	(void)close(at);
	return is_done;
}

/* --- the step ------------------------------------------------------------- */

/* .new, on disk, gets its name. */
static bool
name_fresh(int folder, const char *name, struct why *why)
{
	int at = open_folder(folder, FRESH);
	bool is_done = at != -1 && fsync(at) == 0;

	if (at != -1)
		(void)close(at);
	if (!is_done)
		return why_not(why, WHY_SYSTEM, "%s: cannot write", name);
	remove_folder(folder, name); /* a remain; current is another */
	if (renameat(folder, FRESH, folder, name) == -1 || fsync(folder) == -1)
		return why_not(why, WHY_SYSTEM, "%s: cannot write", name);
	return true;
}

bool
store_commit(int folder, const char *name, struct why *why)
{
	char used[STORE_NAME_MAX + 1];

	if (!store_name_is_good(name) || strcmp(name, CURRENT) == 0 ||
	    strcmp(name, "evidence") == 0 || strcmp(name, "state") == 0)
		return why_not(why, WHY_BUG, "not a name for a release");
	current_name(folder, used);
	if (strcmp(used, name) == 0)
		return why_not(why, WHY_BUG, "%s: in use already", name);
	if (!name_fresh(folder, name, why))
		return false;
	(void)unlinkat(folder, LINK, 0);
	if (symlinkat(name, folder, LINK) == -1 ||
	    renameat(folder, LINK, folder, CURRENT) == -1 ||
	    fsync(folder) == -1)
		return why_not(why, WHY_SYSTEM, "%s: cannot be made current",
		    name);
	remove_others(folder);
	return true;
}
