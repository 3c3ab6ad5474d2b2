/*
 * order.h - what candor update and its three helpers say to each other.
 *
 * One SOCK_SEQPACKET record is one order, or one answer, of exactly
 * ORDER_SIZE bytes, little-endian; texts are padded with zeros.
 *
 *   → candor-fetch    GET with the writing end of a pipe
 *                     (text: URL or name, name: proxy or nothing,
 *                     number: most bytes, milliseconds, milliseconds silent)
 *   ← candor-fetch    END (a: enum order_end, b: HTTP status, text: why)
 *
 *   → candor-verify   INPUT with a descriptor (a: which, number: size),
 *                     then CHECK (number: now, when it was released)
 *                     and a file to write to
 *   ← candor-verify   STATE, PUT (number: bytes of a state, of evidence, in
 *                     that file), any number of FILE and DELTA, then END
 *                     (a: as lib/trust has it, text: why)
 *
 *   → candor-verify   (as "delta") INPUT twice (a: which), CHECK with the
 *                     writing end of a pipe (number: bytes there must be)
 *   ← candor-verify   END (a: enum order_end, text: why)
 *
 *   → candor-compile  (as "container") INPUT with a descriptor (name, number:
 *                     size, text: keys), CHECK with a file to write to
 *   ← candor-compile  END (a: enum order_end, number: version, signatures,
 *                     seconds, bytes written, text: why)
 *
 *   → candor-install  BEGIN (name: of the folder); FILE with the reading end
 *                     of a pipe (name, number: size, hash); PUT with a file
 *                     (name, number: size); COMMIT (name); ...
 *   ← candor-install  END to each (a: enum order_end, text: why)
 *
 *   offset  size  field
 *        0     4  kind    enum order_kind
 *        4     4  a
 *        8     4  b
 *       12    32  number  four of 8 bytes
 *       44    32  hash
 *       76   512  name
 *      588  2048  text
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_FEED_ORDER_H
#define CANDOR_PROC_FEED_ORDER_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stdint.h>

#define ORDER_NUMBERS 4u
#define ORDER_HASH    32u
#define ORDER_NAME    512u
#define ORDER_TEXT    2048u
#define ORDER_SIZE    2636u

/* Where a helper finds its descriptors (sys/spawn.h). */
#define ORDER_CHANNEL 3
#define ORDER_LENT    4

enum order_kind {
	ORDER_GET = 1,
	ORDER_INPUT = 2,
	ORDER_CHECK = 3,
	ORDER_BEGIN = 4,
	ORDER_FILE = 5,
	ORDER_PUT = 6,
	ORDER_COMMIT = 7,
	ORDER_STATE = 8,
	ORDER_DELTA = 9,
	ORDER_END = 10
};

/* How a GET, or an order to candor-install, ended. */
enum order_end {
	ORDER_DONE,
	ORDER_ABSENT,  /* it is not there */
	ORDER_REFUSED, /* an answer other than "here it is" */
	ORDER_LIMIT,   /* more bytes, or more time, than there may be */
	ORDER_FAILED,  /* nobody there, disk full, ... */
	ORDER_FORGED   /* not the bytes that were promised */
};

/* Unpacked; texts always end with a zero. */
struct order {
	uint32_t kind, a, b;
	uint64_t number[ORDER_NUMBERS];
	uint8_t hash[ORDER_HASH];
	char name[ORDER_NAME];
	char text[ORDER_TEXT];
};

/* Copy text, cut to what fits with its zero. */
void order_put_text(char *out, size_t size, const char *text);

/* Write o into out[ORDER_SIZE]. */
void order_put(const struct order *o, uint8_t *out);

/* Read a record; false if it is not exactly one good order. */
MUST_CHECK bool order_get(struct cur record, struct order *out);

#endif
