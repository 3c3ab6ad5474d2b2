/*
 * hold.c - pack and unpack what guard and quarantine say.  See hold.h.
 *
 *   offset  size  field            offset  size  field
 *        0     4  kind                 28     4  id_size
 *        4     4  zero                 32    16  id
 *        8     8  token                48   288  name
 *       16     4  what                336   224  text
 *       20     4  name_size           560    48  stamp (TAKE): device,
 *       24     4  text_size                    inode, size, mtime_s, ctime_s
 *                                              (8 each), mtime_ns, ctime_ns (4)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/wire/hold.h"

#include "lib/wire/pack.h"

static bool
has_stamp(const struct hold *h)
{
	const struct hold_stamp *s = &h->stamp;

	return (s->device | s->inode | s->size) != 0 || s->mtime_s != 0 ||
	    s->ctime_s != 0 || (s->mtime_ns | s->ctime_ns) != 0;
}

static bool
hold_is_good(const struct hold *h)
{
	uint32_t bound = 1;

	if (h->kind == HOLD_JUDGED)
		bound = HOLD_OWNERS;
	else if (h->kind == HOLD_TAKEN)
		bound = HOLD_ENDS;
	else if (h->kind != HOLD_JUDGE && h->kind != HOLD_TAKE)
		return false;
	return h->what < bound && (h->kind == HOLD_TAKE || !has_stamp(h)) &&
	    part_is_good(h->id, h->id_size, HOLD_ID_MAX) &&
	    part_is_good(h->name, h->name_size, HOLD_NAME_MAX) &&
	    part_is_good(h->text, h->text_size, HOLD_TEXT_MAX);
}

static void
put_stamp(struct pen *p, const struct hold_stamp *s)
{
	put_u64(p, s->device);
	put_u64(p, s->inode);
	put_u64(p, s->size);
	put_u64(p, (uint64_t)s->mtime_s);
	put_u64(p, (uint64_t)s->ctime_s);
	put_u32(p, s->mtime_ns);
	put_u32(p, s->ctime_ns);
}

static void
get_stamp(struct cur *record, struct hold_stamp *s)
{
	s->device = cur_u64le(record);
	s->inode = cur_u64le(record);
	s->size = cur_u64le(record);
	s->mtime_s = (int64_t)cur_u64le(record);
	s->ctime_s = (int64_t)cur_u64le(record);
	s->mtime_ns = cur_u32le(record);
	s->ctime_ns = cur_u32le(record);
}

bool
hold_put(const struct hold *h, uint8_t out[HOLD_SIZE])
{
	struct pen p = { .out = out };

	if (!hold_is_good(h))
		return false;
	memset(out, 0, HOLD_SIZE);
	put_u32(&p, h->kind);
	put_u32(&p, 0);
	put_u64(&p, h->token);
	put_u32(&p, h->what);
	put_u32(&p, h->name_size);
	put_u32(&p, h->text_size);
	put_u32(&p, h->id_size);
	put_bytes(&p, h->id, sizeof(h->id));
	put_bytes(&p, h->name, sizeof(h->name));
	put_bytes(&p, h->text, sizeof(h->text));
	put_stamp(&p, &h->stamp);
	return true;
}

bool
hold_get(struct cur record, struct hold *out)
{
	bool is_whole = cur_left(&record) == HOLD_SIZE;
	uint32_t zero;

	memset(out, 0, sizeof(*out));
	out->kind = cur_u32le(&record);
	zero = cur_u32le(&record);
	out->token = cur_u64le(&record);
	out->what = cur_u32le(&record);
	out->name_size = cur_u32le(&record);
	out->text_size = cur_u32le(&record);
	out->id_size = cur_u32le(&record);
	get_bytes(&record, out->id, sizeof(out->id));
	get_bytes(&record, out->name, sizeof(out->name));
	get_bytes(&record, out->text, sizeof(out->text));
	get_stamp(&record, &out->stamp);
	return is_whole && zero == 0 && cur_ok(&record) && hold_is_good(out);
}
