/*
 * asker.h - ask the broker about files, and never lose a question.
 *
 * The front's side of lib/wire/ask.h: what was not answered is kept with its
 * descriptor, and asked again when the broker was replaced.  Every question
 * gets exactly one answer; if the broker stays silent beyond the deadline, it
 * is UNSCANNED, TIMEOUT.
 *
 * Nothing here waits, and nothing allocates after asker_open().  A listener
 * is only called by asker_turn(), and may ask again from there.
 *
 * How to use it: asker_open(), asker_link() with each channel the supervisor
 * sends; in the loop asker_poll(), poll() for at most asker_patience(), and
 * asker_turn().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_ASKER_ASKER_H
#define CANDOR_PROC_ASKER_ASKER_H

#include "lib/base/why.h"
#include "lib/wire/ask.h"

#include <poll.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Beyond its deadline, how long the broker may take to say so. */
#define ASKER_GRACE_MS 5000u

struct asker_request {
	uint64_t size;        /* of the file, from fstat */
	uint32_t flags;       /* ASK_* but ASK_DETAILS */
	uint32_t class;       /* enum ask_class */
	uint32_t deadline_ms; /* not 0 */
	uint32_t uid;         /* with whom its worker may be shared */
};

struct asker_name {
	uint32_t kind;     /* enum sig_kind */
	uint32_t database; /* whose it is, from 0 */
	bool is_weak, is_official;
	char text[ASK_NAME_MAX + 1]; /* terminated */
};

struct asker_listener {
	void *ctx;

	/* answer is of kind ASK_IS_ANSWER; names are lent for the call, and so
	   is the file: asker_answered(). */
	void (*answer)(void *ctx, uint64_t token, const struct ask *answer,
	    const struct asker_name *name, size_t count);

	/* Which databases are in use now (ASK_IS_GENERATION); or NULL. */
	void (*generation)(void *ctx, const struct ask *generation);

	/* An ASK_IS_STATE that asker_state() asked for; or NULL. */
	void (*state)(void *ctx, const struct ask *state);
};

struct asker;

/* Room for most questions at once. */
struct asker *asker_open(size_t most, const struct asker_listener *listener,
    struct why *why);

/* Close everything; what was not answered is forgotten. */
void asker_close(struct asker **a);

/* Use this channel (taken) from now on. */
void asker_link(struct asker *a, int channel);

/*
 * Ask about fd (taken; regular file or sealed memfd, opened read-only), under
 * a token of the caller's.  A number to cancel it by; 0 if there is no room.
 */
uint64_t asker_ask(struct asker *a, uint64_t token, int fd,
    const struct asker_request *r);

/* Nobody wants to know any more: fd is closed, and no answer will be told. */
void asker_cancel(struct asker *a, uint64_t id);

/* Within a call of answer(): the descriptor of the file it is about; else -1. */
int asker_answered(const struct asker *a);

/* Questions that were not answered. */
size_t asker_pending(const struct asker *a);

/* Ask how the broker is; false if there is no channel or no room in it. */
bool asker_state(struct asker *a);

/* What to wait for (fd is -1 while there is no channel), and how long at most
   (-1: for ever). */
void asker_poll(const struct asker *a, struct pollfd *out);
int asker_patience(const struct asker *a);

/* Hear what there is, look at the clock, send what there is room for. */
void asker_turn(struct asker *a);

/* The same when poll() said that there is nothing to hear. */
void asker_turn_deaf(struct asker *a);

#endif
