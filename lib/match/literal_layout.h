/*
 * literal_layout.h - the bytes of a literal set, and how they are hashed.
 *
 * The only description of the section; lib/compile/literal_build.c writes it,
 * literal.c reads it.  All integers are little-endian; offsets count from the
 * first byte of the section; nothing points.
 *
 * A literal is found through one window of q bytes inside it, its anchor,
 * chosen at build time to be rare.  Literals whose anchors have the same
 * shape share a plane: a filter (a bit or two each hash of a window), and lines
 * (64 bytes, eight places: who has such a window).  Only some positions of
 * the content are looked at:
 *
 *   stride  every step-th position.  Then step consecutive windows of a
 *           literal are in the plane, and one of them lies on the grid.
 *   mini    the positions which a sampler picks by the bytes around them
 *           alone, so that it picks the same ones in the literal and in the
 *           content.  One window of a literal is in the plane.
 *
 * Everything is done with folded bytes: ASCII letters in lower case.
 *
 * Header, LITERAL_HEADER bytes:
 *   offset  size  field
 *        0     4  magic     "CLIT"
 *        4     4  version   LITERAL_VERSION
 *        8     4  planes    at most LITERAL_PLANES
 *       12     4  literals  how many distinct ones
 *       16     8  entries   offset of the entries
 *       24     8  entries'  size in bytes, LITERAL_TAIL of them unused
 *       32     4  sampler   odd multiplier of its keys, below 2^16
 *       36     4  span      the sampler's w
 *       40    24  zero
 *
 * Plane, LITERAL_PLANE bytes each, right behind the header:
 *        0     1  kind      enum literal_kind
 *        1     1  step      of a stride; divides LITERAL_BLOCK
 *        2     1  q         bytes of a window: 2, 4, 6, 8 or 12
 *        3     1  back      a window begins this many bytes before the
 *                           position
 *        4     1  filter    log2 of its bits
 *        5     1  lines     log2 of their number
 *        6     1  choice    log2 of the filter bits that one window hash owns
 *                           and the bytes behind the window choose from
 *        7     1  zero
 *        8     8  k1        multipliers of the hash
 *       16     8  k2
 *       24     8  filter    its offset
 *       32     8  lines     their offset
 *       40     4  windows   how many are in the plane
 *       44    20  zero
 *
 * Line, LITERAL_LINE bytes:
 *        0    16  print[8]  of the window's hash, odd; 0: no window here
 *       16    16  whole[8]  literal_whole() of the literal, shortened: its
 *                           size, and a print of all its bytes; 0: a group
 *       32    32  ref[8]
 *
 * A ref leads to an entry:
 *   bits 0..4    offset of the window in the literal
 *   bits 5..29   where: unit of LITERAL_UNIT bytes of the entries
 *   bit 30       a group, else a literal
 *   bit 31       in ref[0]: this line was full, the next has more
 *
 * Literal:
 *        0     4  number    what hits say, or the unit of a list of numbers
 *        4     1  size
 *        5     1  many      1: number is such a list
 *        6     2  zero
 *        8  size  bytes, folded, veiled (lib/db/veil.h) from offset 0; then
 *                 zeros to the next unit
 *
 * List of numbers:
 *        0     4  count
 *        4        numbers, 4 bytes each
 *
 * Group: windows that many literals share, told apart by other bytes.
 *        0     4  count
 *        4     4  next      unit of a group that also has this window, or 0
 *        8     1  shift     signed: where the four bytes are, from the window;
 *                           LITERAL_NO_SHIFT: try every ref
 *        9     7  zero
 *       16        count times key[4] (folded bytes, ascending), ref[4],
 *                 whole[4] (literal_whole(), 0: a group)
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_MATCH_LITERAL_LAYOUT_H
#define CANDOR_MATCH_LITERAL_LAYOUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define LITERAL_MAGIC   0x54494c43u /* "CLIT" */
#define LITERAL_VERSION 3u

#define LITERAL_HEADER 64u
#define LITERAL_PLANE  64u
#define LITERAL_PLANES 4u
#define LITERAL_LINE   64u
#define LITERAL_PLACES 8u
#define LITERAL_UNIT   8u
#define LITERAL_TAIL   40u /* so that any literal can be read whole */
#define LITERAL_SPILLS 32u /* lines that one window may be looked for in */

#define LITERAL_REF_UNIT(ref)   ((ref) >> 5 & 0x1ffffffu)
#define LITERAL_REF_OFFSET(ref) ((ref)&31u)
#define LITERAL_REF_GROUP       (1u << 30)
#define LITERAL_REF_SPILLED     (1u << 31)
#define LITERAL_UNITS           (1u << 25)

