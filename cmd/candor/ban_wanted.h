/*
 * ban_wanted.h - files that are to be looked into, found by their names.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_BAN_WANTED_H
#define CANDOR_CMD_BAN_WANTED_H

#include "cmd/candor/ban_seen.h"
#include "proc/reader/protocol.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct ban_place;

struct ban_wanted_one {
	char *path; /* owned; "/a/b" */
	uint32_t part;
	enum reader_what what;
};

struct ban_wanted {
	struct ban_wanted_one *one;
	size_t count, room;
	uint64_t more; /* of which no more was kept */
};

/* Can a file of this name be one?  Cheap: asked of every file. */
bool ban_wanted_may_be(const char *name);

/* Keep it if it is one: a file with this path, in that part of an image. */
void ban_wanted_see(struct ban_wanted *w, uint32_t part, const char *path);

/* Look into those of the part. */
void ban_wanted_look(const struct ban_wanted *w, const struct ban_place *place,
    struct ban_seen *seen);

void ban_wanted_free(struct ban_wanted *w);

#endif
