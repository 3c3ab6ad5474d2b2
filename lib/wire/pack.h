/*
 * pack.h - write little-endian numbers into a record, and check what must be
 * zero when one is read.  For lib/wire, and what processes of ours say to each
 * other in proc.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_WIRE_PACK_H
#define CANDOR_WIRE_PACK_H

#include "lib/base/cur.h"

#include <string.h>

/* Where the next number goes; room is for the largest record of the kind. */
struct pen {
	uint8_t *out;
	size_t at;
};

static inline void
put_u32(struct pen *p, uint32_t v)
{
	int i;

	for (i = 0; i < 4; i++)
		p->out[p->at++] = (uint8_t)(v >> 8 * i);
}

static inline void
put_u64(struct pen *p, uint64_t v)
{
	put_u32(p, (uint32_t)v);
	put_u32(p, (uint32_t)(v >> 32));
}

static inline void
put_bytes(struct pen *p, const void *bytes, size_t size)
{
	if (size > 0)
		memcpy(p->out + p->at, bytes, size);
	p->at += size;
}

static inline void
get_bytes(struct cur *c, void *out, size_t size)
{
	uint8_t *to = out;
	size_t i;

	for (i = 0; i < size; i++)
		to[i] = cur_u8(c);
}

static inline bool
is_zero(const void *bytes, size_t size)
{
	const uint8_t *at = bytes;
	uint8_t any = 0;
	size_t i;

	for (i = 0; i < size; i++)
		any |= at[i];
	return any == 0;
}

/* Does a field of room bytes hold size of them, and zeros after those? */
static inline bool
part_is_good(const char *bytes, uint32_t size, uint32_t room)
{
	return size <= room && is_zero(bytes + size, room - size);
}

/* Is everything that is left of a record zero? */
static inline bool
rest_is_zero(struct cur *c)
{
	uint8_t any = 0;

	while (cur_left(c) > 0)
		any |= cur_u8(c);
	return any == 0;
}

#endif
