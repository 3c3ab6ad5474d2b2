/*
 * path.h - SCAN, CONTSCAN, MULTISCAN and ALLMATCHSCAN: files by their paths.
 *
 * A candor-walker (proc/walker) finds and opens the files, so that a path that
 * hangs holds up nobody but its asker.  At most PATHS_AT_ONCE walk for one user
 * (those of a client that does not read what was said are not counted), and
 * PATHS_MOST for all; more wait.
 * One file of a walk is asked about at a time, so that replies come in the
 * order of the walk; of a MULTISCAN many are, and replies come as they come.
 * SCAN and ALLMATCHSCAN stop at the first file with a find.
 *
 * Where nothing was found and nothing left out, the last reply is PATH: OK.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_CLAMD_PATH_H
#define CANDOR_PROC_CLAMD_PATH_H

#include "proc/clamd/request.h"

#define PATHS_AT_ONCE  8u  /* of one user; over TCP all are one */
#define PATHS_MULTIPLE 32u /* files of one MULTISCAN */

void path_begin(struct client *c, const struct clamd_request *r);

/* A file of a walk was answered, and so much was said of it. */
void path_answered(struct walk *w, enum request_end end);

/* The client may hear more again. */
void paths_go_on(struct client *c);

/* The client is gone. */
void paths_forget(struct client *c);

/* Once a turn: a client that left may have left its walker to others. */
void paths_turn(struct front *f);

/* When all clients are gone: kill the walkers. */
void paths_close(struct front *f);

#endif
