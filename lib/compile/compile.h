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

struct compile_options {
	bool official_only; /* reserved for policy; false */
	uint32_t flevel;    /* ClamAV functionality level we claim */
	/* Public keys of CVDs: decimal moduli, NULL for the published ones. */
	const char *legacy_modulus;
	const char *info_modulus;
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

/* Apply .ign/.ign2 and put everything in its final order. */
bool compile_finish(struct ir *ir, struct why *why);

/* A growing output; owned by the caller, freed with free(). */
struct compile_output {
	uint8_t *bytes;
	size_t size, room;
};

/*
 * Choose triggers and write the database (lib/db/layout.h) and the side file
 * with the source texts (read by db show and explain only).  Same ir, same
 * bytes.  texts gets the side file's front; what follows in the file are the
 * texts of ir's files, one behind the other (struct ir_file), which are large
 * and are not copied here.  ir's hashes are gone afterwards, but for their count:
 * there is no memory to keep millions of them twice.
 */
bool compile_pack(struct ir *ir, struct compile_output *database,
    struct compile_output *texts, struct why *why);

#endif
