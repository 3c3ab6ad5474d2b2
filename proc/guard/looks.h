/*
 * looks.h - the files the guard is looking at, and who waits for them.
 *
 * A look is one file in one state, from the first event about it to the
 * broker's answer; a waiter is one event that the kernel wants answered.
 * Several waiters share a look.  All room is taken at the start: nothing
 * allocates later, and with no room left there is simply no look (the caller
 * answers as on an overrun).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_GUARD_LOOKS_H
#define CANDOR_PROC_GUARD_LOOKS_H

#include "sys/subject.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LOOKS_MAX   8192u
#define WAITERS_MAX 32768u

struct waiter {
	int fd; /* of the event, to answer it by */
	uint64_t due_ms;
	struct waiter *next;          /* of the same look, or free */
	struct waiter *older, *newer; /* of all */
	struct look *look;
};

/* How far a look is. */
enum look_stage {
	LOOK_ASKED,  /* the broker has it */
	LOOK_JUDGED, /* infected; the quarantine says whose it is */
	LOOK_TAKEN   /* the quarantine is moving it */
};

struct look {
	enum look_stage stage;
	struct subject_stamp stamp;
	int fd;            /* our own, until the end of it */
	uint32_t pid;      /* who caused its first event */
	uint32_t owner;    /* of the file */
	bool is_running;   /* found in the sweep, not by an event */
	bool is_later;     /* it was written, and nobody waited when it began */
	bool is_recalled;  /* clean once, and looked at again: new signatures */
	bool is_spoiled;   /* it was written to since it began */
	uint64_t since_ns; /* when it began */
	bool is_late;      /* somebody was answered without its verdict */
	struct waiter *waiters;
	struct look *next; /* in its bucket, or free */

	/* What was found, once it was: */
	uint32_t verdict, reason;
	uint64_t generation; /* of the databases that said so */
	bool is_weak;
	char signature[289];
	uint32_t base; /* whose: event_base() */
	const char *kind;
};

struct looks; /* one a guard */

struct looks *looks_open(void); /* NULL without memory */
void looks_close(struct looks **l);

/* The look at a file in just that state, and not spoiled, or NULL. */
struct look *looks_find(const struct looks *l, const struct subject_stamp *s);

/* A new one, with that stamp and all else zero; NULL if there is no room. */
struct look *looks_begin(struct looks *l, const struct subject_stamp *s);

/* Somebody wrote to that file, and closed it: what is found says nothing of
   how it is from now on. */
void looks_spoil(struct looks *l, uint64_t device, uint64_t inode);

/* It has no waiter any more: forget it.  Its fd is the caller's to close. */
void looks_end(struct looks *l, struct look *look);

/* By number (0 …), for tokens that go to other processes and come back. */
uint64_t looks_token(const struct looks *l, const struct look *look);
struct look *looks_of_token(struct looks *l, uint64_t token);

/* The look at that place (0 … LOOKS_MAX - 1), or NULL. */
struct look *looks_at(struct looks *l, size_t at);

/* Let an event wait for a look; false if there is no room. */
bool looks_wait(struct looks *l, struct look *look, int fd, uint64_t due_ms);

/* Take one waiter off a look; its event's fd, or -1 if nobody waits. */
int looks_release(struct looks *l, struct look *look);

/* Who waits longest, or NULL; and take that one off. */
const struct waiter *looks_oldest(const struct looks *l);
int looks_release_oldest(struct looks *l);

size_t looks_count(const struct looks *l);
size_t looks_waiting(const struct looks *l);

#endif
