/*
 * client.h - one connection of the clamd protocol.
 *
 * A client costs little until it asks: what it has sent of a command, what it
 * has not read of replies, one stream that grows.  It is not read while it has
 * CLIENT_PENDING requests unanswered, CLIENT_UNREAD bytes of replies unread, or
 * its stream may not grow; it waits, as the kernel's buffers fill, and nothing
 * is refused.  One that is silent is closed as clamd closes it.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_CLAMD_CLIENT_H
#define CANDOR_PROC_CLAMD_CLIENT_H

#include "lib/wire/clamd.h"
#include "proc/clamd/front.h"
#include "proc/clamd/outbox.h"
#include "sys/listen.h"

#include <sys/types.h>

#define CLIENT_PENDING 64u
#define CLIENT_UNREAD  65536u

struct request;
struct walk;

struct client {
	struct ready_watch watch;
	struct front *front;
	struct client *previous, *next;
	struct listen_peer peer;
	bool has_peer; /* it was asked for; see client_peer() */
	bool is_local; /* a Unix socket: peer and descriptors are known */
	struct clamd protocol;
	struct stream stream;
	struct outbox out;
	uint8_t *kept; /* read and not yet understood */
	size_t kept_size;
	bool has_more;  /* in kept, to be understood as soon as it is welcome */
	int descriptor; /* came, and no FILDES has taken it; or -1 */
	struct request *requests;
	struct walk *walks;
	unsigned pending; /* requests without their last reply */
	bool asks_state;  /* STATS waits for the broker's */
	struct clamd_tag state_tag;
	bool is_over; /* no more is read of it */
	bool is_held_back;
	bool is_lingering; /* what it still sends is thrown away */
	bool is_buried;
	uint64_t linger_left; /* bytes */
	uint64_t deadline_ms; /* 0: none */
};

/* Take over a connection that was accepted; false: no memory, fd is closed. */
bool client_open(struct front *f, int fd, bool is_local);

/* Say one reply.  Sent by client_settle(). */
void client_say(struct client *c, const struct clamd_reply *r);
void client_say_text(struct client *c, struct clamd_tag tag, const char *text);

/* Who it is, over a Unix socket; uid -1 if the kernel does not say. */
const struct listen_peer *client_peer(struct client *c);

/* Nothing more is taken from this client. */
void client_end(struct client *c);

/* A request has got its last reply. */
void client_answered(struct client *c);

/* Go on after something changed: send, understand, read, or close it. */
void client_settle(struct client *c);

/* Is there no use in saying more just now? */
bool client_is_slow(const struct client *c);

/* Every half second: close who is silent; go on with who was held back. */
void clients_sweep(struct front *f);

/* Room has become free: go on with who was held back. */
void clients_release(struct front *f);

/* Does anybody wait for an answer, or have one not yet read? */
bool clients_wait(const struct front *f);

void clients_bury(struct front *f);
void clients_close_all(struct front *f);

#endif
