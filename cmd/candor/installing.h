/*
 * installing.h - have candor-install write a feed's files, and try the
 * databases before they are used.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_INSTALLING_H
#define CANDOR_CMD_INSTALLING_H

#include "cmd/candor/buf.h"
#include "cmd/candor/feeds.h"
#include "proc/feed/aide.h"
#include "proc/install/store.h"

#include <stdbool.h>
#include <stdint.h>

struct installing {
	struct aide aide;
	const struct feeds *place; /* borrowed, as is name */
	const char *name;
	int folder;     /* of the feed; locked */
	uint64_t tried; /* files a new database was tried on */
};

/* The feed's folder is made if it is not there; one update at a time. */
bool installing_open(struct installing *i, const struct feeds *place,
    const char *name, struct why *why);
void installing_close(struct installing *i);

/* Begin a release: its folder is empty. */
bool installing_begin(struct installing *i, struct why *why);

/* Write a file: from a pipe or file (borrowed), or from memory. */
bool installing_file(struct installing *i, const struct store_file *f,
    struct why *why);
bool installing_bytes(struct installing *i, enum store_place place,
    const char *name, const void *bytes, size_t size, struct why *why);

/* The same in two steps, for who has to feed the pipe meanwhile. */
bool installing_tell(struct installing *i, const struct store_file *f,
    struct why *why);
bool installing_hear(struct installing *i, struct why *why);

/*
 * Try what was begun: every database (*.cand) is swept by a caged process and
 * then looked with at what is known to be good (canary.h).  WHY_FORGED: it
 * must not be used.
 */
bool installing_try(struct installing *i, struct why *why);

/* Use it: it becomes NAME/current. */
bool installing_commit(struct installing *i, const char *serial,
    struct why *why);

#endif
