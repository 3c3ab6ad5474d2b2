/*
 * client.c - one connection.  The contract is in client.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/clamd/client.h"

#include "proc/clamd/command.h"
#include "proc/clamd/path.h"

#include <sys/socket.h>

#include <errno.h>
#include <poll.h>
#include <stdalign.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Read at once while a command is awaited: many come in one packet. */
#define READ_COMMANDS ((size_t)64 << 10)

/* After a refusal the client may still be sending; closing at once would make
   its kernel throw away what we said. */
#define LINGER_MS    1000u
#define LINGER_BYTES ((uint64_t)4 << 20)

/* When memory is short, who is first has to send this in every sweep but so
   many. */
#define PRESSED_BYTES  32768u
#define PRESSED_SWEEPS 10u

static void
client_close(struct client *c)
{
	struct front *f = c->front;

	if (c->is_buried)
		return;
	ready_forget(&f->ready, &c->watch);
	(void)close(c->watch.fd);
	c->watch.fd = -1;
	stream_drop(&f->streams, &c->stream);
	f->has_room = true;
	if (c->descriptor != -1)
		(void)close(c->descriptor);
	outbox_close(&c->out);
	free(c->kept);
	c->kept = NULL;
	if (c->is_held_back)
		f->held_back--;
	if (c->previous != NULL)
		c->previous->next = c->next;
	else
		f->first = c->next;
	if (c->next != NULL)
		c->next->previous = c->previous;
	f->clients--;
	command_forget(c);
	c->is_buried = true;
	c->next = f->buried;
	f->buried = c;
}

void
clients_bury(struct front *f)
{
	struct client *c;

	while ((c = f->buried) != NULL) {
		f->buried = c->next;
		free(c);
	}
}

void
clients_close_all(struct front *f)
{
	while (f->first != NULL)
		client_close(f->first);
	clients_bury(f);
}

/* --- saying -------------------------------------------------------------- */

void
client_say(struct client *c, const struct clamd_reply *r)
{
	uint8_t *to;

	if (c->is_buried)
		return;
	to = outbox_room(&c->out, clamd_reply_room(r));
	if (to == NULL)
		client_close(c);
	else
		outbox_add(&c->out, clamd_put(r, to));
}

void
client_say_text(struct client *c, struct clamd_tag tag, const char *text)
{
	struct clamd_reply r = { .tag = tag, .what = text };

	client_say(c, &r);
}

/* Most clients ask what anybody may: for them it is not worth two calls. */
const struct listen_peer *
client_peer(struct client *c)
{
	if (!c->has_peer &&
	    (!c->is_local || !listen_peer_get(c->watch.fd, &c->peer)))
		c->peer.uid = (uid_t)-1;
	c->has_peer = true;
	return &c->peer;
}

bool
client_is_slow(const struct client *c)
{
	return outbox_waiting(&c->out) >= CLIENT_UNREAD;
}

void
client_end(struct client *c)
{
	c->is_over = true;
	c->protocol.state = CLAMD_AT_END;
	stream_drop(&c->front->streams, &c->stream);
	c->front->has_room = true;
}

/* --- understanding ------------------------------------------------------- */

static void
wait_until(struct client *c, uint64_t ms)
{
	c->deadline_ms = c->front->now_ms + ms;
}

static void
refused(struct client *c, const struct clamd_request *r)
{
	client_say_text(c, r->tag, r->error);
	if (r->is_failed)
		client_say_text(c, r->tag, CLAMD_SAYS_FAILED);
	c->is_lingering = true;
	c->linger_left = LINGER_BYTES;
	client_end(c);
}

/* In clamd's words; ours are no files. */
static void
no_memory(struct client *c)
{
	struct clamd_tag tag = { c->protocol.id, c->protocol.is_nul };

	client_say_text(c, tag, "Error writing to temporary file ERROR");
	client_end(c);
}

/* Is there more to understand? */
static bool
hear(struct client *c, enum clamd_event event, const struct clamd_request *r)
{
	switch (event) {
	case CLAMD_WAITS:
		return false;
	case CLAMD_ASKS:
		wait_until(c, c->front->settings.read_ms);
		command_begin(c, r);
		return !c->is_over;
	case CLAMD_STREAMS:
		wait_until(c, c->front->settings.read_ms);
		if (!stream_add(&c->front->streams, &c->stream, r->bytes))
			no_memory(c);
		return !c->is_over;
	case CLAMD_STREAM_END:
		wait_until(c, c->front->settings.read_ms);
		command_stream(c, r->tag);
		return !c->is_over;
	case CLAMD_REFUSED:
		refused(c, r);
		return false;
	case CLAMD_ENDS:
		client_end(c);
		return false;
	}
	return false;
}

