/*
 * result.h - what is known of one file, from its first frame to its verdict.
 *
 * The frames were checked by proc/crew; what they say is still a worker's
 * word, so all of it is kept under ceilings, and signatures are looked up in
 * our own copy of the database.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_RESULT_H
#define CANDOR_CMD_RESULT_H

#include "cmd/candor/buf.h"
#include "cmd/candor/databases.h"
#include "cmd/candor/verdicts.h"
#include "lib/base/verdict.h"
#include "lib/engine/engine.h"
#include "lib/wire/frame.h"

#include "sys/subject.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RESULT_OBJECTS 65536u /* told of one file; more are counted */
#define RESULT_HITS    65536u
#define RESULT_GAPS    4096u
#define RESULT_DEPTH   64u /* containers a name shows */

enum result_kind {
	RESULT_SCANNED,    /* a worker looked at it, or died of it */
	RESULT_NOT_OPENED, /* err says why */
	RESULT_ABSENT,     /* given by name and not there */
	RESULT_ODD,        /* given by name, and neither file nor folder */
	RESULT_LINK        /* a link in a folder: nothing was looked at */
};

struct result_object {
	uint32_t number, parent, depth, kind;
	uint64_t size;
	size_t name; /* in result.bytes */
	uint32_t name_size;
};

struct result_hit {
	uint32_t object, database, signature;
	uint32_t string; /* or MATCH_NO_STRING */
	uint32_t view;   /* enum child_role; object is what it is a view of */
	uint32_t size;
	uint64_t offset;
	size_t bytes; /* matched bytes in result.bytes */
	uint32_t bytes_size;
};

struct result_gap {
	uint32_t object;
	enum unscanned reason;
};

/* Hits of one signature in one object, side by side in result.hit. */
struct detection {
	size_t first, count;
	uint32_t object, database, signature;
	enum sig_kind kind;
	bool is_weak; /* possibly unwanted, or a heuristic: suspicious */
};

struct result {
	enum result_kind kind;
	struct buf path;
	uint64_t size; /* bytes of the file when it was opened */
	int err;       /* errno value */
	bool is_folder;
	bool is_cached;              /* clean before, and the same since */
	struct verdicts_state state; /* to be remembered, if it is good */
	bool has_stamp;              /* what was scanned, for --quarantine */
	bool is_doubted;             /* found once, and looked at again */
	struct subject_stamp stamp;

	struct result_object *object; /* by number */
	size_t object_count, object_room;
	struct result_hit *hit; /* as told; by detection once settled */
	size_t hit_count, hit_room;
	struct result_gap *gap;
	size_t gap_count, gap_room;
	uint64_t dropped; /* objects, hits and gaps beyond the ceilings */
	struct buf bytes; /* names and matched bytes */

	bool has_sha256;
	uint8_t sha256[32];
	uint64_t searched; /* bytes */
	uint32_t objects;  /* looked at */
	uint32_t file_kind;

	/* After result_settle(): */
	enum verdict verdict;
	struct detection *detection; /* the one to tell first is first */
	size_t detection_count, detection_room;

	/* The collector's own: */
	uint32_t generation;
	bool is_busy, is_done;
	struct result *next;
};

/* Forget the last file; keep the memory. */
void result_clear(struct result *r);
void result_free(struct result *r);

/* Forget what was heard of the file: another worker looks. */
void result_doubt(struct result *r);

/* Take a frame in: OBJECT, NAME, MATCH, BYTES or UNSCANNED. */
void result_take(struct result *r, const struct frame *f);

/* Take the last frame in, or what became of the worker. */
void result_take_end(struct result *r, const struct frame *end,
    enum unscanned lost);

/* Something of the file was not looked at, for a reason of our own. */
void result_add_gap(struct result *r, uint32_t object, enum unscanned why);

/*
 * Nothing more comes: group the hits, decide the verdict.  Without
 * all_matches only the first detection is kept: what is infected before what
 * is suspicious, then the lowest (kind, database, signature).
 */
void result_settle(struct result *r, const struct databases *databases,
    bool all_matches);

/* The object of that number, or NULL. */
const struct result_object *result_object(const struct result *r,
    uint32_t number);

/*
 * The containers an object is in, outermost first, itself last, the file
 * itself left out; how many (at most RESULT_DEPTH, the innermost).
 */
size_t result_where(const struct result *r, uint32_t number,
    const struct result_object *out[RESULT_DEPTH]);

/* The bytes of a member's name: as stored, or its kind in parentheses. */
struct cur result_name(const struct result *r, const struct result_object *o,
    char room[64]);

#endif
