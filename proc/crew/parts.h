/*
 * parts.h - what the files of a crew share; for them alone.
 *
 *   crew.c      start, stop, other databases; the loop and the clock
 *   staff.c     workers come and go
 *   assign.c    files wait for workers, and are given to them
 *   lanes.c     files that take long go aside
 *   listen.c    what workers say
 *
 * Every way for a worker to fail ends in crew_lose(), and every submitted
 * file in crew_tell_end().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_CREW_PARTS_H
#define CANDOR_PROC_CREW_PARTS_H

#include "proc/crew/hand.h"

#include <poll.h>
#include <sys/types.h>

/* Workers that ended without having looked at a file, one after another. */
#define CREW_FAILURES_MAX 3u

/* Files a caller may submit after it was to stop. */
#define CREW_SPARE_ROOM 16u

/* Killed workers the kernel has not let go of (a read from a dead server). */
#define CREW_DYING_MAX 1024u

struct crew {
	struct crew_listener listener;
	uint32_t deadline_ms;
	const volatile sig_atomic_t *stop;
	unsigned tries;
	bool is_gradual;
	struct hand_setup setup;
	char path[4096];
	char count_text[8];
	const char *argv[3];
	int database_fd[DB_MAX];
	struct frame config;
	struct frame *password;

	unsigned jobs;     /* workers that should take files */
	struct hand *hand; /* slots: more, for those aside, and that retire */
	size_t slots;
	struct pollfd *poll; /* a slot each, then others' */
	size_t poll_room;

	struct job *waiting; /* not given to a worker, in order */
	size_t waiting_count, waiting_room;
	size_t again;        /* of those, how many want a fresh worker */
	size_t pending;      /* submitted and not ended */
	bool is_short;       /* since the last turn one was offered in vain: */
	bool is_short_aside; /* one that was taken back before */
	uint64_t number, losses;

	uint32_t layers;
	bool has_layers;
	unsigned failures;
	struct why trouble; /* the last of them */
	pid_t dying[CREW_DYING_MAX];
	size_t dying_count;
};

/* --- staff.c -------------------------------------------------------------- */

/* Start the workers there should be. */
void crew_staff(struct crew *c);

/* Nobody works and nobody will: end what waits. */
bool crew_is_broken(struct crew *c, struct why *why);

/* Kill a worker without waiting for it to be gone. */
void crew_dismiss(struct crew *c, struct hand *h);
void crew_reap(struct crew *c);

/* Is there one about to be, or that was given nothing yet? */
bool crew_has_fresh(const struct crew *c);

/* Somewhere to start a worker, or NULL. */
struct hand *crew_find_free(struct crew *c);

/* Let go of a worker: at once, or after the files it holds. */
void crew_retire(struct crew *c, struct hand *h);

/* A successor is ready: let go of one worker with older databases. */
void crew_retire_old(struct crew *c);

/*
 * A worker died, hangs, lies or is odd.  Unless lost is UNSCANNED_NOTHING it
 * takes the file it was at with it, if that is not to be tried again; those
 * behind go to another worker.
 */
void crew_lose(struct crew *c, struct hand *h, enum unscanned lost);

/* --- assign.c ------------------------------------------------------------- */

/* Give files that wait to workers, as far as those have room. */
void crew_assign(struct crew *c);

/* Send them, before anybody sleeps. */
void crew_send(struct crew *c);

/* Take all but the first so many of a worker's files back, to wait again. */
void crew_take_rest(struct crew *c, struct hand *h, size_t keep);

/* Put files back in front of all others, in their order. */
void crew_put_back(struct crew *c, const struct job *jobs, size_t count);

/* The last that is heard of a file. */
void crew_tell_end(struct crew *c, struct job *job, const struct frame *end,
    enum unscanned lost);

/* --- lanes.c -------------------------------------------------------------- */

/* When the file this worker is at will have had its slice, and others wait
   that would have its place; 0 = never. */
uint64_t crew_slice_end(const struct crew *c, const struct hand *h);

/* Set aside, or take back, those that had their slice. */
void crew_check_slices(struct crew *c);

/* A worker aside for a file that was taken back before, or NULL: then one may
   have been started. */
struct hand *crew_find_aside(struct crew *c, const struct job *job);

/* It is the caller's again, if it was before; else false. */
bool crew_return_again(struct crew *c, const struct job *job);

/* Nobody is in need until something is offered in vain again. */
void crew_forget_need(struct crew *c);

/* --- listen.c ------------------------------------------------------------- */

/* Hear what one worker has to say, up to a fair share. */
void crew_listen(struct crew *c, struct hand *h);

/* --- crew.c --------------------------------------------------------------- */

/* Wait for ever, or for one turn if it may be stopped meanwhile. */
int crew_stint(const struct crew *c);
bool crew_is_stopped(const struct crew *c);

#endif