/* May it be read, and what it sent be understood, now? */
static bool
is_welcome(const struct client *c)
{
	const struct front *f = c->front;

	if (c->protocol.state == CLAMD_AT_CHUNK ||
	    c->protocol.state == CLAMD_AT_SIZE)
		return stream_may_grow(&f->streams, &c->stream);
	return c->pending < CLIENT_PENDING && !c->asks_state &&
	    !client_is_slow(c) && f->files < f->files_max;
}

/* Keep what could not be understood yet. */
static bool
keep(struct client *c, const struct cur *rest)
{
	size_t size = cur_left(rest);
	uint8_t *kept = NULL;

	if (size > 0) {
		kept = malloc(size);
		if (kept == NULL)
			return false;
		memcpy(kept, rest->base + rest->pos, size);
	}
	free(c->kept);
	c->kept = kept;
	c->kept_size = size;
	return true;
}

/* Understand as much as may be of size bytes in the scratch. */
static void
understand(struct client *c, size_t size)
{
	struct cur in = cur_from(c->front->scratch, size);
	struct clamd_request r;

	c->has_more = true;
	while (c->has_more && is_welcome(c))
		c->has_more = hear(c, clamd_next(&c->protocol, &in, &r), &r);
	if (c->is_buried)
		return;
	if (c->stream.fd != -1 && !stream_write(&c->front->streams, &c->stream))
		no_memory(c);
	if (!c->is_over && c->descriptor != -1 && is_welcome(c))
		(void)hear(c, clamd_refuse_descriptor(&c->protocol, &r), &r);
	if (c->is_over)
		in = cur_from(NULL, 0);
	if (!keep(c, &in))
		client_close(c);
}

/* --- reading ------------------------------------------------------------- */

/* Room for one descriptor, and no second one. */
union control {
	alignas(struct cmsghdr) char bytes[CMSG_SPACE(sizeof(int))];
};

static void
take_descriptor(struct client *c, struct msghdr *m)
{
	struct cmsghdr *head = CMSG_FIRSTHDR(m);
	int fd;

	if (head == NULL || head->cmsg_level != SOL_SOCKET ||
	    head->cmsg_type != SCM_RIGHTS ||
	    head->cmsg_len != CMSG_LEN(sizeof(int)))
		return;
	memcpy(&fd, CMSG_DATA(head), sizeof(int));
	if (c->descriptor != -1 || (m->msg_flags & MSG_CTRUNC) != 0)
		(void)close(fd);
	else
		c->descriptor = fd;
}

