/*
 * asker.c - ask the broker about files.  The contract is in asker.h.
 *
 * A question is in one of two lists, both in the order of asking: to be sent,
 * or sent.  A new channel puts the second in front of the first.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/asker/asker.h"

#include "sys/channel.h"
#include "sys/clock.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FRAMES_AT_ONCE 1024u /* heard in one turn */
#define CANCELS        256u  /* not yet said */

struct question {
	struct question *next, *before;
	uint64_t id, token;
	uint64_t due_ms;
	int fd;
	bool is_sent;
	struct asker_request request;
};

/* Linked both ways; head.next is the oldest. */
struct list {
	struct question head;
};

struct asker {
	struct asker_listener listener;
	int channel;
	struct question *slot;
	size_t slots, pending;
	struct question *free; /* linked by next */
	struct list waiting, sent;
	uint32_t turn;   /* makes ids differ */
	uint64_t due_ms; /* no question is due before */
	uint64_t cancel[CANCELS];
	size_t cancel_count;
	struct asker_name name[ASK_NAMES_MAX]; /* of the answer that comes */
	size_t name_count;
	uint64_t name_id;
	int answered; /* while the listener hears of it, or -1 */
};

/* --- lists --------------------------------------------------------------- */

static void
list_init(struct list *l)
{
	l->head.next = l->head.before = &l->head;
}

static bool
list_is_empty(const struct list *l)
{
	return l->head.next == &l->head;
}

static void
list_remove(struct question *q)
{
	q->before->next = q->next;
	q->next->before = q->before;
}

static void
list_add(struct list *l, struct question *q)
{
	q->next = &l->head;
	q->before = l->head.before;
	l->head.before->next = q;
	l->head.before = q;
}

/* Put all of from in front of to. */
static void
list_prepend(struct list *to, struct list *from)
{
	struct question *first = from->head.next, *last = from->head.before;

	if (list_is_empty(from))
		return;
	last->next = to->head.next;
	to->head.next->before = last;
	to->head.next = first;
	first->before = &to->head;
	list_init(from);
}

/* --- questions ----------------------------------------------------------- */

struct asker *
asker_open(size_t most, const struct asker_listener *listener, struct why *why)
{
	struct asker *a = calloc(1, sizeof(*a));
	size_t i;

	if (a != NULL)
		a->slot = calloc(most, sizeof(a->slot[0]));
	if (a == NULL || a->slot == NULL) {
		free(a);
		(void)why_not(why, WHY_SYSTEM, "no memory for questions");
		return NULL;
	}
	a->listener = *listener;
	a->channel = a->answered = -1;
	a->due_ms = UINT64_MAX;
	a->slots = most;
	list_init(&a->waiting);
	list_init(&a->sent);
	for (i = most; i > 0; i--) {
		a->slot[i - 1].fd = -1;
		a->slot[i - 1].next = a->free;
		a->free = &a->slot[i - 1];
	}
	return a;
}

void
asker_close(struct asker **asker)
{
	struct asker *a = *asker;
	size_t i;

	if (a == NULL)
		return;
	for (i = 0; i < a->slots; i++)
		if (a->slot[i].fd != -1)
			(void)close(a->slot[i].fd);
	if (a->channel != -1)
		(void)close(a->channel);
	free(a->slot);
	free(a);
	*asker = NULL;
}

/* Without a channel, what was sent was said to nobody. */
static void
unlink_channel(struct asker *a)
{
	struct question *q;

	if (a->channel != -1)
		(void)close(a->channel);
	a->channel = -1;
	a->cancel_count = 0;
	a->name_count = 0;
	for (q = a->sent.head.next; q != &a->sent.head; q = q->next)
		q->is_sent = false;
	list_prepend(&a->waiting, &a->sent);
}

void
asker_link(struct asker *a, int channel)
{
	unlink_channel(a);
	a->channel = channel;
}

