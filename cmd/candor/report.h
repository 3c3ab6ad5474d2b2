/*
 * report.h - a scan as one page to look at.
 *
 * The page is a single file: no script, no image, no font and no address in
 * it is fetched from anywhere, and its content policy forbids it besides.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_REPORT_H
#define CANDOR_CMD_REPORT_H

#include "cmd/candor/databases.h"
#include "cmd/candor/result.h"
#include "cmd/candor/totals.h"

#include <stdbool.h>

struct report; /* defined in report.c */

/* Start a page; NULL after saying on stderr why not.  Borrows databases. */
struct report *report_open(const char *path, const struct databases *databases);

/* Put a result on it, if it is not clean; moved: what quarantine says became
   of the file, or NULL. */
void report_file(struct report *p, const struct result *r, const char *moved);

/* Write what is left; false after saying why it could not be written. */
bool report_close(struct report **p, const struct totals *t);

#endif
