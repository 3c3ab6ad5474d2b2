/*
 * post.c - a process of candord at its post.  The contract is in post.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/duty/post.h"

#include "sys/channel.h"
#include "sys/clock.h"

#include <sys/socket.h>
#include <sys/types.h>

#include <stdalign.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FLUSH_MS 1000u

struct post {
	int channel;
	struct post_listener listener;
	struct config config;
	struct config_troubles troubles;
	uint64_t metric[METRIC_MAX], sent[METRIC_MAX];
	bool was_sent[METRIC_MAX], is_set[METRIC_MAX];
	uint64_t flushed_ms;
	uint32_t dropped; /* events */
	uint8_t record[DUTY_LARGE];
	struct duty duty;
	uint8_t file[CONFIG_FILE_MAX + 1];
	alignas(max_align_t) uint8_t memory[CONFIG_ARENA];
};

bool
post_is_here(int channel)
{
	socklen_t size = sizeof(int);
	int type;

	return getsockopt(channel, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
	    type == SOCK_SEQPACKET;
}

struct post *
post_open(int channel, const struct post_listener *listener, struct why *why)
{
	struct post *p = calloc(1, sizeof(*p));

	if (p == NULL) {
		(void)why_not(why, WHY_SYSTEM, "no memory");
		return NULL;
	}
	p->channel = channel;
	p->listener = *listener;
	return p;
}

void
post_close(struct post **p)
{
	free(*p);
	*p = NULL;
}

int
post_fd(const struct post *p)
{
	return p->channel;
}

uint32_t
post_linked_pid(const struct post *p)
{
	return p->duty.link.pid;
}

/* --- hearing ------------------------------------------------------------- */

/* Read a configuration that the supervisor found good. */
static bool
take_config(struct post *p, int fd)
{
	struct arena arena;
	size_t size = 0;
	ssize_t n;

	while ((n = pread(fd, p->file + size, sizeof(p->file) - size,
		    (off_t)size)) > 0)
		size += (size_t)n;
	arena_init(&arena, p->memory, sizeof(p->memory));
	if (n == -1 || !config_init(&p->config, &arena) ||
	    !config_read(&p->config, &arena, cur_from(p->file, size),
		&p->troubles))
		return false;
	p->listener.config(p->listener.ctx, &p->config);
	return true;
}

static bool
answer_ping(struct post *p, uint64_t id)
{
	struct duty d = { .kind = DUTY_PONG, .id = id };
	size_t size = duty_put(&d, p->record);

	return channel_offer(p->channel, p->record, size, -1) != CHANNEL_GONE;
}

/* A frame with a descriptor; false if it is not for us. */
static bool
take_with_fd(struct post *p, const struct duty *d, int fd)
{
	const struct post_listener *l = &p->listener;
	bool is_good;

	switch (d->kind) {
	case DUTY_CONFIG:
		is_good = l->config != NULL && take_config(p, fd);
		(void)close(fd);
		return is_good;
	case DUTY_LINK:
		if (l->link == NULL)
			break;
		l->link(l->ctx, d->link.role, d->link.class, fd);
		return true;
	case DUTY_LISTEN:
		if (l->listen == NULL)
			break;
		l->listen(l->ctx, d->listen.what, fd);
		return true;
	case DUTY_DATABASE:
		if (l->database == NULL)
			break;
		l->database(l->ctx, d, fd);
		return true;
	default:
		break;
	}
	(void)close(fd);
	return false;
}

static bool
take(struct post *p, const struct duty *d, int fd)
{
	const struct post_listener *l = &p->listener;

	if (fd != -1)
		return take_with_fd(p, d, fd);
	switch (d->kind) {
	case DUTY_PING:
		return answer_ping(p, d->id);
	case DUTY_GO:
		if (l->go != NULL)
			l->go(l->ctx);
		return true;
	case DUTY_STOP:
		if (l->stop == NULL)
			return false;
		l->stop(l->ctx);
		return true;
	default:
		return false;
	}
}

bool
post_hear(struct post *p)
{
	size_t size;
	bool is_lost;
	int fd;

	for (;;) {
		switch (channel_take(p->channel, p->record, sizeof(p->record),
		    &size, &fd, &is_lost)) {
		case CHANNEL_WAIT:
			return true;
		case CHANNEL_DONE:
			if (!is_lost &&
			    duty_get(cur_from(p->record, size), &p->duty) &&
			    take(p, &p->duty, fd))
				break;
			return false;
		case CHANNEL_GONE:
		case CHANNEL_ODD:
			return false;
		}
	}
}

void
post_answer(struct post *p)
{
	size_t size;

	while (channel_peek(p->channel, p->record, sizeof(p->record), &size) ==
		CHANNEL_DONE &&
	    duty_get(cur_from(p->record, size), &p->duty) &&
	    p->duty.kind == DUTY_PING &&
	    channel_read(p->channel, p->record, sizeof(p->record), &size) ==
		CHANNEL_DONE)
		if (!answer_ping(p, p->duty.id))
			return;
}

/* --- reporting ----------------------------------------------------------- */

static bool
offer(struct post *p, const struct duty *d)
{
	size_t size = duty_put(d, p->record);

	return size != 0 &&
	    channel_offer(p->channel, p->record, size, -1) == CHANNEL_DONE;
}

void
post_ready(struct post *p)
{
	static const struct duty d = { .kind = DUTY_READY };

	(void)offer(p, &d);
}

void
post_want(struct post *p, enum duty_want want, uint32_t uid)
{
	const struct duty d = { .kind = DUTY_WANT, .want = { want, uid } };

	(void)offer(p, &d);
}

/* Fill in a text, without control characters, into room bytes. */
__attribute__((format(printf, 3, 0))) static uint32_t
set_text(char *room, size_t size, const char *format, va_list list)
{
	char text[EVENT_TEXT_MAX + 1];
	size_t i, len;

	(void)vsnprintf(text, size < sizeof(text) ? size : sizeof(text), format,
	    list);
	len = strlen(text);
	for (i = 0; i < len; i++)
		room[i] = (uint8_t)text[i] < 0x20 ? '?' : text[i];
	return (uint32_t)len;
}

__attribute__((format(printf, 4, 0))) static void
note(struct duty *d, enum event_kind kind, enum event_level level,
    const char *format, va_list list)
{
	memset(d, 0, sizeof(*d));
	d->kind = DUTY_EVENT;
	d->event.kind = kind;
	d->event.level = level;
	d->event.uid = UINT32_MAX;
	d->event.text_size =
	    set_text(d->event.text, sizeof(d->event.text), format, list);
}

__attribute__((format(printf, 3, 4))) static void
note_dropped(struct post *p, struct duty *d, const char *format, ...)
{
	va_list list;

	va_start(list, format);
	note(d, EVENT_NOTE, EVENT_WARNING, format, list);
	va_end(list);
	if (offer(p, d))
		p->dropped = 0;
}

/* Tell what became of earlier events, if any was lost. */
static void
tell_dropped(struct post *p)
{
	static struct duty late;

	if (p->dropped > 0)
		note_dropped(p, &late, "%u events were lost: too many at once",
		    p->dropped);
}

/* Send what an event is made of. */
static void
send_event(struct post *p, const struct duty *d)
{
	tell_dropped(p);
	if (p->dropped > 0 || !offer(p, d))
		p->dropped++;
}

void
post_event(struct post *p, const struct event *e)
{
	static struct duty d;

	memset(&d, 0, offsetof(struct duty, event));
	d.kind = DUTY_EVENT;
	d.event = *e;
	send_event(p, &d);
}

void
post_note(struct post *p, enum event_kind kind, enum event_level level,
    const char *format, ...)
{
	static struct duty d;
	va_list list;

	va_start(list, format);
	note(&d, kind, level, format, list);
	va_end(list);
	send_event(p, &d);
}

void
post_metric(struct post *p, enum metric_id id, uint64_t value)
{
	p->metric[id] = value;
	p->is_set[id] = true;
}

void
post_flush(struct post *p)
{
	uint64_t now = clock_milliseconds();
	struct duty d = { .kind = DUTY_METRIC };
	uint32_t i;

	if (p->flushed_ms != 0 && now < p->flushed_ms + FLUSH_MS)
		return;
	p->flushed_ms = now;
	tell_dropped(p);
	for (i = 0; i < METRIC_MAX; i++) {
		if (!p->is_set[i] ||
		    (p->was_sent[i] && p->sent[i] == p->metric[i]))
			continue;
		d.metric.metric = i;
		d.metric.value = p->metric[i];
		if (!offer(p, &d))
			return;
		p->was_sent[i] = true;
		p->sent[i] = p->metric[i];
	}
}
