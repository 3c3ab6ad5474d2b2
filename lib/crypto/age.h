/*
 * age.h - encrypt a file to a key, in the format of the age tool.
 *
 * Spec:    age-encryption.org/v1 (C2SP, age.md): one X25519 recipient, the
 *          payload in chunks of 64 KiB, ChaCha20-Poly1305 (STREAM).
 * Why:     what is held can be opened with a tool of somebody else's:
 *              age -d -i identity FILE.age
 *
 * The caller brings randomness and moves the bytes; nothing is kept here but
 * the key of one file.  Only what this writes is read: a header with several
 * recipients or of another type is refused.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CRYPTO_AGE_H
#define CANDOR_CRYPTO_AGE_H

#include "lib/base/cur.h"

#include <stdbool.h>
#include <stdint.h>

#define AGE_KEY    32u
#define AGE_TAG    16u    /* a sealed chunk is that much longer */
#define AGE_CHUNK  65536u /* plain bytes in every chunk but the last */
#define AGE_SEALED (AGE_CHUNK + AGE_TAG)
#define AGE_HEADER 184u /* bytes, the payload's nonce included */

/* Fresh random bytes, used for one file and then forgotten. */
struct age_random {
	uint8_t file_key[16], ephemeral[AGE_KEY], nonce[16];
};

/* One payload on its way, in one direction. */
struct age_stream {
	uint8_t key[AGE_KEY];
	uint64_t chunk; /* the next one's number */
	bool is_ended;
};

/* The public half (recipient) of a secret one (identity).  RFC 7748. */
MUST_CHECK bool age_recipient(const uint8_t identity[AGE_KEY],
    uint8_t recipient[AGE_KEY]);

/* Begin a file: write its header.  False only if libcrypto fails. */
MUST_CHECK bool age_begin(const uint8_t recipient[AGE_KEY],
    const struct age_random *random, uint8_t header[AGE_HEADER],
    struct age_stream *out);

/*
 * Seal the next chunk: size bytes, AGE_CHUNK in all but the last.  Writes
 * size + AGE_TAG bytes to out.  An empty file is one empty last chunk.
 */
MUST_CHECK bool age_seal(struct age_stream *s, const uint8_t *plain,
    size_t size, bool is_last, uint8_t *out);

/* Read a header; false if it is damaged or for another key. */
MUST_CHECK bool age_open(struct cur header, const uint8_t identity[AGE_KEY],
    struct age_stream *out);

/*
 * Open the next chunk; size is of the sealed one.  Writes size - AGE_TAG
 * bytes to plain.  False if a bit of it was changed, it stands elsewhere, or
 * is_last is not the truth: a payload that was cut does not pass.
 */
MUST_CHECK bool age_unseal(struct age_stream *s, const uint8_t *sealed,
    size_t size, bool is_last, uint8_t *plain);

#endif
