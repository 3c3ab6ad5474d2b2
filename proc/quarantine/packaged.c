/*
 * packaged.c - does a file belong to a package?  See packaged.h.
 *
 * Spec: Debian policy 4.13, "DEBIAN/md5sums"; dpkg(1), the info database.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/quarantine/packaged.h"

#include "lib/base/hex.h"
#include "lib/crypto/digest.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define RECORDS "/var/lib/dpkg/info"

/* Folders that hold a system together where nobody can be asked. */
static const char *const system_folder[] = { "/usr/", "/bin/", "/sbin/",
	"/lib/", "/lib32/", "/lib64/", "/libx32/", "/boot/" };

struct view {
	const char *bytes;
	size_t size;
};

static struct view
view_open(int folder, const char *name)
{
	int fd = openat(folder, name, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	struct view v = { NULL, 0 };
	struct stat st;
	void *at;

	if (fd == -1)
		return v;
	if (fstat(fd, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0) {
		at = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd,
		    0);
		if (at != MAP_FAILED)
			v = (struct view){ at, (size_t)st.st_size };
	}
	(void)close(fd);
	return v;
}

static void
view_close(struct view *v)
{
	if (v->bytes != NULL)
		(void)munmap((void *)(uintptr_t)v->bytes, v->size);
}

/* Is path one of the lines? */
static bool
has_line(const struct view *v, const char *path)
{
	size_t n = strlen(path);
	const char *at = v->bytes, *end = v->bytes + v->size;

	while (at != NULL && (size_t)(end - at) >= n) {
		at = memmem(at, (size_t)(end - at), path, n);
		if (at == NULL)
			return false;
		if ((at == v->bytes || at[-1] == '\n') &&
		    (at + n == end || at[n] == '\n'))
			return true;
		at++;
	}
	return false;
}

static void
md5_text(int fd, char out[33])
{
	uint8_t md5[DIGEST_SIZE_MAX] = { 0 }, *piece = malloc(65536);
	struct digest d;
	off_t at = 0;
	ssize_t n;

	digest_init(&d, DIGEST_MD5);
	while (piece != NULL && (n = pread(fd, piece, 65536, at)) > 0) {
		digest_add(&d, piece, (size_t)n);
		at += n;
	}
	free(piece);
	digest_end(&d, md5);
	hex_write(md5, 16, out);
}

/* Does NAME.md5sums say that path has the bytes of fd? */
static bool
is_as_shipped(int folder, const char *package, const char *path, int fd)
{
	char file[NAME_MAX + 16], md5[33], *line = NULL;
	struct view v;
	bool good = false;

	(void)snprintf(file, sizeof(file), "%s.md5sums", package);
	v = view_open(folder, file);
	md5_text(fd, md5);
	if (asprintf(&line, "%s  %s", md5, path + 1) >= 0)
		good = has_line(&v, line);
	free(line);
	view_close(&v);
	return good;
}

/* Does the package of that list have path? */
static bool
owns(int folder, const char *list, const char *path)
{
	struct view v = view_open(folder, list);
	bool yes = has_line(&v, path);

	view_close(&v);
	return yes;
}

/* Ask every package for path; PACKAGED_NOT if none has it. */
static enum packaged
ask(int records, const char *path, int fd, char name[PACKAGED_NAME_MAX])
{
	DIR *d =
	    fdopendir(openat(records, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	enum packaged end = PACKAGED_NOT;
	struct dirent *e;

	while (d != NULL && end == PACKAGED_NOT && (e = readdir(d)) != NULL) {
		size_t n = strlen(e->d_name);
		char package[NAME_MAX + 1];

		if (n <= 5 || strcmp(e->d_name + n - 5, ".list") != 0 ||
		    !owns(records, e->d_name, path))
			continue;
		memcpy(package, e->d_name, n - 5);
		package[n - 5] = '\0';
		(void)snprintf(name, PACKAGED_NAME_MAX, "%.*s",
		    (int)PACKAGED_NAME_MAX - 1, package);
		end = is_as_shipped(records, package, path, fd)
		    ? PACKAGED_AS_SHIPPED
		    : PACKAGED_CHANGED;
	}
	if (d != NULL)
		(void)closedir(d);
	return end;
}

bool
packaged_is_in_system(const char *path)
{
	size_t i;

	for (i = 0; i < sizeof(system_folder) / sizeof(system_folder[0]); i++)
		if (strncmp(path, system_folder[i], strlen(system_folder[i])) ==
		    0)
			return strncmp(path, "/usr/local/", 11) != 0;
	return false;
}

enum packaged
packaged_by(const char *path, int fd, char name[PACKAGED_NAME_MAX])
{
	enum packaged end;
	int records;

	name[0] = '\0';
	if (strncmp(path, "/boot/", 6) == 0)
		return PACKAGED_BOOT;
	records = open(RECORDS, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (records == -1)
		return packaged_is_in_system(path) ? PACKAGED_BOOT
						   : PACKAGED_NOT;
	end = ask(records, path, fd, name);
	/* Where /bin is a link to /usr/bin, packages may name either. */
	if (end == PACKAGED_NOT && strncmp(path, "/usr/", 5) == 0)
		end = ask(records, path + 4, fd, name);
	(void)close(records);
	return end;
}
