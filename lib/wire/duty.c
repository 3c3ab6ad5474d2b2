/*
 * duty.c - pack and unpack what the supervisor and its processes say.
 * See duty.h.
 *
 *   offset  size  field
 *        0     4  kind
 *        4     4  zero
 *        8     8  id         PING, PONG; else zero
 *
 *   LINK (64)                DATABASE (64)           METRIC (64)
 *       16  4  role              16  8  generation       16  4  metric
 *       20  4  class             24  4  database         20  4  zero
 *       24  4  pid               28  4  databases        24  8  value
 *   LISTEN (64)
 *       16  4  what          WANT (64)               CONFIG, GO, PING, STOP,
 *                                16  4  want         READY, PONG (64): no more
 *   EVENT (4608)                 20  4  uid
 *       16  4  kind
 *       20  4  level             40  4  name_size         64  288   name
 *       24  4  verdict           44  4  text_size        352  160   text
 *       28  4  reason            48  4  path_size        512  4096  path
 *       32  4  pid               52  4  base
 *       36  4  uid               56  8  size
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/duty.h"

#include "lib/wire/pack.h"

size_t
duty_size(uint32_t kind)
{
	switch (kind) {
#define DUTY_KIND(tag, number, size) \
	case (number):               \
		return (size);
		DUTY_KIND_TABLE
#undef DUTY_KIND
	default:
		return 0;
	}
}

const char *
duty_role_name(uint32_t role)
{
	switch (role) {
#define DUTY_ROLE(tag, number, name) \
	case (number):               \
		return (name);
		DUTY_ROLE_TABLE
#undef DUTY_ROLE
	default:
		return NULL;
	}
}

/* --- what can be said of a frame without knowing anything else ---------- */

static bool
event_is_good(const struct event *e)
{
	return event_word(e->kind) != NULL && e->level >= EVENT_ERROR &&
	    e->level <= EVENT_DEBUG && e->verdict < VERDICT_COUNT &&
	    e->reason < UNSCANNED_COUNT &&
	    part_is_good(e->name, e->name_size, EVENT_NAME_MAX) &&
	    part_is_good(e->text, e->text_size, EVENT_TEXT_MAX) &&
	    part_is_good(e->path, e->path_size, EVENT_PATH_MAX);
}

static bool
duty_is_good(const struct duty *d)
{
	bool has_id = d->kind == DUTY_PING || d->kind == DUTY_PONG;

	if (!has_id && d->id != 0)
		return false;
	switch (d->kind) {
	case DUTY_LINK:
		return duty_role_name(d->link.role) != NULL &&
		    d->link.class <= 4;
	case DUTY_LISTEN:
		return d->listen.what >= LISTEN_LOCAL &&
		    d->listen.what <= LISTEN_GUARD;
	case DUTY_DATABASE:
		return d->database.database < d->database.databases;
	case DUTY_METRIC:
		return d->metric.metric < METRIC_MAX;
	case DUTY_WANT:
		return d->want.want == WANT_RELOAD ||
		    d->want.want == WANT_SHUTDOWN;
	case DUTY_EVENT:
		return event_is_good(&d->event);
	default:
		return duty_size(d->kind) != 0;
	}
}

/* --- writing ------------------------------------------------------------ */

static void
put_event(struct pen *p, const struct event *e)
{
	put_u32(p, e->kind);
	put_u32(p, e->level);
	put_u32(p, e->verdict);
	put_u32(p, e->reason);
	put_u32(p, e->pid);
	put_u32(p, e->uid);
	put_u32(p, e->name_size);
	put_u32(p, e->text_size);
	put_u32(p, e->path_size);
	put_u32(p, e->base);
	put_u64(p, e->size);
	put_bytes(p, e->name, sizeof(e->name));
	put_bytes(p, e->text, sizeof(e->text));
	put_bytes(p, e->path, sizeof(e->path));
}

static void
put_body(struct pen *p, const struct duty *d)
{
	switch (d->kind) {
	case DUTY_LINK:
		put_u32(p, d->link.role);
		put_u32(p, d->link.class);
		put_u32(p, d->link.pid);
		break;
	case DUTY_LISTEN:
		put_u32(p, d->listen.what);
		break;
	case DUTY_DATABASE:
		put_u64(p, d->database.generation);
		put_u32(p, d->database.database);
		put_u32(p, d->database.databases);
		break;
	case DUTY_METRIC:
		put_u32(p, d->metric.metric);
		put_u32(p, 0);
		put_u64(p, d->metric.value);
		break;
	case DUTY_WANT:
		put_u32(p, d->want.want);
		put_u32(p, d->want.uid);
		break;
	case DUTY_EVENT:
		put_event(p, &d->event);
		break;
	default:
		break;
	}
}

size_t
duty_put(const struct duty *d, uint8_t out[DUTY_LARGE])
{
	struct pen p = { .out = out };
	size_t size = duty_size(d->kind);

	if (size == 0 || !duty_is_good(d))
		return 0;
	memset(out, 0, size);
	put_u32(&p, d->kind);
	put_u32(&p, 0);
	put_u64(&p, d->id);
	put_body(&p, d);
	return size;
}

/* --- reading ------------------------------------------------------------ */

static void
get_event(struct cur *c, struct event *e)
{
	e->kind = cur_u32le(c);
	e->level = cur_u32le(c);
	e->verdict = cur_u32le(c);
	e->reason = cur_u32le(c);
	e->pid = cur_u32le(c);
	e->uid = cur_u32le(c);
	e->name_size = cur_u32le(c);
	e->text_size = cur_u32le(c);
	e->path_size = cur_u32le(c);
	e->base = cur_u32le(c);
	e->size = cur_u64le(c);
	get_bytes(c, e->name, sizeof(e->name));
	get_bytes(c, e->text, sizeof(e->text));
	get_bytes(c, e->path, sizeof(e->path));
}

/* False if a reserved word is not zero. */
static bool
get_body(struct cur *c, struct duty *d)
{
	uint32_t zero = 0;

	switch (d->kind) {
	case DUTY_LINK:
		d->link.role = cur_u32le(c);
		d->link.class = cur_u32le(c);
		d->link.pid = cur_u32le(c);
		break;
	case DUTY_LISTEN:
		d->listen.what = cur_u32le(c);
		break;
	case DUTY_DATABASE:
		d->database.generation = cur_u64le(c);
		d->database.database = cur_u32le(c);
		d->database.databases = cur_u32le(c);
		break;
	case DUTY_METRIC:
		d->metric.metric = cur_u32le(c);
		zero = cur_u32le(c);
		d->metric.value = cur_u64le(c);
		break;
	case DUTY_WANT:
		d->want.want = cur_u32le(c);
		d->want.uid = cur_u32le(c);
		break;
	case DUTY_EVENT:
		get_event(c, &d->event);
		break;
	default:
		break;
	}
	return zero == 0;
}

bool
duty_get(struct cur record, struct duty *out)
{
	size_t size = cur_left(&record);
	uint32_t zero;

	memset(out, 0, sizeof(*out));
	out->kind = cur_u32le(&record);
	zero = cur_u32le(&record);
	out->id = cur_u64le(&record);
	if (!cur_ok(&record) || zero != 0 || size == 0 ||
	    size != duty_size(out->kind))
		return false;
	if (!get_body(&record, out) || !rest_is_zero(&record) ||
	    !cur_ok(&record))
		return false;
	return duty_is_good(out);
}
