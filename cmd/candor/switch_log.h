/*
 * switch_log.h - the journal of a switch-over: what was about to be done, and
 * what came of it, each line on the disk before anything goes on.
 *
 * STATE/journal.jsonl, lines of lib/ban/chain.h; docs/switch.md has their
 * fields.  A round is what one apply, resumed as often as it takes, and its
 * undo did: from a line "begin" to one "end" or "undone".
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_SWITCH_LOG_H
#define CANDOR_CMD_SWITCH_LOG_H

#include "lib/ban/chain.h"
#include "lib/base/why.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>

#define SWITCH_STATE   "/var/lib/candor/switch"
#define SWITCH_JOURNAL "journal.jsonl"

struct switch_log {
	const char *path; /* of the folder; borrowed */
	int folder;       /* open, or -1 */
	int fd;           /* the journal, or -1: to look at only */
	struct chain chain;
	json_t *lines; /* all of them, an array */
};

/*
 * Open it; to_write: make the folder if it is not there, and lock it.  A last
 * line that was not written whole is cut off: nothing was done upon it.  A
 * journal that is not there is empty.  False: it must not be used.
 */
bool switch_log_open(struct switch_log *l, const char *path, bool to_write,
    struct why *why);
void switch_log_close(struct switch_log *l);

/*
 * Add a line and have it on the disk: record is yours, and gets an event, the
 * times and its place in the chain.  Its number, or -1 and why.
 */
json_int_t switch_log_add(struct switch_log *l, const char *event,
    json_t *record, struct why *why);

/* --- what stands in it ---------------------------------------------------- */

enum switch_round {
	SWITCH_NONE,  /* nothing was begun */
	SWITCH_APPLY, /* under way */
	SWITCH_UNDO,  /* being undone */
	SWITCH_DONE,  /* applied */
	SWITCH_UNDONE
};

/* Where the last round stands, and the line it begins with. */
enum switch_round switch_log_round(const struct switch_log *l, size_t *first);

/* How one thing that was done stands. */
enum switch_act_state {
	ACT_OPEN, /* no result: we were interrupted */
	ACT_DONE,
	ACT_FAILED,
	ACT_BACK,     /* undone */
	ACT_NOT_BACK, /* it could not be */
};

struct switch_act {
	json_int_t number;     /* of its line */
	const json_t *act;     /* what was to be done */
	const json_t *outcome; /* or NULL */
	const char *step, *kind;
	enum switch_act_state state;
	bool is_undoing; /* that was begun, and has no result */
};

/* Those of the last round, in order; yours to free. */
struct switch_act *switch_log_acts(const struct switch_log *l, size_t *count);

/* Was a step finished in the last round? */
bool switch_log_step_done(const struct switch_log *l, const char *step);

/* A text of a record, "" if there is none. */
const char *switch_text(const json_t *record, const char *key);

#endif
