/*
 * digest.h - MD5, SHA-1 and SHA-256, a piece at a time, without heap.
 *
 * One header over libcrypto's assembly (SHA-NI where the CPU has it).
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CRYPTO_DIGEST_H
#define CANDOR_CRYPTO_DIGEST_H

#include <stddef.h>
#include <stdint.h>

enum digest_kind {
	DIGEST_MD5,
	DIGEST_SHA1,
	DIGEST_SHA256,
	DIGEST_KINDS
};

#define DIGEST_SIZE_MAX 32u

struct digest {
	enum digest_kind kind;
	union {
		uint64_t align;
		uint8_t bytes[128]; /* libcrypto's own state; size asserted */
	} state;
};

/* Bytes of a digest of this kind: 16, 20, 32. */
size_t digest_size(enum digest_kind kind);

/* Begin, and take size bytes more; nothing is kept of bytes. */
void digest_init(struct digest *d, enum digest_kind kind);
void digest_add(struct digest *d, const void *bytes, size_t size);

/* Write digest_size() bytes to out; d must be initialised anew after. */
void digest_end(struct digest *d, uint8_t out[DIGEST_SIZE_MAX]);

/*
 * Begin where done bytes of a message, a multiple of 64, have led: word has
 * the four, five or eight words of the state.  See lanes.h.
 */
void digest_resume(struct digest *d, enum digest_kind kind,
    const uint32_t *word, uint64_t done);

/* All three in one call. */
void digest_of(enum digest_kind kind, const void *bytes, size_t size,
    uint8_t out[DIGEST_SIZE_MAX]);

#endif
