/*
 * ir.h - the intermediate form: what every signature language becomes.
 *
 * ClamAV's signatures and YARA's rules are read into this and nothing else;
 * from here on nobody knows which language a rule came from.  plan.c chooses
 * triggers from it, pack.c writes the database from it.  docs/ir.md tells how
 * each language maps.
 *
 * Everything hangs in one pool (pool.h) and lives as long as it does.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_IR_H
#define CANDOR_COMPILE_IR_H

#include "lib/base/why.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define IR_UNBOUNDED UINT32_MAX /* a gap without an upper end */

/*
 * Bytes a part can take, at most.  A longer one is written as several, each
 * right after the other (gap_min and gap_max 0).
 */
#define IR_PART_MAX 4000u

/* --- patterns: what is searched for --------------------------------- */

enum ir_element_kind {
	IR_LITERAL,  /* bytes[0..count), exactly */
	IR_MASKED,   /* one byte b with (b & mask) == value */
	IR_ANY,      /* count bytes, whatever they are */
	IR_ALT,      /* one of branch[0..count) */
	IR_NOT_ALT,  /* none of branch[0..count), all equally long */
	IR_BOUNDARY, /* ClamAV (B); see side */
	IR_LINE,     /* ClamAV (L) */
	IR_WORD      /* ClamAV (W) */
};

/*
 * Where (B), (L) or (W) stands.  As the first or last element of a part it
 * looks at the neighbouring byte (or the object's end) and takes nothing;
 * elsewhere it takes that byte ((L): LF or CR LF, so one byte or two).
 */
enum ir_side {
	IR_INSIDE,
	IR_BEFORE,
	IR_AFTER
};

struct ir_branch {
	const struct ir_element *element;
	uint32_t count;
};

struct ir_element {
	enum ir_element_kind kind;
	uint8_t value, mask;            /* IR_MASKED */
	bool negated;                   /* !(B), !(L), !(W) */
	enum ir_side side;              /* IR_BOUNDARY, IR_LINE, IR_WORD */
	uint32_t count;                 /* see kind */
	const uint8_t *bytes;           /* IR_LITERAL */
	const struct ir_branch *branch; /* IR_ALT, IR_NOT_ALT */
};

/*
 * ClamAV's aa[x-y]: one byte b with (b & mask) == value must stand near a
 * part, with min to max bytes between.  It belongs to the part but not to its
 * extent: offsets, gaps and lengths are the part's without it.
 */
struct ir_near {
	bool there;
	uint8_t value, mask;
	uint8_t min, max;
};

/*
 * A stretch of elements without variable gaps.  gap_min and gap_max are how
 * many bytes may lie between the end of the part before and the start of this
 * one; both 0 for the first.
 */
struct ir_part {
	uint32_t gap_min;
	uint32_t gap_max; /* IR_UNBOUNDED: any distance */
	const struct ir_element *element;
	uint32_t count;
	struct ir_near before, after;
};

/* Where in the object a pattern may start. */
enum ir_offset_kind {
	IR_OFFSET_ANY,
	IR_OFFSET_ABSOLUTE,          /* value */
	IR_OFFSET_EOF_MINUS,         /* size - value */
	IR_OFFSET_EP_PLUS,           /* entry point + value */
	IR_OFFSET_EP_MINUS,          /* entry point - value */
	IR_OFFSET_SECTION_PLUS,      /* start of section + value */
	IR_OFFSET_LAST_SECTION_PLUS, /* start of the last section + value */
	IR_OFFSET_IN_SECTION,        /* anywhere inside section */
	IR_OFFSET_VERSION_INFO       /* at a version-info key or value */
};

struct ir_offset {
	enum ir_offset_kind kind;
	uint32_t section;
	uint32_t value;
	uint32_t max_shift; /* [at, at + max_shift], both included */
};

/* One way to write a string; parts in order. */
struct ir_pattern {
	struct ir_offset offset;
	bool nocase; /* A-Z and a-z are the same, in IR_LITERAL, IR_ALT,
	                IR_NOT_ALT and whole bytes of ir_near; a nibble is
	                compared as it stands */
	bool wide;   /* a zero after each byte: IR_WORD looks at pairs */
	const struct ir_part *part;
	uint32_t part_count;
};

/*
 * A string of a rule (ClamAV: a subsignature).  Its hits are the hits of all
 * its patterns: "aw" modifiers and YARA's "ascii wide" give two patterns.
 */
struct ir_string {
	const struct ir_pattern *pattern;
	uint32_t pattern_count;
	const char *name; /* "0", "$a": for explain */
	bool overlaps;    /* YARA: every start counts.  ClamAV also counts
	                     overlapping hits, but never two at one offset */
};

/* --- conditions ------------------------------------------------------ */

