/*
 * verdicts.h - files that were clean and have not changed since.
 *
 * Only one thing is remembered: "this state of a file was looked at whole,
 * and nothing was found".  A state is the file system, inode, size, time of
 * last writing and time of last change (both in nanoseconds), together with
 * the scope: the program and its worker, every database in its order, and
 * every option that decides what is looked at.  If any of it differs the
 * file is looked at again.  Nobody can set the time of change, and everything
 * that is done to a file, a name given to it included, moves it.
 *
 * What could move the bytes and not the times, and what is done about it:
 *
 *   Two writings within one tick of the clock: nothing that was written or
 *   changed within the last two seconds before its scan began (or after it,
 *   by its times) is remembered.
 *
 *   Bytes that change during the scan: lib and crew compare the times before
 *   and after it; what has changed is unscanned, and so not remembered.
 *
 *   A shared mapping: the first store to a page moves the times, those that
 *   follow before the page went to disk do not.  Somebody could store during
 *   the scan without a trace, and close.  So nobody may have the file open
 *   for writing when its scan begins; who opens it later moves the times with
 *   his first store.  A mapping keeps its file open.  The kernel answers the
 *   question with a read lease (F_SETLEASE), taken and given back at once
 *   before the times are read.
 *
 *   Leases are for the owner of a file and for who has CAP_LEASE.  For the
 *   rest, a user who looks through /usr, there is one exception: a file that
 *   belongs to root and that nobody else may write to (no write bit for group
 *   and others; an access list shows in the group's).  Only root could have it
 *   open for writing, or somebody whose it was before root took it; pages
 *   written to by mapping go to disk within half a minute, and the next store
 *   to them moves the times.  So such a file must not have changed for
 *   two minutes.  Anything else that no lease can be had for is looked at
 *   every time.
 *
 *   File systems that are not this kernel's alone, and XFS, which can
 *   exchange the bytes of two files and move no time (there only files that
 *   nobody but root may write to are remembered, and only with a lease):
 *   trusted.h.
 *
 * What is not seen: bytes that reached the disk before a crash of the machine
 * when their time did not; who writes to the disk below the file system, or
 * sets back the clock and hits the same nanosecond (both take root), or puts
 * back an image of the disk made while the file had other bytes and the same
 * time of change (there is none, unless the disk was written to).
 *
 * The table (remembered.h) is kept in the user's cache folder, as verdicts,
 * for that user alone: what one user could read, and how much of it, is none
 * of another's business.  It is replaced whole; of two scans at once the last
 * to end wins, which costs work and no more.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_VERDICTS_H
#define CANDOR_CMD_VERDICTS_H

#include "cmd/candor/databases.h"
#include "cmd/candor/remembered.h"
#include "lib/engine/engine.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/stat.h>

#define VERDICTS_QUIET      2   /* seconds without change */
#define VERDICTS_LONG_QUIET 120 /* the same, where no lease can be had */

/* What decides the verdict of a file besides its bytes. */
struct verdicts_scope {
	const struct databases *databases;
	uint32_t flags; /* SCAN_* */
	const struct limits *limits;
	uint64_t deadline_ms;
};

/* A state of a file that may be remembered. */
struct verdicts_state {
	bool is_good;
	uint8_t hash[REMEMBERED_HASH];
};

struct verdicts; /* defined in verdicts.c */

/* Begin with what is remembered; NULL if nothing can be. */
struct verdicts *verdicts_open(const struct verdicts_scope *scope);

/*
 * Was the regular file that s tells about clean in this state?  near is open
 * and on the same file system: the folder it is in, or the file itself.
 */
bool verdicts_know(struct verdicts *v, int near, const struct stat *s);

/*
 * The state of the file that is open at fd and about to be scanned.  Call
 * this before the crew gets it.
 */
void verdicts_begin(struct verdicts *v, int fd, struct verdicts_state *out);

/* It was clean, all of it; size bytes were looked at for that. */
void verdicts_keep(struct verdicts *v, const struct verdicts_state *state,
    uint64_t size);

/* Write down what is worth it, and free. */
void verdicts_close(struct verdicts **v);

#endif
