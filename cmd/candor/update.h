/*
 * update.h - bring one feed up to date.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_UPDATE_H
#define CANDOR_CMD_UPDATE_H

#include "cmd/candor/feed_status.h"
#include "cmd/candor/feeds.h"
#include "cmd/candor/inputs.h"
#include "cmd/candor/installing.h"

#include <stdbool.h>
#include <stdint.h>

struct update {
	const struct feeds *place;
	const char *from; /* the only mirror, or NULL: those of the feed */
	struct feed_time time;
	uint64_t quiet_ms; /* how long a mirror may be silent */
	bool wants_delta;

	/* What was done, for the caller: */
	bool is_new; /* there are databases that were not there */
};

/* How it ended; the worst of several counts. */
enum update_end {
	UPDATE_FINE,
	UPDATE_ATTENTION, /* somebody should look: candor status says why */
	UPDATE_TROUBLE    /* no mirror answered, no place on the disk, ... */
};

/* Each says what it did, and why not. */
enum update_end update_candor(struct update *u, const struct feeds_one *feed);
enum update_end update_clamav(struct update *u, const struct feeds_one *feed);
enum update_end update_rules(struct update *u, const struct feeds_one *feed);

/* --- what they share (update.c) ------------------------------------------ */

/* The mirror to ask as number i, or NULL. */
const char *update_mirror(const struct update *u, const struct feeds_one *feed,
    size_t i);

/* Say, on stderr, what was wrong with a mirror, or (NULL) with the rest. */
void update_complain(const struct feeds_one *feed, const char *mirror,
    const struct why *why);

/*
 * Keep what the last update came to in the file "last": a word, as
 * candor status tells it, and why.
 */
bool update_remember(struct installing *i, const char *word, const char *mirror,
    const char *text, struct why *why);

/* The same with a complaint, when a feed could not be brought up to date. */
enum update_end update_fail(struct installing *i, const struct feeds_one *feed,
    const char *mirror, const char *word, const struct why *why);

/* --- feeds that are texts (update_compile.c) ----------------------------- */

/* A database that was made of texts, and its side file: in memory, sealed. */
struct update_made {
	const char *keys; /* of containers: lines of digits, or NULL */
	int database_fd, texts_fd;
	uint64_t signatures;
	char id[17]; /* tells it from others */
};

/* What is to be said of the texts goes to stderr. */
bool update_compile(const struct inputs *in, struct update_made *out,
    struct why *why);
void update_made_close(struct update_made *made);

/* Put a file, or the two, into the release that was begun. */
bool update_put_file(struct installing *i, const char *name, int fd,
    struct why *why);
bool update_put_made(struct installing *i, const struct feeds_one *feed,
    const struct update_made *made, struct why *why);

/* Give candord, if it runs, the order to use what is new. */
void update_tell_daemon(void);

#endif
