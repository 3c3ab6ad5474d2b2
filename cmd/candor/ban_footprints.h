/*
 * ban_footprints.h - the footprints of candor ban scan, read and indexed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_BAN_FOOTPRINTS_H
#define CANDOR_CMD_BAN_FOOTPRINTS_H

#include "cmd/candor/ban_data.h"
#include "lib/ban/footprint.h"

struct ban_footprints {
	struct footprint *file; /* those that are good, by name */
	char **path;            /* of each */
	size_t count, room, path_room;
	struct footprint_set set;
	struct arena arena;
};

/* Read every *.json of a folder; false if it could not be. */
bool ban_footprints_load(const char *folder, struct ban_footprints *out,
    ban_complain_fn complain, void *self, struct why *why);

/* The same for who uses them: what is wrong is said, none may be left out. */
bool ban_footprints_open(const char *data, struct ban_footprints *out);

void ban_footprints_close(struct ban_footprints *f);

/* Print the products that hold or held an engine, and how to find out. */
void ban_embeds_print(const struct ban_footprints *f, bool json);

#endif
