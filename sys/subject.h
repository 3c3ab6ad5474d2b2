/*
 * subject.h - open the file that is to be scanned, and nothing else.
 *
 * Only regular files are opened: a FIFO would wake whoever waits at its other
 * end, a device may act on being opened.  What is found instead is said in
 * kind and is no failure.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_SUBJECT_H
#define CANDOR_SYS_SUBJECT_H

#include "lib/base/why.h"

#include <stdbool.h>
#include <stdint.h>

enum subject_kind {
	SUBJECT_FILE,   /* fd is open for reading */
	SUBJECT_FOLDER, /* not opened */
	SUBJECT_LINK,   /* a symbolic link, not followed */
	SUBJECT_OTHER,  /* FIFO, socket, device: not opened */
	SUBJECT_BEYOND /* on another mount than the way began on: not touched */
};

/* What changes when somebody writes to a file or puts another in its place. */
struct subject_stamp {
	uint64_t device, inode;
	uint64_t size;
	int64_t mtime_s, ctime_s;
	uint32_t mtime_ns, ctime_ns;
};

struct subject {
	int fd; /* -1 unless kind is SUBJECT_FILE, or, where it says so, a folder */
	enum subject_kind kind;
	struct subject_stamp stamp;
};

/* What a mode says it is. */
enum subject_kind subject_kind_of(uint32_t mode);

/*
 * Open name, one component, in the folder dir.  No link is followed, at no
 * step, so nobody can swap the file between naming it and opening it, and no
 * mount entered, which might never answer.
 */
bool subject_open_below(int dir, const char *name, struct subject *out,
    struct why *why);

/* Open the folder name in dir, as above; -1 and errno, EXDEV for a mount. */
int subject_open_folder(int dir, const char *name);

/* Open a path as the person who typed it means it: links are followed. */
bool subject_open_named(const char *path, struct subject *out, struct why *why);

/*
 * The same, and a folder too, as far as the way stays on the mount it begins
 * on: that of "/" or of the working folder.
 */
bool subject_open_inside(const char *path, struct subject *out,
    struct why *why);

/*
 * Where an absolute path leads without a link and on the mount of "/" only: a
 * handle (O_PATH), for which nobody was asked anything; -1 and errno.
 */
int subject_find_inside(const char *path);

/* Take note of what fd is now, or was when it was asked. */
struct stat;
void subject_stamp_from(const struct stat *st, struct subject_stamp *out);
bool subject_stamp(int fd, struct subject_stamp *out, struct why *why);
bool subject_is_same(const struct subject_stamp *a,
    const struct subject_stamp *b);

/* Safe on one that is closed. */
void subject_close(struct subject *s);

#endif
