/*
 * hold.h - what the guard asks the quarantine, and what it hears.
 *
 * One SOCK_SEQPACKET record of HOLD_SIZE bytes is one frame; a JUDGE and a
 * TAKE bring the file, opened read-only.  Each is answered once, in any order;
 * what was asked of a quarantine that died is not, and is asked again of its
 * successor if it still matters.
 *
 *   guard → quarantine   JUDGE: whose is this file?  TAKE: move it away
 *   quarantine → guard   JUDGED, TAKEN
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_WIRE_HOLD_H
#define CANDOR_WIRE_HOLD_H

#include "lib/base/cur.h"

#include <stdint.h>

#define HOLD_SIZE     608u
#define HOLD_ID_MAX   16u  /* what the quarantine calls it */
#define HOLD_NAME_MAX 288u /* of a signature */
#define HOLD_TEXT_MAX 224u /* why, for a person */

enum hold_kind {
	HOLD_JUDGE = 1,
	HOLD_TAKE = 2,
	HOLD_JUDGED = 16,
	HOLD_TAKEN = 17
};

/* JUDGED: what.  In the order of enum packaged (proc/quarantine). */
enum hold_owner {
	HOLD_NOBODYS,
	HOLD_AS_SHIPPED, /* of a package, and as that installed it */
	HOLD_CHANGED,    /* of a package, and not as that installed it */
	HOLD_TO_BOOT,    /* the machine may need it to start */
	HOLD_OWNERS
};

/* TAKEN: what. */
enum hold_end {
	HOLD_MOVED,
	HOLD_KEPT,
	HOLD_FAILED,
	HOLD_CHANGED_SINCE, /* it is not what it was when it was scanned */
	HOLD_ENDS
};

/* The file as it was when it was scanned: as in struct subject_stamp. */
struct hold_stamp {
	uint64_t device, inode, size;
	int64_t mtime_s, ctime_s;
	uint32_t mtime_ns, ctime_ns;
};

struct hold {
	uint32_t kind;  /* enum hold_kind */
	uint64_t token; /* the asker's */
	uint32_t what;  /* JUDGED, TAKEN; else 0 */
	uint32_t name_size, text_size, id_size;
	char id[HOLD_ID_MAX];     /* TAKEN, HOLD_MOVED */
	char name[HOLD_NAME_MAX]; /* TAKE: signature; JUDGED: package */
	char text[HOLD_TEXT_MAX]; /* TAKEN: why not */
	struct hold_stamp stamp;  /* TAKE: only that is taken; else 0 */
};

/* Write h into out; false if it is not a good frame. */
bool hold_put(const struct hold *h, uint8_t out[HOLD_SIZE]);

/* Read a record; false if it is not exactly one good frame. */
bool hold_get(struct cur record, struct hold *out);

#endif
