/*
 * protocol.c - what candor-opener and its owner say to each other.  See
 * protocol.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/opener/protocol.h"

#include <string.h>

static uint8_t *
put_number(uint8_t *out, uint64_t value, size_t size)
{
	size_t i;

	for (i = 0; i < size; i++)
		out[i] = (uint8_t)(value >> 8 * i);
	return out + size;
}

size_t
opener_put(const struct opener_message *m, uint8_t *out)
{
	const struct subject_stamp *s = &m->stamp;
	size_t size = cur_left(&m->payload);
	uint8_t *at = out;

	if (size > OPENER_PAYLOAD)
		size = OPENER_PAYLOAD;
	at = put_number(at, m->kind, 4);
	at = put_number(at, m->err, 4);
	at = put_number(at, m->flags, 4);
	at = put_number(at, m->mode, 4);
	at = put_number(at, m->mount, 8);
	at = put_number(at, m->type, 8);
	at = put_number(at, s->device, 8);
	at = put_number(at, s->inode, 8);
	at = put_number(at, s->size, 8);
	at = put_number(at, (uint64_t)s->mtime_s, 8);
	at = put_number(at, (uint64_t)s->ctime_s, 8);
	at = put_number(at, s->mtime_ns, 4);
	at = put_number(at, s->ctime_ns, 4);
	if (size > 0)
		memcpy(at, m->payload.base + m->payload.pos, size);
	return OPENER_HEADER + size;
}

static bool
is_kind(uint32_t kind)
{
	return (kind >= OPENER_IDENTITY && kind <= OPENER_LEND) ||
	    (kind >= OPENER_NOTE && kind <= OPENER_DONE);
}

bool
opener_get(struct cur record, struct opener_message *out)
{
	struct subject_stamp *s = &out->stamp;

	out->kind = cur_u32le(&record);
	out->err = cur_u32le(&record);
	out->flags = cur_u32le(&record);
	out->mode = cur_u32le(&record);
	out->mount = cur_u64le(&record);
	out->type = cur_u64le(&record);
	s->device = cur_u64le(&record);
	s->inode = cur_u64le(&record);
	s->size = cur_u64le(&record);
	s->mtime_s = (int64_t)cur_u64le(&record);
	s->ctime_s = (int64_t)cur_u64le(&record);
	s->mtime_ns = cur_u32le(&record);
	s->ctime_ns = cur_u32le(&record);
	return cur_ok(&record) && is_kind(out->kind) &&
	    (out->flags & ~OPENER_FLAGS) == 0 && out->err < 4096 &&
	    cur_left(&record) <= OPENER_PAYLOAD &&
	    cur_take(&record, cur_left(&record), &out->payload);
}

bool
opener_get_name(struct cur *names, uint8_t *type, const char **name)
{
	struct cur text;

	*type = cur_u8(names);
	if (!cur_ok(names) || !cur_until(names, 0, &text) ||
	    cur_left(&text) == 0 || names->base[names->pos - 1] != 0)
		return false;
	*name = (const char *)text.base;
	/* One name, or it would lead elsewhere. */
	return memchr(text.base, '/', cur_left(&text)) == NULL;
}