/*
 * An expression tree.  Values are signed 64-bit integers or undefined; a
 * condition holds when its value is defined and not 0.  Undefined passes
 * through arithmetic and comparisons; AND and OR take it as 0.
 * (YARA's booleans, integers and undefined; floats and texts come with its
 * compiler as further node kinds.)
 */
enum ir_node_kind {
	IR_INT,        /* value */
	IR_HITS,       /* how often string occurs */
	IR_FOUND,      /* does string occur: 1 or 0 */
	IR_FOUND_AT,   /* ... starting at child[0] */
	IR_FOUND_IN,   /* ... starting in child[0] .. child[1] */
	IR_HITS_IN,    /* how often it starts in child[0] .. child[1] */
	IR_HIT_OFFSET, /* offset of hit child[0] (from 1) of string */
	IR_HIT_LENGTH, /* its length */
	IR_SET_HITS,   /* sum of hits over set */
	IR_SET_FOUND,  /* how many strings of set occur */
	IR_FACT,       /* value is an enum fact; undefined if unknown */
	IR_READ,       /* integer at child[0]; value is enum ir_read bits */
	IR_AND,        /* of all children; stops at the first false */
	IR_OR,         /* of all children; stops at the first true */
	IR_NOT,
	IR_DEFINED,
	IR_IF, /* child[0] ? child[1] : child[2] */
	IR_EQ,
	IR_NE,
	IR_LT,
	IR_LE,
	IR_GT,
	IR_GE,
	IR_ADD,
	IR_SUB,
	IR_MUL,
	IR_DIV,
	IR_MOD,
	IR_NEG,
	IR_BIT_AND,
	IR_BIT_OR,
	IR_BIT_XOR,
	IR_BIT_NOT,
	IR_SHL,
	IR_SHR,
	IR_FOR_RANGE,  /* how many values v in child[0]..child[1] make
	                   child[2] true; at most child[3] needed */
	IR_FOR_SET,    /* the same over the strings of set: child[0] is the
	                   condition, child[1] how many are needed */
	IR_LOOP_VALUE, /* v of the loop value levels out */
	IR_RULE        /* does rule number value hold (defined before) */
};

enum ir_read {
	IR_READ_8 = 1,
	IR_READ_16 = 2,
	IR_READ_32 = 4,
	IR_READ_SIGNED = 16,
	IR_READ_BIG_ENDIAN = 32
};

#define IR_STRING_OF_LOOP UINT32_MAX /* the string the loop is at */

struct ir_node {
	enum ir_node_kind kind;
	int64_t value;
	uint32_t string;     /* index of a string of the rule */
	const uint32_t *set; /* strings of the rule */
	uint32_t set_count;
	const struct ir_node *const *child;
	uint32_t child_count;
};

/* --- signatures ------------------------------------------------------ */

/* What kind of detection it is; the order decides which is told first. */
enum sig_kind {
	SIG_HASH,
	SIG_BODY,
	SIG_LOGICAL,
	SIG_YARA,
	SIG_HEURISTIC
};

#define SIG_PUA      1u /* possibly unwanted: verdict "suspicious" */
#define SIG_OFFICIAL 2u /* from a CVD whose signature holds: no .UNOFFICIAL */
#define SIG_PRIVATE  4u /* never reported itself (YARA) */

/* Where a signature was written; ties detections to text. */
struct ir_origin {
	const char *name; /* signature's name, name_size bytes, no zero after */
	uint32_t name_size;
	uint32_t feed;    /* index into ir.feed */
	uint32_t file;    /* index into ir.file */
	uint32_t line;    /* from 1 */
	const char *text; /* the line itself, text_size bytes, no LF */
	uint32_t text_size;
	uint32_t flags; /* SIG_* */
};

#define IR_ANY_TARGET        0
#define IR_INTERMEDIATES_MAX 16

/* What must be true of an object before its bytes matter. */
struct ir_guard {
	uint8_t target; /* ClamAV target type; 0 = any object */
	bool has_size, has_entry, has_sections;
	bool has_icon; /* an icon of a group: no database has any, yet */
	uint64_t size_min, size_max;
	uint64_t entry_min, entry_max;
	uint64_t sections_min, sections_max;
	uint16_t container; /* enum kind + 1 of the parent; 0 = any;
	                         IR_CONTAINER_ROOT = has no parent */
	uint16_t intermediate[IR_INTERMEDIATES_MAX]; /* kind + 1 or 0 = any;
	                         outermost first, the last is the parent */
	uint32_t intermediate_count;
};

#define IR_CONTAINER_ROOT UINT16_MAX

#define IR_HANDLER_SAME UINT8_MAX

