/*
 * ban_data.h - the data files of candor ban: where they are, and read.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_BAN_DATA_H
#define CANDOR_CMD_BAN_DATA_H

#include "cmd/candor/buf.h"
#include "lib/ban/policy.h"
#include "lib/base/why.h"

#include <stdbool.h>
#include <stddef.h>

struct ban_file {
	char *path;
	struct policy policy; /* root is NULL if it was not good */
};

struct ban_files {
	struct ban_file *one;
	size_t count, room;
	struct policy *good; /* those that are, in the order of names */
	size_t good_count, good_room;
};

/*
 * The folder of one kind of files ("policy", "footprint"): below the folder
 * that --data names, or that folder itself; else beside the program, else
 * where it is installed.
 */
void ban_data_folder(const char *data, const char *kind, struct buf *out);

/* Read what is open, or a file, whole: one byte more than may be at most. */
bool ban_data_read_fd(int fd, const char *name, struct buf *out,
    struct why *why);
bool ban_data_read(int folder, const char *name, struct buf *out,
    struct why *why);

/* Told of what is wrong in which file. */
typedef void (*ban_complain_fn)(void *self, const char *path, const char *where,
    const char *what);

/* Whom to tell what is wrong in the file that is being read. */
struct ban_complaint {
	ban_complain_fn complain;
	void *self;
	const char *path;
};

/* For those who read it: self is a struct ban_complaint. */
void ban_data_complain(void *self, const char *where, const char *what);

/* Told of each *.json of a folder in the order of names; text is NULL if it
   could not be read, which was said.  Both are borrowed. */
typedef void (*ban_data_fn)(void *self, const char *path,
    const struct cur *text, struct ban_complaint *c);

/* False if the folder cannot be read or has none. */
bool ban_data_each(const char *folder, ban_data_fn fn, void *self,
    struct ban_complaint *c, struct why *why);

/* One that says it on stderr and counts: self is a size_t. */
void ban_data_say(void *self, const char *path, const char *where,
    const char *what);

/* Read every *.json of a folder. */
bool ban_data_load(const char *folder, struct ban_files *out,
    ban_complain_fn complain, void *self, struct why *why);

/*
 * The same for commands that use the files: one that is not good is said on
 * stderr, and none may be left out.
 */
bool ban_data_open(const char *data, struct ban_files *out);

void ban_data_close(struct ban_files *f);

#endif
