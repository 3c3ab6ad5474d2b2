/*
 * complaints.h - what the compiler did not take, in words.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_COMPLAINTS_H
#define CANDOR_CMD_COMPLAINTS_H

#include "cmd/candor/inputs.h"
#include "proc/compiler/client.h"

#include <stdio.h>

/*
 * The names the compiler is told: without their folder, so that the same
 * texts give the same database wherever they lie, unless two are called the
 * same.  Fills in job's inputs; free them with complaints_free_job().
 */
void complaints_make_job(const struct inputs *in, struct compiler_job *job);
void complaints_free_job(struct compiler_job *job);

/*
 * A line each: FILE:LINE:COLUMN: REASON.  At most most of them, the errors
 * first; without all, errors only.
 */
void complaints_print(FILE *to, const struct inputs *in,
    const struct compiler_report *report, size_t most, bool all);

/* The table of what was loaded and what was not. */
void complaints_table(FILE *to, const struct compiler_report *report);

/*
 * Was an input refused whole (a container whose signature does not hold)?
 * Then nothing may be made of the rest either: false, and why says which.
 */
bool complaints_allow(const struct compiler_report *report, struct why *why);

#endif