uint64_t
asker_ask(struct asker *a, uint64_t token, int fd,
    const struct asker_request *r)
{
	struct question *q = a->free;

	if (q == NULL)
		return 0;
	a->free = q->next;
	q->id = (uint64_t)++a->turn << 32 | (uint64_t)(q - a->slot + 1);
	q->token = token;
	q->fd = fd;
	q->is_sent = false;
	q->request = *r;
	q->due_ms = clock_milliseconds() + r->deadline_ms + ASKER_GRACE_MS;
	if (q->due_ms < a->due_ms)
		a->due_ms = q->due_ms;
	list_add(&a->waiting, q);
	a->pending++;
	return q->id;
}

/* The question of that number, or NULL. */
static struct question *
find(struct asker *a, uint64_t id)
{
	uint64_t at = (uint32_t)id;

	if (at == 0 || at > a->slots || a->slot[at - 1].fd == -1 ||
	    a->slot[at - 1].id != id)
		return NULL;
	return &a->slot[at - 1];
}

/* Its descriptor is the caller's now. */
static int
forget(struct asker *a, struct question *q)
{
	int fd = q->fd;

	list_remove(q);
	q->fd = -1;
	q->next = a->free;
	a->free = q;
	if (--a->pending == 0)
		a->due_ms = UINT64_MAX;
	return fd;
}

static void
tell(struct asker *a, struct question *q, const struct ask *f, size_t names)
{
	uint64_t token = q->token;

	a->answered = forget(a, q);
	a->listener.answer(a->listener.ctx, token, f,
	    names > 0 ? a->name : NULL, names);
	(void)close(a->answered);
	a->answered = -1;
}

int
asker_answered(const struct asker *a)
{
	return a->answered;
}

void
asker_cancel(struct asker *a, uint64_t id)
{
	struct question *q = find(a, id);

	if (q == NULL)
		return;
	/* One that does not fit is answered in vain, which costs time only. */
	if (q->is_sent && a->cancel_count < CANCELS)
		a->cancel[a->cancel_count++] = id;
	(void)close(forget(a, q));
}

size_t
asker_pending(const struct asker *a)
{
	return a->pending;
}

/* --- sending ------------------------------------------------------------- */

static enum channel_end
offer(struct asker *a, const struct ask *f, int fd)
{
	uint8_t record[ASK_LARGE];
	size_t size = ask_put(f, record);

	return channel_offer(a->channel, record, size, fd);
}

static void
send_cancels(struct asker *a)
{
	struct ask f = { .kind = ASK_IS_CANCEL };

	while (a->cancel_count > 0) {
		f.id = a->cancel[a->cancel_count - 1];
		if (offer(a, &f, -1) != CHANNEL_DONE)
			return;
		a->cancel_count--;
	}
}

static void
send_questions(struct asker *a)
{
	while (!list_is_empty(&a->waiting)) {
		struct question *q = a->waiting.head.next;
		struct ask f = { .kind = ASK_IS_ASK, .id = q->id };

		f.ask.size = q->request.size;
		f.ask.flags = q->request.flags & ~ASK_DETAILS;
		f.ask.class = q->request.class;
		f.ask.deadline_ms = q->request.deadline_ms;
		f.ask.uid = q->request.uid;
		if (offer(a, &f, q->fd) != CHANNEL_DONE)
			return;
		q->is_sent = true;
		list_remove(q);
		list_add(&a->sent, q);
	}
}

bool
asker_state(struct asker *a)
{
	static const struct ask f = { .kind = ASK_IS_STATUS };

	return a->channel != -1 && offer(a, &f, -1) == CHANNEL_DONE;
}

/* --- hearing ------------------------------------------------------------- */

static void
take_name(struct asker *a, const struct ask *f)
{
	struct asker_name *n;

	if (a->name_id != f->id)
		a->name_count = 0;
	a->name_id = f->id;
	if (a->name_count == ASK_NAMES_MAX)
		return;
	n = &a->name[a->name_count++];
	n->kind = f->name.kind;
	n->database = f->name.database;
	n->is_weak = (f->name.flags & ASK_NAME_WEAK) != 0;
	n->is_official = (f->name.flags & ASK_NAME_OFFICIAL) != 0;
	memcpy(n->text, f->name.text, f->name.size);
	n->text[f->name.size] = '\0';
}

