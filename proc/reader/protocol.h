/*
 * protocol.h - what candor-reader and its owner say to each other.
 *
 * Records of a SOCK_SEQPACKET, little-endian.  The owner gives one order at a
 * time, each an order of its own:
 *
 *   offset  size  field
 *        0     4  kind   READER_LOOK or READER_BESIDE with a descriptor,
 *                         or READER_FETCH
 *        4     4  what   LOOK: enum reader_what; FETCH: of which part
 *        8     8  size   LOOK, BESIDE: of the file; FETCH: bytes at most
 *       16     n  text   LOOK: its name, for who goes by it, or of CONTENTS
 *                         strings to look for, a line each; FETCH: a path
 *
 * BESIDE is a file that belongs to the one of the next LOOK: a log of a
 * registry.
 *
 * The reader answers with packets of up to READER_PACKET bytes; in each are
 * whole parts, one behind the other, of all packets of an order the last one
 * READER_DONE or READER_FAILED:
 *
 *        0     1  kind    enum reader_said
 *        1     1  what    SEEN: enum reader_thing; NAME: enum reader_node
 *        2     2  flags   SEEN: READER_ROW, READER_ELSE, READER_LEFT
 *        4     4  value   bytes of it
 *        8     4  detail  bytes of it
 *       12     4  part    PART, NAME: which
 *       16     8  number  COUNT: how many; NAME: size; READY: layers;
 *                         DONE of a FETCH: the size of the file
 *       24        value, then detail
 *
 *   READY   (once, before the first order) it is in its cage
 *   SEEN    value is a thing of that type; detail is more about it
 *   COUNT   number of value (a word: "keys") were looked at
 *   PART    of an image: a file system begins; value says which and where
 *   NAME    of an image: a path in the part, "/a/b"
 *   BYTES   of a FETCH: the next bytes of the file
 *   BLIND   value could not be seen, detail says why
 *   DONE    that was all
 *   FAILED  there will be no more; detail says why
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_READER_PROTOCOL_H
#define CANDOR_PROC_READER_PROTOCOL_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define READER_CHANNEL 3 /* in the reader (sys/spawn.h) */

#define READER_TEXT       4096u  /* bytes of a name, a path, a value */
#define READER_BYTES_MAX  30000u /* of one BYTES */
#define READER_ORDER_HEAD 16u
#define READER_ORDER_MAX  (READER_ORDER_HEAD + READER_TEXT)
#define READER_PART_HEAD  24u
#define READER_PACKET     32768u
#define READER_BESIDES    3u /* before one LOOK */

enum reader_order_kind {
	READER_LOOK = 1,
	READER_FETCH = 2,
	READER_BESIDE = 3
};

/* What a file is, as far as its owner knows. */
enum reader_what {
	READER_ANY, /* see for yourself */
	READER_HIVE_SOFTWARE,
	READER_HIVE_SYSTEM,
	READER_HIVE_USER,
	READER_CONTENTS, /* a program, an installer, an app */
	READER_WHATS
};

enum reader_said {
	READER_READY = 16,
	READER_SEEN = 17,
	READER_COUNT = 18,
	READER_PART = 19,
	READER_NAME = 20,
	READER_BYTES = 21,
	READER_BLIND = 22,
	READER_DONE = 23,
	READER_FAILED = 24
};

/* Of which type a thing is; the owner knows what that means to it. */
enum reader_thing {
	READER_PACKAGE,
	READER_SUPPLIER,
	READER_PATH,
	READER_PROGRAM,
	READER_SERVICE, /* detail: what it starts, as it is written there */
	READER_REGISTRY,
	READER_CERTIFICATE,
	READER_SIGNER,
	READER_APP,
	READER_COUNTERSIGNER,
	READER_COMPANY,
	READER_PRODUCT,
	READER_SETUP, /* it says that it installs something */
	READER_STRING,
	READER_CLASS,
	READER_MEMBER, /* detail: of which archive in it, or empty */
	READER_KIND,   /* of CONTENTS, first: a word of lib/formats/kind.h */
	READER_THINGS
};

#define READER_ROW  1u /* the first that is said of something */
#define READER_ELSE 2u /* counts if nothing before it of its row did */
#define READER_LEFT 4u /* it is there, and not in use any more */

/* What stands in a folder. */
enum reader_node {
	READER_FILE,
	READER_FOLDER,
	READER_LINK,
	READER_OTHER,
	READER_NODES
};

struct reader_order {
	uint32_t kind, what;
	uint64_t size;
	struct cur text;
};

struct reader_part {
	uint8_t kind, what;
	uint16_t flags;
	uint32_t part;
	uint64_t number;
	struct cur value, detail; /* lent from the packet */
};

/* Write o into out[READER_ORDER_MAX]; how many bytes, 0 if it cannot be. */
size_t reader_order_put(const struct reader_order *o, uint8_t *out);

/* Read a record; false if it is not exactly one good order. */
MUST_CHECK bool reader_order_get(struct cur record, struct reader_order *out);

/* Bytes a part needs; 0 if it cannot be said. */
size_t reader_part_size(const struct reader_part *p);

/* Write p, which can be said, into out. */
void reader_part_put(const struct reader_part *p, uint8_t *out);

/* Cut the next part off packet; false if what stands there is not a good
   one. */
MUST_CHECK bool reader_part_get(struct cur *packet, struct reader_part *out);

#endif
