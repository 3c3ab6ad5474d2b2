/*
 * remove.h - take the original away, and only it.
 *
 * Linux unlinks names, not files, and a name may be given to another file at
 * any moment.  So: move the name into a fresh folder that only we can enter,
 * beside it on the same file system; look there whether it is the very inode
 * whose bytes are sealed, and whether its bytes still are those; unlink it
 * there, where nobody can exchange it.  If it is another, put it back where
 * it was, and never over something that is there by then.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_QUARANTINE_REMOVE_H
#define CANDOR_PROC_QUARANTINE_REMOVE_H

#include "lib/base/why.h"
#include "proc/quarantine/held.h"

#include <stdbool.h>
#include <stdint.h>

/* SHA-256 and number of all bytes of fd; false if it cannot be read. */
bool remove_hash(int fd, uint8_t sha256[32], uint64_t *size);

/*
 * Open the folder a file was in as h tells it; no link on the way is
 * followed.  -1 with errno.
 */
int remove_open_folder(const struct held *h);

/*
 * Remove name from folder, if it is the file of h, which is open as fd.
 * False and why: it is where it was, or where the text says.
 */
bool remove_original(int folder, const char *name, int fd, const struct held *h,
    struct why *why);

enum left_over {
	LEFT_MOVED,    /* the original is gone, or has other bytes by now */
	LEFT_IN_PLACE, /* it is where it was, as it was sealed */
	LEFT_UNKNOWN   /* it, or its folder, cannot be reached now */
};

/* After a crash between sealing and removing: finish it, or put it back. */
enum left_over remove_left_over(const struct held *h);

#endif
