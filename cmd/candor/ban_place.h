/*
 * ban_place.h - a system that candor ban scan looks at: a folder, or a file
 * system in an image of a disk, whose bytes a reader in its cage gives.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_BAN_PLACE_H
#define CANDOR_CMD_BAN_PLACE_H

#include "cmd/candor/buf.h"
#include "lib/base/why.h"
#include "proc/reader/client.h"

#include <stdbool.h>
#include <stdint.h>

struct ban_place {
	int root;             /* the folder; or -1 and … */
	struct reader *image; /* … who looked at the image last … */
	uint32_t part;        /* … and which of its file systems it is */
	const char *in;       /* before its paths: "disk.img:2:/", or "" */
};

/*
 * Open a regular file of it, no link followed at any step; path is without a
 * slash before it.  False: why->err is ENOENT if there is none.
 */
bool ban_place_open(const struct ban_place *p, const char *path, int *fd,
    struct why *why);

/* Is there surely nothing by that name, whatever the case of its letters? */
bool ban_place_lacks(const struct ban_place *p, const char *path);

/* Add the name of a file in it, for people: "disk.img:2:/etc/passwd". */
void ban_place_name(const struct ban_place *p, const char *path,
    struct buf *out);

#endif
