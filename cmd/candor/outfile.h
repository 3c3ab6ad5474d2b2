/*
 * outfile.h - a file that appears whole or not at all.
 *
 * It has no name while it is written; giving it one replaces what had the
 * name before in one step.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_OUTFILE_H
#define CANDOR_CMD_OUTFILE_H

#include "lib/base/why.h"

#include <stdbool.h>
#include <sys/types.h>

struct outfile {
	int fd;       /* open for reading and writing, or -1 */
	int dir;      /* where it will stand; borrowed */
	char *name;   /* there; owned */
	char *hidden; /* while it is written, where files need one */
};

/* Start a file that will be called name in the folder dir (or AT_FDCWD). */
bool outfile_open(int dir, const char *name, mode_t mode, struct outfile *out,
    struct why *why);

/* Give it its name; is_kept: make sure of its bytes first (fsync). */
bool outfile_commit(struct outfile *o, bool is_kept, struct why *why);

/* Close it; without outfile_commit() nothing stays behind. */
void outfile_close(struct outfile *o);

#endif
