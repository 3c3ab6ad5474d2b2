/*
 * outfile.c - a file that appears whole or not at all.
 * The contract is in outfile.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "cmd/candor/outfile.h"

#include "cmd/candor/buf.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define TRIES 100u

/* The folder part of a path, "." if it has none; the caller's to free. */
static char *
folder_of(const char *path)
{
	char *folder = buf_copy(path);
	char *slash = strrchr(folder, '/');

	if (slash == NULL) {
		free(folder);
		return buf_copy(".");
	}
	slash[slash == folder] = '\0';
	return folder;
}

/* Make "NAME.PID.TRY" the hidden name. */
static void
name_hidden(struct outfile *o, unsigned try)
{
	struct buf name = { 0 };
	char end[48];

	snprintf(end, sizeof(end), ".%ld.%u~", (long)getpid(), try);
	buf_text(&name, o->name);
	buf_text(&name, end);
	free(o->hidden);
	o->hidden = name.bytes;
}

/* For file systems that know no files without a name. */
static bool
open_hidden(struct outfile *o, mode_t mode, struct why *why)
{
	unsigned try;

	for (try = 0; try < TRIES; try++) {
		name_hidden(o, try);
		o->fd = openat(o->dir, o->hidden,
		    O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, mode);
		if (o->fd != -1 || errno != EEXIST)
			break;
	}
	if (o->fd != -1)
		return true;
	free(o->hidden);
	o->hidden = NULL;
	return why_not(why, WHY_SYSTEM, "cannot write %s", o->name);
}

bool
outfile_open(int dir, const char *name, mode_t mode, struct outfile *out,
    struct why *why)
{
	char *folder = folder_of(name);

	*out = (struct outfile){ .dir = dir, .name = buf_copy(name) };
	out->fd = openat(dir, folder, O_TMPFILE | O_RDWR | O_CLOEXEC, mode);
	free(folder);
	if (out->fd != -1)
		return true;
	if (open_hidden(out, mode, why))
		return true;
	outfile_close(out);
	return false;
}

/* Give a file without a name a hidden one. */
static bool
link_hidden(struct outfile *o, struct why *why)
{
	char self[48];
	unsigned try;

	snprintf(self, sizeof(self), "/proc/self/fd/%d", o->fd);
	for (try = 0; try < TRIES; try++) {
		name_hidden(o, try);
		if (linkat(AT_FDCWD, self, o->dir, o->hidden,
			AT_SYMLINK_FOLLOW) == 0)
			return true;
		if (errno != EEXIST)
			break;
	}
	why_not(why, WHY_SYSTEM, "cannot name %s", o->name);
	free(o->hidden);
	o->hidden = NULL;
	return false;
}

bool
outfile_commit(struct outfile *o, bool is_kept, struct why *why)
{
	if (is_kept && fsync(o->fd) == -1)
		return why_not(why, WHY_SYSTEM, "cannot write %s", o->name);
	if (o->hidden == NULL && !link_hidden(o, why))
		return false;
	if (renameat(o->dir, o->hidden, o->dir, o->name) == -1)
		return why_not(why, WHY_SYSTEM, "cannot name %s", o->name);
	free(o->hidden);
	o->hidden = NULL;
	return true;
}

void
outfile_close(struct outfile *o)
{
	if (o->hidden != NULL)
		unlinkat(o->dir, o->hidden, 0);
	if (o->fd > 0)
		close(o->fd);
	free(o->hidden);
	free(o->name);
	*o = (struct outfile){ .fd = -1 };
}
