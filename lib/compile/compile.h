/*
 * compile.h - signatures in, database out.
 *
 *     compile_text()   one text file or container → ir        (clam/, hashes/)
 *     compile_finish() what .ign switches off, names, order
 *     plan and pack    ir → database                          (plan.c, pack.c)
 *
 * All of it reads hostile bytes and runs in proc/compiler (RED).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_COMPILE_COMPILE_H
#define CANDOR_COMPILE_COMPILE_H

#include "lib/base/cur.h"
#include "lib/base/why.h"
#include "lib/compile/ir.h"

/*
 * What is read of the inputs.  All files get their number whatever is read;
 * what is neither a hash nor a rule is told with the hashes.
 */
enum compile_what {
	COMPILE_ALL,
	COMPILE_IGNORES, /* only what .ign and .ign2 say; nothing is told */
	COMPILE_HASHES,
	COMPILE_RULES
};

struct compile_options {
	enum compile_what what;
	bool official_only; /* reserved for policy; false */
	bool no_texts;      /* nobody asks for the texts of ir's files */
	uint32_t flevel;    /* ClamAV functionality level we claim */
	/* Public keys of CVDs: decimal moduli, NULL for the published ones. */
	const char *legacy_modulus;
	const char *info_modulus;
	const char *diff_modulus; /* of .cdiff */
};

/*
 * Use once what libraries only set up when they are first used.  Called before
 * a cage is entered, where they could not read their configuration any more.
 */
void compile_warm(void);

/*
 * Read one input: name decides the language by its ending (".ndb", ".cvd",
 * ".sha256", …), bytes is the whole file, borrowed until compile is done with
 * ir (origins point into it where they can).  Bad lines become complaints;
 * false only when memory is at its ceiling.
 */
bool compile_text(struct ir *ir, const char *name, struct cur bytes,
    const struct compile_options *options, struct why *why);

/* Has a file of this name anything to be read, as far as that is wanted? */
bool compile_wants(const char *name, enum compile_what what);

/*
 * The same in pieces, for a name that compile_is_lines() says may be read so.
 * Each but the last ends with a line; what was read is to be taken
 * (compile_pack_take()) before the next one comes.  The name is borrowed until
 * the file is closed, which it is in any case; is_whole: nothing failed.
 */
struct text_reader;
bool compile_is_lines(const char *name);
struct text_reader *compile_lines_open(struct ir *ir, const char *name,
    const struct compile_options *options, struct why *why);
bool compile_lines_add(struct text_reader *r, struct cur lines,
    struct why *why);
bool compile_lines_close(struct text_reader *r, bool is_whole, struct why *why);

/* Apply .ign/.ign2 and put everything in its final order. */
bool compile_finish(struct ir *ir, struct why *why);

/* A growing output; owned by the caller, freed with free(). */
struct compile_output {
	uint8_t *bytes;
	size_t size, room;
};

/*
 * Where a database goes: write takes bytes for a place, in rising order but
 * for the front, which comes last.  False after filling why.
 */
struct compile_sink {
	bool (*write)(void *ctx, uint64_t at, const void *bytes, size_t size,
	    struct why *why);
	void *ctx;
};

/* One that writes to memory. */
struct compile_sink compile_sink_to(struct compile_output *out);

/* What there is in a database that was written. */
struct compile_counts {
	uint64_t rules, hashes, triggers, untriggered;
	uint64_t bytes; /* of the database */
};

/*
 * A database in the making.  ir is borrowed; what ir reads from now on is
 * taken from it now and then, in the middle of a file, by ir->take.  Order is
 * kept: hashes, then rules by kind.  Ignore lists must have been read before.
 */
struct pack;
struct pack *compile_pack_open(struct ir *ir, struct why *why);
void compile_pack_close(struct pack *p);

/*
 * Take what ir has read.  Its hashes and rules are gone, its scratch pool is
 * empty unless it is the pool itself, and what was read from may go.
 */
bool compile_pack_take(struct pack *p, struct why *why);

/*
 * Nothing more is read here: do what can be done before the rules of another
 * process are there.  May be left out.
 */
bool compile_pack_rest(struct pack *p, struct why *why);

/*
 * Of what is said of rules, what is compared and what is searched for need
 * nothing of each other: two packs that read the same rules can each make
 * one.  Said before anything is taken; else both are made.  A share has no id,
 * and the side file of one says of none.
 */
enum compile_share {
	COMPILE_BOTH,
	COMPILE_COMPARED, /* rules, strings, patterns, elements, programs */
	COMPILE_SEARCHED  /* literals, triggers, the always list */
};
void compile_pack_share(struct pack *p, enum compile_share share);

/*
 * In the end, take the rules of two whole databases that have nothing else
 * and were made from the same files: the rest of the work, which other
 * processes did.  From the one is taken what is compared, from the other what
 * is searched for; they may be the same.  They are kept until then.
 */
struct db;
void compile_pack_join(struct pack *p, const struct db *compared,
    const struct db *searched);

/* Choose triggers and write, as compile_pack(). */
bool compile_pack_end(struct pack *p, const struct compile_sink *database,
    struct compile_output *texts, struct compile_counts *counts,
    struct why *why);

/*
 * Choose triggers and write the database (lib/db/layout.h) and the side file
 * with the source texts (read by db show and explain only).  Same ir, same
 * bytes.  texts gets the side file's first DB_TEXTS_HEADER_SIZE bytes and its
 * end; between them lie the texts of ir's files, one behind the other (struct
 * ir_file), which are large and are not copied here.  ir's hashes and rules
 * are gone afterwards.
 */
bool compile_pack(struct ir *ir, struct compile_output *database,
    struct compile_output *texts, struct why *why);

#endif
