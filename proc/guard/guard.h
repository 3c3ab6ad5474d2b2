/*
 * guard.h - protection while files are opened and executed.  GREEN
 *
 * Holds:     the fanotify group (CAP_SYS_ADMIN), descriptors of files that
 *            somebody is opening right now.
 * Hears:     the kernel, the supervisor, checked answers of broker and
 *            quarantine.
 * Says:      yes and no to the kernel; descriptors to broker and quarantine.
 * If owned:  it is root.  So it parses nothing of any file, and on the way
 *            from an event to its answer it opens nothing but /proc, takes
 *            no memory, writes no file and waits for nobody.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_GUARD_GUARD_H
#define CANDOR_PROC_GUARD_GUARD_H

#include "lib/wire/hold.h"
#include "proc/asker/asker.h"
#include "proc/duty/post.h"
#include "proc/guard/again.h"
#include "proc/guard/burst.h"
#include "proc/guard/kin.h"
#include "proc/guard/known.h"
#include "proc/guard/later.h"
#include "proc/guard/looks.h"
#include "proc/guard/recall.h"
#include "sys/mounts.h"
#include "sys/watch.h"

#define GUARD_TAKEN 32u  /* paths of files on their way to the quarantine */
#define GUARD_MARKS 512u /* file systems; more are not watched, and told */

/* In numbers, for candor status. */
struct guard_counts {
	uint64_t events, denied, overruns;
};

struct guard {
	struct post *post;
	struct asker *asker;
	const struct config *config; /* lent by post */
	struct kin kin;
	struct watch watch; /* fd -1: off */
	struct mounts mounts;
	struct looks *looks;
	struct later later;
	size_t background; /* looks that nobody waited for when they began */
	struct burst burst;
	struct known known;
	struct again again;
	uint64_t tick_ns; /* files' times may be as much behind */
	struct recall recall;
	uint64_t marked[GUARD_MARKS]; /* devices that are watched */
	size_t marks;
	uint64_t
	    lasting[GUARD_MARKS]; /* st_dev of what was there at the start */
	size_t lasts;
	int hold;            /* channel to the quarantine, or -1 */
	int listening;       /* for who wants to know what is watched, or -1 */
	int sweep;           /* pipe from the sweeping thread, or -1 */
	uint32_t wants;      /* GUARD_SWEEP_*, as soon as that one is done */
	bool recalls;        /* it is at those that were clean */
	uint64_t generation; /* of the databases */
	struct guard_counts counts;
	uint64_t descriptors; /* that we may have */
	uint64_t away_ms; /* since when there is no broker; 0: there is one */
	bool is_away_told;
	uint64_t lost_ms; /* when it was told that events were lost; or 0 */
	struct {
		uint64_t token; /* 0: free */
		char path[EVENT_PATH_MAX];
	} taken[GUARD_TAKEN];
	bool is_on, is_stopping;
	bool tells_left_out; /* what is named and cannot be watched */
	struct event event;  /* room for one; too large for the stack */
	_Alignas(16) uint8_t buffer[WATCH_BUFFER];
};

/* --- guard_events.c: from the kernel, and back ---------------------------- */

/* Hear what is opened and executed, up to a bounded number. */
void guard_hear(struct guard *g);

/* Look at one file that was put aside, if it is time. */
void guard_look_later(struct guard *g);

/* How long until the next of those may begin, in ms; -1 if there is none. */
int guard_later_wait(const struct guard *g);

/* Look at a file of the sweep, which runs already, or (pid 0) was clean when
   the signatures were others; fd is taken. */
void guard_look_at(struct guard *g, int fd, uint32_t pid);

/* Look once more at a file that is not as it was, for which nobody waits; fd
   is taken. */
void guard_look_again(struct guard *g, int fd, uint32_t pid);

/* Is there room for one more of those? */
bool guard_may_sweep(const struct guard *g);

/* Answer all who wait for a look, and end it. */
void guard_finish(struct guard *g, struct look *look, bool may);

/* Look after the broker: is there one? */
void guard_mind_broker(struct guard *g, bool is_there);

/* Answer those whose deadline has passed; ms until the next one or -1. */
int guard_overruns(struct guard *g);

/* Let everybody go who waits, and forget what was put aside. */
void guard_let_go(struct guard *g);

/* --- guard_verdict.c: from the broker and the quarantine ------------------ */

/* For struct asker_listener. */
void guard_answer(void *ctx, uint64_t token, const struct ask *answer,
    const struct asker_name *name, size_t count);

/* A record of the quarantine. */
void guard_held(struct guard *g, const struct hold *h);

/* The quarantine is gone: go on without what it would have said. */
void guard_hold_is_gone(struct guard *g);

/* What the file of a look may be, if nobody can say more in time. */
bool guard_guess(struct guard *g, const struct look *look);

/* Tell an event about a look's file. */
void guard_tell(struct guard *g, const struct look *look, uint32_t kind,
    uint32_t level, const char *text);

/*
 * The path of a descriptor, for decisions: "" where paths are what somebody
 * else made them, who needs no rights for that (another mount namespace,
 * layers of overlays).
 */
bool guard_own_path(const struct guard *g, int fd, char *out, size_t room);

/* --- guard_marks.c: what is watched --------------------------------------- */

/* Watch what the configuration says and is mounted now. */
void guard_mark(struct guard *g);

/* Remember what is mounted as what stays so. */
void guard_note_lasting(struct guard *g);

/* Is a file of that st_dev on one of those?  Of others it must be expected
   that they go soon: a file that is still looked at would keep them. */
bool guard_is_lasting(const struct guard *g, uint64_t device);

/* Why that one is not watched; NULL: it is. */
const char *guard_why_not(const struct guard *g, const struct mounted *m);

/* --- guard_say.c: to root, who asks --------------------------------------- */

/* Answer one who came to the socket. */
void guard_say_what_is_watched(struct guard *g);

/* --- guard_sweep.c: what runs already, and what was clean ----------------- */

struct swept {
	int fd;
	uint32_t pid; /* who runs it; 0: it was recalled */
};

#define GUARD_SWEEP_RUNNING  1u
#define GUARD_SWEEP_RECALLED 2u

/* Begin to send what is wanted (GUARD_SWEEP_*) through a pipe, from a thread,
   first what runs; -1 if it cannot.  mounts were read; both are borrowed for
   the call. */
int guard_sweep(const struct mounts *mounts, const struct recall *recall,
    uint32_t wants);

#endif
