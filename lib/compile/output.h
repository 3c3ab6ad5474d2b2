/*
 * output.h - write integers and bytes at the end of a growing output.
 *
 * An output that could not grow is spoiled: it takes nothing more and says so
 * once, at output_ok().
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_OUTPUT_H
#define CANDOR_COMPILE_OUTPUT_H

#include "lib/compile/compile.h"

/* Bytes one output may have. */
#define OUTPUT_MAX ((size_t)1 << 34)

/* Give its bytes back. */
void output_fini(struct compile_output *o);

/* Did everything fit so far? */
bool output_ok(const struct compile_output *o);

/* Something that belongs in it is lost: it takes nothing more. */
void output_spoil(struct compile_output *o);

/* More is coming: size bytes; make room for just that. */
void output_expect(struct compile_output *o, size_t size);

/* Make the output longer by size bytes, the caller's to fill; or NULL. */
uint8_t *output_room(struct compile_output *o, size_t size);

/* Put at the end, integers in little-endian order. */
void output_add(struct compile_output *o, const void *bytes, size_t size);
void output_u8(struct compile_output *o, uint32_t v);
void output_u16(struct compile_output *o, uint32_t v);
void output_u32(struct compile_output *o, uint32_t v);
void output_u64(struct compile_output *o, uint64_t v);

/* Zeros until size is a multiple of align. */
void output_align(struct compile_output *o, size_t align);

/* Write over what is there. */
void output_put_u32(struct compile_output *o, size_t at, uint32_t v);
void output_put_u64(struct compile_output *o, size_t at, uint64_t v);
uint32_t output_get_u32(const struct compile_output *o, size_t at);

/*
 * Byte strings inside an output, each once: remembers where they are.
 */
struct output_once {
	uint16_t *print;        /* heap; of each slot, 0: it is free */
	struct once_slot *slot; /* heap */
	size_t room, count;
};

/* Forget them; the output is not touched. */
void once_fini(struct output_once *once);

/*
 * Is [from, o->size) there already?  Then cut it off and say where the other
 * is, else keep it.  The offset either way; SIZE_MAX if memory is at its end.
 */
size_t once_keep(struct output_once *once, struct compile_output *o,
    size_t from);

/*
 * The same by a hash of the caller's; what has another is not found.  Who knows
 * it some time before may ask ahead: the table is large.
 */
uint32_t once_hash(const uint8_t *bytes, size_t size);
size_t once_keep_by(struct output_once *once, struct compile_output *o,
    size_t from, uint32_t hash);
void once_ask(const struct output_once *once, uint32_t hash);

#endif
