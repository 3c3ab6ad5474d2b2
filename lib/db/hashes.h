/*
 * hashes.h - look digests up in a database.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_DB_HASHES_H
#define CANDOR_DB_HASHES_H

#include "lib/db/db.h"

#include <stdbool.h>
#include <stdint.h>

/* What was hashed; same numbers as enum ir_hash_of. */
enum hash_of {
	HASH_OF_FILE,
	HASH_OF_SECTION,
	HASH_OF_IMPORTS
};

/*
 * The size gate: is there any digest of this kind (enum digest_kind) for a
 * thing of size bytes?  False means: do not bother to hash.
 */
bool hashes_want(const struct db *db, enum hash_of of, unsigned kind,
    bool allow, uint64_t size);

/*
 * Find the first signature (lowest index, not below from) with this digest
 * for this size.  False if there is none.
 */
bool hashes_find(const struct db *db, enum hash_of of, unsigned kind,
    bool allow, const uint8_t *digest, uint64_t size, uint32_t from,
    uint32_t *signature);

#endif
