/*
 * frame.c - pack and unpack what a worker and its owner say.  See frame.h.
 *
 * Every frame starts with the same 16 bytes; what a kind does not use is
 * zero and is checked to be zero, so that no byte can carry anything unsaid.
 *
 *   offset  size  field
 *        0     4  kind
 *        4     4  zero
 *        8     8  scan       number of the file; 0 in CONFIG, PASSWORD, READY
 *
 *   CONFIG (64)              OBJECT (64)              MATCH (64)
 *       16  4  flags             16  4  object            16  4  object
 *       20  4  max_depth         20  4  parent            20  4  database
 *       24  8  max_object_size   24  4  depth             24  4  signature
 *       32  8  max_total         28  4  kind              28  4  string
 *       40  4  max_objects       32  8  size              32  4  view
 *       44  4  max_ratio                                  36  4  size
 *       48  4  deadline_ms                                40  8  offset
 *
 *   SCAN (64)                UNSCANNED (64)           NAME, BYTES,
 *       16  8  size              16  4  object        PASSWORD (280)
 *       24  4  flags             20  4  reason            16  4  object
 *       28  4  deadline_ms                                20  4  size
 *                                                         24  256  bytes
 *   READY (64)
 *       16  4  layers
 *       20  4  databases
 *
 *   END (96)
 *       16  4  objects       28  4  kind              44  4  zero
 *       20  4  matches       32  8  bytes             48  32  sha256
 *       24  4  gaps          40  4  flags
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/frame.h"

#include "lib/wire/pack.h"

#include <string.h>

size_t
frame_size(uint32_t kind)
{
	switch (kind) {
#define FRAME_KIND(tag, number, size) \
	case (number):                \
		return (size);
		FRAME_KIND_TABLE
#undef FRAME_KIND
	default:
		return 0;
	}
}

/* --- what can be said of a frame without knowing anything else ---------- */

static bool
is_about_a_file(uint32_t kind)
{
	return kind != FRAME_CONFIG && kind != FRAME_PASSWORD &&
	    kind != FRAME_READY;
}

/* The file itself is its own parent; any other object comes after its. */
static bool
object_is_good(const struct frame *f)
{
	if (f->object.object >= FRAME_OBJECTS_MAX)
		return false;
	if (f->object.object == 0)
		return f->object.parent == 0 && f->object.depth == 0;
	return f->object.parent < f->object.object && f->object.depth > 0 &&
	    f->object.depth <= f->object.object;
}

static bool
match_is_good(const struct frame *f)
{
	return f->match.object < FRAME_OBJECTS_MAX &&
	    f->match.database < FRAME_DATABASES_MAX &&
	    f->match.offset <= UINT64_MAX - f->match.size;
}

static bool
end_is_good(const struct frame *f)
{
	if ((f->end.flags & ~(FRAME_END_ODDITY | FRAME_END_SHA256)) != 0)
		return false;
	return (f->end.flags & FRAME_END_SHA256) != 0 ||
	    is_zero(f->end.sha256, sizeof(f->end.sha256));
}

static bool
payload_is_good(const struct frame *f)
{
	if (f->payload.size > FRAME_PAYLOAD_MAX)
		return false;
	if (f->kind == FRAME_PASSWORD ? f->payload.object != 0
				      : f->payload.object >= FRAME_OBJECTS_MAX)
		return false;
	return is_zero(f->payload.bytes + f->payload.size,
	    FRAME_PAYLOAD_MAX - f->payload.size);
}

static bool
frame_is_good(const struct frame *f)
{
	if ((f->scan != 0) != is_about_a_file(f->kind))
		return false;
	switch (f->kind) {
	case FRAME_CONFIG:
		return true;
	case FRAME_SCAN:
		return f->request.size <= INT64_MAX &&
		    (f->request.flags & ~FRAME_SCAN_FLAGS) == 0;
	case FRAME_READY:
		return f->ready.databases <= FRAME_DATABASES_MAX;
	case FRAME_OBJECT:
		return object_is_good(f);
	case FRAME_MATCH:
		return match_is_good(f);
	case FRAME_UNSCANNED:
		return f->unscanned.object < FRAME_OBJECTS_MAX &&
		    f->unscanned.reason != 0;
	case FRAME_END:
		return end_is_good(f);
	case FRAME_NAME:
	case FRAME_BYTES:
	case FRAME_PASSWORD:
		return payload_is_good(f);
	default:
		return false;
	}
}

/* --- writing ------------------------------------------------------------ */

static void
put_config(struct pen *p, const struct frame *f)
{
	put_u32(p, f->config.flags);
	put_u32(p, f->config.max_depth);
	put_u64(p, f->config.max_object_size);
	put_u64(p, f->config.max_total);
	put_u32(p, f->config.max_objects);
	put_u32(p, f->config.max_ratio);
	put_u32(p, f->config.deadline_ms);
}

static void
put_object(struct pen *p, const struct frame *f)
{
	put_u32(p, f->object.object);
	put_u32(p, f->object.parent);
	put_u32(p, f->object.depth);
	put_u32(p, f->object.kind);
	put_u64(p, f->object.size);
}

static void
put_match(struct pen *p, const struct frame *f)
{
	put_u32(p, f->match.object);
	put_u32(p, f->match.database);
	put_u32(p, f->match.signature);
	put_u32(p, f->match.string);
	put_u32(p, f->match.view);
	put_u32(p, f->match.size);
	put_u64(p, f->match.offset);
}

