/*
 * footprint.h - what a vendor's products leave on a machine, as data, and
 * what is to be thought of those signs that were seen.
 *
 * Spec:    docs/ban-scan.md, schema candor-footprint/1, one file per vendor.
 * Input:   anything; what does not keep to the schema is complained of and
 *          not used.
 *
 * No I/O: the caller brings bytes and says what there is to see.  The file is
 * jansson's memory, the rest is cut from an arena.  What is lent lives as
 * long as the footprint.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_BAN_FOOTPRINT_H
#define CANDOR_BAN_FOOTPRINT_H

#include "lib/ban/schema.h"
#include "lib/base/arena.h"
#include "lib/base/cur.h"

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FOOTPRINT_SCHEMA "candor-footprint/1"

/* What a sign is seen in; the words are footprint_type_word[]. */
enum footprint_type {
	FOOTPRINT_PACKAGE,
	FOOTPRINT_UNIT,   /* of systemd */
	FOOTPRINT_PATH,   /* a file or folder with its place */
	FOOTPRINT_FILE,   /* a file's name, wherever it is */
	FOOTPRINT_SETUP,  /* the same, of an installer: "installer" */
	FOOTPRINT_MODULE, /* of the kernel */
	FOOTPRINT_PROCESS,
	FOOTPRINT_SOCKET,
	FOOTPRINT_USER,
	FOOTPRINT_GROUP,
	FOOTPRINT_APP,     /* of Android or macOS, by its id */
	FOOTPRINT_PROGRAM, /* by the name it is shown with */
	FOOTPRINT_SERVICE, /* of Windows */
	FOOTPRINT_REGISTRY,
	FOOTPRINT_CERTIFICATE,
	FOOTPRINT_SIGNER,
	FOOTPRINT_SUPPLIER,
	FOOTPRINT_DOMAIN,
	FOOTPRINT_CPE,
	FOOTPRINT_PURL,
	FOOTPRINT_COMPANY, /* as a program names its maker */
	FOOTPRINT_STRING,  /* that stands in a program */
	FOOTPRINT_CLASS,   /* that an app for Android defines */
	FOOTPRINT_TYPES
};

/* In the order in which one outweighs another. */
enum footprint_state {
	FOOTPRINT_RUNNING,
	FOOTPRINT_INSTALLED,
	FOOTPRINT_EMBEDDED, /* the engine, in another product */
	FOOTPRINT_RAN_HERE,
	FOOTPRINT_INSTALLER,
	FOOTPRINT_SUCCESSOR,
	FOOTPRINT_RESIDUE,
	FOOTPRINT_MENTION, /* no finding */
	FOOTPRINT_STATES
};

enum footprint_strength {
	FOOTPRINT_SUPPORTING, /* never alone */
	FOOTPRINT_STRONG,     /* two that are independent prove */
	FOOTPRINT_PROOF
};

extern const char *const footprint_type_word[FOOTPRINT_TYPES];
extern const char *const footprint_state_word[FOOTPRINT_STATES];
extern const char *const footprint_strength_word[];

struct footprint {
	json_t *root; /* owned; follows the schema */
};

/* Read a file; as policy_read(). */
MUST_CHECK bool footprint_read(struct cur text, struct footprint *out,
    schema_complain_fn complain, void *self);
void footprint_free(struct footprint *f);

/* --- signs ---------------------------------------------------------------- */

struct footprint_sign {
	const char *value; /* * and ? as in names of files */
	const json_t *record;
	enum footprint_type type;
	enum footprint_state state;
	/* One less than the file says if its confidence is low. */
	enum footprint_strength strength;
	uint32_t product; /* in footprint_set.product */
	uint32_t next;    /* of its bucket, + 1 */
};

/* All signs of some footprints, to look things up in. */
struct footprint_set {
	struct footprint_sign *sign;
	uint32_t sign_count;
	const json_t **product;
	const struct footprint **product_file; /* which each is of */
	uint32_t product_count;
	uint32_t *bucket;    /* of names: sign + 1 */
	uint32_t first[256]; /* with wildcards, by how they begin … */
	uint32_t last[256];  /* … or, after a first *, end */
};

/* False: the arena is too small. */
MUST_CHECK bool footprint_index(const struct footprint *file, size_t count,
    struct arena *arena, struct footprint_set *out);

/* Told of each sign something is. */
typedef void (*footprint_sign_fn)(void *self,
    const struct footprint_sign *sign);

/* The signs of a type that are this, whatever the case of its letters. */
void footprint_match(const struct footprint_set *set, enum footprint_type type,
    struct cur text, footprint_sign_fn seen, void *self);

/* Can something of this name be a sign?  Cheap: asked of every file. */
MUST_CHECK bool footprint_may_be(const struct footprint_set *set,
    const char *name, size_t size);

/* The signs something with this path from the root ("/opt/x") is. */
void footprint_match_path(const struct footprint_set *set, struct cur path,
    footprint_sign_fn seen, void *self);

/* Is there a sign with its place in this folder or below? */
MUST_CHECK bool footprint_leads(const struct footprint_set *set,
    struct cur folder);

/* Does text match pattern?  * and ? stop at the byte stop; 0: nowhere. */
MUST_CHECK bool footprint_glob(const char *pattern, struct cur text, char stop);

/* --- what to think of them ------------------------------------------------ */

/* What was seen of a product. */
struct footprint_tally {
	const struct footprint_sign *strong[FOOTPRINT_STATES]; /* the first */
	bool has_proof[FOOTPRINT_STATES];
	bool has_two[FOOTPRINT_STATES]; /* strong ones, independent */
	bool has_any[FOOTPRINT_STATES];
	bool is_removed; /* a package of it, as who removed it says */
};

/* Would one be there without the other? */
bool footprint_are_independent(const struct footprint_sign *a,
    const struct footprint_sign *b);

/* Count a sign for a state; it may be worth more or less than by itself. */
void footprint_count(struct footprint_tally *t,
    const struct footprint_sign *sign, enum footprint_state state,
    enum footprint_strength strength);

/* How sure a state is. */
enum footprint_ground {
	FOOTPRINT_PROVEN,
	FOOTPRINT_TWO_SIGNS,
	FOOTPRINT_ONE_SIGN
};
extern const char *const footprint_ground_word[];

/* False: no finding (FOOTPRINT_MENTION if anything was seen at all). */
bool footprint_decide(const struct footprint_tally *t,
    enum footprint_state *state, enum footprint_ground *ground);

#endif
