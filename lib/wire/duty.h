/*
 * duty.h - what the supervisor and the processes of candord say.
 *
 * Every process of candord has descriptor 3, a SOCK_SEQPACKET channel to the
 * supervisor, and is given everything else over it: one mechanism for the
 * start, a reload, and the replacement of a neighbour that died.
 * docs/daemon.md tells who gets what, and when.
 *
 *   supervisor → process   CONFIG + descriptor, LINK + descriptor, LISTEN +
 *                          descriptor, DATABASE + descriptor, GO; PING; STOP
 *   process → supervisor   READY after GO; PONG; METRIC; EVENT; WANT
 *
 * Frames are records of one size per kind, as in ask.h.  A process that says
 * anything else is killed and replaced; one that gets anything else exits.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_WIRE_DUTY_H
#define CANDOR_WIRE_DUTY_H

#include "lib/base/cur.h"
#include "lib/wire/event.h"

#include <stdint.h>

#define DUTY_SMALL 64u
#define DUTY_LARGE 4608u /* EVENT */

#define DUTY_KIND_TABLE                    \
	DUTY_KIND(CONFIG, 1, DUTY_SMALL)   \
	DUTY_KIND(LINK, 2, DUTY_SMALL)     \
	DUTY_KIND(LISTEN, 3, DUTY_SMALL)   \
	DUTY_KIND(DATABASE, 4, DUTY_SMALL) \
	DUTY_KIND(GO, 5, DUTY_SMALL)       \
	DUTY_KIND(PING, 6, DUTY_SMALL)     \
	DUTY_KIND(STOP, 7, DUTY_SMALL)     \
	DUTY_KIND(READY, 16, DUTY_SMALL)   \
	DUTY_KIND(PONG, 17, DUTY_SMALL)    \
	DUTY_KIND(METRIC, 18, DUTY_SMALL)  \
	DUTY_KIND(WANT, 19, DUTY_SMALL)    \
	DUTY_KIND(EVENT, 20, DUTY_LARGE)

enum duty_kind {
#define DUTY_KIND(tag, number, size) DUTY_##tag = (number),
	DUTY_KIND_TABLE
#undef DUTY_KIND
};

/* Who is who: programs candor-broker, candor-clamd, ... */
#define DUTY_ROLE_TABLE                \
	DUTY_ROLE(BROKER, 1, "broker") \
	DUTY_ROLE(CLAMD, 2, "clamd")   \
	DUTY_ROLE(GUARD, 3, "guard")   \
	DUTY_ROLE(QUARANTINE, 4, "quarantine")

enum duty_role {
#define DUTY_ROLE(tag, number, name) ROLE_##tag = (number),
	DUTY_ROLE_TABLE
#undef DUTY_ROLE
};

/* What a listening socket is for. */
enum duty_listen {
	LISTEN_LOCAL = 1,     /* broker: ASK frames, SOCK_SEQPACKET */
	LISTEN_CLAMD = 2,     /* clamd: Unix stream */
	LISTEN_CLAMD_TCP = 3, /* clamd: TCP */
	LISTEN_GUARD = 4      /* guard: what does it watch?  SOCK_SEQPACKET */
};

/* What a process may want of the supervisor on behalf of an administrator
   whose rights it has checked. */
enum duty_want {
	WANT_RELOAD = 1, /* databases and configuration */
	WANT_SHUTDOWN = 2
};

struct duty {
	uint32_t kind; /* enum duty_kind */
	uint64_t id;   /* PING, and the PONG that answers it */
	union {
		struct {
			uint32_t role;  /* enum duty_role at the other end */
			uint32_t class; /* for the broker: what this front is at
			                   most (enum ask_class); else 0 */
			uint32_t pid;   /* of the neighbour */
		} link;
		struct {
			uint32_t what; /* enum duty_listen */
		} listen;
		struct {
			uint64_t generation;
			uint32_t database, databases; /* which of how many */
		} database;
		struct {
			uint32_t metric; /* enum metric_id */
			uint64_t value;
		} metric;
		struct {
			uint32_t want; /* enum duty_want */
			uint32_t uid;  /* who asked */
		} want;
		struct event event;
	};
};

size_t duty_size(uint32_t kind);
const char *duty_role_name(uint32_t role); /* NULL if there is none */

/* Write d into out; the size to send.  0 if d is not a good frame. */
size_t duty_put(const struct duty *d, uint8_t out[DUTY_LARGE]);

/* Read a record; false if it is not exactly one good frame. */
bool duty_get(struct cur record, struct duty *out);

#endif