static ssize_t
receive(struct client *c, uint8_t *to, size_t room)
{
	struct iovec part = { to, room };
	union control control;
	struct msghdr m = { .msg_iov = &part, .msg_iovlen = 1 };
	ssize_t n;

	if (c->is_local) {
		m.msg_control = control.bytes;
		m.msg_controllen = CMSG_LEN(sizeof(int));
	}
	do
		n = recvmsg(c->watch.fd, &m, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (n == -1 && errno == EINTR);
	if (n >= 0 && c->is_local)
		take_descriptor(c, &m);
	return n;
}

static void
read_more(struct client *c)
{
	size_t room = FRONT_SCRATCH - c->kept_size;
	ssize_t n;

	if (room == 0)
		return;
	if (c->protocol.state == CLAMD_AT_COMMAND && room > READ_COMMANDS)
		room = READ_COMMANDS;
	if (c->kept_size > 0)
		memcpy(c->front->scratch, c->kept, c->kept_size);
	n = receive(c, c->front->scratch + c->kept_size, room);
	if (n == -1 && errno == EAGAIN)
		return;
	if (n > 0)
		understand(c, c->kept_size + (size_t)n);
	else if (n == 0)
		client_end(c);
	else
		client_close(c);
}

/* Throw away what a refused client still sends. */
static void
read_nothing(struct client *c)
{
	ssize_t n = receive(c, c->front->scratch, sizeof(c->front->scratch));

	if (n == -1 && errno == EAGAIN)
		return;
	if (n <= 0 || (uint64_t)n > c->linger_left)
		client_close(c);
	else
		c->linger_left -= (uint64_t)n;
}

/* --- going on ------------------------------------------------------------ */

/* Everything was asked and answered. */
static void
finish(struct client *c)
{
	if (!c->is_lingering) {
		client_close(c);
		return;
	}
	if (c->linger_left == LINGER_BYTES) {
		(void)shutdown(c->watch.fd, SHUT_WR);
		c->linger_left--;
		wait_until(c, LINGER_MS);
	}
	if (!ready_set(&c->front->ready, &c->watch, READY_READ))
		client_close(c);
}

static void
hold_back(struct client *c, bool is_held_back)
{
	if (is_held_back == c->is_held_back)
		return;
	c->is_held_back = is_held_back;
	if (is_held_back)
		c->front->held_back++;
	else
		c->front->held_back--;
	wait_until(c, c->front->settings.read_ms);
}

void
client_settle(struct client *c)
{
	unsigned what = 0;
	bool progress;

	if (c->is_buried)
		return;
	if (!outbox_send(&c->out, c->watch.fd, &progress)) {
		client_close(c);
		return;
	}
	if (progress)
		wait_until(c, c->front->settings.read_ms);
	if (c->walks != NULL)
		paths_go_on(c);
	if (c->is_over && c->pending == 0 && outbox_waiting(&c->out) == 0) {
		finish(c);
		return;
	}
	/* What it sent comes before what it sends. */
	hold_back(c, !c->is_over && (!is_welcome(c) || c->has_more));
	if (c->is_held_back && is_welcome(c))
		c->front->has_room = true;
	if (!c->is_over && !c->is_held_back)
		what |= READY_READ;
	if (outbox_waiting(&c->out) > 0)
		what |= READY_WRITE;
	if (!ready_set(&c->front->ready, &c->watch, what))
		client_close(c);
}

void
client_answered(struct client *c)
{
	c->pending--;
	wait_until(c, c->front->settings.read_ms);
}

static void
client_turn(struct ready_watch *w, unsigned what)
{
	struct client *c = (struct client *)(void *)w;

	if ((what & READY_READ) != 0) {
		if (c->is_over)
			read_nothing(c);
		else
			read_more(c);
	}
	client_settle(c);
}

bool
client_open(struct front *f, int fd, bool is_local)
{
	struct client *c = calloc(1, sizeof(*c));

	if (c == NULL) {
		(void)close(fd);
		return false;
	}
	c->front = f;
	c->watch.fd = fd;
	c->watch.turn = client_turn;
	c->stream.fd = c->descriptor = -1;
	c->is_local = is_local;
	c->protocol.stream_max = f->settings.stream_max;
	c->protocol.is_nul = true; /* of a reply before any command, as clamd */
	c->next = f->first;
	if (f->first != NULL)
		f->first->previous = c;
	f->first = c;
	f->clients++;
	wait_until(c, f->settings.command_ms);

	/* What it asks is often there already. */
	read_more(c);
	client_settle(c);
	return true;
}

bool
clients_wait(const struct front *f)
{
	const struct client *c = f->first;

	while (c != NULL && c->pending == 0 && outbox_waiting(&c->out) == 0)
		c = c->next;
	return c != NULL;
}

/* --- time ---------------------------------------------------------------- */

static void
timed_out(struct client *c)
{
	struct clamd_tag plain = { 0 };

	if (c->is_over) {
		client_close(c);
		return;
	}
	client_say_text(c, plain, CLAMD_SAYS_TIMEOUT);
	client_end(c);
	c->pending = 0;
	command_forget(c);
	client_settle(c);
}

/* Work goes on for it, or it waits for others: its silence is not its own.
   Who does not read what was said is silent. */
static bool
is_excused(const struct client *c)
{
	return (c->is_held_back || c->pending > 0) &&
	    outbox_waiting(&c->out) == 0;
}

/*
 * While memory is short all wait for the stream that began first: it has to
 * come along.  Is it too slow for that?
 */
static bool
is_in_the_way(struct front *f, struct client *c)
{
	if (&c->stream != f->streams.oldest || f->held_back == 0 ||
	    f->streams.held < f->streams.max) {
		if (f->pressed == &c->stream)
			f->pressed = NULL;
		return false;
	}
	if (f->pressed != &c->stream ||
	    c->stream.size - f->pressed_size >= PRESSED_BYTES)
		f->pressed_slow = 0;
	else
		f->pressed_slow++;
	f->pressed = &c->stream;
	f->pressed_size = c->stream.size;
	return f->pressed_slow > PRESSED_SWEEPS;
}

/*
 * Who has sent his command is not watched any more.  Is he gone?  One that only
 * has no more to say is not.
 */
static bool
has_left(const struct client *c)
{
	struct pollfd p = { .fd = c->watch.fd };

	return c->pending > 0 && poll(&p, 1, 0) == 1 &&
	    (p.revents & (POLLHUP | POLLERR)) != 0;
}

void
clients_sweep(struct front *f)
{
	struct client *c, *next;

	f->is_exhausted = false;
	for (c = f->first; c != NULL; c = next) {
		next = c->next;
		if ((c->deadline_ms <= f->now_ms && !is_excused(c)) ||
		    is_in_the_way(f, c))
			timed_out(c);
		else if (has_left(c))
			client_close(c);
		else if (c->walks != NULL)
			paths_go_on(c);
	}
}

void
clients_release(struct front *f)
{
	struct client *c, *next;

	for (c = f->first; c != NULL && f->held_back > 0; c = next) {
		next = c->next;
		if (!c->is_held_back || !is_welcome(c))
			continue;
		if (c->kept_size > 0)
			memcpy(f->scratch, c->kept, c->kept_size);
		understand(c, c->kept_size);
		client_settle(c);
	}
}
