/*
 * frame.h - what a worker and its owner say to each other.
 *
 * One SOCK_SEQPACKET record is one frame.  All integers are little-endian and
 * every kind of frame has exactly one size: a record of another size, an
 * unknown kind, a number out of range or a frame out of turn makes the reader
 * close the channel and replace the worker.
 *
 *   owner → worker   CONFIG once, PASSWORD any number, then SCAN + descriptor
 *   worker → owner   READY once; then per SCAN, in order, any number of
 *                    OBJECT, NAME, MATCH, BYTES, UNSCANNED, and one END
 *
 * NAME and BYTES are the only frames with bytes of the scanned file in them
 * and are refused unless CONFIG allowed them (SCAN_SAY_BYTES).
 * docs/worker.md tells the life of a worker around them.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_WIRE_FRAME_H
#define CANDOR_WIRE_FRAME_H

#include "lib/base/cur.h"

#include <stdint.h>

#define FRAME_SMALL 64u  /* bytes of every frame but NAME, BYTES, PASSWORD */
#define FRAME_LARGE 320u /* bytes of those three */

enum frame_kind {
	FRAME_CONFIG = 1,
	FRAME_PASSWORD = 2,
	FRAME_SCAN = 3,
	FRAME_READY = 16,
	FRAME_OBJECT = 17,
	FRAME_NAME = 18,
	FRAME_MATCH = 19,
	FRAME_BYTES = 20,
	FRAME_UNSCANNED = 21,
	FRAME_END = 22
};

#define FRAME_PAYLOAD_MAX 256u

/*
 * One frame, unpacked.  Which fields mean something depends on kind; frame.c
 * has the byte table.
 */
struct frame {
	uint32_t kind;
	uint64_t scan; /* the owner's number for the file */
	union {
		struct {
			uint32_t flags; /* SCAN_* */
			uint64_t max_object_size, max_total;
			uint32_t max_depth, max_objects, max_ratio;
			uint32_t deadline_ms; /* of one file; soft */
		} config;
		struct {
			uint64_t size; /* of the file, from fstat */
		} scan_request;
		struct {
			uint32_t layers; /* SANDBOX_* in force */
			uint32_t databases;
		} ready;
		struct {
			uint32_t object, parent, depth, kind;
			uint64_t size;
		} object;
		struct {
			uint32_t object, database, signature, string, view;
			uint32_t size;
			uint64_t offset;
		} match;
		struct {
			uint32_t object, reason;
		} unscanned;
		struct {
			uint32_t objects, matches, gaps, kind, flags;
			uint64_t bytes; /* 16 bytes of header, 28 here, then */
			uint8_t has_sha256; /* the digest in a BYTES-less */
			uint8_t sha256[32]; /* END: END is FRAME_LARGE */
		} end;
		struct {
			uint32_t object, size; /* size <= FRAME_PAYLOAD_MAX */
			uint8_t bytes[FRAME_PAYLOAD_MAX];
		} payload; /* NAME, BYTES (object), PASSWORD (object = 0) */
	};
};

#define FRAME_END_ODDITY 1u /* end.flags: replace this worker */

/* The size every frame of this kind has, or 0 if there is no such kind. */
size_t frame_size(uint32_t kind);

/* Write f into out[FRAME_LARGE]; the size to send. */
size_t frame_put(const struct frame *f, uint8_t out[FRAME_LARGE]);

/* Read a record; false if it is not exactly one good frame. */
bool frame_get(struct cur record, struct frame *out);

#endif
