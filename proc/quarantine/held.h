/*
 * held.h - what is written down about a file in quarantine.
 *
 * A text beside the sealed bytes, in the manner of the desktop trash
 * specification's .trashinfo: Key=value lines, values with %XX for every byte
 * but printable ASCII, so that it can be read, and repaired, by hand.
 *
 *     [Quarantine]
 *     State=held
 *     Path=/srv/www/up%20load.php
 *     …
 *     [End]
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_QUARANTINE_HELD_H
#define CANDOR_PROC_QUARANTINE_HELD_H

#include "lib/base/cur.h"
#include "lib/base/why.h"
#include "sys/attributes.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#define HELD_ID         16u                /* hexadecimal digits */
#define HELD_SIGNATURES 16u                /* names kept; more are not */
#define HELD_TEXT_MAX   ((size_t)32 << 20) /* bytes of one such text */

enum held_state {
	HELD_COPIED, /* sealed and verified; the original is still there */
	HELD_MOVED,  /* sealed, and the original is gone */
};

struct held {
	char id[HELD_ID + 1];
	enum held_state state;
	int64_t time; /* when, seconds since 1970 */
	char *path;   /* absolute, without links; owned */
	uint64_t size;
	uint8_t sha256[32];
	uint64_t device, inode;               /* of the original */
	uint64_t folder_device, folder_inode; /* of the folder it was in */
	uint64_t links;                       /* names it had */
	struct attributes attributes;
	char *signature[HELD_SIGNATURES]; /* owned */
	size_t signature_count;
};

/* Append a name; a full list or no memory leaves it out. */
void held_add_signature(struct held *h, const void *name, size_t size);

/* Write the text; id is not part of it (the file is called by it). */
void held_write(FILE *to, const struct held *h);

/* Read one; false and why if it is damaged.  Free it either way. */
bool held_read(struct cur text, struct held *out, struct why *why);

void held_free(struct held *h);

#endif
