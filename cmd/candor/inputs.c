/*
 * inputs.c - signature files, opened.  The contract is in inputs.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/inputs.h"

#include "cmd/candor/buf.h"
#include "lib/db/layout.h"

#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/stat.h>
#include <unistd.h>

/* Endings taken from a folder; the compiler says which it can load. */
static const char *const endings[] = { "cand", "cvd", "cld", "cud", "hdb",
	"hsb", "hdu", "hsu", "mdb", "msb", "mdu", "msu", "imp", "ndb", "ndu",
	"ldb", "ldu", "cdb", "crb", "fp", "sfp", "ign", "ign2", "ftm", "idb",
	"pdb", "gdb", "wdb", "pwdb", "cfg", "info", "cbc", "yar", "yara", "md5",
	"sha1", "sha256", "csv" };

static bool
ends_with(const char *name, const char *ending)
{
	const char *dot = strrchr(name, '.');

	return dot != NULL && strcasecmp(dot + 1, ending) == 0;
}

bool
inputs_is_signatures(const char *name)
{
	size_t i;

	for (i = 0; i < sizeof(endings) / sizeof(endings[0]); i++)
		if (ends_with(name, endings[i]))
			return true;
	return false;
}

/* Does it begin like a compiled database, whatever it is called? */
static bool
has_magic(int fd)
{
	char first[DB_MAGIC_SIZE];

	return pread(fd, first, sizeof(first), 0) == (ssize_t)sizeof(first) &&
	    memcmp(first, DB_MAGIC, sizeof(first)) == 0;
}

static bool
add_file(struct inputs *in, const char *path, struct why *why)
{
	struct subject s;

	if (!subject_open_named(path, &s, why))
		return false;
	if (s.kind != SUBJECT_FILE)
		return why_not(why, WHY_BROKEN, "%s is no regular file", path);
	in->one =
	    buf_grow(in->one, &in->room, in->count + 1, sizeof(in->one[0]));
	in->one[in->count++] = (struct input){
		.path = buf_copy(path),
		.fd = s.fd,
		.stamp = s.stamp,
		.is_compiled = ends_with(path, "cand") || has_magic(s.fd),
	};
	return true;
}

static int
keep_signatures(const struct dirent *d)
{
	return d->d_name[0] != '.' && inputs_is_signatures(d->d_name);
}

static int
by_bytes(const struct dirent **a, const struct dirent **b)
{
	return strcmp((*a)->d_name, (*b)->d_name);
}

static bool
add_folder(struct inputs *in, const char *path, struct why *why)
{
	struct dirent **entry;
	int count = scandir(path, &entry, keep_signatures, by_bytes), i;
	bool is_fine = true;

	if (count == -1)
		return why_not(why, WHY_SYSTEM, "read the folder %s", path);
	for (i = 0; i < count; i++) {
		struct buf full = { 0 };
		struct stat s;

		buf_text(&full, path);
		buf_byte(&full, '/');
		buf_text(&full, entry[i]->d_name);
		if (is_fine && stat(full.bytes, &s) == 0 && S_ISREG(s.st_mode))
			is_fine = add_file(in, full.bytes, why);
		buf_free(&full);
		free(entry[i]);
	}
	free(entry);
	return is_fine;
}

bool
inputs_add(struct inputs *in, const char *path, struct why *why)
{
	size_t before = in->count;
	struct stat s;

	if (stat(path, &s) == -1)
		return why_not(why, WHY_SYSTEM, "cannot use %s", path);
	if (!S_ISDIR(s.st_mode))
		return add_file(in, path, why);
	if (!add_folder(in, path, why))
		return false;
	if (in->count == before)
		return why_not(why, WHY_BROKEN,
		    "there are no signatures in the folder %s", path);
	return true;
}

void
inputs_close(struct inputs *in)
{
	size_t i;

	for (i = 0; i < in->count; i++) {
		free(in->one[i].path);
		close(in->one[i].fd);
	}
	free(in->one);
	*in = (struct inputs){ 0 };
}
