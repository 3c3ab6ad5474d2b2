/*
 * bases.h - the databases in use, and those that still are.
 *
 * The broker maps what its workers map, to say names instead of numbers.
 * A generation is collected one database at a time, as they come.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_PROC_BROKER_BASES_H
#define CANDOR_PROC_BROKER_BASES_H

#include "lib/base/why.h"
#include "lib/db/db.h"
#include "sys/map.h"

#include <stdbool.h>
#include <stdint.h>

struct bases {
	struct bases *older;
	uint64_t number; /* the supervisor's */
	uint32_t crew;   /* the crew's number for it */
	size_t count;
	int fd[DB_MAX];
	struct map map[DB_MAX];
	struct db db[DB_MAX];
	uint32_t signature_count[DB_MAX];
	uint64_t signatures, built; /* of all */
};

/* Begin to collect a generation of count databases. */
struct bases *bases_new(uint64_t number, size_t count, struct why *why);

/* Take the next, open for reading (taken). */
bool bases_add(struct bases *b, size_t at, int fd, struct why *why);

/* Are all there? */
bool bases_is_whole(const struct bases *b);

/* Close and free this one (not the older). */
void bases_free(struct bases *b);

/* Kind and SIG_* flags of a signature; false if there is none. */
bool bases_kind(const struct bases *b, uint32_t database, uint32_t signature,
    uint32_t *kind, uint32_t *flags);

/* The name of a signature as text without control characters; its size. */
size_t bases_name(const struct bases *b, uint32_t database, uint32_t signature,
    char *out, size_t room);

#endif
