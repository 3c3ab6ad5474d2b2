/*
 * store.h - put files of a feed where scanners find them, all or nothing.
 *
 *     FEED/
 *       current → SERIAL     what is used; a link, replaced in one step
 *       SERIAL/              the files of a release, with the state they
 *                            were accepted in
 *       .new/                one that is being put together
 *       state                the latest state, if newer than SERIAL's own
 *       evidence/            what somebody signed and should not have
 *
 * At any moment, also after a power cut, current leads to a whole release:
 * every file is on disk before its folder gets its name, and that before
 * current leads there.  What is left of an attempt that was interrupted is
 * removed by the next.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_INSTALL_STORE_H
#define CANDOR_PROC_INSTALL_STORE_H

#include "lib/base/why.h"

#include <stdint.h>

#define STORE_NAME_MAX     64u
#define STORE_EVIDENCE_MAX 64 /* files kept; older ones are never replaced */

/* Where a file goes: the a of an ORDER_FILE. */
enum store_place {
	STORE_NEW,      /* into .new */
	STORE_TOP,      /* beside current, replacing what has its name */
	STORE_EVIDENCE, /* into evidence, unless it is there */
	STORE_PLACES
};

struct store_file {
	enum store_place place;
	const char *name;
	uint64_t size;
	const uint8_t *hash; /* SHA-256, or NULL: not to be compared */
	int from;            /* a pipe or file with exactly these bytes */
};

/* May something be called that?  [a-z0-9._-], not "." first, 1 to 64. */
bool store_name_is_good(const char *name);

/* Begin a release: .new is there and empty. */
bool store_begin(int folder, struct why *why);

/* Write a file, all of it and on disk, or leave none.  WHY_FORGED if it is not
   what hash says, WHY_LIMIT if there are more bytes than size. */
bool store_file(int folder, const struct store_file *f, struct why *why);

/* What is in .new becomes NAME and current; then the others go. */
bool store_commit(int folder, const char *name, struct why *why);

#endif
