/*
 * winzip_aes.h - WinZip's AES encryption of ZIP members, as a feed over a feed.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#ifndef CANDOR_CODEC_WINZIP_AES_H
#define CANDOR_CODEC_WINZIP_AES_H

#include "lib/codec/feed.h"

#define WINZIP_AES_SALT_MAX    16u
#define WINZIP_AES_VERIFY_SIZE 2u
#define WINZIP_AES_MAC_SIZE    10u

struct winzip_aes {
	uint64_t key[32]; /* libcrypto's key schedule; size asserted */
	uint64_t mac[32]; /* libcrypto's two SHA-1 states; size asserted */
	uint8_t counter[16];
	uint8_t stream[16]; /* one block of key stream */
	unsigned used;      /* bytes of it */
	struct feed *in;    /* borrowed; the encrypted bytes, without the MAC */
	struct feed out;    /* the plain ones */
	uint8_t buf[4096];
};

/* Bytes of salt for a strength of 1, 2 or 3; 0 for any other. */
size_t winzip_aes_salt_size(unsigned strength);

/*
 * Derive the keys of a password; does it fit the two verification bytes?
 * (One wrong password in 65536 does.)
 */
bool winzip_aes_init(struct winzip_aes *w, unsigned strength,
    const uint8_t *salt, const uint8_t verify[WINZIP_AES_VERIFY_SIZE],
    const void *password, size_t size);

/* Start the plain feed over in. */
void winzip_aes_start(struct winzip_aes *w, struct feed *in);

/* After all of in was read: is this its authentication code? */
bool winzip_aes_check(struct winzip_aes *w,
    const uint8_t mac[WINZIP_AES_MAC_SIZE]);

#endif
