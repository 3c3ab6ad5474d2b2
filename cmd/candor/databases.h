/*
 * databases.h - the databases a command works with.
 *
 * A compiled database (*.cand) is mapped.  Text signatures, rules and CVDs
 * are hostile input: candor-compile, a RED process, turns them into one
 * database, which is kept per user (cache.h).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CMD_DATABASES_H
#define CANDOR_CMD_DATABASES_H

#include "cmd/candor/feeds.h"
#include "cmd/candor/options.h"
#include "lib/base/why.h"
#include "lib/compile/ir.h" /* enum sig_kind, SIG_* */
#include "lib/db/db.h"
#include "sys/map.h"

#include <stdbool.h>
#include <stdint.h>

struct database {
	char *path; /* of the file, or of the first of its inputs */
	int fd;     /* read-only */
	struct map map;
	bool is_text;    /* was compiled on the fly */
	struct cur feed; /* it was installed from, of path; or empty */
	int texts_fd;    /* its side file, or -1 */
	struct map texts_map;
	struct db_texts texts; /* once mapped */
};

struct databases {
	struct database one[DB_MAX];
	struct db db[DB_MAX]; /* its readers */
	size_t count;
	uint8_t line[DB_LINE_MAX]; /* the text looked up last */
};

/*
 * Open what was named, or the default: the installed databases, else the
 * house rules.  What it has to say about inputs that were not taken goes to
 * stderr.  Close with databases_close() in any case.
 */
bool databases_open(struct databases *d, const struct words *names,
    struct why *why);

/* Open one compiled file, for db info and its like. */
bool databases_open_file(struct databases *d, const char *path,
    struct why *why);

/* Take one more, open at fd (taken); path is what to call it. */
bool databases_add(struct databases *d, const char *path, int fd,
    struct why *why);

void databases_close(struct databases *d);

/* Describe a signature; false if a worker named one that is not there. */
bool databases_signature(const struct databases *d, uint32_t database,
    uint32_t signature, struct db_signature *out);

/* The name of one of its strings; empty if it has none. */
struct cur databases_string(const struct databases *d, uint32_t database,
    uint32_t signature, uint32_t string);

/*
 * Its source text.  The side file is mapped when first asked; false if there
 * is none or it does not belong.
 */
bool databases_text(struct databases *d, uint32_t database, uint32_t signature,
    struct cur *out);

/* All signatures of all databases. */
uint64_t databases_count(const struct databases *d);

#endif