static void
put_end(struct pen *p, const struct frame *f)
{
	put_u32(p, f->end.objects);
	put_u32(p, f->end.matches);
	put_u32(p, f->end.gaps);
	put_u32(p, f->end.kind);
	put_u64(p, f->end.bytes);
	put_u32(p, f->end.flags);
	put_u32(p, 0);
	memcpy(p->out + p->at, f->end.sha256, sizeof(f->end.sha256));
}

static void
put_payload(struct pen *p, const struct frame *f)
{
	put_u32(p, f->payload.object);
	put_u32(p, f->payload.size);
	memcpy(p->out + p->at, f->payload.bytes, f->payload.size);
}

static void
put_body(struct pen *p, const struct frame *f)
{
	switch (f->kind) {
	case FRAME_CONFIG:
		put_config(p, f);
		break;
	case FRAME_SCAN:
		put_u64(p, f->request.size);
		put_u32(p, f->request.flags);
		put_u32(p, f->request.deadline_ms);
		break;
	case FRAME_READY:
		put_u32(p, f->ready.layers);
		put_u32(p, f->ready.databases);
		break;
	case FRAME_OBJECT:
		put_object(p, f);
		break;
	case FRAME_MATCH:
		put_match(p, f);
		break;
	case FRAME_UNSCANNED:
		put_u32(p, f->unscanned.object);
		put_u32(p, f->unscanned.reason);
		break;
	case FRAME_END:
		put_end(p, f);
		break;
	default:
		put_payload(p, f);
		break;
	}
}

size_t
frame_put(const struct frame *f, uint8_t out[FRAME_LARGE])
{
	struct pen p = { .out = out };

	if (!frame_is_good(f))
		return 0;
	memset(out, 0, FRAME_LARGE);
	put_u32(&p, f->kind);
	put_u32(&p, 0);
	put_u64(&p, f->scan);
	put_body(&p, f);
	return frame_size(f->kind);
}

/* --- reading ------------------------------------------------------------ */

static void
get_config(struct cur *c, struct frame *f)
{
	f->config.flags = cur_u32le(c);
	f->config.max_depth = cur_u32le(c);
	f->config.max_object_size = cur_u64le(c);
	f->config.max_total = cur_u64le(c);
	f->config.max_objects = cur_u32le(c);
	f->config.max_ratio = cur_u32le(c);
	f->config.deadline_ms = cur_u32le(c);
}

static void
get_object(struct cur *c, struct frame *f)
{
	f->object.object = cur_u32le(c);
	f->object.parent = cur_u32le(c);
	f->object.depth = cur_u32le(c);
	f->object.kind = cur_u32le(c);
	f->object.size = cur_u64le(c);
}

static void
get_match(struct cur *c, struct frame *f)
{
	f->match.object = cur_u32le(c);
	f->match.database = cur_u32le(c);
	f->match.signature = cur_u32le(c);
	f->match.string = cur_u32le(c);
	f->match.view = cur_u32le(c);
	f->match.size = cur_u32le(c);
	f->match.offset = cur_u64le(c);
}

/* False if the reserved word is not zero. */
static bool
get_end(struct cur *c, struct frame *f)
{
	uint32_t zero;

	f->end.objects = cur_u32le(c);
	f->end.matches = cur_u32le(c);
	f->end.gaps = cur_u32le(c);
	f->end.kind = cur_u32le(c);
	f->end.bytes = cur_u64le(c);
	f->end.flags = cur_u32le(c);
	zero = cur_u32le(c);
	get_bytes(c, f->end.sha256, sizeof(f->end.sha256));
	return zero == 0;
}

static bool
get_body(struct cur *c, struct frame *f)
{
	switch (f->kind) {
	case FRAME_CONFIG:
		get_config(c, f);
		return true;
	case FRAME_SCAN:
		f->request.size = cur_u64le(c);
		f->request.flags = cur_u32le(c);
		f->request.deadline_ms = cur_u32le(c);
		return true;
	case FRAME_READY:
		f->ready.layers = cur_u32le(c);
		f->ready.databases = cur_u32le(c);
		return true;
	case FRAME_OBJECT:
		get_object(c, f);
		return true;
	case FRAME_MATCH:
		get_match(c, f);
		return true;
	case FRAME_UNSCANNED:
		f->unscanned.object = cur_u32le(c);
		f->unscanned.reason = cur_u32le(c);
		return true;
	case FRAME_END:
		return get_end(c, f);
	default:
		f->payload.object = cur_u32le(c);
		f->payload.size = cur_u32le(c);
		get_bytes(c, f->payload.bytes, sizeof(f->payload.bytes));
		return true;
	}
}

bool
frame_get(struct cur record, struct frame *out)
{
	size_t size = cur_left(&record);
	uint32_t zero;

	memset(out, 0, sizeof(*out));
	out->kind = cur_u32le(&record);
	zero = cur_u32le(&record);
	out->scan = cur_u64le(&record);
	if (!cur_ok(&record) || zero != 0 || size == 0 ||
	    size != frame_size(out->kind))
		return false;
	if (!get_body(&record, out) || !rest_is_zero(&record) ||
	    !cur_ok(&record))
		return false;
	return frame_is_good(out);
}

bool
frame_take(struct cur *record, struct frame *out)
{
	struct cur start = *record, one;
	size_t size = frame_size(cur_u32le(&start));

	return size != 0 && cur_take(record, size, &one) && frame_get(one, out);
}
