/*
 * protocol.c - what candor-opener and its owner say to each other.  See
 * protocol.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/opener/protocol.h"

#include "lib/wire/pack.h"

#include <string.h>

size_t
opener_put(const struct opener_message *m, uint8_t *out)
{
	const struct subject_stamp *s = &m->stamp;
	size_t size = cur_left(&m->payload);
	struct pen p = { out, 0 };

	if (size > OPENER_PAYLOAD)
		size = OPENER_PAYLOAD;
	put_u32(&p, m->kind);
	put_u32(&p, m->err);
	put_u32(&p, m->flags);
	put_u32(&p, m->mode);
	put_u64(&p, m->mount);
	put_u64(&p, m->type);
	put_u64(&p, s->device);
	put_u64(&p, s->inode);
	put_u64(&p, s->size);
	put_u64(&p, (uint64_t)s->mtime_s);
	put_u64(&p, (uint64_t)s->ctime_s);
	put_u32(&p, s->mtime_ns);
	put_u32(&p, s->ctime_ns);
	if (size > 0)
		put_bytes(&p, m->payload.base + m->payload.pos, size);
	return p.at;
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
