/*
 * protocol.h - what candor-compile and its owner say to each other.
 *
 * One SOCK_SEQPACKET record is one message of exactly PROTOCOL_SIZE bytes,
 * little-endian; texts are padded with zeros.
 *
 *   owner → compiler   BEGIN, any number of INPUT with a descriptor, perhaps
 *                      REST and two JOIN with one each, GO
 *   compiler → owner   READY; after GO any number of COUNT and COMPLAINT and
 *                      then DONE; or at any time FAILED, the last
 *
 *   offset  size  field
 *        0     4  kind      enum protocol_kind
 *        4     4  a         BEGIN: level; READY: layers; COMPLAINT: line
 *        8     4  b         BEGIN: 1 if there is a descriptor for texts;
 *                           INPUT: 1 to read ignore lists only, before all
 *                           others;
 *                           COMPLAINT: column; FAILED: enum why_kind
 *       12     4  c         BEGIN: enum protocol_share; JOIN: whose; COUNT,
 *                           COMPLAINT: 1 if it is an error,
 *                           PROTOCOL_WARNING; FAILED: errno
 *       16    48  number    six of 8 bytes.  INPUT, JOIN: size; COUNT: count;
 *                           DONE: rules, hashes, triggers, untriggered,
 *                           bytes, bytes of texts
 *       64     8  built     DONE: seconds since 1970, or 0
 *       72    32  word      COUNT: what; COMPLAINT: kind
 *      104    32  reason    COUNT: reason
 *      136  1024  name      INPUT: name; COMPLAINT: file; BEGIN: keys
 *     1160   256  text      COMPLAINT: reason; FAILED: why
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_COMPILER_PROTOCOL_H
#define CANDOR_PROC_COMPILER_PROTOCOL_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PROTOCOL_NUMBERS 6u
#define PROTOCOL_WORD    32u
#define PROTOCOL_FILE    1024u
#define PROTOCOL_REASON  256u
#define PROTOCOL_SIZE    1416u

/* Where the compiler finds the descriptors it is started with. */
#define PROTOCOL_CHANNEL  3
#define PROTOCOL_DATABASE 4
#define PROTOCOL_TEXTS    5

enum protocol_kind {
	PROTOCOL_BEGIN = 1,
	PROTOCOL_INPUT = 2,
	PROTOCOL_GO = 3,
	PROTOCOL_JOIN = 4, /* the database of one that read the rules */
	PROTOCOL_REST = 5, /* no more inputs; the rules will take a while */
	PROTOCOL_READY = 16,
	PROTOCOL_COUNT = 17,
	PROTOCOL_COMPLAINT = 18,
	PROTOCOL_DONE = 19,
	PROTOCOL_FAILED = 20
};

#define PROTOCOL_WARNING 2u /* c of a COMPLAINT: loaded, with a catch */

/* Which part of the work a compiler does; three of them share it. */
enum protocol_share {
	PROTOCOL_ALL,
	PROTOCOL_HASHES,   /* and whatever is no rule */
	PROTOCOL_COMPARED, /* of rules; it says what became of them, too */
	PROTOCOL_SEARCHED, /* of rules; it says which of them are slow */
	PROTOCOL_SHARES
};

/* A message, unpacked; texts always end with a zero. */
struct protocol_message {
	uint32_t kind;
	uint32_t a, b, c;
	uint64_t number[PROTOCOL_NUMBERS];
	uint64_t built;
	char word[PROTOCOL_WORD];
	char reason[PROTOCOL_WORD];
	char name[PROTOCOL_FILE];
	char text[PROTOCOL_REASON];
};

/* Cut text to what fits into size bytes with its zero: its front … */
void protocol_put_text(char *out, size_t size, const char *text);

/* … or, for paths, its end, with "..." in front. */
void protocol_put_path(char *out, size_t size, const char *path);

/* Write m into out[PROTOCOL_SIZE]. */
void protocol_put(const struct protocol_message *m, uint8_t *out);

/* Read a record; false if it is not exactly one good message. */
bool protocol_get(struct cur record, struct protocol_message *out);

#endif
