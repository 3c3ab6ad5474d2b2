/*
 * search.h - which rules of the databases hold for one object.
 *
 *     begin    what is known of the object before its bytes: type, facts
 *     window   its bytes, front to back: the one pass (lib/match/literal.h)
 *     end      rules a trigger touched, and rules that need none, are
 *              evaluated; their other strings are searched for on demand
 *
 * Memory is taken at open; an object costs nothing in proportion to the
 * number of signatures.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_EVAL_SEARCH_H
#define CANDOR_EVAL_SEARCH_H

#include "lib/base/arena.h"
#include "lib/base/why.h"
#include "lib/db/db.h"
#include "lib/formats/facts.h"
#include "lib/formats/kind.h"
#include "lib/formats/source.h"

/*
 * Bytes of the window before that search_window() wants to see again.  No
 * part of a pattern is longer (compile refuses it).
 */
#define SEARCH_OVERLAP 4096u
#define SEARCH_DEPTH   32u /* ancestors told */

struct search;

struct search_object {
	enum kind kind;
	uint8_t target; /* ClamAV target type whose signatures look at it, next
	                   to those for any: of the kind, or of the view */
	const struct facts *facts;
	uint64_t size; /* bytes; SOURCE_SIZE_UNKNOWN while a stream runs: known
	                   from source->size at search_end() */
	uint64_t file_size; /* what a guard's FileSize means; 0: size */
	uint32_t depth;     /* 0: the file itself */
	uint16_t ancestor[SEARCH_DEPTH]; /* kinds, outermost first;
	                                    ancestor[depth - 1] is the parent */
};

struct search_match {
	uint32_t database, signature;
	uint32_t string; /* or MATCH_NO_STRING (UINT32_MAX) */
	uint64_t offset;
	uint32_t size;
	uint8_t handler; /* enum kind + 1 of what the object is to be looked at
	                    as, instead of telling; DB_HANDLER_SAME; or 0 */
};

/* Told of every rule that holds, lowest (kind, index) first; all strings'
   hits (at most 16 a string) when explain is set, else one. */
struct search_listener {
	void *ctx;
	bool (*match)(void *ctx, const struct search_match *m); /* false: not
	                                     told, go on for another one */
	bool (*may_go_on)(void *ctx); /* asked often; false: give up soon */
	bool all; /* every rule, else stop after the first that holds */
	bool explain;
};

/* How the search of an object ended. */
enum search_end {
	SEARCH_DONE,
	SEARCH_LIMIT /* a budget was spent or may_go_on() said no: what was
	                found was told, but something may be missing */
};

/* NULL and why when a is too small or a database is broken. */
struct search *search_open(struct arena *a, const struct db *databases,
    size_t count, struct why *why);

/* literal_refused() of any of its sets. */
const char *search_refused(const struct search *s);

/*
 * Check everything in an opened database: its records (db_sweep), the one
 * pass's section and every program.  a is as before when it returns.
 */
bool search_sweep(struct arena *a, const struct db *db, struct why *why);

/* The flag of a signature that is never told (enum sig flags: SIG_PRIVATE). */
#define SEARCH_FLAG_PRIVATE 4u

/* Begin with an object; what it points to is borrowed to its search_finish(). */
void search_begin(struct search *s, const struct search_object *object);

/*
 * bytes[0 .. size) is the object from offset off on, of which the first seen
 * bytes were part of the window before (at least SEARCH_OVERLAP, or all of
 * what came before if that is less).
 */
void search_window(struct search *s, const uint8_t *bytes, size_t size,
    size_t seen, uint64_t off);

/*
 * Evaluate.  source gives the object's bytes again where strings have to be
 * searched for (all of them already in memory, or read in windows once for
 * all touched rules together).
 */
enum search_end search_finish(struct search *s, struct source *source,
    const struct search_listener *listener);

#endif
