/*
 * protocol.h - what candor-opener and its owner say to each other.
 *
 * One SOCK_SEQPACKET record is one message: OPENER_HEADER bytes,
 * little-endian, and as many bytes of payload as the record has beyond them.
 * The owner asks, the opener answers; nobody says anything unasked.
 *
 *   asked                          answered
 *   IDENTITY  uid, gid, groups     DONE
 *   LOOK      [folder] and a name  NOTE for each mount entered, then FOUND
 *                                  and a descriptor, or DONE
 *   LIST      [folder]             NAMES, any number, then DONE
 *   STAMP     [file]               FOUND or DONE
 *   GIVE      [file] and a record, DONE; record and file are sent on the
 *             after LEND [channel] channel
 *   COPY      [file], size,        NOTE now and then, then DONE
 *             after LEND [memfd]
 *
 *   offset  size  field
 *        0     4  kind      enum opener_kind
 *        4     4  err       DONE: errno, 0 if all is well
 *        8     4  flags     OPENER_*
 *       12     4  mode      FOUND: st_mode; IDENTITY: gid
 *       16     8  mount     FOUND, NOTE: which mount
 *       24     8  type      FOUND: of the file system; IDENTITY: uid
 *       32     8  device    FOUND: st_dev
 *       40     8  inode     FOUND
 *       48     8  size      FOUND: bytes; COPY: at most; DONE: copied
 *       56     8  mtime_s   FOUND
 *       64     8  ctime_s   FOUND
 *       72     4  mtime_ns  FOUND
 *       76     4  ctime_ns  FOUND
 *       80     …  payload   LOOK: the name or path, without a NUL;
 *                           NAMES: for each a byte DT_*, the name, a NUL;
 *                           GIVE: the record; IDENTITY: groups, 4 bytes each
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_OPENER_PROTOCOL_H
#define CANDOR_PROC_OPENER_PROTOCOL_H

#include "lib/base/cur.h"
#include "sys/subject.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OPENER_HEADER  80u
#define OPENER_PAYLOAD 32768u /* the most */
#define OPENER_RECORD  (OPENER_HEADER + OPENER_PAYLOAD)
#define OPENER_CHANNEL 3 /* where the opener finds it */

enum opener_kind {
	OPENER_IDENTITY = 1,
	OPENER_LOOK = 2,
	OPENER_LIST = 3,
	OPENER_STAMP = 4,
	OPENER_GIVE = 5,
	OPENER_COPY = 6,
	OPENER_LEND = 7,
	OPENER_NOTE = 16,
	OPENER_FOUND = 17,
	OPENER_NAMES = 18,
	OPENER_DONE = 19
};

/* Flags. */
#define OPENER_AS_SAID UINT32_C(1) /* LOOK: a path, links are followed */
#define OPENER_LOCAL   UINT32_C(2) /* FOUND: opened for reading */
#define OPENER_CUT     UINT32_C(4) /* DONE of COPY: there was more */
#define OPENER_FLAGS   UINT32_C(7)

struct opener_message {
	uint32_t kind, err, flags, mode;
	uint64_t mount, type;
	struct subject_stamp stamp; /* size is that of COPY and DONE too */
	struct cur payload;         /* lent by the record */
};

/* Write m into out[OPENER_RECORD]; how many bytes that are. */
size_t opener_put(const struct opener_message *m, uint8_t *out);

/* Read a record; false if it is no message. */
bool opener_get(struct cur record, struct opener_message *out);

/* The next name of a NAMES payload, NUL-terminated; false at its end. */
bool opener_get_name(struct cur *names, uint8_t *type, const char **name);

#endif
