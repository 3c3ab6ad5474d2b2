/*
 * place.h - which file or folder this is, and on which mount.
 *
 * Asked so that it never waits for anybody: of a name in a folder on a local
 * file system, or of a descriptor, what the kernel knows already is told and
 * no server is asked (AT_STATX_DONT_SYNC), nor is anything mounted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_PLACE_H
#define CANDOR_SYS_PLACE_H

#include <sys/stat.h>
#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct place {
	dev_t device;
	uint64_t inode;
	uint64_t mount; /* before Linux 5.8: a number made of the device's */
};

/*
 * Of name in the folder open at dir, itself if it is a link; or of what is
 * open at dir, if name is "".  False and errno if there is no such thing.
 * status is filled too, unless it is NULL, as lstat() would; on a file system
 * with a server it may be out of date.
 */
bool place_get(int dir, const char *name, struct place *out,
    struct stat *status);

bool place_same(const struct place *a, const struct place *b);

/*
 * The path of what is open at fd, as /proc tells it: it may have been another,
 * and may be none (" (deleted)", "pipe:[1]").  False, and out is "", if /proc
 * does not say, or it does not fit: room is for the 0 at its end, too.
 */
bool place_path(int fd, char *out, size_t room);

/*
 * The same of a descriptor that somebody sent, whose /usr may be a folder of
 * his own: true only if the path leads us to that very file.  Asked of what
 * the kernel has in memory, so it never waits; false also where that is not
 * enough, or Linux is older than 5.12.
 */
bool place_path_here(int fd, char *out, size_t room);

#endif