static void
take_answer(struct asker *a, const struct ask *f)
{
	struct question *q = find(a, f->id);
	size_t count = a->name_id == f->id ? a->name_count : 0;

	a->name_count = 0;
	if (q != NULL && q->is_sent)
		tell(a, q, f, count);
}

/* False if a broker does not say such things. */
static bool
take(struct asker *a, const struct ask *f)
{
	switch (f->kind) {
	case ASK_IS_NAME:
		take_name(a, f);
		return true;
	case ASK_IS_ANSWER:
		take_answer(a, f);
		return true;
	case ASK_IS_GENERATION:
		if (a->listener.generation != NULL)
			a->listener.generation(a->listener.ctx, f);
		return true;
	case ASK_IS_STATE:
		if (a->listener.state != NULL)
			a->listener.state(a->listener.ctx, f);
		return true;
	default:
		return false;
	}
}

static void
hear(struct asker *a)
{
	uint8_t record[ASK_LARGE];
	struct ask f;
	size_t size;
	unsigned i;

	for (i = 0; i < FRAMES_AT_ONCE; i++) {
		switch (channel_read(a->channel, record, sizeof(record),
		    &size)) {
		case CHANNEL_WAIT:
			return;
		case CHANNEL_DONE:
			if (ask_get(cur_from(record, size), &f) && take(a, &f))
				break;
			unlink_channel(a);
			return;
		case CHANNEL_GONE:
		case CHANNEL_ODD:
			unlink_channel(a);
			return;
		}
		/* A listener may have been told of a new channel meanwhile. */
		if (a->channel == -1)
			return;
	}
}

/* --- the clock ----------------------------------------------------------- */

static void
check_list(struct asker *a, struct list *l, uint64_t now)
{
	struct question *q = l->head.next, *next;
	struct ask f = { .kind = ASK_IS_ANSWER };

	for (; q != &l->head; q = next) {
		next = q->next;
		if (now < q->due_ms)
			continue;
		f.id = q->id;
		f.answer.verdict = VERDICT_UNSCANNED;
		f.answer.reason = UNSCANNED_TIMEOUT;
		f.answer.reasons = 1u << UNSCANNED_TIMEOUT;
		f.answer.size = q->request.size;
		tell(a, q, &f, 0);
		/* The listener may have changed the list: begin again. */
		next = l->head.next;
	}
}

static uint64_t
earliest(const struct list *l, uint64_t least)
{
	const struct question *q;

	for (q = l->head.next; q != &l->head; q = q->next)
		if (q->due_ms < least)
			least = q->due_ms;
	return least;
}

/* Answer those that are due.  Thousands may be waiting, and this comes after
   every event. */
static void
check_clock(struct asker *a)
{
	uint64_t now = clock_milliseconds();

	if (now < a->due_ms)
		return;
	check_list(a, &a->sent, now);
	check_list(a, &a->waiting, now);
	a->due_ms = earliest(&a->sent, earliest(&a->waiting, UINT64_MAX));
}

int
asker_patience(const struct asker *a)
{
	uint64_t now;

	if (a->due_ms == UINT64_MAX)
		return -1;
	now = clock_milliseconds();
	if (a->due_ms <= now)
		return 0;
	return a->due_ms - now < INT_MAX ? (int)(a->due_ms - now) : INT_MAX;
}

void
asker_poll(const struct asker *a, struct pollfd *out)
{
	out->fd = a->channel;
	out->events = POLLIN;
	if (!list_is_empty(&a->waiting) || a->cancel_count > 0)
		out->events |= POLLOUT;
	out->revents = 0;
}

void
asker_turn_deaf(struct asker *a)
{
	check_clock(a);
	if (a->channel != -1) {
		send_cancels(a);
		send_questions(a);
	}
}

void
asker_turn(struct asker *a)
{
	if (a->channel != -1)
		hear(a);
	asker_turn_deaf(a);
}
