/*
 * output.c - growing outputs.  The contract is in output.h.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#include "lib/compile/output.h"

#include <stdlib.h>
#include <string.h>

void
output_fini(struct compile_output *o)
{
	free(o->bytes);
	*o = (struct compile_output){ 0 };
}

bool
output_ok(const struct compile_output *o)
{
	return o->room != SIZE_MAX;
}

void
output_spoil(struct compile_output *o)
{
	free(o->bytes);
	*o = (struct compile_output){ .room = SIZE_MAX };
}

/* Have room bytes in all. */
static bool
resize(struct compile_output *o, size_t room)
{
	uint8_t *bytes = room <= OUTPUT_MAX ? realloc(o->bytes, room) : NULL;

	if (bytes != NULL) {
		o->bytes = bytes;
		o->room = room;
		return true;
	}
	output_spoil(o);
	return false;
}

/* Have room for size more bytes, and some to spare. */
static __attribute__((noinline)) bool
grow_more(struct compile_output *o, size_t size)
{
	size_t room;

	if (o->room == SIZE_MAX)
		return false;
	room = o->room + o->room / 2 + 256;
	if (room > OUTPUT_MAX)
		room = OUTPUT_MAX;
	if (size > OUTPUT_MAX || room < o->size + size)
		room = size > OUTPUT_MAX ? size : o->size + size;
	return resize(o, room);
}

/* Make room for size more bytes. */
static inline bool
grow(struct compile_output *o, size_t size)
{
	if (o->room != SIZE_MAX && size <= o->room - o->size)
		return true;
	return grow_more(o, size);
}

void
output_expect(struct compile_output *o, size_t size)
{
	if (o->room == SIZE_MAX || size <= o->room - o->size)
		return;
	(void)resize(o, size > OUTPUT_MAX ? size : o->size + size);
}

void
output_add(struct compile_output *o, const void *bytes, size_t size)
{
	if (size == 0 || !grow(o, size))
		return;
	memcpy(o->bytes + o->size, bytes, size);
	o->size += size;
}

uint8_t *
output_room(struct compile_output *o, size_t size)
{
	if (!grow(o, size))
		return NULL;
	o->size += size;
	return o->bytes + o->size - size;
}

/* Add the low size bytes of v. */
static inline void
add_integer(struct compile_output *o, uint64_t v, size_t size)
{
	uint8_t *to;
	size_t i;

	if (!grow(o, size))
		return;
	to = o->bytes + o->size;
	for (i = 0; i < size; i++)
		to[i] = (uint8_t)(v >> (8 * i));
	o->size += size;
}

void
output_u8(struct compile_output *o, uint32_t v)
{
	add_integer(o, v, 1);
}

void
output_u16(struct compile_output *o, uint32_t v)
{
	add_integer(o, v, 2);
}

void
output_u32(struct compile_output *o, uint32_t v)
{
	add_integer(o, v, 4);
}

void
output_u64(struct compile_output *o, uint64_t v)
{
	add_integer(o, v, 8);
}

void
output_align(struct compile_output *o, size_t align)
{
	static const uint8_t zero[64];
	size_t over = o->size % align;

	if (over != 0)
		output_add(o, zero, align - over);
}

static void
put_integer(struct compile_output *o, size_t at, uint64_t v, size_t size)
{
	size_t i;

	if (!output_ok(o) || at > o->size || size > o->size - at)
		return;
	for (i = 0; i < size; i++)
		o->bytes[at + i] = (uint8_t)(v >> (8 * i));
}

void
output_put_u32(struct compile_output *o, size_t at, uint32_t v)
{
	put_integer(o, at, v, 4);
}

void
output_put_u64(struct compile_output *o, size_t at, uint64_t v)
{
	put_integer(o, at, v, 8);
}

uint32_t
output_get_u32(const struct compile_output *o, size_t at)
{
	uint32_t v = 0;
	size_t i;

	if (!output_ok(o) || at > o->size || 4 > o->size - at)
		return 0;
	for (i = 4; i > 0; i--)
		v = v << 8 | o->bytes[at + i - 1];
	return v;
}

