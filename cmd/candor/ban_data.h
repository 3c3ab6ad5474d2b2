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

#include <dirent.h>
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
	size_t good_count;
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

/* The names of the data files in a folder (*.json), in order; yours. */
struct ban_names {
	char **one;
	size_t count, room;
};
void ban_data_names(DIR *d, struct ban_names *out);

/* Told of what is wrong in which file. */
typedef void (*ban_complain_fn)(void *self, const char *path, const char *where,
    const char *what);

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
