/*
 * protocol.c - pack and unpack what candor-reader hears and says.  See
 * protocol.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/reader/protocol.h"

#include "lib/wire/pack.h"

static void
put_u16(struct pen *p, uint16_t v)
{
	p->out[p->at++] = (uint8_t)v;
	p->out[p->at++] = (uint8_t)(v >> 8);
}

static bool
has_nul(struct cur text)
{
	while (cur_left(&text) > 0)
		if (cur_u8(&text) == 0)
			return true;
	return false;
}

static bool
is_path(struct cur text)
{
	return text.size > 0 && text.base[0] == '/';
}

/* --- orders --------------------------------------------------------------- */

static bool
order_is_good(const struct reader_order *o)
{
	if (o->text.size > READER_TEXT || has_nul(o->text) ||
	    o->size > INT64_MAX)
		return false;
	if (o->kind == READER_LOOK)
		return o->what < READER_WHATS;
	if (o->kind == READER_BESIDE)
		return o->what == 0 && o->text.size == 0;
	return o->kind == READER_FETCH && is_path(o->text);
}

size_t
reader_order_put(const struct reader_order *o, uint8_t *out)
{
	struct pen p = { out, 0 };

	if (!order_is_good(o))
		return 0;
	put_u32(&p, o->kind);
	put_u32(&p, o->what);
	put_u64(&p, o->size);
	put_bytes(&p, o->text.base, o->text.size);
	return p.at;
}

bool
reader_order_get(struct cur record, struct reader_order *out)
{
	out->kind = cur_u32le(&record);
	out->what = cur_u32le(&record);
	out->size = cur_u64le(&record);
	return cur_ok(&record) &&
	    cur_take(&record, cur_left(&record), &out->text) &&
	    order_is_good(out);
}

/* --- answers -------------------------------------------------------------- */

/* Is it what such a part may be? */
static bool
part_is_sound(const struct reader_part *p)
{
	switch (p->kind) {
	case READER_SEEN:
		return p->what < READER_THINGS && p->flags <= 7 &&
		    p->value.size > 0 &&
		    (p->what != READER_PATH || is_path(p->value));
	case READER_NAME:
		return p->what < READER_NODES && is_path(p->value);
	case READER_COUNT:
	case READER_PART:
	case READER_BYTES:
		return p->value.size > 0;
	case READER_BLIND:
		return p->value.size > 0 && p->detail.size > 0;
	case READER_FAILED:
		return p->detail.size > 0;
	default:
		return p->kind == READER_READY || p->kind == READER_DONE;
	}
}

static bool
part_can_be(const struct reader_part *p)
{
	size_t most = p->kind == READER_BYTES ? READER_BYTES_MAX : READER_TEXT;

	if (p->value.size > most || p->detail.size > READER_TEXT ||
	    has_nul(p->detail) ||
	    (p->kind != READER_BYTES && has_nul(p->value)) ||
	    (p->kind != READER_SEEN && p->flags != 0) ||
	    (p->kind != READER_SEEN && p->kind != READER_NAME && p->what != 0))
		return false;
	return part_is_sound(p);
}

size_t
reader_part_size(const struct reader_part *p)
{
	return part_can_be(p)
	    ? READER_PART_HEAD + p->value.size + p->detail.size
	    : 0;
}

void
reader_part_put(const struct reader_part *part, uint8_t *out)
{
	struct pen p = { out, 0 };

	p.out[p.at++] = part->kind;
	p.out[p.at++] = part->what;
	put_u16(&p, part->flags);
	put_u32(&p, (uint32_t)part->value.size);
	put_u32(&p, (uint32_t)part->detail.size);
	put_u32(&p, part->part);
	put_u64(&p, part->number);
	put_bytes(&p, part->value.base, part->value.size);
	put_bytes(&p, part->detail.base, part->detail.size);
}

bool
reader_part_get(struct cur *packet, struct reader_part *out)
{
	uint32_t value, detail;

	out->kind = cur_u8(packet);
	out->what = cur_u8(packet);
	out->flags = cur_u16le(packet);
	value = cur_u32le(packet);
	detail = cur_u32le(packet);
	out->part = cur_u32le(packet);
	out->number = cur_u64le(packet);
	return cur_ok(packet) && cur_take(packet, value, &out->value) &&
	    cur_take(packet, detail, &out->detail) && part_can_be(out);
}
