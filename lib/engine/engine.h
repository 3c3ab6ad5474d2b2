/*
 * engine.h - given an object, a verdict.  No I/O of its own.
 *
 * The walk of one file: identify, open (facts, children), match, evaluate;
 * then the same for each child, depth first, with an explicit stack of open
 * containers.  What it finds goes to struct reporter as numbers.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_ENGINE_ENGINE_H
#define CANDOR_ENGINE_ENGINE_H

#include "lib/base/arena.h"
#include "lib/base/verdict.h"
#include "lib/base/why.h"
#include "lib/crypto/digest.h"
#include "lib/db/db.h"
#include "lib/formats/format.h"

#define SCAN_ALL_MATCHES 1u /* every signature, in every object */
#define SCAN_SAY_BYTES   2u /* names and matched bytes may be reported */
#define SCAN_EXPLAIN     4u /* report every object, and every hit */
#define SCAN_HASH        8u /* SHA-256 of the file always, */
#define SCAN_HASH_GAPS \
	16u /* also when something was not looked at; else only with a match */

/* 0 means the default of engine.c; UINT64_MAX none. */
struct limits {
	uint64_t max_object_size; /* bytes of one object that are searched */
	uint64_t max_total;       /* bytes decoded for one file */
	uint32_t max_depth;       /* containers inside containers */
	uint32_t max_objects;     /* of one file */
	uint32_t max_ratio;       /* decoded bytes per byte of the file */
};

/* Digests of one file, or of a piece of one. */
struct file_digests {
	uint32_t known; /* bit per enum digest_kind */
	uint8_t digest[DIGEST_KINDS][DIGEST_SIZE_MAX];
};

struct scan_options {
	uint32_t flags; /* SCAN_* */
	struct limits limits;
	const struct passwords *passwords; /* borrowed for the scan */
	const struct file_digests *known;  /* of this very file, taken before,
	                                      or NULL; borrowed */
	uint8_t *room;    /* for the bytes of the file itself, when they are */
	size_t room_size; /* so many at most; else they go to the arena */
};

struct report_object {
	uint32_t object; /* number, from 0 for the file itself */
	uint32_t parent; /* its number; itself for the file */
	uint32_t depth;  /* 0 for the file itself */
	enum kind kind;
	uint64_t size; /* bytes, SOURCE_SIZE_UNKNOWN if not read to the end */
	const uint8_t *name; /* bytes as stored; borrowed for the call */
	uint8_t name_size;
};

struct report_match {
	uint32_t object;
	uint32_t database;  /* which of the databases given */
	uint32_t signature; /* in that database */
	uint32_t string;    /* which string of it, or MATCH_NO_STRING */
	uint64_t offset;    /* in the object as searched (a normalised view has
	                       its own offsets) */
	uint32_t size;      /* bytes matched; 0 for a hash */
	uint32_t view;      /* enum child_role of what was searched:
	                       CHILD_MEMBER is the object itself */
	const uint8_t
	    *bytes; /* up to REPORT_BYTES_MAX matched bytes, or NULL */
	uint32_t bytes_size;
};

#define MATCH_NO_STRING  UINT32_MAX
#define REPORT_BYTES_MAX 256u

/*
 * Where findings go.  object() is called before anything else is said of an
 * object, and after it was called for the parent; without SCAN_EXPLAIN only
 * for objects something is said of.  may_go_on() is asked often; false ends
 * the scan with UNSCANNED_TIMEOUT after what was read has been evaluated.
 */
struct reporter {
	void *ctx;
	void (*object)(void *ctx, const struct report_object *o);
	void (*match)(void *ctx, const struct report_match *m);
	void (*unscanned)(void *ctx, uint32_t object, enum unscanned why);
	bool (*may_go_on)(void *ctx);
};

struct scan_summary {
	uint32_t objects; /* looked at */
	uint32_t matches; /* reported */
	uint32_t gaps;    /* unscanned reported */
	uint64_t bytes;   /* searched, over all objects and views */
	enum kind kind;   /* of the file itself */
	bool has_sha256;
	uint8_t sha256[32]; /* of the file itself */
	bool had_oddity;    /* a limit or decoder trouble: replace the worker */
};

struct engine; /* defined in engine.c; one per worker */

/*
 * Set up an engine over databases (borrowed), with all its memory in a.
 * NULL and why if a is too small.
 */
struct engine *engine_open(struct arena *a, const struct db *databases,
    size_t count, struct why *why);

/*
 * Name of vector instructions that did not find what plain C finds, or hash
 * other than libcrypto, for which reason they are not used; or NULL.
 */
const char *engine_refused(const struct engine *e);

/*
 * Take the digests that databases want of whole files of these sizes, of
 * count files at once, which takes less time than one after the other; with
 * SCAN_HASH in flags SHA-256 of each.  A file that is not in memory gets
 * none.  out[i] is of file[i]: engine_scan() believes what options->known
 * says, so the bytes must stay what they were.
 */
void engine_hash_files(const struct engine *e, const struct source *file,
    size_t count, uint32_t flags, struct file_digests *out);

/* Look inside one file.  The arena is as before when it returns. */
void engine_scan(struct engine *e, struct source *file,
    const struct scan_options *options, const struct reporter *out,
    struct scan_summary *summary);

#endif
