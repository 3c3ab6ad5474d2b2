/*
 * entry.h - the texts that are signed and logged: what they are, who signs.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PUBLISH_ENTRY_H
#define CANDOR_PUBLISH_ENTRY_H

#include "cmd/candor/buf.h"
#include "lib/trust/release.h"
#include "lib/trust/root.h"

#include <stdio.h>

/* A draft is a folder: a release's text, and what it speaks of, as in a
   feed's tree. */
#define ENTRY_TEXT "release.txt"
#define ENTRY_NOTE "release.note"

/* The text of a root or a release, or the note, or the draft's. */
struct entry {
	struct buf bytes; /* the file */
	bool is_draft;    /* path was a folder */
	bool is_note;     /* else just the text */
	bool is_root;
	struct note note; /* text alone is set if it is no note */
	struct trust_root root;
	struct trust_release release; /* borrows from bytes */
};

/* Read one; of a draft its ENTRY_NOTE or, with is_text_wanted, ENTRY_TEXT. */
bool entry_read(const char *path, bool is_text_wanted, struct entry *out,
    struct why *why);
void entry_free(struct entry *e);

/* Tell a person what he is looking at. */
void entry_tell(FILE *to, const struct entry *e);

#endif
