/*
 * t_engine.h - an engine over signatures given as text, and what it said.
 *
 * Shared by the unit tests and the fuzzer of lib/engine.  Every scan is held
 * to what must be true of any: an object is told before anything is said of
 * it and its parent before it, the summary counts what was said, memory is
 * given back, the bytes searched are bounded.  A promise that is broken prints
 * what it was and aborts.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_TESTS_T_ENGINE_H
#define CANDOR_TESTS_T_ENGINE_H

#include "lib/compile/compile.h"
#include "lib/engine/engine.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define T_SAID_OBJECTS 8192u
#define T_SAID_MATCHES 256u
#define T_SAID_NAME    64u

/* A file of signatures; a list of them ends with a NULL name. */
struct t_signatures {
	const char *name;
	const char *text;
};

/* Stays where it is while it is open: the engine points into it. */
struct t_engine {
	struct compile_output database;
	struct db db;
	struct arena arena;
	uint8_t *memory;
	struct engine *engine; /* NULL: the arena was too small */
};

struct t_said_object {
	bool told;
	uint32_t parent, depth;
	enum kind kind;
	uint64_t size;
	char name[T_SAID_NAME]; /* cut */
};

struct t_said_match {
	uint32_t object, view, size;
	uint64_t offset;
	char name[T_SAID_NAME]; /* of the signature */
};

/* What one scan said; the first so many of each. */
struct t_said {
	const struct db *db;
	struct scan_summary summary;
	struct t_said_object object[T_SAID_OBJECTS];
	struct t_said_match match[T_SAID_MATCHES];
	uint32_t matches, gaps;
	uint32_t gap_count[UNSCANNED_COUNT];
	uint32_t gap_object[UNSCANNED_COUNT]; /* of the last of each */
	uint64_t asked;                       /* may_go_on() */
	uint64_t stop_at; /* answer no from this question on; 0: never */
};

/* Signatures that ask for everything an opener finds out. */
extern const struct t_signatures t_engine_signatures[];

/* Signatures that find this text, wherever it is, and nothing else. */
#define T_MARKER     "candor engine test: harmless"
#define T_MARKER_HEX "63616e646f7220656e67696e6520746573743a206861726d6c657373"
extern const struct t_signatures t_marker_only[];

/* Compile and open; aborts if a line is bad. */
void t_engine_open(struct t_engine *e, const struct t_signatures *texts,
    size_t arena);
void t_engine_close(struct t_engine *e);

/* The same on the heap, with an arena that is large enough. */
struct t_engine *t_engine_new(const struct t_signatures *texts, size_t arena);
void t_engine_free(struct t_engine *e);

/* Put the engine on other memory (said->engine may become NULL). */
void t_engine_resize(struct t_engine *e, size_t arena);

/* Scan and check.  said->stop_at is read, all else in said written. */
void t_engine_scan(struct t_engine *e, struct source *file,
    const struct scan_options *options, struct t_said *said);

/* The same of bytes in memory, or behind a source that lends none. */
void t_engine_bytes(struct t_engine *e, const void *bytes, size_t size,
    const struct scan_options *options, struct t_said *said);
void t_engine_pieces(struct t_engine *e, const void *bytes, size_t size,
    const struct scan_options *options, struct t_said *said);

/* Was it told; the first match of that name, or NULL. */
const struct t_said_match *t_said_find(const struct t_said *said,
    const char *name);

/* A gap of this kind and of no other. */
bool t_said_only(const struct t_said *said, enum unscanned why);

#endif
