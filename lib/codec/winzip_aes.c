/*
 * winzip_aes.c - WinZip's AES encryption.
 *
 * Spec:    "AES Encryption Information: Encryption Specification AE-1 and
 *          AE-2", WinZip, version 1.04.  PBKDF2 is RFC 8018, 5.2; HMAC is
 *          RFC 2104; SHA-1 and AES are libcrypto's.
 *
 *   keys     PBKDF2-HMAC-SHA1, 1000 rounds: encryption key, authentication
 *            key (both 16, 24 or 32 bytes), two verification bytes
 *   data     AES in counter mode, the counter little-endian, from 1
 *   MAC      first ten bytes of HMAC-SHA1 over the encrypted data
 *
 * The primitives are called directly, not through libcrypto's EVP: that may
 * load a configuration file when it is first used, which a caged process
 * cannot do.
 *
 * SPDX-License-Identifier: Apache-2.0
 */
#define OPENSSL_SUPPRESS_DEPRECATED
#include "lib/codec/winzip_aes.h"

#include <openssl/aes.h>
#include <openssl/sha.h>
#include <string.h>

#define ROUNDS    1000
#define BLOCK     64u /* of SHA-1 */
#define HASH_SIZE 20u
#define KEYS_MAX  (2 * 32u + WINZIP_AES_VERIFY_SIZE)

/* HMAC as two states that have already eaten the key. */
struct hmac {
	SHA_CTX inner;
	SHA_CTX outer;
};

_Static_assert(sizeof(AES_KEY) <= sizeof(((struct winzip_aes *)0)->key),
    "room for the key schedule");
_Static_assert(sizeof(struct hmac) <= sizeof(((struct winzip_aes *)0)->mac),
    "room for the MAC");

static AES_KEY *
key_of(struct winzip_aes *w)
{
	return (AES_KEY *)(void *)w->key;
}

static struct hmac *
mac_of(struct winzip_aes *w)
{
	return (struct hmac *)(void *)w->mac;
}

static void
hmac_init(struct hmac *h, const uint8_t *key, size_t size)
{
	uint8_t block[BLOCK] = { 0 };
	size_t i;

	(void)SHA1_Init(&h->inner);
	(void)SHA1_Init(&h->outer);
	if (size > BLOCK) {
		SHA_CTX c;

		(void)SHA1_Init(&c);
		(void)SHA1_Update(&c, key, size);
		(void)SHA1_Final(block, &c);
	} else if (size > 0) {
		memcpy(block, key, size);
	}
	for (i = 0; i < BLOCK; i++)
		block[i] ^= 0x36;
	(void)SHA1_Update(&h->inner, block, BLOCK);
	for (i = 0; i < BLOCK; i++)
		block[i] ^= 0x36 ^ 0x5c;
	(void)SHA1_Update(&h->outer, block, BLOCK);
}

static void
hmac_end(struct hmac *h, uint8_t out[HASH_SIZE])
{
	(void)SHA1_Final(out, &h->inner);
	(void)SHA1_Update(&h->outer, out, HASH_SIZE);
	(void)SHA1_Final(out, &h->outer);
}

/* Make block number index of the derived keys.             [RFC 8018, 5.2] */
static void
derive_block(const struct hmac *keyed, const uint8_t *salt, size_t size,
    uint8_t index, uint8_t out[HASH_SIZE])
{
	const uint8_t number[4] = { 0, 0, 0, index };
	uint8_t u[HASH_SIZE];
	struct hmac h = *keyed;
	size_t i;
	int round;

	(void)SHA1_Update(&h.inner, salt, size);
	(void)SHA1_Update(&h.inner, number, sizeof(number));
	hmac_end(&h, u);
	memcpy(out, u, HASH_SIZE);
	for (round = 1; round < ROUNDS; round++) {
		h = *keyed;
		(void)SHA1_Update(&h.inner, u, HASH_SIZE);
		hmac_end(&h, u);
		for (i = 0; i < HASH_SIZE; i++)
			out[i] ^= u[i];
	}
}

size_t
winzip_aes_salt_size(unsigned strength)
{
	return strength >= 1 && strength <= 3 ? 4 + 4 * (size_t)strength : 0;
}

bool
winzip_aes_init(struct winzip_aes *w, unsigned strength, const uint8_t *salt,
    const uint8_t verify[WINZIP_AES_VERIFY_SIZE], const void *password,
    size_t size)
{
	size_t salt_size = winzip_aes_salt_size(strength);
	size_t key_size = salt_size * 2;
	uint8_t keys[(KEYS_MAX + HASH_SIZE - 1) / HASH_SIZE * HASH_SIZE];
	struct hmac keyed;
	uint8_t i;

	if (salt_size == 0)
		return false;
	hmac_init(&keyed, password, size);
	for (i = 0; i * HASH_SIZE < 2 * key_size + WINZIP_AES_VERIFY_SIZE; i++)
		derive_block(&keyed, salt, salt_size, (uint8_t)(i + 1),
		    keys + i * HASH_SIZE);
	if (memcmp(keys + 2 * key_size, verify, WINZIP_AES_VERIFY_SIZE) != 0)
		return false;
	(void)AES_set_encrypt_key(keys, (int)key_size * 8, key_of(w));
	hmac_init(mac_of(w), keys + key_size, key_size);
	memset(w->counter, 0, sizeof(w->counter));
	w->used = sizeof(w->stream);
	return true;
}

/* Decrypt in place. */
static void
winzip_aes_apply(struct winzip_aes *w, uint8_t *at, size_t size)
{
	size_t i;
	unsigned n;

	for (i = 0; i < size; i++) {
		if (w->used == sizeof(w->stream)) {
			for (n = 0; n < 8 && ++w->counter[n] == 0; n++)
				;
			AES_encrypt(w->counter, w->stream, key_of(w));
			w->used = 0;
		}
		at[i] ^= w->stream[w->used++];
	}
}

static bool
winzip_aes_more(struct feed *f)
{
	struct winzip_aes *w = f->ctx;
	size_t got = feed_read(w->in, w->buf, sizeof(w->buf));

	(void)SHA1_Update(&mac_of(w)->inner, w->buf, got);
	winzip_aes_apply(w, w->buf, got);
	f->at = w->buf;
	f->left = got;
	return got > 0;
}

void
winzip_aes_start(struct winzip_aes *w, struct feed *in)
{
	w->in = in;
	w->out =
	    (struct feed){ .at = w->buf, .more = winzip_aes_more, .ctx = w };
}

bool
winzip_aes_check(struct winzip_aes *w, const uint8_t mac[WINZIP_AES_MAC_SIZE])
{
	uint8_t made[HASH_SIZE];

	hmac_end(mac_of(w), made);
	return memcmp(made, mac, WINZIP_AES_MAC_SIZE) == 0;
}
