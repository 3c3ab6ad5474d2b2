/*
 * level.h - one open object on the engine's stack.  Private to lib/engine.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_ENGINE_LEVEL_H
#define CANDOR_ENGINE_LEVEL_H

#include "lib/crypto/lanes.h"
#include "lib/engine/engine.h"
#include "lib/engine/inside.h"
#include "lib/engine/retype.h"
#include "lib/eval/search.h"

#define LEVEL_RULES     64u          /* rules remembered of one object */
#define LEVEL_DEPTH_MAX SEARCH_DEPTH /* hard end of nesting */

struct level;

/*
 * The bytes of a child as its parent's decoder gives them.  What was read
 * first stays as head; after that only a window over the newest bytes does.
 */
struct stream {
	struct scan *scan;    /* for budgets */
	struct level *parent; /* whose opener decodes */
	uint32_t index;       /* which child of it, from 0 */
	uint8_t *head;        /* bytes [0, head_size), arena */
	size_t head_size;
	uint8_t *window; /* bytes [window_off, + window_size), arena */
	uint64_t window_off;
	size_t window_size;
	uint64_t pos;      /* bytes decoded since the last start */
	uint64_t furthest; /* the most they were: only more costs budget */
	uint32_t restarts;
	bool ended; /* the decoder said so at pos */
};

struct level {
	struct source source;      /* the object's bytes */
	struct source_range range; /* under source, for a range */
	struct stream stream;      /* under source, for a stream */
	struct facts facts;
	const struct format *format; /* NULL: nothing opens it */
	void *state;                 /* of format, while opened */
	struct arena room;           /* the opener's, cut from the scan's: it is
	                              reset when the opener is restarted */
	bool opened;
	bool is_found; /* inside_next() told of it: it may be a mistake */
	bool is_again; /* the parent's bytes, as another kind (retype.h) */
	struct retype retype; /* what signatures want to look at it as */
	bool is_looked_at;    /* a range of bytes that inside_look() saw */
	bool walked;          /* next() has told the end */
	struct inside inside; /* files found in its bytes */
	uint32_t children;    /* next() calls that gave a child */
	enum kind kind;
	enum child_role role;
	uint32_t object, parent_object; /* numbers */
	bool told;                      /* reporter->object() was called */
	struct told_rule {
		uint32_t database, signature;
	} rule[LEVEL_RULES]; /* told of this level, the first of them */
	uint32_t rule_count;
	size_t mark;                 /* arena before this level */
	struct file_digests digests; /* of the object itself */
	uint8_t name[FORMAT_NAME_MAX];
	uint8_t name_size;
};

/* One scan: what engine_scan() works on. */
struct scan {
	struct engine *engine;
	struct arena *arena;
	const struct scan_options *options;
	const struct reporter *out;
	struct scan_summary *summary;
	struct limits limits; /* defaults filled in */
	uint64_t file_size;   /* as the caller said; may be unknown */
	uint64_t decoded;     /* bytes decoders gave */
	uint64_t decoded_max;
	uint32_t objects; /* numbers given out */
	bool over;        /* stop: found enough, or out of time */
	bool late;        /* out of time */
	uint32_t grace;   /* steps left to evaluate what was read by then */
	uint32_t depth;   /* levels in use */
	struct level level[LEVEL_DEPTH_MAX];
};

struct engine {
	struct arena *arena;
	const struct db *database;
	size_t count;
	struct search *search;
	const struct lanes_impl *lanes; /* or NULL: one after the other */
	const char *lanes_refused;
	struct scan scan;
};

/* --- load.c ----------------------------------------------------------- */

/*
 * Bring the object of l into memory if it is small enough, else leave it to
 * be read in windows.
 */
void level_load(struct scan *s, struct level *l);

/*
 * Ask l's opener to look at it, in l->room; fills l->facts.  What open()
 * said; l->opened is set when children may follow.
 */
enum format_end level_open(struct scan *s, struct level *l);

/* --- stream.c --------------------------------------------------------- */

/* Make l's source the stream of the child its parent described last. */
void stream_init(struct scan *s, struct level *l, struct level *parent);

/*
 * Decode the first bytes into room (at most size); what was read is the head
 * of the stream from now on.  How many there were.
 */
size_t stream_read_head(struct level *l, uint8_t *room, size_t size);

/*
 * Give a stream that did not end in its head a window to go on in.  False,
 * and the source in trouble, when the arena is full.
 */
bool stream_widen(struct level *l);

/* --- digests of a level, hash signatures, allow lists: level_hash.c ----- */

/* Tell every hash signature that names this object; how many were told. */
uint32_t level_check_hashes(struct scan *s, struct level *l);

/* Is l, or an object it stands in, on an allow list? */
bool level_is_allowed(struct scan *s, struct level *l);

/* --- tell.c ------------------------------------------------------------ */

/* Is there time and budget left?  Asked often. */
bool scan_may_go_on(struct scan *s);

/* Report that part of l was not looked at. */
void tell_gap(struct scan *s, struct level *l, enum unscanned why);

/* Report a match in l, unless an allow list names it or it was reported of
   the same bytes; true if it was reported. */
bool tell_match(struct scan *s, struct level *l,
    const struct search_match *match);

/* Report an object in SCAN_EXPLAIN mode, if not done. */
void tell_object(struct scan *s, struct level *l);

enum unscanned gap_of_source(enum source_state state);
enum unscanned gap_of_format(enum format_end end);

#endif
