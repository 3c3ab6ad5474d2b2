/*
 * remembered.h - a sorted table of file states, in memory and in one file.
 *
 * What a state is, and what was found out about it, is not known here: a
 * state is 20 bytes of a hash over everything that matters (verdicts.h).  The
 * table answers one question, "is it in there?", so that a broken or foreign
 * file can cost work but never makes up an answer: nobody finds 20 bytes that
 * happen to be those of another state.
 *
 * The file is read whole when it is opened and never looked at again, so that
 * nobody who cuts it short under us can end the program.  It has a header and
 * records of 24 bytes in the order of their hashes; a number counts how often
 * the file was written, and each record holds that number of when it was last
 * of use.  What was of no use for REMEMBERED_AGE writings is left out, and if
 * there is still too much, what was of no use for longest.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_REMEMBERED_H
#define CANDOR_CMD_REMEMBERED_H

#include "lib/base/why.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define REMEMBERED_HASH 20u
#define REMEMBERED_AGE  8u                 /* writings without use */
#define REMEMBERED_MOST ((size_t)64 << 20) /* bytes of the file */

struct remembered_header {
	uint64_t magic; /* of another byte order: another number */
	uint32_t record_size, writing;
	uint64_t count;
};

struct remembered_record {
	uint8_t hash[REMEMBERED_HASH];
	uint32_t used; /* the writing before which it was last of use */
};

struct remembered {
	struct remembered_record *old; /* sorted */
	size_t count;
	uint32_t *first; /* of old, in each bucket; one more at the end */
	unsigned bits;   /* of a hash: its bucket */
	uint32_t writing;
	struct remembered_record *fresh; /* as they came */
	size_t fresh_count, fresh_room;
	size_t most;  /* records that are kept */
	size_t stale; /* of use now, and not for half of REMEMBERED_AGE */
};

/*
 * Begin with what is in the file open at fd, or with nothing (fd is -1).
 * False if it is no such file, or no longer whole; then r is empty.
 */
bool remembered_open(struct remembered *r, int fd);
void remembered_close(struct remembered *r);

/* Was this state in the file?  Then it was of use. */
bool remembered_find(struct remembered *r, const uint8_t hash[REMEMBERED_HASH]);

/* Take in a state for the next time. */
void remembered_add(struct remembered *r, const uint8_t hash[REMEMBERED_HASH]);

/* Write all that is to be kept to fd, an empty file. */
bool remembered_write(struct remembered *r, int fd, struct why *why);

#endif
