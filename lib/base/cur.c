/*
 * cur.c - the bounded reader.  The contract is in cur.h.
 *
 * Proved memory-safe for every size and offset by tests/proofs/cur_*.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/base/cur.h"

#include <string.h>

/* The one bounds comparison.  No addition, so nothing to overflow. */
static bool
cur_has(const struct cur *c, uint64_t n)
{
	return n <= c->size - c->pos;
}

/* Step over n bytes and return where they start, or go bad. */
static const uint8_t *
cur_step(struct cur *c, uint64_t n)
{
	const uint8_t *at;

	if (!cur_has(c, n)) {
		c->bad = true;
		c->pos = c->size;
		return NULL;
	}
	at = c->base + c->pos;
	c->pos += (size_t)n;
	return at;
}

struct cur
cur_from(const void *bytes, size_t size)
{
	static const uint8_t nothing[1] = { 0 };
	struct cur c = { .base = nothing };

	if (size > 0) {
		c.base = bytes;
		c.size = size;
	}
	return c;
}

bool
cur_ok(const struct cur *c)
{
	return !c->bad;
}

size_t
cur_left(const struct cur *c)
{
	return c->size - c->pos;
}

uint64_t
cur_where(const struct cur *c)
{
	return c->origin + c->pos;
}

uint8_t
cur_u8(struct cur *c)
{
	const uint8_t *p = cur_step(c, 1);

	return p == NULL ? 0 : p[0];
}

uint16_t
cur_u16le(struct cur *c)
{
	const uint8_t *p = cur_step(c, 2);

	return p == NULL ? 0 : (uint16_t)(p[0] | p[1] << 8);
}

uint32_t
cur_u32le(struct cur *c)
{
	const uint8_t *p = cur_step(c, 4);

	if (p == NULL)
		return 0;
	return (uint32_t)p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
	    (uint32_t)p[3] << 24;
}

uint16_t
cur_u16be(struct cur *c)
{
	const uint8_t *p = cur_step(c, 2);

	return p == NULL ? 0 : (uint16_t)(p[0] << 8 | p[1]);
}

uint32_t
cur_u32be(struct cur *c)
{
	const uint8_t *p = cur_step(c, 4);

	if (p == NULL)
		return 0;
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 |
	    (uint32_t)p[2] << 8 | (uint32_t)p[3];
}

uint64_t
cur_u64le(struct cur *c)
{
	const uint8_t *p = cur_step(c, 8);
	uint64_t v = 0;
	int i;

	for (i = 7; p != NULL && i >= 0; i--)
		v = v << 8 | p[i];
	return v;
}

uint64_t
cur_u64be(struct cur *c)
{
	const uint8_t *p = cur_step(c, 8);
	uint64_t v = 0;
	int i;

	for (i = 0; p != NULL && i < 8; i++)
		v = v << 8 | p[i];
	return v;
}

bool
cur_skip(struct cur *c, uint64_t n)
{
	return cur_step(c, n) != NULL;
}

bool
cur_take(struct cur *c, uint64_t n, struct cur *out)
{
	uint64_t origin = cur_where(c);
	const uint8_t *p = cur_step(c, n);

	*out = cur_from(p, p == NULL ? 0 : (size_t)n);
	out->origin = origin;
	out->bad = p == NULL;
	return p != NULL;
}

bool
cur_at(const struct cur *c, uint64_t off, uint64_t n, struct cur *out)
{
	struct cur whole = *c;

	whole.pos = 0;
	if (!cur_skip(&whole, off)) {
		*out = whole;
		return false;
	}
	return cur_take(&whole, n, out);
}

bool
cur_match(struct cur *c, const char *want, size_t n)
{
	if (!cur_has(c, n) || memcmp(c->base + c->pos, want, n) != 0)
		return false;
	c->pos += n;
	return true;
}

bool
cur_seek(struct cur *c, uint64_t off)
{
	if (c->bad)
		return false;
	c->pos = 0;
	return cur_skip(c, off);
}

bool
cur_until(struct cur *c, uint8_t stop, struct cur *out)
{
	const uint8_t *at;
	size_t left = cur_left(c);

	if (left == 0) {
		*out = cur_from(NULL, 0);
		return false;
	}
	at = memchr(c->base + c->pos, stop, left);
	if (at == NULL)
		return cur_take(c, left, out);
	return cur_take(c, (uint64_t)(at - (c->base + c->pos)), out) &&
	    cur_skip(c, 1);
}

bool
cur_line(struct cur *c, struct cur *out)
{
	if (!cur_until(c, '\n', out))
		return false;
	if (out->size > 0 && out->base[out->size - 1] == '\r')
		out->size--;
	return true;
}

bool
cur_is(const struct cur *c, const char *want)
{
	size_t n = strlen(want);

	return cur_left(c) == n && memcmp(c->base + c->pos, want, n) == 0;
}
