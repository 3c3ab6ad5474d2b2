/*
 * hashlist.h - read plain lists of hashes.  The forms are in hashlist.c.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_HASHLIST_H
#define CANDOR_COMPILE_HASHLIST_H

#include "lib/compile/clam/line.h"

/* What is known of the list as a whole. */
struct hashlist {
	const char *stem; /* file name without folders and ending */
	size_t stem_size;
	bool is_csv;
	bool has_name_column;
	size_t name_column; /* from 0 */
	bool has_rows;      /* a header can come no more */
};

void hashlist_init(struct hashlist *list, const char *name);

/* Is this line the header of a CSV list?  Then keep what it says. */
bool hashlist_is_header(struct hashlist *list, struct cur line);

bool hashlist_read(struct line *l);

#endif
