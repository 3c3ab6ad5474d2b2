/*
 * feeds.h - the feeds of this machine: how they are set up, what is installed.
 *
 *     /etc/candor/feeds.d/NAME.conf     where from (lib/policy/feed.h)
 *     /etc/candor/feeds.d/NAME.root     whom to trust at first: a root note
 *     /var/lib/candor/feeds/NAME/       what was installed
 *                                       (proc/install/store.h)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_FEEDS_H
#define CANDOR_CMD_FEEDS_H

#include "cmd/candor/buf.h"
#include "cmd/candor/options.h"
#include "lib/base/why.h"
#include "lib/policy/feed.h"

#include <stdbool.h>
#include <stddef.h>

#define FEEDS_SETTINGS "/etc/candor/feeds.d"

/* Where things are; that and FEED_STATE unless somebody says otherwise. */
struct feeds {
	const char *settings, *state;
};

struct feeds_one {
	char name[FEED_NAME_MAX + 1];
	struct feed feed;
};

struct feeds_list {
	struct feeds_one *one;
	size_t count, room;
};

/* All that are set up, in the order of their names.  A file that is not well
   formed fails. */
bool feeds_read(const struct feeds *f, struct feeds_list *out, struct why *why);
void feeds_free(struct feeds_list *l);

/* FOLDER/NAMEEND; the caller's to free. */
char *feeds_path(const char *folder, const char *name, const char *end);

/* Make a folder, and those above it; true if it is there then. */
bool feeds_make_folders(const char *path);

/* A whole file of at most so many bytes; false and errno if there is none. */
bool feeds_load(const char *path, size_t most, struct buf *out);

/* The serial (or other name) of what is installed, or "". */
void feeds_current(const struct feeds *f, const char *name, char out[65]);

/* How far an installed database can be trusted, in a few words. */
const char *feeds_trust(const char *path);

/* The first line of what is installed with a database: where it is from. */
#define FEEDS_STATE_CLAMAV "candor-clamav/v1\n"
#define FEEDS_STATE_RULES  "candor-rules/v1\n"

#endif
