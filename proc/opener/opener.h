/*
 * opener.h - have paths touched by a process that can be given up.
 *
 * A path on a file system with a server behind it (FUSE, NFS, …) may make
 * whoever touches it wait for ever, even for close().  So a candor-opener
 * does it, and whoever owns one holds nothing of such a file but an O_PATH
 * descriptor, which asks nobody anything.  On local file systems
 * (sys/filesystem.h) the opener hands over what it opened, and the owner goes
 * on alone.
 *
 * Every answer has a deadline.  When it passes, the opener is killed and not
 * waited for, its mount is remembered as hung, what was asked fails with
 * ETIMEDOUT, and so does, at once, whatever else is asked about that mount.
 * The next question starts a new opener.
 *
 * Not for two threads at once.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_OPENER_OPENER_H
#define CANDOR_PROC_OPENER_OPENER_H

#include "lib/base/cur.h"
#include "lib/base/why.h"
#include "sys/subject.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define OPENER_DEADLINE_MS 10000u
#define OPENER_HUNG_MAX    256u /* mounts remembered as hung */

struct opener_options {
	uint32_t deadline_ms; /* of one answer; 0: OPENER_DEADLINE_MS */
	/* Asked ten times a second while an answer is awaited; true: what was
	   asked fails with ECANCELED.  Or NULL. */
	bool (*is_stopped)(void *ctx);
	void *ctx;
	const char *program; /* instead of candor-opener (tests), or NULL */
	/* Whose rights count: root becomes that user; for others both must be
	   allowed, as far as owner, group and mode tell (sys/access.h). */
	bool has_user;
	uid_t uid;
	gid_t gid;
	const gid_t *group; /* copied */
	size_t group_count; /* at most 8192 */
};

struct opener_found {
	enum subject_kind kind;
	bool is_local;
	int fd; /* yours; of a file or folder, else -1.  For reading if it is
	           local, else O_PATH. */
	uint64_t mount, file_system; /* its number, its type */
	struct subject_stamp stamp;
};

/* A file or folder that is held, and the mount it is on (0: not known). */
struct opener_place {
	int fd; /* borrowed */
	uint64_t mount;
};

struct opener;

/* No process is started before there is something to ask. */
struct opener *opener_open(const struct opener_options *options,
    struct why *why);
void opener_close(struct opener **o);

/* What is at path?  As the person who typed it means it, links included. */
bool opener_look_as_said(struct opener *o, const char *path,
    struct opener_found *out, struct why *why);

/* What is name (one name, or "..") in a folder? */
bool opener_look_below(struct opener *o, struct opener_place folder,
    const char *name, struct opener_found *out, struct why *why);

/* Tell all names of a folder but "." and "..", with their DT_*. */
typedef bool (*opener_name_fn)(void *ctx, uint8_t type, const char *name);
bool opener_list(struct opener *o, struct opener_place folder,
    opener_name_fn tell, void *ctx, struct why *why);

/* What a file is now that is not local. */
bool opener_stamp(struct opener *o, struct opener_place file,
    struct subject_stamp *out, struct why *why);

/*
 * Open a file that is not local, and send it with a record on a channel; out
 * is what it was then.  EAGAIN and EPIPE are about the channel.
 */
bool opener_give(struct opener *o, struct opener_place file, int channel,
    struct cur record, struct subject_stamp *out, struct why *why);

/* Read such a file from its beginning into to, at most so many bytes. */
struct opener_copied {
	uint64_t size;
	bool is_cut; /* there was more */
};
bool opener_copy(struct opener *o, struct opener_place file, int to,
    uint64_t most, struct opener_copied *out, struct why *why);

/* Did this mount not answer, or did somebody say so? */
bool opener_is_hung(const struct opener *o, uint64_t mount);
void opener_set_hung(struct opener *o, uint64_t mount);

#endif
