/*
 * hand.h - one worker of a crew, and the files that wait at it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_CREW_HAND_H
#define CANDOR_PROC_CREW_HAND_H

#include "proc/crew/crew.h"
#include "proc/crew/hearing.h"
#include "proc/opener/opener.h"
#include "sys/spawn.h"
#include "sys/subject.h"

/* Files at one worker, the one it is at included. */
#define HAND_QUEUE 16u

/* More than one only while all of them together are no more than this: the
   trip to a worker costs about as much as reading so many bytes. */
#define HAND_QUEUE_BYTES ((uint64_t)256 << 10)

/* A file that was submitted and has not ended. */
struct job {
	uint64_t number; /* ours, from 1: what workers are told */
	uint64_t scan;   /* the caller's */
	int fd;
	uint64_t size;
	struct subject_stamp stamp; /* when it was submitted, or first opened */
	bool has_stamp;
	bool has_moved;        /* it was not as the caller said even then */
	struct opener *opener; /* if it is not local, else NULL */
	uint64_t mount;
	uint32_t flags, deadline_ms, owner;
	uint32_t urgency;
	unsigned level;    /* how often it was taken back */
	unsigned tries;    /* workers that died of it */
	bool is_second;    /* a worker looked, and was doubted */
	bool is_forgotten; /* nobody waits for it */
};

/* Of one that an opener opens. */
struct opener_place job_place(const struct job *job);

/* Does it want a worker that has seen no other file? */
bool job_wants_fresh(const struct job *job);

enum hand_state {
	HAND_FREE,     /* no process */
	HAND_STARTING, /* READY is awaited */
	HAND_READY,
	HAND_RETIRING /* gets no more files */
};

struct hand {
	enum hand_state state;
	struct spawned process;
	struct job queue[HAND_QUEUE]; /* [0] is the one it is at */
	size_t count;
	size_t sent;       /* so many of them; it knows nothing of the rest */
	uint64_t bytes;    /* of all in the queue */
	uint32_t assigned; /* files sent to this process */
	uint32_t owner;    /* of all of them */
	uint64_t since_ms; /* when it got at queue[0], or was started */
	bool is_quiet;     /* nothing is left to read from it */
	bool is_aside;     /* for one file that takes long */
	struct hearing hearing;
	uint32_t generation; /* of its databases */
	struct hearing_bounds bounds;
};

/* What every worker is started with. */
struct hand_setup {
	const char *path;
	const char *const *argv;
	const int *database_fd;
	uint32_t generation;
	struct hearing_bounds bounds; /* database_count is in there */
	const struct frame *config;   /* to send first */
	const struct frame *password; /* then these */
	size_t password_count;
};

/* Start a worker and send its configuration; setup is borrowed. */
bool hand_start(struct hand *h, const struct hand_setup *setup,
    struct why *why);

/* Is there room for it?  One that was tried before wants a worker that has
   seen nothing. */
bool hand_has_room(const struct hand *h, const struct job *job);

/*
 * It is in the queue from now on, and sent: at once if the worker has nothing
 * to do, else together with others.
 */
enum hand_gift {
	HAND_GIVEN,
	HAND_NOT_NOW, /* the worker cannot take it now */
	HAND_NO_FILE, /* it cannot be opened */
	HAND_UNSURE   /* ... or was, but its file system hangs: it is the last
	                 in the queue, but the worker may not have it */
};
enum hand_gift hand_give(struct hand *h, struct job *job);

/*
 * To be called before anybody sleeps: send what was not, unless the worker
 * will be heard of before it could want it.  False: it takes nothing now.
 */
bool hand_send(struct hand *h);

/* Let others have the processor first. */
void hand_calm(const struct hand *h);

/* Does it wait for something, and not compute? */
bool hand_is_waiting(const struct hand *h);

/* Take the file it is at out of the queue. */
struct job hand_finish(struct hand *h);

/* Leave only the first so many in the queue. */
void hand_cut(struct hand *h, size_t count);

/* Kill it; the process to reap is left to the caller, the queue too. */
pid_t hand_kill(struct hand *h);

#endif
