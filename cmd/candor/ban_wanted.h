/*
 * ban_wanted.h - files that are to be looked into, found by their names.
 *
 * Registries; files whose names are signs; what installs something, by how
 * its name ends.  All others only if every program is wanted.
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
	bool is_deep; /* strings are looked for, too: it is read to its end */
};

struct ban_wanted {
	struct ban_wanted_one *one;
	size_t count, room;
	const struct footprint_set *set; /* of signs; or NULL: no contents */
	bool is_every; /* whatever its name is, it is wanted */
	uint64_t more; /* of which no more was kept */
};

/* Can a file of this name be one?  Cheap: asked of every file. */
bool ban_wanted_may_be(const struct ban_wanted *w, const char *name);

/* Keep it if it is one: a file with this path, in that part of an image. */
void ban_wanted_see(struct ban_wanted *w, uint32_t part, const char *path);

/* Look into those of the part. */
void ban_wanted_look(const struct ban_wanted *w, const struct ban_place *place,
    struct ban_seen *seen);

void ban_wanted_free(struct ban_wanted *w);

#endif