/*
 * Sizes are not kept: what has the bytes at its front will do, whatever comes
 * behind them.  Prints lie by themselves: most of what is asked for is not
 * there, and they say so without the rest being read.
 */
struct once_slot {
	uint32_t off, hash;
};

void
once_fini(struct output_once *once)
{
	free(once->print);
	free(once->slot);
	*once = (struct output_once){ 0 };
}

/*
 * Eight bytes at a time: these are our own outputs, and a slow table is all
 * one gains.
 */
uint32_t
once_hash(const uint8_t *bytes, size_t size)
{
	uint64_t h = size * 0x9e3779b97f4a7c15u, v;

	for (; size >= sizeof(v); size -= sizeof(v), bytes += sizeof(v)) {
		memcpy(&v, bytes, sizeof(v));
		h = (h ^ v) * 0xd6e8feb86659fd93u;
		h ^= h >> 32;
	}
	v = 0;
	memcpy(&v, bytes, size);
	h = (h ^ v) * 0xd6e8feb86659fd93u;
	return (uint32_t)(h ^ h >> 32);
}

static uint16_t
print_of(uint32_t hash)
{
	return (uint16_t)(hash >> 16 | 1);
}

/* Where these bytes, or, if in is NULL, others with their hash would be. */
static size_t
find_slot(const struct output_once *once, uint32_t hash, const uint8_t *in,
    const uint8_t *bytes, size_t size)
{
	uint16_t print = print_of(hash);
	size_t i = hash & (once->room - 1);

	for (; once->print[i] != 0; i = (i + 1) & (once->room - 1))
		if (in != NULL && once->print[i] == print &&
		    once->slot[i].hash == hash &&
		    memcmp(in + once->slot[i].off, bytes, size) == 0)
			break;
	return i;
}

static void
fill_slot(struct output_once *once, size_t i, struct once_slot slot)
{
	once->print[i] = print_of(slot.hash);
	once->slot[i] = slot;
	once->count++;
}

/* Keep the table at most half full. */
static bool
once_grow(struct output_once *once)
{
	struct output_once more = { .room = once->room == 0 ? 1024
							    : once->room * 4 };
	size_t i;

	if (once->count * 2 < once->room)
		return true;
	more.print = calloc(more.room, sizeof(*more.print));
	more.slot = malloc(more.room * sizeof(*more.slot));
	if (more.print == NULL || more.slot == NULL) {
		once_fini(&more);
		return false;
	}
	for (i = 0; i < once->room; i++)
		if (once->print[i] != 0)
			fill_slot(&more,
			    find_slot(&more, once->slot[i].hash, NULL, NULL, 0),
			    once->slot[i]);
	once_fini(once);
	*once = more;
	return true;
}

size_t
once_keep_by(struct output_once *once, struct compile_output *o, size_t from,
    uint32_t hash)
{
	size_t size, i;

	if (!output_ok(o) || from > o->size || !once_grow(once))
		return SIZE_MAX;
	size = o->size - from;
	if (size == 0 || from > UINT32_MAX)
		return from;
	i = find_slot(once, hash, o->bytes, o->bytes + from, size);
	if (once->print[i] != 0) {
		o->size = from;
		return once->slot[i].off;
	}
	fill_slot(once, i, (struct once_slot){ (uint32_t)from, hash });
	return from;
}

size_t
once_keep(struct output_once *once, struct compile_output *o, size_t from)
{
	if (!output_ok(o) || from >= o->size)
		return once_keep_by(once, o, from, 0);
	return once_keep_by(once, o, from,
	    once_hash(o->bytes + from, o->size - from));
}

void
once_ask(const struct output_once *once, uint32_t hash)
{
	if (once->room == 0)
		return;
	__builtin_prefetch(&once->print[hash & (once->room - 1)]);
	__builtin_prefetch(&once->slot[hash & (once->room - 1)], 1);
}
