/*
 * run.h - run a program of the system, and nothing of ours to it.
 *
 * For commands that change the machine as somebody asked: no shell, a path
 * from the root, a fixed environment, no input, a session of its own.  It is
 * not ended when we are: half a package manager is worse than a whole one.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_SYS_RUN_H
#define CANDOR_SYS_RUN_H

#include "lib/base/why.h"

#include <stdint.h>

/*
 * Run argv (argv[0] from the root, NULL at its end) to its end.  Its standard
 * input is in, or empty if that is -1; what it says goes to out, a file (a
 * pipe would fill), or nowhere if that is -1.  False: it could not be
 * started, or took longer than patience and was killed.  *status is what
 * waitpid() gives.
 */
bool run_program(const char *const *argv, int in, int out, uint64_t patience_ms,
    int *status, struct why *why);

/* Is there a program of this path, a file that is executable? */
bool run_is_there(const char *path);

#endif
