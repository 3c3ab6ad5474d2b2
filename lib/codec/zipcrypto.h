/*
 * zipcrypto.h - ZIP's traditional encryption, as a feed over a feed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CODEC_ZIPCRYPTO_H
#define CANDOR_CODEC_ZIPCRYPTO_H

#include "lib/codec/feed.h"

#define ZIPCRYPTO_HEADER_SIZE 12u

struct zipcrypto {
	uint32_t key[3];
	struct feed *in; /* borrowed; the encrypted bytes */
	struct feed out; /* the plain ones */
	uint8_t buf[4096];
};

/* Derive the keys of a password. */
void zipcrypto_init(struct zipcrypto *z, const void *password, size_t size);

/*
 * Decrypt the header; its last byte, which the right password makes equal to
 * a byte of the member's CRC or time.  The state is then ready for what
 * follows the header.
 */
uint8_t zipcrypto_header(struct zipcrypto *z,
    const uint8_t header[ZIPCRYPTO_HEADER_SIZE]);

/* Start the plain feed over in, which stands behind the header. */
void zipcrypto_start(struct zipcrypto *z, struct feed *in);

#endif
