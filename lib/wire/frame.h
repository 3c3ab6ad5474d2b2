/*
 * frame.h - what a worker and its owner say to each other.
 *
 * One SOCK_SEQPACKET record is one frame, or up to FRAME_BATCH SCAN one after
 * another with a descriptor each, in their order.  All integers are
 * little-endian and every kind of frame has exactly one size: a record of
 * another size, an unknown kind, a number out of range or a frame out of turn
 * makes the reader close the channel and replace the worker.
 *
 *   owner → worker   CONFIG once, PASSWORD any number, then SCAN + descriptors
 *   worker → owner   READY once; then per SCAN, in order, any number of
 *                    OBJECT, NAME, MATCH, BYTES, UNSCANNED, and one END
 *
 * NAME and BYTES are the only frames with bytes of the scanned file in them
 * and are refused unless CONFIG allowed them (SCAN_SAY_BYTES).  A NAME comes
 * straight after its OBJECT, a BYTES straight after its MATCH.
 * docs/worker.md tells the life of a worker around them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_WIRE_FRAME_H
#define CANDOR_WIRE_FRAME_H

#include "lib/base/cur.h"

#include <stdint.h>

#define FRAME_SMALL 64u  /* bytes of every frame but these: */
#define FRAME_WIDE  96u  /* END */
#define FRAME_LARGE 280u /* NAME, BYTES, PASSWORD */

#define FRAME_BATCH 8u /* SCAN frames in one record */

/* Bytes of the longest record an owner sends. */
#define FRAME_RECORD (FRAME_BATCH * FRAME_SMALL)

#define FRAME_PAYLOAD_MAX   256u
#define FRAME_DATABASES_MAX 8u
#define FRAME_OBJECTS_MAX   (1u << 24) /* object numbers are below it */
#define FRAME_FLOOD         (1u << 18) /* frames about one file, END included */

#define FRAME_KIND_TABLE                       \
	FRAME_KIND(CONFIG, 1, FRAME_SMALL)     \
	FRAME_KIND(PASSWORD, 2, FRAME_LARGE)   \
	FRAME_KIND(SCAN, 3, FRAME_SMALL)       \
	FRAME_KIND(READY, 16, FRAME_SMALL)     \
	FRAME_KIND(OBJECT, 17, FRAME_SMALL)    \
	FRAME_KIND(NAME, 18, FRAME_LARGE)      \
	FRAME_KIND(MATCH, 19, FRAME_SMALL)     \
	FRAME_KIND(BYTES, 20, FRAME_LARGE)     \
	FRAME_KIND(UNSCANNED, 21, FRAME_SMALL) \
	FRAME_KIND(END, 22, FRAME_WIDE)

enum frame_kind {
#define FRAME_KIND(tag, number, size) FRAME_##tag = (number),
	FRAME_KIND_TABLE
#undef FRAME_KIND
};

/* request.flags: what may differ from file to file (SCAN_ALL_MATCHES,
   SCAN_EXPLAIN, SCAN_HASH, SCAN_HASH_GAPS); never whether names and bytes are
   said. */
#define FRAME_SCAN_FLAGS 29u

/* Exit status of a worker that could not enter its cage; it may write nowhere
   by then, not even why. */
#define FRAME_EXIT_UNCAGED 77

#define FRAME_END_ODDITY 1u /* end.flags: replace this worker */
#define FRAME_END_SHA256 2u /* end.flags: sha256 is that of the file */

/*
 * One frame, unpacked.  Which fields mean something depends on kind; frame.c
 * has the byte table.
 */
struct frame {
	uint32_t kind;
	uint64_t scan; /* the owner's number for the file; 0 in the others */
	union {
		struct {
			uint32_t flags; /* SCAN_* */
			uint64_t max_object_size, max_total;
			uint32_t max_depth, max_objects, max_ratio;
			uint32_t deadline_ms; /* of one file, soft; 0 = none */
		} config;
		struct {
			uint64_t size;        /* of the file, from fstat */
			uint32_t flags;       /* SCAN_*, on top of CONFIG's */
			uint32_t deadline_ms; /* soft; 0: CONFIG's */
		} request;
		struct {
			uint32_t layers; /* SANDBOX_* in force */
			uint32_t databases;
		} ready;
		struct {
			uint32_t object, parent, depth;
			uint32_t kind; /* enum kind */
			uint64_t size; /* UINT64_MAX: not known */
		} object;
		struct {
			uint32_t object, database, signature, string;
			uint32_t view; /* enum child_role */
			uint32_t size;
			uint64_t offset;
		} match;
		struct {
			uint32_t object, reason; /* enum unscanned */
		} unscanned;
		struct {
			uint32_t objects, matches, gaps;
			uint32_t kind;  /* of the file */
			uint64_t bytes; /* searched */
			uint32_t flags; /* FRAME_END_* */
			uint8_t sha256[32];
		} end;
		struct {
			uint32_t object, size; /* size <= FRAME_PAYLOAD_MAX */
			uint8_t bytes[FRAME_PAYLOAD_MAX];
		} payload; /* NAME, BYTES; PASSWORD with object 0 */
	};
};

/* The size every frame of this kind has, or 0 if there is no such kind. */
size_t frame_size(uint32_t kind);

/* Write f into out; the size to send.  0 if f is not a good frame. */
size_t frame_put(const struct frame *f, uint8_t out[FRAME_LARGE]);

/*
 * Read a record; false if it is not exactly one good frame.  What needs to
 * know more than the frame (is there such a signature?) is for the caller.
 */
bool frame_get(struct cur record, struct frame *out);

/* Cut the next frame off a record of several; false if it is no good one. */
bool frame_take(struct cur *record, struct frame *out);

#endif
