/*
 * why.h - what went wrong, written where it was noticed.
 *
 * For failures of ours and of the machine: no memory, no such file, a broken
 * signature on the database.  What a scanned file contains is never a
 * failure; see enum format_end and struct verdict.
 *
 * The caller owns the struct why, usually on its stack.  A function that can
 * fail takes it last, returns bool, and fills it exactly once.  The layer
 * that gives up prints it exactly once.  It is flat, so it crosses a process
 * boundary as it is.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BASE_WHY_H
#define CANDOR_BASE_WHY_H

#include <stdbool.h>

enum why_kind {
	WHY_NOTHING,
	WHY_SYSTEM, /* the kernel said no; err says why */
	WHY_LIMIT,  /* a budget is spent; raising it may help */
	WHY_FORGED, /* a signature, hash or proof does not hold */
	WHY_BROKEN, /* an input of ours (config, database) is not well formed */
	WHY_BUG     /* cannot happen */
};

struct why {
	enum why_kind kind;
	int err; /* errno value, or 0 */
	char text[240];
};

/* Fill why and return false, so that failing is one statement. */
__attribute__((format(printf, 3, 4))) bool why_not(struct why *why,
    enum why_kind kind, const char *format, ...);

#endif
