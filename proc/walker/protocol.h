/*
 * protocol.h - what candor-walker and its owner say to each other.
 *
 * One SOCK_SEQPACKET record is one message: WALKER_HEADER bytes,
 * little-endian, and a path.
 *
 *   owner → walker   WALK depth, path [+ socket]; STOP
 *   walker → owner   per WALK any number of FILE + descriptor and GAP, in the
 *                    order of the walk; then DONE
 *
 * With a WALK may come the Unix socket of a client: then nothing is opened
 * that he may not open, too.  Who he is, the walker asks the kernel.
 *
 * After STOP a walk ends soon, but what was said before comes first.
 *
 *   offset  size  field
 *        0     4  kind   enum walker_kind
 *        4     4  what   WALK: depth of folders at most; GAP: enum walker_gap
 *        8     4  err    GAP: errno, or 0; WALK: 1 if a socket comes along
 *       12     4  zero
 *       16     8  size   FILE: in bytes
 *       24     …  path   without a NUL; in STOP and DONE empty
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_WALKER_PROTOCOL_H
#define CANDOR_PROC_WALKER_PROTOCOL_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WALKER_HEADER 24u
#define WALKER_PATH   16384u /* of what is found; longer ones are gaps */
#define WALKER_RECORD (WALKER_HEADER + WALKER_PATH)

enum walker_kind {
	WALKER_WALK = 1,
	WALKER_STOP = 2,
	WALKER_FILE = 16,
	WALKER_GAP = 17,
	WALKER_DONE = 18
};

/* Why something is not looked at. */
enum walker_gap {
	WALKER_ABSENT = 1, /* not there, or may not be looked at */
	WALKER_DENIED = 2, /* may not be read */
	WALKER_ODD = 3,    /* neither a file nor a folder */
	WALKER_DEEP = 4,   /* folders too deep, or path too long */
	WALKER_FAILED = 5  /* cannot be read */
};

struct walker_message {
	uint32_t kind, what, err;
	uint64_t size;
	struct cur path; /* lent by the record */
};

/* Write m into out[WALKER_RECORD]; how many bytes that are, 0: it is none. */
size_t walker_put(const struct walker_message *m, uint8_t *out);

/* Read a record; false if it is no message. */
bool walker_get(struct cur record, struct walker_message *out);

#endif