struct ir_rule {
	enum sig_kind kind; /* SIG_BODY, SIG_LOGICAL, SIG_YARA */
	struct ir_origin origin;
	struct ir_guard guard;
	uint8_t handler; /* enum kind + 1: the object is looked at once more, as
	                    one of that kind; IR_HANDLER_SAME: as it is; 0: the
	                    rule is told */
	const struct ir_string *string;
	uint32_t string_count;
	const struct ir_node *condition;
};

enum ir_hash_of {
	IR_HASH_FILE,
	IR_HASH_SECTION,
	IR_HASH_IMPORTS
};
enum ir_digest {
	IR_MD5,
	IR_SHA1,
	IR_SHA256
}; /* 16, 20, 32 bytes */

#define IR_SIZE_ANY UINT64_MAX

/* The name is read out of the line it stands in by ir_hash_origin(). */
struct ir_hash {
	const char *text; /* the line, text_size bytes, no LF */
	uint64_t size;    /* of what was hashed; IR_SIZE_ANY */
	uint32_t line, file;
	uint16_t text_size;
	uint16_t name_at, name_size; /* in text */
	uint8_t of;                  /* enum ir_hash_of */
	uint8_t digest;              /* enum ir_digest */
	uint8_t flags;               /* SIG_* */
	bool allow;        /* .fp, .sfp: what has this hash is clean */
	uint8_t bytes[32]; /* ir_digest_size() of them */
};

/* One line that was not taken, or was taken with a remark. */
struct ir_complaint {
	uint32_t file;    /* index into ir.file */
	uint32_t line;    /* from 1; 0: the whole file */
	uint32_t column;  /* from 1; 0: the whole line */
	bool is_error;    /* else: recognised, but not loaded in this version */
	bool is_warning;  /* neither: it is loaded, and there is a catch */
	const char *kind; /* short and countable: "pcre", "bad-hex", … */
	const char *reason; /* a sentence */
};

/* A signature .ign or .ign2 switches off, by its exact name. */
struct ir_ignore {
	const char *name;
	uint32_t name_size;
	bool has_md5; /* only the line with this MD5 */
	uint8_t md5[16];
};

/* A text file, or a member of a container ("main.cvd:main.ndb"). */
struct ir_file {
	const char *name; /* display path */
	const char *what; /* its ending: "ndb" */
	uint32_t feed;    /* index into ir.feed */
	/* If it has signatures: all of it, or of what is read in pieces the
	   last piece of size bytes in all. */
	const uint8_t *text;
	size_t size;
};

/*
 * How many signatures of a kind of file had a fate.  reason is NULL for those
 * loaded, else the kind of the complaint.  Counts everything, also where the
 * complaints themselves are cut short.
 */
struct ir_tally {
	const char *what; /* "ndb", "hdb", …: the ending that decided */
	const char *reason;
	uint64_t count;
	bool is_error;
};

struct logic_cache;

/* All of it, in input order.  Arrays are vectors of pool.h. */
struct ir {
	struct pool *pool;
	/* What hashes and rules hang in, if they are handed on while a file is
	   read (take); else the pool. */
	struct pool *scratch;
	struct pool *unpacked; /* what containers become; else the pool */
	bool (*take)(void *ctx, struct why *why); /* NULL: they stay */
	void *take_ctx;
	struct ir_rule *rule;
	size_t rule_count, rule_room;
	struct ir_hash *hash;
	size_t hash_count, hash_room;
	struct ir_complaint *complaint;
	size_t complaint_count, complaint_room;
	const char **feed; /* display names of feeds: "main.cvd", "local.ndb" */
	size_t feed_count, feed_room;
	struct ir_file *file;
	size_t file_count, file_room;
	struct ir_tally *tally;
	size_t tally_count, tally_room;
	struct ir_ignore *ignore; /* sorted by compile_finish() */
	size_t ignore_count, ignore_room;
	uint64_t built; /* newest build time a container gives; 0: none */
	struct logic_cache *logic; /* clam/condition.h's, made when needed */
};

/* Start an empty ir in p, which must outlive it; free its vectors. */
void ir_init(struct ir *ir, struct pool *p);
void ir_fini(struct ir *ir);

/*
 * Note a complaint, or count signatures' fates (struct ir_tally); texts are
 * borrowed.  False at the memory ceiling.
 */
bool ir_complain(struct ir *ir, const struct ir_complaint *complaint);
bool ir_count(struct ir *ir, const char *what, const char *reason,
    bool is_error, uint64_t count);

/* Add a feed or a file (names are copied); their number goes to out. */
bool ir_add_feed(struct ir *ir, const char *name, uint32_t *out);
bool ir_add_file(struct ir *ir, const char *name, const char *what,
    uint32_t feed, uint32_t *out);

/* Bytes of a digest: 16, 20, 32. */
size_t ir_digest_size(enum ir_digest digest);

/* Where a hash was written. */
struct ir_origin ir_hash_origin(const struct ir *ir, const struct ir_hash *h);

#endif
