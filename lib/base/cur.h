/*
 * cur.h - the bounded reader: the only way to look at bytes we did not write.
 *
 * Contract:
 *   owns      nothing.  Whoever made the cursor keeps the bytes alive, and
 *             unchanged, for as long as any cursor cut from it is in use.
 *   holds     pos <= size, always.  cur_has() is the one bounds comparison
 *             in this program; everything below is written on top of it.
 *   fails     by going bad: the read gives zero, the cursor is left empty,
 *             and bad stays set.  An empty cursor ends every loop over it.
 *
 * How to use it:
 *   fixed     Read a whole fixed-size record, then ask cur_ok() once, before
 *             any of its fields is used as a size, a count or an offset.
 *   sized     A size that comes from the file goes to cur_take(), cur_at()
 *             or cur_skip(); the compiler makes you look at the answer.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BASE_CUR_H
#define CANDOR_BASE_CUR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define MUST_CHECK __attribute__((warn_unused_result))

struct cur {
	const uint8_t *base; /* first byte of this view */
	size_t size;         /* bytes in this view */
	size_t pos;          /* next byte to read */
	uint64_t origin;     /* where base lies in the object, for reports */
	bool bad;            /* a read asked for more than there was */
};

/* Make a cursor over size bytes at bytes (borrowed, see "owns"). */
struct cur cur_from(const void *bytes, size_t size);

/* Did every read so far succeed? */
MUST_CHECK bool cur_ok(const struct cur *c);

/* Bytes not yet read; zero once the cursor is bad. */
size_t cur_left(const struct cur *c);

/* Offset of the next byte in the object the first cursor was made from. */
uint64_t cur_where(const struct cur *c);

/* Read one integer and step over it.  On failure: zero, and c goes bad. */
uint8_t cur_u8(struct cur *c);
uint16_t cur_u16le(struct cur *c);
uint32_t cur_u32le(struct cur *c);
uint16_t cur_u16be(struct cur *c);
uint32_t cur_u32be(struct cur *c);
uint64_t cur_u64le(struct cur *c);
uint64_t cur_u64be(struct cur *c);

/* Step over n bytes. */
MUST_CHECK bool cur_skip(struct cur *c, uint64_t n);

/* Cut the next n bytes off c into out, and step over them. */
MUST_CHECK bool cur_take(struct cur *c, uint64_t n, struct cur *out);

/* View n bytes at offset off from the start of c; c does not move. */
MUST_CHECK bool cur_at(const struct cur *c, uint64_t off, uint64_t n,
    struct cur *out);

/* Go to offset off from the start of c. */
MUST_CHECK bool cur_seek(struct cur *c, uint64_t off);

/*
 * Cut the next line off c: up to LF or the end, which are stepped over; a CR
 * before the LF is left off.  False when c is empty.
 */
MUST_CHECK bool cur_line(struct cur *c, struct cur *out);

/*
 * Cut everything before the next byte stop into out and step over both; with
 * no stop in c, everything left.  False when c is empty.
 */
MUST_CHECK bool cur_until(struct cur *c, uint8_t stop, struct cur *out);

/* Does what is left of c equal the text want? */
bool cur_is(const struct cur *c, const char *want);

/* If the next n bytes equal want, step over them; a mismatch is no failure. */
MUST_CHECK bool cur_match(struct cur *c, const char *want, size_t n);

#endif
