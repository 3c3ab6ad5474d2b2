/*
 * explain.h - why a file got its verdict, as text or as a page.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_EXPLAIN_H
#define CANDOR_CMD_EXPLAIN_H

#include "cmd/candor/databases.h"
#include "cmd/candor/result.h"

#include <stdio.h>

#define EXPLAIN_HITS 8u /* shown of one detection */

struct explanation {
	const struct result *result;
	struct databases *databases; /* texts are mapped when asked for */
	int fd;                      /* of the file, or -1 */
};

void explain_text(FILE *to, const struct explanation *e);

/* What stands inside a page.h page. */
void explain_page(FILE *to, const struct explanation *e);

/* Where a match was found, in words: "" or " of its text, normalised". */
const char *explain_view(uint32_t view);

/* Does the file's name say the feed's already ("x.cvd:x.ndb" of "x.cvd")? */
bool explain_is_feed_known(const struct db_signature *s);

#endif
