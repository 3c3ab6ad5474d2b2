/*
 * broker.h - fronts, their requests, and the crew that answers them.
 *
 * A request is read from a front, waits in the queue of its class, is given
 * to a worker, and answered; then it is gone.  In its queue users have their
 * turns, however many requests each has.  One that took long while others
 * waited comes back from the crew, to wait in the queue of its next level
 * (crew.h).  One that was answered before
 * its worker ended (deadline, cancel, a front that left) is a ghost until it
 * does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_BROKER_BROKER_H
#define CANDOR_PROC_BROKER_BROKER_H

#include "lib/policy/action.h"
#include "lib/wire/ask.h"
#include "lib/wire/frame.h"
#include "proc/broker/bases.h"
#include "proc/crew/crew.h"
#include "proc/crew/finding.h"
#include "proc/duty/post.h"
#include "sys/listen.h"

#include <poll.h>

#include <stdbool.h>
#include <stdint.h>

#define BROKER_REQUESTS 4096u /* at once, at most */
#define BROKER_FRONTS   256u
#define BROKER_CLASSES  (ASK_IDLE + 1u)

/* What one front may have unanswered: processes of candord, and others. */
#define FRONT_ASKS       2048u
#define FRONT_ASKS_LOCAL 64u

/* Bytes that may wait for a front to be read; then it is left. */
#define FRONT_BACKLOG ((size_t)16 << 20)

/* A file with so many details was not one for people. */
#define REQUEST_DETAIL_MAX ((size_t)8 << 20)

struct bytes {
	uint8_t *at;
	size_t size, room;
};

struct front {
	int fd;         /* -1: the slot is free */
	uint32_t role;  /* enum duty_role; 0: a program on the local socket */
	uint32_t class; /* the most urgent it may use */
	uint32_t uid;   /* of such a program, */
	uint32_t pid;   /* if the kernel says it; or 0 */
	size_t asks;    /* unanswered */
	bool wants_databases;
	bool is_gone;     /* to be closed */
	struct bytes out; /* records that did not fit: size (2), bytes */
	size_t sent;      /* of it */
};

/* Users whose turns are told apart; of more, some share theirs. */
#define BROKER_USERS 64u

/* How far something that was found has been confirmed (ASK_CONFIRM). */
enum request_look {
	LOOK_FIRST,   /* or none is wanted */
	LOOK_DOUBTED, /* a second worker is awaited */
	LOOK_SECOND
};

enum request_state {
	REQUEST_FREE,
	REQUEST_WAITING,   /* in the queue of its class */
	REQUEST_AT_WORKER, /* the crew has it */
	REQUEST_GHOST      /* the same, but nobody waits for it any more */
};

struct request {
	struct request *next, *before; /* in a queue; or next free one */
	enum request_state state;
	uint32_t turn;  /* how often this slot was used */
	uint64_t round; /* in its queue */
	struct front *front;
	uint64_t id;
	int fd;   /* until the crew has it */
	int lent; /* the same, open as long as the crew has it */
	uint64_t size;
	uint32_t flags, class, uid;
	uint64_t since_ms, due_ms;
	unsigned level, tries; /* of one that the crew gave back */
	enum request_look look;
	bool was_weak; /* what the first look found */

	/* What was heard of it: */
	const struct bases *bases;
	struct finding finding[ASK_NAMES_MAX]; /* the first ones, in order */
	size_t finding_count;
	uint32_t matches; /* signatures, also those that are not kept */
	uint32_t reason, reasons;
	char *path;          /* of a program's file with a find; or NULL */
	struct bytes detail; /* frames: size (2), bytes */
	bool has_dropped;    /* details */
};

/* In rounds: one request of each user, then another of each. */
struct queue {
	struct request head;               /* next is the first */
	uint64_t round;                    /* of the last that was taken out */
	uint64_t user_round[BROKER_USERS]; /* of each one's last */
};

struct broker {
	struct post *post;
	struct crew *crew;
	uint32_t generation; /* of the crew: bases or limits changed so often */
	struct bases *bases; /* the newest; older ones behind it */
	struct bases *coming; /* not whole yet */
	struct front front[BROKER_FRONTS];
	int local; /* listening socket, or -1 */
	struct request *request;
	struct request *free;
	size_t request_count, free_count;
	struct queue queue[CREW_LEVELS][BROKER_CLASSES];
	size_t waiting;
	bool has_guard;
	bool is_going, is_stopping;
	uint64_t checked_ms, forgive_ms;

	/* From the configuration, which stays ours until the next: */
	const struct config *config;
	uint32_t workers, deadline_ms;
	bool all_matches;
	struct limits limits;

	uint64_t asked, answered, unscanned, infected, suspicious, searched;
};

/* --- front.c ------------------------------------------------------------- */

/* Take a connection on, of a process of candord or (role 0) of this peer; it
   is closed if there are too many. */
void front_open(struct broker *b, int fd, uint32_t role, uint32_t class,
    const struct listen_peer *peer);

/* Hear what it asks, as far as there is room for it. */
void front_hear(struct broker *b, struct front *f);

/* Say a frame, now or when there is room. */
void front_say(struct front *f, const struct ask *a, int fd);

/* Tell it about the databases in use. */
void front_say_generation(struct broker *b, struct front *f);

/* Send what waits. */
void front_flush(struct front *f);

/* What to wait for at this front; events 0 if nothing. */
struct pollfd front_poll(const struct broker *b, const struct front *f);

/* Close those that are gone; their requests become ghosts or vanish. */
void front_sweep(struct broker *b);

/* --- request.c ----------------------------------------------------------- */

bool request_open_all(struct broker *b, struct why *why);

/* A slot for this class, or NULL if there are not enough for it now. */
bool request_has_room(const struct broker *b, uint32_t class);

/* Put a question (fd taken, or -1: none came) in its queue, or answer it. */
void request_add(struct broker *b, struct front *f, const struct ask *a,
    int fd);

/* Its front does not want to know any more, or (id 0) is not there. */
void request_cancel(struct broker *b, struct front *f, uint64_t id);

/* Was something heard of one, in numbers of these, that is not answered? */
bool request_knows(const struct broker *b, const struct bases *bases);

/* Give workers what waits, the most urgent first. */
void request_dispatch(struct broker *b);

/* Answer those whose time is over. */
void request_check_clock(struct broker *b);

/* What the crew tells. */
void request_given(void *ctx, uint64_t scan, uint32_t generation);
bool request_doubts(void *ctx, uint64_t scan);
void request_returned(void *ctx, const struct crew_file *file);
void request_frame(void *ctx, const struct frame *f);
void request_end(void *ctx, uint64_t scan, const struct frame *end,
    enum unscanned lost);

/* Append size bytes, with their size in front; false without memory or
   beyond most bytes. */
bool bytes_add(struct bytes *b, const uint8_t *record, size_t size,
    size_t most);
void bytes_free(struct bytes *b);

#endif
