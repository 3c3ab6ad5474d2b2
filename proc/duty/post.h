/*
 * post.h - a process of candord at its post: what the supervisor says to it,
 * and what it reports.
 *
 * Every process but the supervisor has one.  It owns descriptor 3 and speaks
 * lib/wire/duty.h there; docs/daemon.md tells the life of a process.  Nothing
 * here waits, and nothing allocates after post_open().
 *
 * How to use it: post_open(); then, in the loop, poll() for reading on
 * post_fd(), and post_hear() when there is something (or always: it does not
 * wait).  False means that the supervisor is gone: exit.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_DUTY_POST_H
#define CANDOR_PROC_DUTY_POST_H

#include "lib/base/why.h"
#include "lib/policy/config.h"
#include "lib/wire/duty.h"

#include <stdbool.h>
#include <stdint.h>

/*
 * What comes from the supervisor.  Descriptors are the listener's to close.
 * A NULL function means: not expected, and the process ends if it comes.
 */
struct post_listener {
	void *ctx;

	/* Again at each reload.  Lasts until the next call. */
	void (*config)(void *ctx, const struct config *c);

	/* A channel to (or, again, to a successor of) that neighbour. */
	void (*link)(void *ctx, uint32_t role, uint32_t class, int fd);
	void (*listen)(void *ctx, uint32_t what, int fd);
	void (*database)(void *ctx, const struct duty *d, int fd);

	/* All is there: begin, and post_ready() when it works. */
	void (*go)(void *ctx);

	/* Finish what was begun, then exit with 0. */
	void (*stop)(void *ctx);
};

struct post; /* one a process */

/* Is there a channel at all, or did a person start the program? */
bool post_is_here(int channel);

/* Start at descriptor channel (3 in a process of candord). */
struct post *post_open(int channel, const struct post_listener *listener,
    struct why *why);
void post_close(struct post **p);

int post_fd(const struct post *p);

/* During link(): the process at the other end. */
uint32_t post_linked_pid(const struct post *p);

/* Hear all there is.  False when there is nobody to work for any more. */
bool post_hear(struct post *p);

/* In the middle of something long: answer the supervisor's PING, so that it
   does not take us for hung.  Everything else waits. */
void post_answer(struct post *p);

void post_ready(struct post *p);

/*
 * Report.  What does not fit now is dropped and counted, and the supervisor
 * is told how many were dropped when there is room again.
 */
void post_event(struct post *p, const struct event *e);

/* A note for a person: kind NOTE, or another kind with only text. */
__attribute__((format(printf, 4, 5))) void post_note(struct post *p,
    enum event_kind kind, enum event_level level, const char *format, ...);

/* A number; sent by post_flush() if it is not what was sent last. */
void post_metric(struct post *p, enum metric_id id, uint64_t value);

/* Send numbers that changed, at most once a second.  Call in each turn. */
void post_flush(struct post *p);

/* Ask for a reload or the end, for an administrator of that uid. */
void post_want(struct post *p, enum duty_want want, uint32_t uid);

#endif
