/*
 * text.h - read one text file of signatures, line by line.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_TEXT_H
#define CANDOR_COMPILE_TEXT_H

#include "lib/base/cur.h"
#include "lib/base/why.h"
#include "lib/compile/compile.h"

struct text {
	const char *name; /* display path; its ending says what it is */
	uint32_t feed;    /* index into ir.feed */
	uint32_t flags;   /* SIG_* for everything in it */
	bool is_member;   /* of a container: .info and COPYING are no news */
	struct cur bytes; /* outlive ir; not looked at by text_open() */
};

/* The text after the last dot of the last part of a path; "" if none. */
const char *text_ending(const char *name);

/* Complaints kept of one kind in one file: errors, and lines that are right
   but not loaded.  More are only counted. */
#define TEXT_ERRORS_MAX  100u
#define TEXT_SKIPPED_MAX 10u

/* Is this the ending of a kind of signature file? */
bool text_is_kind(const char *ending);

/* Is anything read of files with this ending? */
bool text_is_wanted(const char *ending, enum compile_what what);

/* Bad lines become complaints; false only at the memory ceiling. */
bool text_read(struct ir *ir, const struct text *text,
    const struct compile_options *options, struct why *why);

/* Is it read line by line? */
bool text_is_lines(const char *ending);

/*
 * Read such a file in pieces of whole lines; only the last may end in the
 * middle.  Its name is borrowed until it is closed.  is_whole: nothing failed.
 */
struct text_reader;
struct text_reader *text_open(struct ir *ir, const struct text *text,
    const struct compile_options *options, struct why *why);
bool text_read_some(struct text_reader *r, struct cur some, struct why *why);
bool text_close(struct text_reader *r, bool is_whole, struct why *why);

#endif
