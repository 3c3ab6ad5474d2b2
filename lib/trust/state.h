/*
 * state.h - what a client knows of a feed, and how fresh that is.
 *
 *     candor-state/v1
 *     feed NAME
 *     epoch N                 of the checkpoint below; 0: there is none
 *     root-version N          the newest known
 *     root sha256:HEX         of its text
 *     quorum-time SECONDS     as of then, witnesses say, nothing is newer
 *     release-time SECONDS    of the release
 *                             (an empty line)
 *     checkpoint              the signed note last accepted, if any
 *
 * The checkpoint is kept as it was signed, so that a log that shows another
 * face later can be convicted with it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TRUST_STATE_H
#define CANDOR_TRUST_STATE_H

#include "lib/trust/checkpoint.h"
#include "lib/trust/note.h"
#include "lib/trust/text.h"

#define TRUST_STATE_MAX (NOTE_MAX + 4096u) /* bytes of its text */

struct trust_state {
	char feed[VKEY_NAME_MAX + 1];
	uint64_t epoch;
	uint64_t root_version;
	uint8_t root_sha256[MERKLE_HASH];
	uint64_t quorum_time, release_time; /* seconds since 1970 */
	struct cur checkpoint;              /* borrowed; empty: none */
	uint64_t size;                      /* what it says */
	struct merkle_hash root;
};

/* A state that is all zeros knows nothing: the beginning. */
bool trust_state_read(struct cur text, struct trust_state *out,
    struct why *why);
bool trust_state_write(const struct trust_state *s, char *out, size_t room,
    size_t *size);

/* How fresh.  (What an update was refused for is an enum trust_outcome.) */
enum trust_status {
	TRUST_CURRENT,      /* all is well */
	TRUST_FEED_QUIET,   /* witnesses say nothing newer exists */
	TRUST_VIEW_STALE,   /* no recent word from the witnesses */
	TRUST_CLOCK_SUSPECT /* this clock is behind; nothing is judged by it */
};

#define TRUST_VIEW_FRESH    (UINT64_C(26) * 3600) /* seconds: an hour's slack */
#define TRUST_VIEW_ALARM    (UINT64_C(72) * 3600)
#define TRUST_RELEASE_FRESH (UINT64_C(48) * 3600)
#define TRUST_CLOCK_SLACK   UINT64_C(3600)

/* Is this clock behind what is known to have been? */
bool trust_clock_is_behind(uint64_t quorum_time, uint64_t now,
    uint64_t build_time);

enum trust_status trust_status(const struct trust_state *s, uint64_t now,
    uint64_t build_time);

/* Is a view so stale that somebody should look? */
bool trust_is_alarming(const struct trust_state *s, uint64_t now,
    uint64_t build_time);

/* In capitals with a hyphen, as candor status has it. */
const char *trust_status_name(enum trust_status status);

#endif
