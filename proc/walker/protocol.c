/*
 * protocol.c - pack and unpack what a walker says.  See protocol.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "proc/walker/protocol.h"

#include "lib/wire/pack.h"

#include <string.h>

static bool
is_good(const struct walker_message *m)
{
	size_t size = cur_left(&m->path);
	uint32_t most = m->kind == WALKER_GAP ? UINT32_MAX
	    : m->kind == WALKER_WALK          ? 1
					      : 0;

	if (size > WALKER_PATH || m->err > most ||
	    (m->kind != WALKER_FILE && m->size != 0))
		return false;
	switch (m->kind) {
	case WALKER_WALK:
		return true;
	case WALKER_FILE:
		return m->what == 0 && m->size <= INT64_MAX && size > 0;
	case WALKER_GAP:
		return m->what >= WALKER_ABSENT && m->what <= WALKER_FAILED;
	case WALKER_STOP:
	case WALKER_DONE:
		return m->what == 0 && size == 0;
	default:
		return false;
	}
}

size_t
walker_put(const struct walker_message *m, uint8_t *out)
{
	struct pen p = { out, 0 };

	if (!is_good(m))
		return 0;
	put_u32(&p, m->kind);
	put_u32(&p, m->what);
	put_u32(&p, m->err);
	put_u32(&p, 0);
	put_u64(&p, m->size);
	if (cur_left(&m->path) > 0)
		put_bytes(&p, m->path.base + m->path.pos, cur_left(&m->path));
	return p.at;
}

/* No NUL: it is a path. */
static bool
is_path(struct cur text)
{
	while (cur_left(&text) > 0)
		if (cur_u8(&text) == 0)
			return false;
	return true;
}

bool
walker_get(struct cur record, struct walker_message *out)
{
	uint32_t zero;

	memset(out, 0, sizeof(*out));
	out->kind = cur_u32le(&record);
	out->what = cur_u32le(&record);
	out->err = cur_u32le(&record);
	zero = cur_u32le(&record);
	out->size = cur_u64le(&record);
	return cur_ok(&record) && zero == 0 &&
	    cur_take(&record, cur_left(&record), &out->path) &&
	    is_path(out->path) && is_good(out);
}
