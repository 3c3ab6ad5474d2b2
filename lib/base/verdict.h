/*
 * verdict.h - what the answer about a file can be, and why there may be none.
 *
 * Numbers that cross processes, and their words.  A detection beats a gap; a
 * file is clean only if all of it was looked at.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BASE_VERDICT_H
#define CANDOR_BASE_VERDICT_H

#include <stdint.h>

/* Append only: crosses processes. */
#define VERDICT_TABLE                                                       \
	VERDICT(CLEAN, "clean")                                             \
	VERDICT(UNSCANNED, "unscanned")   /* not all of it was looked at */ \
	VERDICT(SUSPICIOUS, "suspicious") /* unwanted, or a heuristic */    \
	VERDICT(INFECTED, "infected")

enum verdict {
#define VERDICT(tag, text) VERDICT_##tag,
	VERDICT_TABLE
#undef VERDICT
	    VERDICT_COUNT
};

/* Why a part of a file was not looked at.  Append only: crosses processes. */
#define UNSCANNED_TABLE                                                     \
	UNSCANNED(NOTHING, "")                                              \
	UNSCANNED(LIMIT, "limit") /* size, depth, count, ratio or memory */ \
	UNSCANNED(ENCRYPTED, "encrypted")                                   \
	UNSCANNED(CORRUPT, "corrupt")                                       \
	UNSCANNED(UNSUPPORTED, "unsupported")                               \
	UNSCANNED(CHANGED, "changed") /* the file moved while being read */ \
	UNSCANNED(CRASHED, "crashed") /* its worker died */                 \
	UNSCANNED(DENIED, "denied")   /* could not be opened or read */     \
	UNSCANNED(TIMEOUT, "timeout")

enum unscanned {
#define UNSCANNED(tag, text) UNSCANNED_##tag,
	UNSCANNED_TABLE
#undef UNSCANNED
	    UNSCANNED_COUNT
};

/* The words of the tables; "unknown" for a number that is in neither. */
const char *verdict_text(uint32_t verdict);
const char *unscanned_text(uint32_t reason);

#endif
