/*
 * walk.h - which files there are to look at, one after the other.
 *
 * What was given on the command line is resolved as its author means it,
 * links included; below a folder no link is followed, nothing is opened that
 * could block or act (FIFOs, sockets, devices), and names are taken in the
 * order of their bytes, a folder where its name stands.  The folders of the
 * kernel itself (/proc, /sys, …) are left out unless they are given by name.
 *
 * A file that cannot be opened is told, not left out.
 *
 * What is on a file system with a server behind it (FUSE, NFS, …) is touched
 * by an opener only (proc/opener/opener.h).  If that server does not answer,
 * what was asked for is told with ETIMEDOUT, and then once, of the folder
 * through which the walk came to that mount, that the rest is left out; such
 * a path given by name is told each time.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_WALK_H
#define CANDOR_CMD_WALK_H

#include "cmd/candor/buf.h"
#include "cmd/candor/options.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

enum walk_outcome {
	WALK_FILE,    /* fd and size */
	WALK_STREAM,  /* fd of something without a size (stdin, a pipe) */
	WALK_TROUBLE, /* err: it is there, but could not be opened */
	WALK_ABSENT,  /* given by name, and not there (err) */
	WALK_LINK,    /* a symbolic link in a folder, not followed */
	WALK_ODD,     /* given by name, and neither file nor folder */
	WALK_KNOWN,   /* a file that need not be opened, and its size */
	WALK_FAR,     /* a file on a file system that may hang: fd is O_PATH */
	WALK_END
};

struct walk_entry {
	enum walk_outcome outcome;
	const char *path; /* borrowed until the next walk_next() */
	size_t path_size;
	int fd;         /* yours to close, or -1 */
	uint64_t size;  /* bytes when it was opened */
	uint64_t mount; /* WALK_FAR: which one */
	int err;        /* errno value */
	bool is_folder; /* WALK_TROUBLE: of a folder */
};

/* What was passed by, for the summary. */
struct walk_counts {
	uint64_t folders; /* entered */
	uint64_t links, specials, vanished, excluded, other_systems, loops;
	uint64_t kernel_folders; /* /proc and its like */
};

struct walk_options {
	bool one_file_system;
	bool counting;                 /* sizes only: fd is always -1 */
	struct words exclude, include; /* borrowed */
	/* Asked before a file below a folder is opened, which it is in and
	   which is open at near; true: WALK_KNOWN.  Or NULL. */
	bool (*is_known)(void *ctx, int near, const struct stat *s);
	void *known_ctx;
	struct opener *opener; /* for what is not local; borrowed */
};

struct opener;
struct walk; /* defined in walk_parts.h */

/*
 * Begin, with nothing to walk yet; options are copied, their words borrowed
 * until walk_close().
 */
struct walk *walk_open(const struct walk_options *options);

/* Add a path to walk, after those added before (borrowed). */
void walk_add(struct walk *w, const char *path);

/* The next thing to look at; WALK_END when there is none. */
void walk_next(struct walk *w, struct walk_entry *out);

/* What was passed by so far; lent until walk_close(). */
const struct walk_counts *walk_counts(const struct walk *w);

void walk_close(struct walk **w);

#endif
