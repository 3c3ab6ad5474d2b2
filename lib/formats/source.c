/*
 * source.c - the bytes of one object.  The contract is in source.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/formats/source.h"

#include <string.h>

struct source
source_from(const void *bytes, size_t size)
{
	static const uint8_t nothing[1] = { 0 };

	return (struct source){ .size = size,
		.mem = size > 0 ? (const uint8_t *)bytes : nothing };
}

size_t
source_read(struct source *s, uint64_t off, void *buf, size_t size)
{
	if (s->mem == NULL)
		return s->read(s, off, buf, size);
	if (off >= s->size)
		return 0;
	if (size > s->size - off)
		size = (size_t)(s->size - off);
	memcpy(buf, s->mem + off, size);
	return size;
}

bool
source_has(struct source *s, uint64_t off)
{
	uint8_t byte;

	if (s->size != SOURCE_SIZE_UNKNOWN)
		return off < s->size;
	return source_read(s, off, &byte, 1) == 1;
}

void
source_cur_upto(struct source *s, struct arena *a, uint64_t off, uint64_t size,
    struct cur *out)
{
	void *copy = NULL;
	size_t got = 0;

	if (s->size != SOURCE_SIZE_UNKNOWN) {
		if (off > s->size)
			off = s->size;
		if (size > s->size - off)
			size = s->size - off;
	}
	if (s->mem != NULL) {
		*out = cur_from(s->mem + off, (size_t)size);
	} else {
		if (size < SIZE_MAX)
			copy = arena_alloc(a, 1, (size_t)size);
		if (copy != NULL)
			got = source_read(s, off, copy, (size_t)size);
		*out = cur_from(copy, got);
	}
	out->origin = off;
}

bool
source_cur(struct source *s, struct arena *a, uint64_t off, uint64_t size,
    struct cur *out)
{
	source_cur_upto(s, a, off, size, out);
	if (out->size == size && out->origin == off)
		return true;
	*out = cur_from(NULL, 0);
	out->bad = true;
	return false;
}

/* Read from a part: the same bytes of the whole, bounded by the part. */
static size_t
source_read_range(struct source *s, uint64_t off, void *buf, size_t size)
{
	struct source_range *r = s->ctx;
	size_t got;

	if (off >= s->size)
		return 0;
	if (size > s->size - off)
		size = (size_t)(s->size - off);
	got = source_read(r->of, r->off + off, buf, size);
	if (got < size && s->state == SOURCE_FINE)
		s->state = r->of->state == SOURCE_FINE ? SOURCE_TRUNCATED
						       : r->of->state;
	return got;
}

void
source_cut(struct source_range *r, uint64_t size, struct source *out)
{
	uint64_t whole = r->of->size;

	if (whole != SOURCE_SIZE_UNKNOWN) {
		if (r->off > whole)
			r->off = whole;
		if (size > whole - r->off)
			size = whole - r->off;
	} else if (size > UINT64_MAX - r->off) {
		size = UINT64_MAX - r->off;
	}
	if (r->of->mem != NULL) {
		*out = source_from(r->of->mem + r->off, (size_t)size);
		return;
	}
	*out = (struct source){
		.size = size, .read = source_read_range, .ctx = r
	};
}