#define LITERAL_GROUP    16u /* bytes of a group before its members */
#define LITERAL_MEMBER   12u
#define LITERAL_NO_SHIFT (-128)

/*
 * Positions handled in one go.  Every step divides it, so a grid may begin
 * anew with every block.
 */
#define LITERAL_BLOCK 8064u

/* Bytes readable before and after a block; no literal reaches farther. */
#define LITERAL_MARGIN 64u

enum literal_kind {
	LITERAL_STRIDE,
	LITERAL_MINI
};

static inline uint64_t
literal_u64(const uint8_t *at)
{
	uint64_t x;

	memcpy(&x, at, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap64(x);
#endif
	return x;
}

static inline uint32_t
literal_u32(const uint8_t *at)
{
	uint32_t x;

	memcpy(&x, at, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap32(x);
#endif
	return x;
}

static inline uint16_t
literal_u16(const uint8_t *at)
{
	uint16_t x;

	memcpy(&x, at, sizeof(x));
#if __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__
	x = __builtin_bswap16(x);
#endif
	return x;
}

/*
 * Hash the window of q bytes at at, of which q rounded up to 4, 8 or 12 are
 * read.  The high bits are the good ones.
 */
__attribute__((always_inline)) static inline uint64_t
literal_hash(const uint8_t *at, unsigned q, uint64_t k1, uint64_t k2)
{
	switch (q) {
	case 2:
		return ((uint64_t)literal_u32(at) << 48) * k1;
	case 4:
		return ((uint64_t)literal_u32(at) << 32) * k1;
	case 6:
		return (literal_u64(at) << 16) * k1;
	case 8:
		return literal_u64(at) * k1;
	default:
		return literal_u64(at) * k1 + literal_u64(at + 4) * k2;
	}
}

/*
 * A window that does not choose owns two bits of a word of 64: the hash's
 * filter bits lead to one, the next six say which is the other.  shift: of the
 * hash, to the former.
 */
static inline uint32_t
literal_other(uint64_t hash, uint32_t shift)
{
	return (uint32_t)(hash >> (shift - 6)) & 63;
}

/* Mix a window's hash: high bits say which line, bits 16 to 31 the print. */
static inline uint64_t
literal_mix(uint64_t hash)
{
	return (hash ^ hash >> 32) * 0x9e3779b97f4a7c15u;
}

static inline uint16_t
literal_print(uint64_t mixed)
{
	return (uint16_t)(mixed >> 16 | 1);
}

/*
 * Which of its own bits does a window's hash look at?  Five bits' worth of
 * the two bytes behind the window; fewer are known of a short literal, which
 * then sets all the bits it might need.
 */
static inline uint32_t
literal_choice(uint32_t behind)
{
	return (behind & 7) | (behind >> 5 & 0x18);
}

/*
 * Size (5 bits, less one) and print of a literal, all its bytes: where this
 * does not agree the literal is not, and its entry, which lies far off, need
 * not be read.  Eight bytes at at are read even if it has fewer.
 */
static inline uint32_t
literal_whole(const uint8_t *at, uint32_t size)
{
	uint64_t hash;

	if (size < 8) {
		hash =
		    (literal_u64(at) << (64 - 8 * size)) * 0x9e3779b97f4a7c15u;
	} else {
		hash = literal_u64(at) * 0x9e3779b97f4a7c15u +
		    literal_u64(at + size - 8) * 0xc2b2ae3d27d4eb4fu;
		if (size > 16)
			hash += literal_u64(at + 8) * 0xd6e8feb86659fd93u +
			    literal_u64(at + size - 16) * 0xa0761d6478bd642fu;
	}
	hash = (hash ^ hash >> 32) * 0xe7037ed1a0b428dbu;
	return ((uint32_t)(hash >> 32) & ~31u) | ((size - 1) & 31u);
}

/* The same in sixteen bits. */
static inline uint16_t
literal_whole_short(uint32_t whole)
{
	return (uint16_t)((whole >> 16 & ~31u) | (whole & 31u));
}

static inline uint8_t
literal_fold_byte(uint8_t byte)
{
	return byte >= 'A' && byte <= 'Z' ? (uint8_t)(byte | 0x20) : byte;
}

/*
 * The sampler's key of the position whose bytes are a and b.  A position is
 * picked if its key is not zero and is the largest of at least one run of
 * span consecutive keys that it is in.
 */
static inline uint8_t
literal_key(uint8_t a, uint8_t b, uint32_t multiplier)
{
	uint32_t both = (uint32_t)a | (uint32_t)b << 8;

	if (a == b)
		return 0;
	return (uint8_t)(both * multiplier >> 8);
}

#endif
