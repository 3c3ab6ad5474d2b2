/*
 * secret.h - secret keys in files of their own.
 *
 * A line, as golang.org/x/mod/sumdb/note has it:
 *     PRIVATE+KEY+NAME+HEX(ID)+BASE64(TYPE || SEED)
 * A new file is readable by its owner only, and never replaces another.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_FEED_SECRET_H
#define CANDOR_FEED_SECRET_H

#include "lib/trust/vkey.h"

struct secret {
	struct vkey key; /* its public half */
	uint8_t seed[ED25519_SEED];
};

/* Make one at path. */
bool secret_make(const char *path, const char *name, enum vkey_type type,
    struct secret *out, struct why *why);

/* Read one, to use as a key of that type. */
bool secret_read(const char *path, enum vkey_type type, struct secret *out,
    struct why *why);

#endif
