/*
 * from.h - a feed's tree, wherever it lies: in a folder or behind a URL.
 *
 * What it gives is hostile until it hashes to something that is trusted.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FEED_FROM_H
#define CANDOR_FEED_FROM_H

#include "cmd/candor/buf.h"
#include "lib/base/why.h"
#include "lib/crypto/digest.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct from {
	char *url;  /* without a slash at its end; or NULL */
	int folder; /* or -1 */
};

/* where is http://…, https://… or a folder that is there. */
bool from_open(const char *where, struct from *out, struct why *why);
void from_close(struct from *f);

/* Append a file, of at most most bytes. */
bool from_get(const struct from *f, const char *path, size_t most,
    struct buf *out, struct why *why);

/* What a file must be. */
struct from_want {
	uint64_t size;
	uint8_t sha256[DIGEST_SIZE_MAX];
};

/*
 * Copy a file to path in folder, if it is what is wanted: there whole or not
 * at all, and lasting.  It stops at the first byte too many.
 */
bool from_copy(const struct from *f, const char *path,
    const struct from_want *want, int folder, const char *to, struct why *why);

/* The same, without keeping it: is it what is wanted? */
bool from_check(const struct from *f, const char *path,
    const struct from_want *want, struct why *why);

/* Where a feed keeps a blob: blob/sha256/ab/cdef… */
#define FROM_BLOB_PATH 80u
void from_blob_path(const uint8_t sha256[DIGEST_SIZE_MAX],
    char out[FROM_BLOB_PATH]);

#endif
